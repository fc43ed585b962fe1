"""Lesson 1: the gradient of a two-layer network by hand, with bugs to choose from, and by finite differences.

The network is x → h = σ(x W1 + b1) → y = softmax(h W2 + b2), the loss the cross-entropy, averaged over the batch.
All parameters lie in one vector, in the order W1, b1, W2, b2, so that many networks can be evaluated as one stack.
"""

import numpy as np

from fa_lessons import require

FORMULAS = ("central", "forward")
# What can go wrong in a backward pass, by the name under which the explorer offers it.
BUGS = ("none", "the slides' misprint", "no slope of the hidden units", "W₂ not transposed", "no mean over the batch")


def sizes_of(sizes):
    """{"W1": count, "b1": …, "W2": …, "b2": …}: how many parameters each part of a (n_in, n_hidden, n_out) net has."""
    n_in, n_hidden, n_out = sizes
    return {"W1": n_in * n_hidden, "b1": n_hidden, "W2": n_hidden * n_out, "b2": n_out}


def unpack(parameters, sizes):
    """W1 (…, n_in, n_hidden), b1 (…, 1, n_hidden), W2 (…, n_hidden, n_out), b2 (…, 1, n_out) of (…, P) parameters.

    Raises ValueError where P is not the number of parameters of such a network.
    """
    counts, stack = sizes_of(sizes), parameters.shape[:-1]
    if parameters.shape[-1] != sum(counts.values()):
        raise ValueError(f"sizes {sizes} need {sum(counts.values())} parameters, got {parameters.shape[-1]}")
    n_in, n_hidden, n_out = sizes
    shapes = (n_in, n_hidden), (1, n_hidden), (n_hidden, n_out), (1, n_out)
    parts = np.split(parameters, np.cumsum(list(counts.values()))[:-1], axis=-1)
    return [part.reshape(*stack, *shape) for part, shape in zip(parts, shapes, strict=True)]


def forward(parameters, sizes, x):
    """(h, y) of shapes (…, batch, n_hidden) and (…, batch, n_out), for (…, P) parameters and x (batch, n_in)."""
    W1, b1, W2, b2 = unpack(parameters, sizes)
    h = 0.5 + 0.5 * np.tanh((x @ W1 + b1) / 2)  # the sigmoid, without overflow
    z2 = h @ W2 + b2
    powers = np.exp(z2 - z2.max(-1, keepdims=True))
    return h, powers / powers.sum(-1, keepdims=True)


def loss(parameters, sizes, x, target):
    """The mean cross-entropy, (…,), of (…, P) parameters on x (batch, n_in) and one-hot target (batch, n_out)."""
    _, y = forward(parameters, sizes, x)
    right = (y * target).sum(-1)
    return -np.log(np.maximum(right, np.finfo(right.dtype).tiny)).mean(-1)


def gradient(parameters, sizes, x, target, bug="none"):
    """The gradient of `loss` by the backward pass, (P,), with one of `BUGS` built in.

    Raises ValueError for an unknown bug, and for a bug that needs n_hidden == n_out where they differ.
    """
    require.one_of("bug", bug, BUGS)
    if bug in (BUGS[1], BUGS[3]) and sizes[1] != sizes[2]:
        raise ValueError(f"{bug!r} runs only with as many outputs as hidden units, got sizes {sizes}")
    W2 = unpack(parameters, sizes)[2]
    h, y = forward(parameters, sizes, x)
    delta_output = (y - target) / (1 if bug == "no mean over the batch" else len(x))
    returned = delta_output @ (W2 if bug == "W₂ not transposed" else W2.T)
    slope = {"the slides' misprint": y * (1 - y), "no slope of the hidden units": 1}.get(bug, h * (1 - h))
    delta_hidden = returned * slope
    parts = x.T @ delta_hidden, delta_hidden.sum(0), h.T @ delta_output, delta_output.sum(0)
    return np.concatenate([part.ravel() for part in parts])


def difference(function, w, steps, formula="central"):
    """The gradient of `function` at w (P,) by finite differences, (len(steps), P).

    function: takes a stack (…, P) and returns (…,). The precision is that of w's dtype.
    formula: "central", (f(w + step) − f(w − step)) / 2 step, wrong by a term in step²; or "forward",
        (f(w + step) − f(w)) / step, wrong by a term in step.
    Raises ValueError for a step that is not positive and finite, or an unknown formula.
    """
    require.one_of("formula", formula, FORMULAS)
    w = np.asarray(w)
    w = w if w.dtype.kind == "f" else require.numbers("w", w, -np.inf)  # whole numbers would round the steps to 0
    steps = require.numbers("steps", steps, open_minimum=True).astype(w.dtype)
    moves = steps[:, None, None] * np.eye(len(w), dtype=w.dtype)  # one entry at a time
    if formula == "central":
        return (function(w + moves) - function(w - moves)) / (2 * steps[:, None])
    return (function(w + moves) - function(w)) / steps[:, None]


def relative_error(found, truth, scale=None):
    """‖found − truth‖ / ‖scale‖ along the last axis; scale is the truth where left out.

    Where the scale is 0, ‖found − truth‖ > 0 counts as 1.
    """
    gap, size = np.linalg.norm(found - truth, axis=-1), np.linalg.norm(truth if scale is None else scale)
    return gap / size if size > 0 else np.sign(gap)
