"""Which rule a name stands for. Defining or importing a rule changes nothing; `register` does."""

import torch

from fa_lessons.rule_state import Kept

RULES = {}


def register(rule_class):
    """Let the name of `rule_class` stand for it in `train`, `load` and wherever else a rule is called by name.

    Works as a decorator, and returns the class. A class that is defined again, in a notebook cell for instance,
    takes the place of the one before; a network that remembers an object of the old class gets a fresh one of the
    new when the rule is called by name (`rules.resolve`).
    Raises ValueError for a class without a name of its own, and for a name that another module's class has.
    """
    name = own_name(rule_class)
    holder = RULES.get(name, rule_class)
    if holder.__module__ != rule_class.__module__:
        raise ValueError(
            f"{rule_class.__name__}.name must be free, got {name!r}, the name of {holder.__module__}.{holder.__name__}"
        )
    RULES[name] = rule_class
    return rule_class


def own_name(rule_class, given=None):
    """The name that the class itself states, or `given` for one of its objects.

    Raises ValueError for a class that states none: under its parent's name it would pass for its parent.
    """
    name = given or vars(rule_class).get("name")
    if not isinstance(name, str) or not name:
        raise ValueError(
            f"{rule_class.__name__}.name must be a text of its own, such as name = {rule_class.__name__.lower()!r}, "
            f"got {rule_class.name!r}" + (" from its parent" if name is None and rule_class.name else "")
        )
    return name


def resolve(rule, network):
    """The rule object for a name or a rule object, attached to `network` and remembered there.

    A name that the network has met before gives the same object, with the same feedback, unless the name stands for
    another class by now: then a fresh object of that class, with feedback drawn anew.
    Raises ValueError for an unknown name, listing the known ones, for a name whose class needs arguments, and for
    feedback of the wrong shape.
    """
    if isinstance(rule, str):
        kept = network.rules.get(rule)
        meant = RULES.get(rule, type(kept))
        if kept is not None and type(kept) is meant:
            rule = kept
        elif rule in RULES:
            rule = _made(rule)
    if not isinstance(rule, Kept):
        raise ValueError(f"rule must be one of {', '.join(sorted(RULES))} or a Rule, got {rule!r}")
    with torch.inference_mode(False):
        rule.attach(network)
    expected = [(network.replicas, *shape) for shape in rule.feedback_shapes(network.sizes)]
    found = [tuple(B.shape) for B in rule.feedback]
    if found != expected:
        raise ValueError(f"rule.feedback must have shapes {expected} for this network, got {found}")
    here = f"{network.dtype} on {network.device}"
    for B in rule.feedback:
        if (B.dtype, B.device) != (network.dtype, network.device):
            raise ValueError(f"rule.feedback must be {here}, as this network is, got {B.dtype} on {B.device}")
    network.rules[rule.name] = rule
    return rule


def _made(name):
    try:
        return RULES[name]()
    except TypeError as error:
        raise ValueError(f"rule must be an object where its class needs arguments, got {name!r} ({error})") from error
