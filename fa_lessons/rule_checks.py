"""Hold any learning rule to the contract of `Rule`, after scikit-learn's check_estimator."""

import copy
import io

import numpy as np
import torch

from fa_lessons import inputs, losses, measures, optimizers, rule_state, rules
from fa_lessons.networks import MLP
from fa_lessons.torch_state import plainly

NETWORKS = (
    dict(sizes=(7, 6, 5, 4, 3), activation="tanh", replicas=3, seed=1, dtype=torch.float64),
    dict(sizes=(5, 4, 3), activation="relu", replicas=2, seed=2, dtype=torch.float64),
)
BATCH, STEPS, TOLERANCE = 8, 3, 1e-9


class BrokenRule(AssertionError):
    """A rule breaks its contract. property: the name of the property, one of `PROPERTIES`."""

    def __init__(self, rule, name, fault):
        super().__init__(f"{getattr(rule, 'name', None) or type(rule).__name__} breaks {name!r}: {fault}")
        self.property = name


@plainly
def check_rule(rule, network=None):
    """Check that `rule` keeps the contract, and return the names of the properties that it has, all of `PROPERTIES`.

    rule: a name or a fresh rule object, which stays as it is. network: one that has as many replicas as the rule's
    settings ask for; two small networks of the package's choice when left out. Its float64 makes the checks sharp.
    Raises `BrokenRule`, an AssertionError, which names the first property that fails and says how; ValueError for
    what is no rule, and for a rule that has its feedback already.
    """
    if isinstance(rule, str):
        rule = copy.copy(rules.resolve(rule, MLP((2, 2, 2))))
        rule.feedback = None
    if not isinstance(rule, rules.Rule):
        raise ValueError(f"rule must be a Rule or the name of one, got {rule!r}")
    if rule.feedback is not None:
        raise ValueError("rule must be fresh, without feedback, got one that is attached to a network")
    if network is not None:
        inputs.network("network", network)
    for settings in NETWORKS if network is None else [None]:
        for name, check in PROPERTIES.items():
            given = MLP(**settings) if settings else network.select(range(network.replicas))
            given.rules = {}
            try:
                check(rules.resolve(_copied(rule), given), given)
            except Exception as error:
                fault = error if isinstance(error, _Fault) else f"{type(error).__name__}: {error}"
                raise BrokenRule(rule, name, fault) from error
    return tuple(PROPERTIES)


class _Fault(Exception):
    pass


def _require(holds, fault):
    if not holds:
        raise _Fault(fault)


def _named(rule, network):
    """The class states a name of its own, and the network finds the rule by it."""
    _require(network.rules.get(rule.name) is rule, "the network does not remember the rule by its name")


def _shaped(rule, network):
    """One δa a layer, each None or (replicas, batch, units) in the network's dtype."""
    activations, deltas = _signals(rule, network)
    measures.checked(rule, deltas, activations[1:])


def _finite(rule, network):
    """Feedback and signals of a fresh network are finite."""
    _, deltas = _signals(rule, network)
    _require(all(B.isfinite().all() for B in rule.feedback), "a feedback matrix is not finite")
    _require(all(d is None or d.isfinite().all() for d in deltas), "a signal is not finite")


def _pure(rule, network):
    """`deltas` changes nothing, so that measuring an angle leaves the run as it was, and repeats itself."""
    activations, error = _batch_error(network)
    watched = {
        "the network": lambda: network.weights + network.biases,
        "network.rules": lambda: [id(kept) for kept in network.rules.values()],
        "the activations": lambda: activations,
        "the error": lambda: error,
        "the rule": lambda: _contents(rule),
        "a global random generator": lambda: [torch.get_rng_state(), np.random.get_state()[1:3]],  # noqa: NPY002
    }
    before = {name: copy.deepcopy(look()) for name, look in watched.items()}
    first = copy.deepcopy(rule.deltas(network, activations, error))
    for name, look in watched.items():
        _require(_same(before[name], look(), 0), f"deltas changes {name}")
    _require(_same(first, rule.deltas(network, activations, error), 0), "deltas gives other signals the second time")


def _learns_in_the_hook(rule, network):
    """A step changes the rule in `learn` alone, and `learn` changes nothing but the rule."""
    activations, target, optimizer = _batch(network)
    tensors = network.weights + network.biases
    learn, calls = rule.learn, []

    def watched(network, activations, deltas, optimizer):
        calls.append(_same(before, _contents(rule), 0))
        kept = copy.deepcopy([tensors, activations, deltas])
        learn(network, activations, deltas, optimizer)
        calls.append(_same(kept, [tensors, activations, deltas], 0))

    before = copy.deepcopy(_contents(rule))
    rule.learn = watched
    rule.step(network, activations, target, optimizer)
    del rule.learn
    if type(rule).learn is rules.Rule.learn:
        _require(_same(before, _contents(rule), 0), "a step changes the rule, though `learn` is not overridden")
    if calls:
        _require(len(calls) == 2, f"a step calls `learn` {len(calls) // 2} times, not once")
        _require(calls[0], "a step changes the rule before `learn`")
        _require(calls[1], "`learn` changes the network, the activations or the signals")
    else:
        _require(type(rule).step is not rules.Rule.step, "a step does not call `learn`")


def _independent(rule, network):
    """A replica does the same alone as together with others."""
    alone = [network.select(r) for r in range(network.replicas)]
    together = _after(network, rule)
    for r, part in enumerate(alone):
        expected = [tensor[r : r + 1] for tensor in together]
        _require(_same(expected, _after(part, part.rules[rule.name]), TOLERANCE), f"replica {r} learns otherwise alone")


def _selected(rule, network):
    """`select` keeps class, settings and state, in any order, and shares no memory with the rule."""
    chosen = [network.replicas - 1, 0]
    part = network.select(chosen)
    picked = part.rules[rule.name]
    before = copy.deepcopy(_contents(rule))
    _require(type(picked) is type(rule), f"select gives a {type(picked).__name__}")
    lost = vars(rule).keys() - vars(picked).keys()
    _require(not lost, f"select loses {', '.join(sorted(lost))}")
    learnt = _after(part, picked)
    _require(_same(before, _contents(rule), 0), "training a selected copy changes the rule that it was taken from")
    expected = [tensor[chosen] for tensor in _after(network, rule)]
    _require(_same(expected, learnt, TOLERANCE), "selected replicas learn otherwise")


def _saved(rule, network):
    """State and settings come back from a file, in a new object and in the same one."""
    _after(network, rule)
    file = io.BytesIO()
    torch.save(rule.state(), file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    network, twin = network.select(range(network.replicas)), network.select(range(network.replicas))
    again = object.__new__(type(rule))
    again.restore(saved)
    lost = vars(rule).keys() - vars(again).keys()
    _require(not lost, f"state loses {', '.join(sorted(lost))}")
    expected = _after(network, rule)
    _require(_same(expected, _after(twin, again), 0), "a rule that was saved and loaded learns otherwise")
    rule.restore(saved)
    again = object.__new__(type(rule))
    again.restore(saved)
    _require(_same(_contents(again), _contents(rule), 0), "restore does not take back what a step has changed")


PROPERTIES = {
    "a name of its own": _named,
    "shapes": _shaped,
    "finite signals": _finite,
    "pure deltas": _pure,
    "learning in the hook alone": _learns_in_the_hook,
    "replicas alone as together": _independent,
    "select": _selected,
    "save and load": _saved,
}


def _copied(rule):
    """A copy of `rule` that shares nothing which can be copied; a function of a notebook's may not be."""
    twin = copy.copy(rule)
    for name, value in vars(rule).items():
        try:
            setattr(twin, name, copy.deepcopy(value))
        except Exception:
            setattr(twin, name, value)
    return twin


def _batch(network):
    """(activations, target, a plain optimiser), the same for every network of these sizes."""
    source = torch.Generator("cpu").manual_seed(3)
    images = torch.rand(BATCH, network.sizes[0], generator=source, device="cpu", dtype=torch.float32)
    images = images.to(network.device, network.dtype)
    labels = torch.randint(network.sizes[-1], (BATCH,), generator=source, device="cpu")
    target = losses.one_hot(labels, network.sizes[-1], network.dtype).to(network.device)
    return network.forward(images), target, optimizers.resolve("sgd", network, 0.1, 0.01, 0.0)


def _batch_error(network):
    activations, target, _ = _batch(network)
    return activations, losses.error_signal(network, activations[-1], target)


def _signals(rule, network):
    activations, error = _batch_error(network)
    return activations, rule.deltas(network, activations, error)


def _after(network, rule):
    """Parameters and feedback after a few steps."""
    for _ in range(STEPS):
        activations, target, optimizer = _batch(network)
        rule.step(network, activations, target, optimizer)
    return copy.deepcopy(network.weights + network.biases + rule.feedback)


def _contents(rule):
    """What the rule keeps, by value; a function or an object of another kind by itself."""
    contents = {}
    for name, kept in vars(rule).items():
        if name != "learn":
            try:
                contents[name] = rule_state.pack(name, kept)
            except ValueError:
                contents[name] = kept
    return contents


def _same(one, other, tolerance):
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.shape == other.shape and torch.allclose(one, other, tolerance, tolerance, equal_nan=True)
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(_same(*pair, tolerance) for pair in zip(one, other, strict=True))
    return one is other or one == other
