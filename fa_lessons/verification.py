""" "Is my rule really on?": a rule's error signals against the formulas of the papers."""

import copy
from dataclasses import dataclass

import torch

from fa_lessons import inputs, losses, measures, rules
from fa_lessons.torch_state import plainly

TOLERANCE = 1e-3  # relative; float32 signals agree to 1e-5, different rules differ by more than 1e-1


FORMULAS = ("bp", "fa", "dfa", "ifa", "shallow")


@dataclass(frozen=True)
class Verdict:
    """What `verify_rule` found.

    asked: the rule's own name. found: the names of all rules whose signals it sends, the output's included (FA, DFA
    and IFA are one rule with a single hidden layer); empty if none.
    differences: {rule name: relative difference of the signals, one per hidden layer}, the worst over replicas.
    scales: {rule name: factor by which the signals exceed the formula's, one per hidden layer}.
    output_difference, output_scale: the same for the output layer, whose signal is e for every rule.
    transported: the feedback matrices that are the forward weights: (index, "is" or "equals") of each, "is" for a
    matrix in the memory of the weights.
    signal_angles: degrees to backprop's signal, one per hidden layer, averaged over replicas and examples.
    changed: what `deltas` changed that it should leave alone, such as "weights".
    own_step: whether the rule has a step of its own, which its signals do not show.
    silent: whether no formula sends anything to a hidden layer, as on a batch without errors, which shows nothing.
    """

    asked: str
    found: tuple
    differences: dict
    scales: dict
    signal_angles: tuple
    output_difference: float = 0.0
    output_scale: float = 1.0
    transported: tuple = ()
    changed: tuple = ()
    own_step: bool = False
    silent: bool = False

    @property
    def ok(self):
        """True for a rule that does what its name says, False for one that does not.

        None for an unknown name, where nothing is sent, and for right signals of a rule with a step of its own.
        Feedback that is Wᵀ is backprop's, under any other known name a False, as is a known rule that changes what it
        reads.
        """
        if self.asked not in FORMULAS:
            return None
        right = self.asked in self.found and (self.asked == "bp" or not self.transported) and not self.changed
        return None if right and (self.own_step or self.silent) else right

    def __str__(self):
        found = " = ".join(self.found) or "none of the known rules"
        unknown = "no formula is known for that name; " if self.asked not in FORMULAS else ""
        lines = [
            f"{ {True: '✓', False: '✗', None: '?'}[self.ok] } {self.asked}: {unknown}its signals are those of {found}"
        ]
        for name, differences in self.differences.items():
            row = ", ".join(f"{difference:.0e}" for difference in differences)
            factors = [s for s, d in zip(self.scales[name], differences, strict=True) if d > TOLERANCE]
            note = f" (right direction, {factors[0]:.3g} times too long)" if self._rescaled(name) else ""
            lines.append(f"  difference to {name}, by hidden layer: {row}{note}")
        if not self.output_difference < TOLERANCE:
            sign = ": the sign is wrong" if self.output_scale < 0 else ""
            lines.append(f"  the output layer's signal is not e, but {self.output_scale:.3g} times as long{sign}")
        lines += [f"  deltas changes the {name}, which it should leave as they are" for name in self.changed]
        if self.silent:
            lines.append("  no rule sends anything to a hidden layer on this batch, which shows nothing")
        if self.own_step:
            lines.append("  it has a step of its own, which may do anything with these signals")
        if self.asked != "bp":
            lines += [f"  feedback matrix {layer} {how} the transposed weights" for layer, how in self.transported]
        angles = ", ".join(f"{angle:.0f}°" if angle == angle else "no signal" for angle in self.signal_angles)
        return "\n".join([*lines, f"  signal angle to backprop, by hidden layer: {angles}"])

    def _rescaled(self, name):
        """Whether every layer's signal differs from the formula's by a positive factor alone."""
        pairs = zip(self.scales[name], self.differences[name], strict=True)
        exact = all(
            scale > 0 and abs(difference - abs(scale - 1)) < TOLERANCE * abs(scale) for scale, difference in pairs
        )
        return exact and any(difference > TOLERANCE for difference in self.differences[name])


@plainly
def verify_rule(network, rule, batch):
    """Compare what `rule` does, layer by layer, with the analytic signals of BP, FA, DFA, IFA and shallow.

    rule: a name or a rule object, your own for instance. batch: (images, labels). Returns a `Verdict` that prints
    itself. The formulas are evaluated one example at a time, in float64 and in the papers' column vectors, apart
    from the code in rules.py, with the matrices of the rule's own `feedback_path` where their shapes fit.
    Raises ValueError as `losses.prepare` and `rules.attached` do, and where there is no hidden layer.
    Taught in lesson 4.
    """
    if len(inputs.network("network", network).sizes) < 3:
        raise ValueError(f"network must have a hidden layer for rules to differ, got sizes {network.sizes}")
    rule = rules.attached(rule, network)
    try:
        images, labels = batch
    except (TypeError, ValueError):
        raise ValueError(f"batch must be a pair (images, labels), got {batch!r:.60}") from None
    images, target = losses.prepare(network, images, labels)
    activations, deltas, backprop, changed = _watched(network, rule, images, target)
    found = [torch.zeros_like(b) if d is None else d for d, b in zip(deltas, backprop, strict=True)]
    transported = _transported(network, rule)
    path = rule.feedback_path(network) if rule.feedback or not transported else []
    output = _compare(found[-1], backprop[-1].cpu().double())
    differences, scales, sent = {}, {}, False
    for name in FORMULAS:
        expected = _analytic(name, network, path, activations, backprop[-1])
        if expected is not None:
            sent |= any(bool(e.any()) for e in expected)
            layers = [_compare(f, e) for f, e in zip(found[:-1], expected, strict=True)]
            differences[name], scales[name] = zip(*layers, strict=True)
    angles = measures.signal_angles(deltas, backprop).nanmean((1, 2))
    names = [name for name, layers in differences.items() if all(d < TOLERANCE for d in (*layers, output[0]))]
    found = rule.name, tuple(names), differences, scales, tuple(angles.tolist()), *output, transported
    return Verdict(*found, changed, rules.overrides(rule, "step"), not sent)


def _watched(network, rule, images, target):
    """What `measures.probe` gives, and the names of what the rule's `deltas` changed, which is put right again."""
    activations, error, backprop = measures.reference(network, images, target)
    watched = {"weights": network.weights, "biases": network.biases, "activations": activations, "error": [error]}
    before = copy.deepcopy(watched)
    deltas = copy.deepcopy(measures.checked(rule, rule.deltas(network, activations, error), backprop))
    changed = []
    for name, tensors in watched.items():
        for tensor, kept in zip(tensors, before[name], strict=True):
            if not torch.allclose(tensor, kept, 0, 0, equal_nan=True):
                changed.append(name)
                tensor.copy_(kept)
    return activations, deltas, backprop, tuple(dict.fromkeys(changed))


def _compare(found, expected):
    """(relative difference, factor by which `found` exceeds `expected`)."""
    found = found.cpu().double()
    return _difference(found, expected), float((found * expected).sum() / expected.square().sum())


def _transported(network, rule):
    """Which matrices of the rule's path are the forward weights: (index, "is" or "equals") of each."""
    memory = {weight.untyped_storage().data_ptr() for weight in network.weights}
    result = []
    pairs = zip(rule.feedback_path(network), measures.replaced_paths(network, rule), strict=False)
    for layer, (B, forward) in enumerate(pairs):
        if B.untyped_storage().data_ptr() in memory:
            result.append((layer, "is"))
        elif B.shape == forward.shape:
            gap, size = (matrix.square().sum((1, 2)).sqrt() for matrix in (B - forward, forward))
            if ((size > 0) & (gap < TOLERANCE * size)).any():
                result.append((layer, "equals"))
    return tuple(result)


def _difference(found, expected):
    """‖found − expected‖ / ‖expected‖, the worst over replicas; against a silent signal, found's share of itself.

    NaN for a signal that is not finite, which is no rule's.
    """
    gap = (found - expected).square().sum((1, 2)).sqrt()
    size = expected.square().sum((1, 2)).sqrt()
    size = torch.where(size > 0, size, found.square().sum((1, 2)).sqrt())
    return float(torch.where(gap == 0, 0.0, gap / size).max())


def _analytic(name, network, feedback, activations, error):
    """δa of every hidden layer by the papers' formulas, or None where `feedback` does not fit that rule."""
    shapes = [tuple(B.shape[1:]) for B in feedback]
    if name in ("fa", "dfa", "ifa") and rules.RULES[name]().feedback_shapes(network.sizes) != shapes:
        return None
    W = [weight.cpu().double().mT for weight in network.weights]  # the papers' W: (replicas, n_out, n_in)
    B = [matrix.cpu().double().mT for matrix in feedback]
    hidden, e = [h.cpu().double() for h in activations[1:-1]], error.cpu().double()
    result = [torch.empty_like(h) for h in hidden]
    for r in range(network.replicas):
        for i in range(e.shape[1]):
            slopes = [network.derivative(h[r, i]) for h in hidden]
            column = _columns(name, [w[r] for w in W], [b[r] for b in B], slopes, e[r, i])
            for layer, delta in enumerate(column):
                result[layer][r, i] = delta
    return result


def _columns(name, W, B, slopes, e):
    """One example's δa_1 … δa_L as column vectors, as in Nøkland 2016."""
    depth = len(slopes)
    delta = [None] * depth + [e]
    if name == "shallow":
        return [torch.zeros_like(slope) for slope in slopes]
    if name == "ifa":
        delta[0] = torch.mv(B[0], e) * slopes[0]
        for k in range(1, depth):
            delta[k] = torch.mv(W[k], delta[k - 1]) * slopes[k]
        return delta[:depth]
    for k in reversed(range(depth)):
        if name == "bp":
            sent = torch.mv(W[k + 1].T, delta[k + 1])
        else:
            sent = torch.mv(B[k], delta[k + 1] if name == "fa" else e)
        delta[k] = sent * slopes[k]
    return delta[:depth]
