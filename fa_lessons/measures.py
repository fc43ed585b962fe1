"""The three angles between what a rule does and what backprop would do.

Three angles, in degrees, named apart everywhere:
- signal angle: a rule's error signal δa of a layer against backprop's, for each example;
- update angle: a rule's weight change hᵀδa of a layer against backprop's, for the batch mean (or each example);
- weight angle: the forward weights W against the transposed feedback Bᵀ.
Below 90° the two point to the same side; 90° is chance; 0° is agreement.
"""

from functools import reduce

import torch

from fa_lessons import losses, rules
from fa_lessons.torch_state import plainly

BACKPROP = rules.Backpropagation()


def angle(first, second, dims):
    """Degrees between `first` and `second` along the axes `dims`; NaN where one of them is all zero."""
    first, second = (vectors / vectors.abs().amax(dims, keepdim=True) for vectors in (first, second))
    product = (first * second).sum(dims)
    norms = first.square().sum(dims).sqrt() * second.square().sum(dims).sqrt()
    return torch.rad2deg(torch.arccos((product / norms).clamp(-1, 1)))


@plainly
def signals(network, rule, images, labels):
    """(activations, the rule's deltas, backprop's deltas) of every layer for one batch; nothing is changed."""
    images, target = losses.prepare(network, images, labels)
    return probe(network, rules.attached(rule, network), images, target)


def probe(network, rule, images, target):
    """`signals` of a rule object and a batch that are prepared already.

    Raises ValueError, naming rule and layer, for deltas that are no signals of this network.
    """
    activations, error, truth = reference(network, images, target)
    deltas = rule.deltas(network, [h.clone() for h in activations], error.clone())
    return activations, checked(rule, deltas, truth), truth


def reference(network, images, target):
    """(activations, e, backprop's deltas) of a batch that is prepared already."""
    activations = network.forward(images)
    error = losses.error_signal(network, activations[-1], target)
    return activations, error, BACKPROP.deltas(network, activations, error)


def checked(rule, deltas, truth):
    """`deltas`, if it is a list of one signal a layer, None or a tensor like backprop's. Else raises ValueError."""
    if not isinstance(deltas, list | tuple) or len(deltas) != len(truth):
        found = f"{len(deltas)} entries" if isinstance(deltas, list | tuple) else f"{deltas!r:.60}"
        raise ValueError(f"{rule.name}.deltas must give a list of {len(truth)} signals, one a layer, got {found}")
    for layer, (delta, expected) in enumerate(zip(deltas, truth, strict=True)):
        if delta is not None and _form(delta) != _form(expected):
            raise ValueError(
                f"{rule.name}.deltas must give None or a tensor {_form(expected)} for layer {layer}, got {_form(delta)}"
            )
    return deltas


def _form(value):
    return (tuple(value.shape), value.dtype, value.device) if isinstance(value, torch.Tensor) else type(value)


@plainly
def alignment_angles(network, rule, images, labels, per_example=True):
    """Signal angles of the hidden layers, in degrees: (hidden layers, replicas, batch).

    With per_example=False, the angle between the batch means of the signals: (hidden layers, replicas). The two
    differ; the papers' angle is the one for each example. 0 for backprop itself; NaN where the rule sends nothing.
    Raises ValueError as `losses.prepare` and `rules.attached` do. Taught in lesson 4.
    """
    _, deltas, backprop = signals(network, rule, images, labels)
    return signal_angles(deltas, backprop, per_example)


def signal_angles(deltas, backprop, per_example=True):
    """`alignment_angles` of signals that are at hand already: lists of (replicas, batch, units), output last."""
    layers = []
    for delta, truth in zip(deltas[:-1], backprop[:-1], strict=True):
        delta = torch.full_like(truth, torch.nan) if delta is None else delta
        layers.append(angle(delta, truth, -1) if per_example else angle(delta.mean(1), truth.mean(1), -1))
    shape = backprop[-1].shape[:2] if per_example else backprop[-1].shape[:1]
    return torch.stack(layers) if layers else backprop[-1].new_empty(0, *shape)


@plainly
def update_angles(network, rule, images, labels, per_example=False):
    """Update angles of every layer's weights, in degrees: (layers, replicas), for the batch's mean change.

    With per_example=True: (layers, replicas, batch), for the change that each example alone would make; hᵀδ has
    rank one there, so that angle equals the signal angle; NaN where h is zero and no weight changes.
    Raises ValueError as `losses.prepare` and `rules.attached` do. Taught in lesson 4.
    """
    activations, deltas, backprop = signals(network, rule, images, labels)
    layers = []
    for h, delta, truth in zip(activations, deltas, backprop, strict=False):
        delta = torch.full_like(truth, torch.nan) if delta is None else delta
        if per_example:
            layers.append(torch.where((h == 0).all(-1), torch.nan, angle(delta, truth, -1)))
        else:
            layers.append(angle(h.mT @ delta, h.mT @ truth, (-2, -1)))
    return torch.stack(layers)


@plainly
def weight_angles(network, rule):
    """Weight angles, in degrees: (matrices, replicas), of the path that each matrix of `rule.feedback_path` replaces.

    FA: W_{l+1}ᵀ against B_l. DFA and IFA: the transposed product W_{l+1} … W_L of all weights above against B_l.
    0 for backprop; empty for rules without a path. Raises ValueError as `rules.attached` does. Taught in lesson 4.
    """
    rule = rules.attached(rule, network)
    path, forward = rule.feedback_path(network), replaced_paths(network, rule)
    shapes = [[tuple(matrix.shape) for matrix in matrices] for matrices in (forward, path)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"{rule.name}.feedback_path must have shapes {shapes[0]}, those of the weights that it replaces "
            f"(direct is {rule.direct}), got {shapes[1]}"
        )
    angles = [angle(*pair, (-2, -1)) for pair in zip(forward, path, strict=True)]
    return torch.stack(angles) if angles else network.weights[0].new_empty(0, network.replicas)


def replaced_paths(network, rule):
    """The transposed forward weights whose place each matrix of `rule.feedback_path` takes."""
    layers = range(1, len(network.weights))[: len(rule.feedback_path(network))]
    return [reduce(torch.matmul, network.weights[layer : None if rule.direct else layer + 1]).mT for layer in layers]
