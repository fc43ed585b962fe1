"""Exercises of lesson 1 whose answers the lesson does not state: a pass's cost, and what a step does to the loss."""

import itertools

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.results import same


# What a forward and a backward pass cost.
def _multiply_adds(sizes):
    """Counted one by one, on a network that is walked unit by unit."""
    forward = backward = 0
    for layer, (below, above) in enumerate(itertools.pairwise(sizes)):
        for _ in range(below):
            forward += above  # each weight carries the activity up
            backward += above  # and gets a slope: what came in times the signal above
            if layer > 0:  # the units below learn as well, so a signal comes down through each weight
                backward += above
    return forward, backward


def _products(sizes):
    return [below * above for below, above in itertools.pairwise(sizes)]


def _draw_sizes(rng):
    return (tuple(int(size) for size in rng.choice(np.arange(2, 40), rng.integers(3, 7), replace=False)),)


def _counts_the_lessons_own_networks(answer, arguments):
    cases = (784, 100, 10), (784, *[800] * 8, 10), (5, 1, 7)
    return all(tuple(answer(case)) == _multiply_adds(case) for case in cases)


def _counts_without_a_hidden_layer(answer, arguments):
    return tuple(answer((7, 3))) == (21, 21)


# What one step of feedback alignment does to the loss at first.
def _loss_change(x, e, W2, B, h):
    """The slope by complex step along W1's own step, of a loss whose slope in z2 is e."""
    sent = np.zeros_like(h)
    for unit in range(h.shape[1]):
        sent[:, unit] = sum(e[:, k] * B[k, unit] for k in range(e.shape[1])) * h[:, unit] * (1 - h[:, unit])
    step = -1e-30j * sum(np.outer(below, signal) for below, signal in zip(x, sent, strict=True))
    moved = 1 / (1 + np.exp(-(np.log(h / (1 - h)) + x @ step)))
    return float((e * (moved @ W2)).sum().imag / 1e-30)


def _draw_loss_change(rng):
    batch, inputs, units, outputs = rng.choice(np.arange(2, 7), size=4, replace=False)
    e, W2, B = rng.normal(size=(batch, outputs)), rng.normal(size=(units, outputs)), rng.normal(size=(outputs, units))
    return rng.normal(size=(batch, inputs)), e, W2, B, rng.uniform(0.05, 0.95, (batch, units))


def _falls_where_backprop_itself_steps(answer, arguments):
    x, e, W2, _, h = arguments
    return answer(x, e, W2, W2.T.copy(), h) < 0


def _of_one_example(answer, arguments):
    x, e, W2, B, h = arguments
    case = x[:1], e[:1], W2, B, h[:1]
    return same(answer(*case), _loss_change(*case), rtol=1e-6, atol=1e-9)


def _change(x, e, W2, B, h, slopes=1):
    """With another power of the slopes than the right one."""
    slope = (h * (1 - h)) ** slopes
    return float(-((x.T @ (e @ W2.T * slope)) * (x.T @ (e @ B * slope))).sum())


def _each_example_alone(x, e, W2, B, h):
    slope = h * (1 - h)
    return float(-((x**2).sum(1) * ((e @ W2.T * slope) * (e @ B * slope)).sum(1)).sum())


TRANSFER = {
    "multiply_adds": Exercise(
        reference=_multiply_adds,
        draw=_draw_sizes,
        labels=("the forward pass", "the backward pass"),
        hint="For each matrix of weights: is it used on the way up, for its own gradient, and on the way down?",
        mistakes=(
            Mistake(
                "sends no signal to the input",
                "You send a signal down to the input as well. Which weights would learn from it?",
                lambda sizes: (sum(_products(sizes)), 2 * sum(_products(sizes))),
            ),
            Mistake(
                "counts the gradients of the weights",
                "Your backward pass carries the signals down and stops. The slopes of the weights are still missing.",
                lambda sizes: (sum(_products(sizes)), sum(_products(sizes)[1:])),
            ),
            Mistake(
                "counts the error signals",
                "Your backward pass has the slopes of the weights. The signals that they are made of cost as well.",
                lambda sizes: (sum(_products(sizes)), sum(_products(sizes))),
            ),
            Mistake(
                "counts the backward pass alone",
                "Your second number holds the forward pass too.",
                lambda sizes: (sum(_products(sizes)), 2 * sum(_products(sizes)) + sum(_products(sizes)[1:])),
            ),
            Mistake(
                "starts at the output's error",
                "You leave out the signal through the last weights. The error stands above them, and has to come down.",
                lambda sizes: (sum(_products(sizes)), sum(_products(sizes)) + sum(_products(sizes)[:-1])),
            ),
            Mistake(
                "counts weights, not units",
                "Between two layers, every pair of units has a weight.",
                lambda sizes: (sum(sizes), sum(sizes) + sum(sizes[1:])),
            ),
            Mistake(
                "leaves the biases out",
                "A bias is added and multiplies nothing.",
                lambda sizes: (
                    sum(_products(sizes)) + sum(sizes[1:]),
                    sum(_products(sizes)) + sum(_products(sizes)[1:]) + sum(sizes[1:]),
                ),
            ),
        ),
        properties=(
            Property(
                "counts networks of any depth",
                "It is right for small networks. Is a size or a depth typed in?",
                _counts_the_lessons_own_networks,
            ),
            Property(
                "counts a network without hidden layer",
                "There only one matrix is left: it is used on the way up and for its own gradient.",
                _counts_without_a_hidden_layer,
            ),
        ),
    ),
    "loss_change": Exercise(
        reference=_loss_change,
        draw=_draw_loss_change,
        hint="The loss changes by its gradient times the step. Which matrix is the gradient, and which is the step?",
        mistakes=(
            Mistake(
                "passes the slopes of the hidden units",
                "That is eᵀWBe for the activity h. W₁ lies below the hidden units: both signals pass their slopes.",
                lambda x, e, W2, B, h: _change(x, e, W2, B, h, slopes=0),
            ),
            Mistake(
                "passes the slopes in both signals",
                "One of your two signals has the slope of the hidden units, the other has not.",
                lambda x, e, W2, B, h: _change(x, e, W2, B, h, slopes=0.5),
            ),
            Mistake(
                "steps against the signal",
                "Right size, wrong sign: gradient descent subtracts.",
                lambda x, e, W2, B, h: -_change(x, e, W2, B, h),
            ),
            Mistake(
                "takes the step that feedback alignment takes",
                "That is what backprop's own step does to the loss. This step goes through B.",
                lambda x, e, W2, B, h: _change(x, e, W2, W2.T, h),
            ),
            Mistake(
                "takes the loss's own gradient",
                "You multiply the step by itself. The loss asks for its own gradient, which goes through W₂.",
                lambda x, e, W2, B, h: _change(x, e, B.T, B, h),
            ),
            Mistake(
                "adds the examples up before it multiplies",
                "All examples share one step of W₁. You let each example feel only its own part of it.",
                _each_example_alone,
            ),
            Mistake(
                "goes on to the weights",
                "You multiply the two signals of the hidden units. Between them and W₁ stands the input x.",
                lambda x, e, W2, B, h: float(-((e @ W2.T) * (e @ B) * (h * (1 - h)) ** 2).sum()),
            ),
        ),
        properties=(
            Property(
                "falls where B is the transposed W₂",
                "With B = W₂ᵀ the step is backprop's, and the loss must fall at first.",
                _falls_where_backprop_itself_steps,
            ),
            Property("holds for one example", "A batch of one is a batch, too.", _of_one_example),
        ),
    ),
}
