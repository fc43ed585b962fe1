"""Exercises of lesson 4: feedback alignment on MNIST."""

import numpy as np

from fa_lessons.exercises.checking import Exercise, Mistake, Property


def _hidden_delta(delta_output, W_output, B, hidden):
    """Example by example and unit by unit, from the equation with its sums written out."""
    result = np.zeros_like(hidden)
    for example in range(hidden.shape[0]):
        for unit in range(hidden.shape[1]):
            sent = sum(delta_output[example, k] * B[k, unit] for k in range(B.shape[0]))
            result[example, unit] = sent * hidden[example, unit] * (1 - hidden[example, unit])
    return result


def _draw_hidden_delta(rng):
    batch, n_hidden, n_out = rng.choice(np.arange(2, 9), size=3, replace=False)
    return (
        rng.normal(size=(batch, n_out)),
        rng.normal(size=(n_hidden, n_out)),
        rng.normal(size=(n_out, n_hidden)),
        rng.uniform(0.1, 0.9, size=(batch, n_hidden)),
    )


def _ignores_the_forward_weights(answer, arguments):
    delta_output, W_output, B, hidden = arguments
    return np.allclose(answer(delta_output, W_output, B, hidden), answer(delta_output, 3 * W_output + 1, B, hidden))


def _signal_angle(delta, backprop):
    angles = []
    for mine, truth in zip(delta, backprop, strict=True):
        mine, truth = mine / np.linalg.norm(mine), truth / np.linalg.norm(truth)
        angles.append(2 * np.arctan2(np.linalg.norm(mine - truth), np.linalg.norm(mine + truth)))
    return np.degrees(np.mean(angles))


def _cosines(delta, backprop):
    return (delta * backprop).sum(1) / np.linalg.norm(delta, axis=1) / np.linalg.norm(backprop, axis=1)


def _angle_of_the_means(delta, backprop):
    return _signal_angle(delta.mean(0, keepdims=True), backprop.mean(0, keepdims=True))


def _ignores_the_length(answer, arguments):
    delta, backprop = arguments
    return np.isclose(answer(delta, backprop), answer(7 * delta, backprop / 3))


EXERCISES = {
    "hidden_delta": Exercise(
        reference=_hidden_delta,
        draw=_draw_hidden_delta,
        mistakes=(
            Mistake(
                "sends the error back through B",
                "Your signal goes through the forward weights, transposed: that is backprop. Which matrix does "
                "feedback alignment put in their place?",
                lambda d, W, B, h: (d @ W.T) * h * (1 - h),
            ),
            Mistake(
                "multiplies by the slope of the hidden units",
                "The error has reached the units' output h. It must pass the units themselves, too.",
                lambda d, W, B, h: d @ B,
            ),
            Mistake(
                "uses the slope of the sigmoid",
                "1 − h² is the slope of tanh. This network has sigmoid units.",
                lambda d, W, B, h: (d @ B) * (1 - h**2),
            ),
            Mistake(
                "keeps the sign of the error",
                "Here e = prediction − target, and the update subtracts; the signal itself has no minus sign.",
                lambda d, W, B, h: -(d @ B) * h * (1 - h),
            ),
            Mistake(
                "averages in the right place",
                "The error was divided by the batch already. Do not divide again.",
                lambda d, W, B, h: (d @ B) * h * (1 - h) / len(d),
            ),
        ),
        properties=(
            Property(
                "does not depend on the forward weights",
                "Change W_output, keep the error: feedback alignment's signal must stay the same.",
                _ignores_the_forward_weights,
            ),
        ),
    ),
    "signal_angle": Exercise(
        reference=_signal_angle,
        draw=lambda rng: (rng.normal(size=(n := rng.integers(3, 9), 6)) + 0.5, rng.normal(size=(n, 6)) + 0.5),
        mistakes=(
            Mistake(
                "takes the angle of each example, then the mean",
                "You averaged the signals first. Opposite errors cancel in that mean, and the angle is another one.",
                _angle_of_the_means,
            ),
            Mistake("is in degrees", "Your number is in radians.", lambda d, b: np.arccos(_cosines(d, b)).mean()),
            Mistake("is an angle", "Your number is a cosine.", lambda d, b: _cosines(d, b).mean()),
            Mistake(
                "averages angles, not cosines",
                "The angle of the mean cosine is not the mean angle: apply arccos before the mean.",
                lambda d, b: np.degrees(np.arccos(_cosines(d, b).mean())),
            ),
        ),
        properties=(
            Property(
                "does not depend on the signals' lengths",
                "An angle compares directions: divide by both lengths.",
                _ignores_the_length,
            ),
        ),
    ),
}
