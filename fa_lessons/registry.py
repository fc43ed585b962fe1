"""Which rule a name stands for. Defining or importing a rule changes nothing; `register` does."""

import torch

from fa_lessons import inputs, require
from fa_lessons.rule_state import Kept

RULES = {}


def register(rule_class):
    """Let the name of `rule_class` stand for it in `train`, `load` and wherever else a rule is called by name.

    Works as a decorator, and returns the class. A class that is defined again, in a notebook cell for instance,
    takes the place of the one before; a network that remembers an object of the old class gets a fresh one of the
    new when the rule is called by name (`rules.resolve`).
    Raises ValueError for what is no class of rules, for a class without a name of its own, and for a name that
    another module's class has.
    """
    if not (isinstance(rule_class, type) and issubclass(rule_class, Kept)):
        raise ValueError(f"rule_class must be a class that inherits from Rule, got {rule_class!r}")
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
    """`attached`, and remembered by the network: its name means this rule from now on."""
    rule = attached(rule, network)
    network.rules[rule.name] = rule
    return rule


def attached(rule, network):
    """The rule object for a name or a rule object, attached to `network`, which loses none of its rules.

    The name of a rule that the network has met gives that object, with its feedback, unless the name stands for
    another class by now: then a fresh object of that class, with feedback drawn anew. A name that is new to the network
    is remembered, since a training by that name would draw the same feedback.
    Raises ValueError for an unknown name, listing the known ones, for a name whose class needs arguments, for
    feedback of the wrong shape, and as `Rule.attach` does.
    """
    inputs.network("network", network)
    named = isinstance(rule, str)
    if named:
        kept = network.rules.get(rule)
        meant = RULES.get(rule, type(kept))
        if kept is not None and type(kept) is meant:
            rule = kept
        elif rule in RULES:
            rule = made(rule)
    if not isinstance(rule, Kept):
        raise ValueError(f"rule must be one of {', '.join(sorted(RULES))} or a Rule, got {rule!r}")
    with torch.inference_mode(False):
        rule.attach(network)
    expected = [(network.replicas, *shape) for shape in shapes(rule, network)]
    if not (isinstance(rule.feedback, list | tuple) and all(isinstance(B, torch.Tensor) for B in rule.feedback)):
        raise ValueError(f"rule.feedback must be a list of tensors, got {rule.feedback!r:.60}")
    found = [tuple(B.shape) for B in rule.feedback]
    if found != expected:
        raise ValueError(f"rule.feedback must have shapes {expected} for this network, got {found}")
    here = f"{network.dtype} on {network.device}"
    for B in rule.feedback:
        if (B.dtype, B.device) != (network.dtype, network.device):
            raise ValueError(f"rule.feedback must be {here}, as this network is, got {B.dtype} on {B.device}")
    if named:
        network.rules.setdefault(rule.name, rule)
    return rule


def shapes(rule, network):
    """The rule's `feedback_shapes` for `network`, as pairs of whole numbers. Raises ValueError where they are none."""
    found = rule.feedback_shapes(network.sizes)
    try:
        return [(n_from, n_to) for n_from, n_to in (require.sizes("shape", shape) for shape in found)]
    except (TypeError, ValueError):
        raise ValueError(
            f"{rule.name}.feedback_shapes must give a list of pairs (n_from, n_to), got {found!r}"
        ) from None


def made(name):
    """A new rule of the class that `name` stands for. Raises ValueError where the class needs arguments."""
    try:
        return RULES[name]()
    except TypeError as error:
        raise ValueError(f"rule must be an object where its class needs arguments, got {name!r} ({error})") from error
