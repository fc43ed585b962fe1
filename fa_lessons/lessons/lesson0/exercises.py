"""The exercise of `start.ipynb`, on which one tries what a check says."""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake

SOLUTION = "def error_signal(prediction, target):\n    return prediction - target\n"


def draw(rng):
    shape = rng.integers(1, 4), rng.integers(2, 5)
    return rng.normal(size=shape).round(1), np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]


EXERCISES = {
    "error_signal": Exercise(
        reference=lambda prediction, target: prediction + (-1) * target,
        draw=draw,
        hint="Subtract one array from the other. Which way round is the prediction too large by a positive number?",
        mistakes=(
            Mistake("has the sign of prediction − target", "Yours is target − prediction.", lambda p, t: t - p),
            Mistake("keeps the sign of the error", "A size has lost its sign: drop the abs.", lambda p, t: abs(p - t)),
            Mistake("is no square", "The loss squares the error; the signal does not.", lambda p, t: (p - t) ** 2),
            Mistake("is one number an entry", "Do not average.", lambda p, t: (p - t).mean()),
            Mistake("is a difference", "A product is asked of later layers; here, subtract.", lambda p, t: p * t),
        ),
    )
}
