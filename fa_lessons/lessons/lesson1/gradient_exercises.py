"""Exercises of lesson 1: the gradients of a layer, and gradients without any derivation."""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property


def complex_step(loss, w):
    """The exact gradient of an analytic `loss`: Im loss(w + i·tiny) / tiny, which subtracts nothing."""
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        nudged = w.astype(complex)
        nudged[index] += 1e-30j
        gradient[index] = loss(nudged).imag / 1e-30
    return gradient


# From an error signal to the gradients of a layer.
def _weight_gradients(x, delta):
    """One outer product for each example, added up."""
    outer = sum(np.outer(below, signal) for below, signal in zip(x, delta, strict=True))
    return outer, np.array([sum(column) for column in delta.T])


def _draw_weight_gradients(rng):
    batch, n_in, n_out = rng.choice(np.arange(2, 9), size=3, replace=False)
    return rng.normal(size=(batch, n_in)), rng.normal(size=(batch, n_out)) / batch


def _weight_gradients_of_one(answer, arguments):
    """One example, one input, one unit: no axis may vanish."""
    x, delta = arguments
    for case in ((x[:1], delta[:1]), (x[:, :1], delta), (x, delta[:, :1])):
        pairs = zip(answer(*case), _weight_gradients(*case), strict=True)
        if not all(np.allclose(found, truth, rtol=1e-3, atol=1e-5) for found, truth in pairs):
            return False
    return True


# A gradient without any derivation.
def _central_difference(loss, w, step):
    return _differences(loss, w, step, step, 2 * step)


def _agrees_with_the_exact_slope(answer, arguments):
    loss, w, step = arguments
    return np.allclose(answer(loss, w, step), complex_step(loss, w), atol=1e-6)


def _draw_central_difference(rng):
    shape = tuple(rng.integers(2, 5, size=rng.integers(1, 4)))
    a, c = rng.normal(size=(2, *shape))
    return (
        lambda w: (c * np.sin(w)).sum() + np.tanh((a * w).sum() / 2),
        rng.normal(size=shape),
        rng.uniform(1, 2) * 1e-5,
    )


def _uses_the_step_given(answer, arguments):
    loss, w, _ = arguments
    return np.allclose(answer(loss, w, 0.3), _central_difference(loss, w, 0.3))


def _without_going_back(loss, w, step):
    """Every entry that was visited stays moved."""
    gradient, high, low = np.zeros_like(w), w.copy(), w.copy()
    for index in np.ndindex(w.shape):
        high[index] += step
        low[index] -= step
        gradient[index] = (loss(high) - loss(low)) / (2 * step)
    return gradient


def _differences(loss, w, up, down, width):
    """(loss(w + up) − loss(w − down)) / width, with one entry moved at a time."""
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        high, low = w.copy(), w.copy()
        high[index] += up
        low[index] -= down
        gradient[index] = (loss(high) - loss(low)) / width
    return gradient


GRADIENTS = {
    "weight_gradients": Exercise(
        reference=_weight_gradients,
        draw=_draw_weight_gradients,
        labels=("the gradient of W", "the gradient of b"),
        hint="A weight sits between one input and one signal; multiply the two and add over the examples.",
        mistakes=(
            Mistake(
                "divides by the batch only once",
                "δ already carries the 1/batch of the mean loss. You divide again.",
                lambda x, d: (x.T @ d / len(x), d.mean(0)),
            ),
            Mistake(
                "adds the bias signal over the examples",
                "Your W is right. b is a weight whose input is always 1: treat it as you treated W, with a sum.",
                lambda x, d: (x.T @ d, d.mean(0)),
            ),
            Mistake(
                "gives the gradient the shape of W",
                "Yours is transposed, as the papers write it for column vectors. Here W is (n_in, n_out).",
                lambda x, d: (d.T @ x, d.sum(0)),
            ),
            Mistake(
                "returns the gradient, not the step",
                "Right numbers, wrong sign. The minus comes in when the gradient is subtracted.",
                lambda x, d: (-x.T @ d, -d.sum(0)),
            ),
            Mistake(
                "has one bias gradient for each unit",
                "You add the signals of one example over the units. The bias of one unit serves all examples: "
                "which axis are they on?",
                lambda x, d: (x.T @ d, d.sum(1)),
            ),
            Mistake(
                "gives the gradient the shape of b",
                "Your W is right. b has one axis, (n_out,), and so has its gradient: leave `keepdims` out.",
                lambda x, d: (x.T @ d, d.sum(0, keepdims=True)),
            ),
            Mistake(
                "adds the bias signal over the examples",
                "Your W is right. b has one number for each unit; you added the units up, too.",
                lambda x, d: (x.T @ d, d.sum()),
            ),
        ),
        properties=(
            Property(
                "holds for one example, one input, one unit",
                "An axis of length 1 is an axis, too: is one squeezed away?",
                _weight_gradients_of_one,
            ),
        ),
    ),
    "central_difference": Exercise(
        reference=_central_difference,
        draw=_draw_central_difference,
        atol=1e-8,
        hint="Move one entry up and down by `step`, evaluate the loss at both places, and put the entry back.",
        mistakes=(
            Mistake(
                "looks to both sides",
                "That is the forward difference, wrong by a term proportional to the step. Where does the central "
                "one evaluate the loss?",
                lambda f, w, s: _differences(f, w, s, 0, s),
            ),
            Mistake(
                "looks below the entry's own place",
                "One `-= step` only undoes the `+= step`: `below` is then the loss at w itself.",
                lambda f, w, s: _differences(f, w, s, 0, 2 * s),
            ),
            Mistake(
                "divides by the distance between the two points",
                "Your gradient is twice too long. How far apart are w + step and w − step?",
                lambda f, w, s: _differences(f, w, s, s, s),
            ),
            Mistake(
                "subtracts the lower point from the upper",
                "Every entry has the wrong sign.",
                lambda f, w, s: _differences(f, w, s, s, -2 * s),
            ),
            Mistake(
                "moves one entry at a time",
                "You move all entries together, which gives the sum of all derivatives, the same in every place.",
                lambda f, w, s: np.full_like(w, (f(w + s) - f(w - s)) / (2 * s)),
            ),
            Mistake(
                "looks ahead as well as behind",
                "That is the backward difference, wrong by a term proportional to the step.",
                lambda f, w, s: _differences(f, w, 0, s, s),
            ),
            Mistake(
                "puts an entry back before it moves the next",
                "Your first entry is right. The later ones are taken with the earlier ones still moved.",
                _without_going_back,
            ),
            Mistake(
                "divides by the distance between the two points",
                "You return the difference of the two losses. A slope is a difference over a distance.",
                lambda f, w, s: _differences(f, w, s, s, 1),
            ),
        ),
        properties=(
            Property(
                "uses the step that it is given",
                "With a step of 0.3 the answer is not the central difference of that step: is a step typed in?",
                _uses_the_step_given,
            ),
            Property(
                "agrees with the exact slope",
                "For a loss whose slope is known exactly, your gradient is another one.",
                _agrees_with_the_exact_slope,
            ),
        ),
    ),
    "passes": Exercise(
        reference=lambda: 2 * (784 * 100 + 100 + 100 * 10 + 10),
        mistakes=(
            Mistake("counts the biases", "Every unit has one more number to learn.", lambda: 2 * (78400 + 1000)),
            Mistake(
                "evaluates the loss on both sides",
                "The central difference looks up and down from each weight.",
                lambda: 784 * 100 + 100 + 100 * 10 + 10,
            ),
            Mistake(
                "evaluates the loss anew for each weight",
                "The formula uses w + step and w − step for one weight; the point in the middle does not occur in it.",
                lambda: 2 * (784 * 100 + 100 + 100 * 10 + 10) + 1,
            ),
            Mistake(
                "counts central differences",
                "One evaluation a weight, and one without a nudge, make the forward difference.",
                lambda: 784 * 100 + 100 + 100 * 10 + 10 + 1,
            ),
            Mistake(
                "nudges weights, not units",
                "You counted units. Between two layers, every pair of units has a weight.",
                lambda: 2 * (784 + 100 + 10),
            ),
        ),
        hint="How many numbers does the network learn? How often is the loss evaluated for each?",
    ),
}
