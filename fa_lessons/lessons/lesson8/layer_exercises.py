"""Exercises 8.5 to 8.7: a shared filter's gradient, a layer's backward pass to repair, and the signs that survive."""

from itertools import permutations, product

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 8.5 A shared filter's gradient, place by place.
def _shared_gradient(images, delta):
    side = images.shape[1] - delta.shape[1] + 1
    total = np.zeros((side, side))
    for row in range(delta.shape[1]):
        for column in range(delta.shape[2]):
            for image, signal in zip(images, delta, strict=True):
                total += signal[row, column] * image[row : row + side, column : column + side]
    return total


def _draw_images(rng):
    batch, kernel = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    height, width = rng.choice(np.arange(kernel + 2, kernel + 8), 2, replace=False)
    shape = batch, int(height) - kernel + 1, int(width) - kernel + 1
    return rng.normal(size=(batch, int(height), int(width))), rng.normal(size=shape)


def _image_cases():
    """One image, one place, a filter of one weight, and the lesson's own sizes."""
    rng = np.random.default_rng(8)
    sizes = (1, 6, 3), (4, 5, 5), (3, 4, 1), (2, 28, 5)
    return [
        (rng.normal(size=(batch, side, side)), rng.normal(size=(batch, side - k + 1, side - k + 1)))
        for batch, side, k in sizes
    ]


def _of_filters(wrong):
    """A wrong answer: `wrong` of all gradients by place, (images, rows, columns, k, k)."""

    def answer(images, delta):
        k = images.shape[1] - delta.shape[1] + 1
        seen = np.lib.stride_tricks.sliding_window_view(images, (k, k), (1, 2))
        return wrong(seen * delta[..., None, None], images, delta)

    return answer


# 8.6 The backward pass of a linear layer with feedback, row by row.
def _backward(e, x, B):
    rows = list(zip(e.reshape(-1, e.shape[-1]), x.reshape(-1, x.shape[-1]), strict=True))
    below = np.array([signal @ B for signal, _ in rows]).reshape(x.shape)
    return below, sum(np.outer(signal, activity) for signal, activity in rows), sum(signal for signal, _ in rows)


def _draw_layer(rng):
    """Two or three leading axes; all sizes differ, so that nothing transposed fits by chance."""
    leading = rng.choice(np.arange(2, 6), int(rng.integers(2, 4)), replace=False)
    n_out, n_in = rng.choice(np.arange(6, 11), 2, replace=False)
    return (rng.normal(size=(*leading, n_out)), rng.normal(size=(*leading, n_in)), rng.normal(size=(n_out, n_in)))


def _layers():
    """A plain batch, one example without an axis, and as many inputs as outputs."""
    rng = np.random.default_rng(8)
    shapes = ((7,), 3, 4), ((), 5, 2), ((2, 3), 4, 4), ((1,), 1, 3)
    return [
        (rng.normal(size=(*lead, o)), rng.normal(size=(*lead, i)), rng.normal(size=(o, i))) for lead, o, i in shapes
    ]


def _with(below=None, weight=None, bias=None):
    """A wrong answer: some of the three parts replaced by functions of (e, x, B)."""

    def wrong(e, x, B):
        parts = zip((below, weight, bias), _backward(e, x, B), strict=True)
        return tuple(right if part is None else part(e, x, B) for part, right in parts)

    return wrong


def _flat(x):
    return x.reshape(-1, x.shape[-1])


def _gradient(e, x, B):
    return _flat(e).T @ _flat(x)


# 8.7 The sign patterns of B that lead to a solution, counted one by one.
TEACHER = (1, 1, -1)


def _signs_that_survive():
    patterns = list(product((1, -1), repeat=len(TEACHER)))
    return len(patterns), sum(pattern in set(permutations(TEACHER)) for pattern in patterns)


LAYERS = {
    "shared_gradient": Exercise(
        reference=_shared_gradient,
        draw=_draw_images,
        hint="Every place has seen a patch and has a signal: patch times signal is that place's gradient. What is the "
        "gradient of a weight that all places share?",
        mistakes=(
            *likewise(
                Mistake(
                    "sums over the places",
                    "You averaged over the places or the images. A weight that is used often gets the sum of the "
                    "gradients.",
                    _of_filters(lambda g, x, d: g.mean((0, 1, 2))),
                ),
                _of_filters(lambda g, x, d: g.sum(0).mean((0, 1))),
                _of_filters(lambda g, x, d: g.mean(0).sum((0, 1))),
            ),
            *likewise(
                Mistake(
                    "has one filter for all places",
                    "That is the local network's gradient: one filter a place. The shared filter's is their sum.",
                    _of_filters(lambda g, x, d: g.sum(0)),
                ),
                _of_filters(lambda g, x, d: g),
            ),
            Mistake(
                "adds up the images",
                "You kept the images apart. The filter is the same for all of them.",
                _of_filters(lambda g, x, d: g.sum((1, 2))),
            ),
            *likewise(
                Mistake(
                    "does not flip the filter",
                    "Your filter is turned round: that is a convolution in the mathematician's sense. A layer slides "
                    "without turning.",
                    lambda x, d: _shared_gradient(x, d)[::-1, ::-1],
                ),
                lambda x, d: _shared_gradient(x, d[:, ::-1, ::-1]),
            ),
            Mistake(
                "keeps rows and columns apart",
                "Your filter is transposed.",
                lambda x, d: _shared_gradient(x, d).T,
            ),
            *likewise(
                Mistake(
                    "multiplies each patch by its own signal",
                    "You summed patches, or signals, before the product. Each patch goes with the signal of its own "
                    "place.",
                    _of_filters(
                        lambda g, x, d: (
                            np.lib.stride_tricks.sliding_window_view(x, g.shape[3:], (1, 2)).sum((0, 1, 2)) * d.sum()
                        )
                    ),
                ),
                _of_filters(
                    lambda g, x, d: (
                        np.lib.stride_tricks.sliding_window_view(x, g.shape[3:], (1, 2)).mean((0, 1, 2)) * d.sum()
                    )
                ),
            ),
            Mistake(
                "keeps the sign",
                "The gradient is asked for, not the step: no minus sign.",
                lambda x, d: -_shared_gradient(x, d),
            ),
        ),
        properties=(
            cases(
                "holds for any sizes",
                "There may be one image, one place, or a filter of one weight.",
                _shared_gradient,
                _image_cases,
            ),
        ),
    ),
    "backward": Exercise(
        reference=_backward,
        draw=_draw_layer,
        labels=("the signal below", "the weights' gradient", "the biases' gradient"),
        hint="Compare line by line, with inputs of three axes. There are three bugs.",
        mistakes=(
            *likewise(
                Mistake(
                    "is repaired in all three places",
                    "At least two of the three bugs are still there. Look at what goes down, at the weights, at the "
                    "biases.",
                    _with(lambda e, x, B: e @ B / len(e), lambda e, x, B: B, lambda e, x, B: e.sum(0)),
                ),
                _with(weight=lambda e, x, B: B, bias=lambda e, x, B: e.sum(0)),
                _with(lambda e, x, B: e @ B / len(e), lambda e, x, B: B),
                _with(lambda e, x, B: e @ B / len(e), bias=lambda e, x, B: e.sum(0)),
            ),
            *likewise(
                Mistake(
                    "gives the weights their gradient",
                    "The weights get the values of B in place of a gradient. B carries the error down; the weights "
                    "learn from error and input.",
                    _with(weight=lambda e, x, B: B),
                ),
            ),
            *likewise(
                Mistake(
                    "divides by the batch once, in the loss",
                    "e comes from a mean over the batch already. Dividing again makes every layer below learn more "
                    "slowly.",
                    _with(below=lambda e, x, B: e @ B / len(e)),
                ),
                _with(weight=lambda e, x, B: _gradient(e, x, B) / len(e)),
                _with(weight=lambda e, x, B: _gradient(e, x, B) / (e.size // e.shape[-1])),
                _with(bias=lambda e, x, B: _flat(e).mean(0)),
            ),
            *likewise(
                Mistake(
                    "sums the biases' gradient over all leading axes",
                    "With inputs of three axes you sum over the first alone.",
                    _with(bias=lambda e, x, B: e.sum(0)),
                ),
            ),
            *likewise(
                Mistake(
                    "has the weights' gradient in the shape of W",
                    "W is (outputs, inputs), as in torch. Yours is transposed.",
                    _with(weight=lambda e, x, B: _gradient(e, x, B).T),
                ),
            ),
            *likewise(
                Mistake(
                    "sums the weights' gradient over all leading axes",
                    "You kept an axis of the batch. All leading axes are summed, as for the biases.",
                    _with(weight=lambda e, x, B: np.einsum("...o,...i->...oi", e, x)),
                ),
                _with(weight=lambda e, x, B: np.einsum("...o,...i->...oi", e, x).sum(0)),
                _with(weight=lambda e, x, B: np.einsum("...o,...i->...oi", e, x).sum(1)),
            ),
            *likewise(
                Mistake(
                    "sends the error by B as it is",
                    "No slope stands here: the layer is linear, and the slope belongs to the activation function's "
                    "own layer.",
                    _with(below=lambda e, x, B: (e @ B) * (1 - x**2)),
                ),
                _with(below=lambda e, x, B: (e @ B) * (x > 0)),
            ),
            Mistake(
                "lists below, weights, biases",
                "Your three results are right, in another order.",
                lambda e, x, B: _backward(e, x, B)[::-1],
            ),
        ),
        properties=(
            cases(
                "works for any leading axes",
                "A plain batch has one leading axis, a single example has none, and inputs and outputs may be as many.",
                _backward,
                _layers,
            ),
        ),
    ),
    "signs_that_survive": Exercise(
        reference=_signs_that_survive,
        labels=("with tanh units", "with relu units"),
        hint="FA's output weights end with the signs of B. Which of these can a network with that activation function "
        "undo, and what can it do by renumbering its hidden units?",
        mistakes=(
            *likewise(
                Mistake(
                    "renumbers the hidden units",
                    "Which hidden unit does the negative work is not fixed by the teacher.",
                    lambda: (8, 1),
                ),
                lambda: (1, 1),
            ),
            *likewise(
                Mistake(
                    "lets tanh turn two signs at once",
                    "tanh(−a) = −tanh(a): a unit whose output weight has the wrong sign mends it by its input weights.",
                    lambda: (3, 3),
                ),
                lambda: (3, 8),
            ),
            *likewise(
                Mistake(
                    "does not let relu turn a sign",
                    "A relu is never negative, whatever its input weights. A sum with the wrong number of minus "
                    "signs stays wrong.",
                    lambda: (8, 8),
                ),
                lambda: (8, 6),
                lambda: (8, 7),
            ),
            *likewise(
                Mistake(
                    "counts patterns of three signs",
                    "Three units have 2³ patterns of signs.",
                    lambda: (6, 3),
                ),
                lambda: (9, 3),
                lambda: (4, 3),
                lambda: (3, 1),
                lambda: (4, 2),
            ),
            Mistake(
                "answers with two numbers of patterns",
                "These are shares. The numbers of patterns are asked for.",
                lambda: (1.0, 0.375),
            ),
        ),
    ),
}
