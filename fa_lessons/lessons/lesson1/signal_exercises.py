"""Exercises of lesson 1: the error at the output, and what is sent down from it, by backprop and otherwise."""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson1.gradient_exercises import complex_step


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _softmax(z, axis=1):
    powers = np.exp(z - z.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


# The error at the output.
def _output_error(z2, target):
    """The derivative of the loss itself, entry by entry; nobody told it that the answer is simple."""
    top = z2.max(1, keepdims=True)
    return complex_step(lambda z: (np.log(np.exp(z - top).sum(1)) - ((z - top) * target).sum(1)).mean(), z2)


def _draw_output_error(rng):
    batch, classes = rng.choice(np.arange(2, 9), size=2, replace=False)
    return 2 * rng.normal(size=(batch, classes)), np.eye(classes)[rng.integers(0, classes, batch)]


def _large_inputs(z2, target):
    """Rows moved by a large number each, which changes no softmax, and rows whose entries are far apart."""
    moved = z2 + 1000 * np.arange(-1, len(z2) - 1)[:, None]
    return (moved, target), (3000 * z2, target), (np.array([[1000.0, 0, 0]]), np.array([[0.0, 1, 0]]))


def _survives_large_inputs(answer, arguments):
    return all(_agrees(answer, _output_error, case) for case in _large_inputs(*arguments))


def _survives_one_example(answer, arguments):
    z2, target = arguments
    return _agrees(answer, _output_error, (z2[:1], target[:1]))


def _agrees(answer, reference, arguments):
    return np.allclose(answer(*arguments), reference(*arguments), rtol=1e-3, atol=1e-4)


# The error below the output. The draws have as many outputs as hidden units, so that an answer with a wrong
# matrix or a wrong slope runs and meets its own message; a property tries sizes that differ.
def _hidden_delta(delta_output, W2, h, y):
    """The derivative of Σ δ ⊙ (σ(z1) W2) with respect to z1, entry by entry."""
    return complex_step(lambda z1: (delta_output * (_sigmoid(z1) @ W2)).sum(), np.log(h / (1 - h)))


def _draw_hidden_delta(rng):
    batch, units = rng.choice(np.arange(2, 8), size=2, replace=False)
    matrices = rng.normal(size=(batch, units)), rng.normal(size=(units, units))
    return *matrices, rng.uniform(0.05, 0.95, (batch, units)), rng.uniform(0.05, 0.95, (batch, units))


def _hidden_delta_of_other_sizes(answer, arguments):
    """Fewer outputs, fewer hidden units, one example."""
    delta, W2, h, y = arguments
    cases = (delta[:, :-1], W2[:, :-1], h, y[:, :-1]), (delta, W2[:-1], h[:, :-1], y), (delta[:1], W2, h[:1], y[:1])
    return all(_agrees(answer, _hidden_delta, case) for case in cases)


def _hidden_delta_of_saturated_units(answer, arguments):
    delta, W2, h, y = arguments
    return _agrees(answer, _hidden_delta, (100 * delta, W2, np.where(h < 0.5, 1e-3, 1 - 1e-3), y))


# A random matrix where the transposed weights stood. Square draws and a property again.
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
    """Fewer outputs, fewer hidden units, one example."""
    delta, W2, B, h = arguments
    fewer = (delta[:, :-1], W2[:, :-1], B[:-1], h), (delta, W2[:-1], B[:, :-1], h[:, :-1]), (delta[:1], W2, B, h[:1])
    return all(_agrees(answer, _feedback_delta, case) for case in fewer)


OTHER_SIZES_HINT = (
    "With as many outputs as hidden units your function is right; with other numbers of them, or with one example, it "
    "is not. Is a size typed in, or does a matrix fit by accident?"
)

SIGNALS = {
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
            Mistake(
                "has both factors of the slope",
                "σ' has two factors: h and 1 − h. One of them is missing.",
                lambda d, W, h, y: (d @ W.T) * h,
            ),
            Mistake(
                "has both factors of the slope",
                "σ' has two factors: h and 1 − h. One of them is missing.",
                lambda d, W, h, y: (d @ W.T) * (1 - h),
            ),
            Mistake(
                "divides by the batch only once",
                "delta_output carries the 1/batch of the mean loss already. You divide again.",
                lambda d, W, h, y: (d @ W.T) * h * (1 - h) / len(d),
            ),
        ),
        properties=(
            Property("works for layers of different sizes", OTHER_SIZES_HINT, _hidden_delta_of_other_sizes),
            Property(
                "holds for units near 0 and 1",
                "There the slope of the unit is small, and nothing else happens.",
                _hidden_delta_of_saturated_units,
            ),
        ),
    ),
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
            Mistake(
                "averages over the batch alone",
                "You divide by the number of all entries, as `.mean()` does. Each example's loss is one number: a sum "
                "over its classes.",
                lambda z, t: (_softmax(z) - t) / z.size,
            ),
            Mistake(
                "goes on from the prediction to its inputs",
                "−t / y is ∂E/∂y. One step is missing: through the softmax, to z₂.",
                lambda z, t: -t / _softmax(z) / len(z),
            ),
            Mistake(
                "couples the outputs by a softmax",
                "You used one sigmoid a unit. The softmax divides by the sum over all classes.",
                lambda z, t: (_sigmoid(z) - t) / len(z),
            ),
            Mistake(
                "is a slope, not the loss",
                "−t log y is the loss itself, entry by entry. Asked for is its derivative.",
                lambda z, t: -t * np.log(_softmax(z)) / len(z),
            ),
        ),
        properties=(
            Property(
                "holds for large inputs",
                "exp(1000) overflows, exp(-1000) is 0. A softmax does not change when a row's own largest number is "
                "subtracted from the whole row.",
                _survives_large_inputs,
            ),
            Property(
                "holds for one example",
                "A batch of one is a batch, too: keep its axis.",
                _survives_one_example,
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
            Mistake(
                "writes the slope of the sigmoid in terms of h",
                "1 − h² is the slope of tanh. For the sigmoid, σ' = σ(1 − σ), and h is σ(z₁).",
                lambda d, W, B, h: (d @ B) * (1 - h**2),
            ),
            Mistake(
                "divides by the batch only once",
                "delta_output carries the 1/batch of the mean loss already. You divide again.",
                lambda d, W, B, h: (d @ B) * h * (1 - h) / len(d),
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
