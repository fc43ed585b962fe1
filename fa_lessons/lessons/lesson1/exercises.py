"""Exercises of lesson 1: the backward pass, its check, and the first step away from it."""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _softmax(z, axis=1):
    powers = np.exp(z - z.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def _complex_step(loss, w):
    """The exact gradient of an analytic `loss`: Im loss(w + i·tiny) / tiny, which subtracts nothing."""
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        nudged = w.astype(complex)
        nudged[index] += 1e-30j
        gradient[index] = loss(nudged).imag / 1e-30
    return gradient


# 1. The error at the output.
def _output_error(z2, target):
    """The derivative of the loss itself, entry by entry; nobody told it that the answer is simple."""
    top = z2.max(1, keepdims=True)
    return _complex_step(lambda z: (np.log(np.exp(z - top).sum(1)) - ((z - top) * target).sum(1)).mean(), z2)


def _draw_output_error(rng):
    batch, classes = rng.integers(3, 8), rng.integers(3, 8)
    return 2 * rng.normal(size=(batch, classes)), np.eye(classes)[rng.integers(0, classes, batch)]


def _survives_large_inputs(answer, arguments):
    """Every row moved by its own large number, which changes no softmax."""
    z2, target = arguments
    moved = z2 + 1000 * np.arange(-1, len(z2) - 1)[:, None]
    with np.errstate(all="ignore"):
        return np.allclose(answer(moved, target), _output_error(z2, target))


# 2. The error below the output. The draws have as many outputs as hidden units, so that an answer with a wrong
# matrix or a wrong slope runs and meets its own message; a property tries sizes that differ.
def _hidden_delta(delta_output, W2, h, y):
    """The derivative of Σ δ ⊙ (σ(z1) W2) with respect to z1, entry by entry."""
    return _complex_step(lambda z1: (delta_output * (_sigmoid(z1) @ W2)).sum(), np.log(h / (1 - h)))


def _draw_hidden_delta(rng):
    batch, units = rng.choice(np.arange(2, 8), size=2, replace=False)
    matrices = rng.normal(size=(batch, units)), rng.normal(size=(units, units))
    return *matrices, rng.uniform(0.05, 0.95, (batch, units)), rng.uniform(0.05, 0.95, (batch, units))


def _agrees_on(answer, reference, arguments):
    try:
        return np.allclose(answer(*arguments), reference(*arguments))
    except Exception:
        return False


def _hidden_delta_of_other_sizes(answer, arguments):
    delta, W2, h, y = arguments
    return _agrees_on(answer, _hidden_delta, (delta[:, :-1], W2[:, :-1], h, y[:, :-1]))


# 3. From an error signal to the gradients of a layer.
def _weight_gradients(x, delta):
    """One outer product for each example, added up."""
    outer = sum(np.outer(below, signal) for below, signal in zip(x, delta, strict=True))
    return outer, np.array([sum(column) for column in delta.T])


def _draw_weight_gradients(rng):
    batch, n_in, n_out = rng.choice(np.arange(2, 9), size=3, replace=False)
    return rng.normal(size=(batch, n_in)), rng.normal(size=(batch, n_out)) / batch


# 4. A gradient without any derivation.
def _central_difference(loss, w, step):
    return _differences(loss, w, step, step, 2 * step)


def _agrees_with_the_exact_slope(answer, arguments):
    loss, w, step = arguments
    return np.allclose(answer(loss, w, step), _complex_step(loss, w), atol=1e-8)


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


def _differences(loss, w, up, down, width):
    """(loss(w + up) − loss(w − down)) / width, with one entry moved at a time."""
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        high, low = w.copy(), w.copy()
        high[index] += up
        low[index] -= down
        gradient[index] = (loss(high) - loss(low)) / width
    return gradient


# 5. A random matrix where the transposed weights stood. Square draws and a property, as in 2.
def _feedback_delta(delta_output, W2, B, h):
    """Example by example and unit by unit, from the equation with its sums written out."""
    result = np.zeros_like(h)
    for example, unit in np.ndindex(h.shape):
        sent = sum(delta_output[example, k] * B[k, unit] for k in range(len(B)))
        result[example, unit] = sent * h[example, unit] * (1 - h[example, unit])
    return result


def _draw_feedback_delta(rng):
    batch, units = rng.choice(np.arange(2, 8), size=2, replace=False)
    matrices = rng.normal(size=(batch, units)), rng.normal(size=(units, units)), rng.normal(size=(units, units))
    return *matrices, rng.uniform(0.05, 0.95, (batch, units))


def _ignores_the_forward_weights(answer, arguments):
    delta_output, W2, B, h = arguments
    return np.allclose(answer(delta_output, W2, B, h), answer(delta_output, 3 * W2 + 1, B, h))


def _feedback_delta_of_other_sizes(answer, arguments):
    delta, W2, B, h = arguments
    return _agrees_on(answer, _feedback_delta, (delta[:, :-1], W2[:, :-1], B[:-1], h))


OTHER_SIZES_HINT = (
    "With as many outputs as hidden units your function is right; with fewer outputs it fails. "
    "Is a size typed in, or does a matrix fit by accident?"
)

EXERCISES = {
    "output_error": Exercise(
        reference=_output_error,
        draw=_draw_output_error,
        hint="Start from E = −log y_t for one example. What does ∂E/∂z₂ become after the fractions cancel?",
        mistakes=(
            Mistake(
                "averages over the batch",
                "The loss is the mean over the examples. Your signal is too long, by a factor that is the batch size.",
                lambda z, t: _softmax(z) - t,
            ),
            Mistake(
                "points from target to prediction",
                "Every entry has the wrong sign. Gradient descent subtracts the gradient, so raising the wrong "
                "output must have a positive gradient.",
                lambda z, t: (t - _softmax(z)) / len(z),
            ),
            Mistake(
                "takes the slope of the output units once",
                "The slope of the softmax is already inside this result: it cancels against the loss's 1/y.",
                lambda z, t: (_softmax(z) - t) * _softmax(z) * (1 - _softmax(z)) / len(z),
            ),
            Mistake(
                "makes each example's probabilities sum to 1",
                "Your softmax runs down the batch instead of across the classes. Which axis holds the classes?",
                lambda z, t: (_softmax(z, axis=0) - t) / len(z),
            ),
            Mistake(
                "passes the inputs through the softmax",
                "z₂ is not yet a prediction: it may be negative and sums to anything. What turns it into y?",
                lambda z, t: (z - t) / len(z),
            ),
        ),
        properties=(
            Property(
                "holds for large inputs",
                "exp(1000) overflows, exp(-1000) is 0. A softmax does not change when a row's own largest number is "
                "subtracted from the whole row.",
                _survives_large_inputs,
            ),
        ),
    ),
    "hidden_delta": Exercise(
        reference=_hidden_delta,
        draw=_draw_hidden_delta,
        hint="Two factors: what returns through the weights, and the slope of the units it returns to.",
        mistakes=(
            Mistake(
                "takes the slope of the hidden units",
                "You multiply by the slope at z₂, as the slides print it. Which units does the signal pass "
                "after it has come back through W₂?",
                lambda d, W, h, y: (d @ W.T) * y * (1 - y),
            ),
            Mistake(
                "passes the output units once",
                "delta_output is ∂E/∂z₂: it has the slope of the output units in it already.",
                lambda d, W, h, y: ((d * y * (1 - y)) @ W.T) * h * (1 - h),
            ),
            Mistake(
                "sends the error back through the transposed weights",
                "You use W₂ as it stands. Forward, its rows belong to the hidden units; which axis must the "
                "product sum over on the way back?",
                lambda d, W, h, y: (d @ W) * h * (1 - h),
            ),
            Mistake(
                "passes through the hidden units",
                "You have ∂E/∂h. The equation asks for ∂E/∂z₁, one step further down.",
                lambda d, W, h, y: d @ W.T,
            ),
            Mistake(
                "keeps the sign of the error",
                "The minus sign belongs to the update, not to the error signal.",
                lambda d, W, h, y: -(d @ W.T) * h * (1 - h),
            ),
            Mistake(
                "writes the slope of the sigmoid in terms of h",
                "1 − h² is the slope of tanh. For the sigmoid, σ' = σ(1 − σ), and h is σ(z₁).",
                lambda d, W, h, y: (d @ W.T) * (1 - h**2),
            ),
            Mistake(
                "applies the sigmoid once",
                "h is already σ(z₁). You put it through the sigmoid a second time.",
                lambda d, W, h, y: (d @ W.T) * _sigmoid(h) * (1 - _sigmoid(h)),
            ),
        ),
        properties=(Property("works for layers of different sizes", OTHER_SIZES_HINT, _hidden_delta_of_other_sizes),),
    ),
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
        ),
        hint="How many numbers does the network learn? How often is the loss evaluated for each?",
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
    "feedback_delta": Exercise(
        reference=_feedback_delta,
        draw=_draw_feedback_delta,
        hint="Take the backprop line and change one matrix.",
        mistakes=(
            Mistake(
                "sends the error through B",
                "Your signal still goes through the transposed forward weights. That is backprop.",
                lambda d, W, B, h: (d @ W.T) * h * (1 - h),
            ),
            Mistake(
                "passes through the hidden units",
                "The random matrix replaces one factor only. The slope of the hidden units stays.",
                lambda d, W, B, h: d @ B,
            ),
            Mistake(
                "uses B as it is drawn",
                "B already has the shape of W₂ᵀ, (outputs, hidden units). There is nothing left to transpose.",
                lambda d, W, B, h: (d @ B.T) * h * (1 - h),
            ),
            Mistake(
                "keeps the sign of the error",
                "The minus sign belongs to the update, not to the error signal.",
                lambda d, W, B, h: -(d @ B) * h * (1 - h),
            ),
            Mistake(
                "replaces the transposed weights instead of adding to them",
                "You add B to W₂ᵀ, so the weights are still carried back.",
                lambda d, W, B, h: (d @ (W.T + B)) * h * (1 - h),
            ),
        ),
        properties=(
            Property(
                "does not change when W₂ changes",
                "With the error held fixed, another W₂ gave another hidden signal: W₂ is still in your formula.",
                _ignores_the_forward_weights,
            ),
            Property("works for layers of different sizes", OTHER_SIZES_HINT, _feedback_delta_of_other_sizes),
        ),
    ),
}
