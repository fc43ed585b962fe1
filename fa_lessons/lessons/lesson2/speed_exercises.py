"""Exercises of lesson 2: how large a step may be, and how long learning takes."""

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson2 import theory as toy
from fa_lessons.lessons.lesson2.flow_exercises import random_sign


# The largest learning rate: one eigenvalue of the flow's Jacobian is 0, so the other is its trace.
def _largest_learning_rate(w0, b):
    s = 1e-30
    w1 = 1 / w0
    trace = (b * (1 - (w0 + 1j * s) * w1)).imag / s + ((1 - w0 * (w1 + 1j * s)) * w0).imag / s
    return -2 / trace


def _draw_equilibria(rng):
    """Solutions that attract, on both branches: of the sign of b, and beyond the repelling piece of the other one."""
    b, count = random_sign(rng) * rng.uniform(0.3, 3), rng.integers(2, 5)
    aligned, anti_aligned = rng.uniform(0.4, 2.5, count), -np.cbrt(abs(b)) * rng.uniform(1.3, 2.5, count)
    return np.sign(b) * np.concatenate([aligned, anti_aligned]), b


def _is_the_edge(answer, arguments):
    w0, b = arguments
    limit = answer(w0, b)
    for share, grows in ((0.9, False), (1.1, True)):
        path = w0 + 1e-7, 1 / w0
        for _ in range(20):
            path = toy.step(*path, share * limit, "fa", b)
        if ((np.abs(toy.error(*path)) > np.abs(1e-7 / w0)) != grows).any():
            return False
    return True


# The feedback weight that makes FA as slow as BP, by quadrature and bisection.
def _matching_b():
    bp = quad(lambda p: 1 / (2 * p * (1 - p)), 0.01**2, 0.99)[0]  # p = w0 w1

    def excess(b):
        return quad(lambda w: 1 / (b - w**3 / 2), 0, np.cbrt(2 * b * 0.99))[0] - bp

    return brentq(excess, 0.05, 2)


def _ratio():
    return toy.learning_time_fa(0.01) / toy.learning_time_bp(0.01, 0.01)


SPEED = {
    "largest_learning_rate": Exercise(
        reference=_largest_learning_rate,
        draw=_draw_equilibria,
        hint="Near the hyperbola a step multiplies e by 1 - η r. For which η is that between -1 and 1?",
        mistakes=(
            Mistake(
                "allows for overshoot",
                "1 / r lands on the target in one step. Up to which factor may a step overshoot and still mend?",
                lambda w0, b: 1 / (w0**2 + b / w0),
            ),
            Mistake(
                "is FA's rate of the error, not BP's",
                "w0² + w1² is BP's rate. In FA's, one factor w1 is replaced.",
                lambda w0, b: 2 / (w0**2 + 1 / w0**2),
            ),
            Mistake(
                "depends on b",
                "Yours is the limit for b = 1.",
                lambda w0, b: 2 / (w0**2 + 1 / w0),
            ),
            Mistake(
                "keeps the sign of b / w0",
                "On the branch where w0 and b differ in sign, b w1 takes away from the rate.",
                lambda w0, b: 2 / (w0**2 + np.abs(b / w0)),
            ),
            Mistake(
                "counts both weights",
                "You let w1 learn alone. w0 moves as well, and adds b w1 to the rate.",
                lambda w0, b: 2 / w0**2,
            ),
            Mistake(
                "puts w1 = 1 / w0 into the rate",
                "The rate is w0² + b w1. On the hyperbola, w1 is not w0.",
                lambda w0, b: 2 / (w0**2 + b * w0),
            ),
            Mistake(
                "is a learning rate, not the rate of the error",
                "You return r, at which the error dies out. Which learning rate makes 1 - η r equal to -1?",
                lambda w0, b: w0**2 + b / w0,
            ),
            Mistake(
                "adds the parts of the rate before it divides",
                "2 / (p + q) is not 2 / p + 2 / q.",
                lambda w0, b: 2 / w0**2 + 2 * w0 / b,
            ),
        ),
        properties=(
            Property(
                "divides return from escape",
                "Steps 10 % below your limit should bring a tiny error back, 10 % above should blow it up.",
                _is_the_edge,
            ),
        ),
    ),
    "matching_b": Exercise(
        reference=_matching_b,
        rtol=0.012,  # the two digits that the lesson prints
        hint="FA's clock runs |b|^(2/3) times as fast. How much slower than at b = 1 must it run?",
        mistakes=(
            Mistake(
                "makes FA slower, not faster",
                "With that b, FA would be even further ahead. Which of the two times is the longer?",
                lambda: _ratio() ** -1.5,
            ),
            Mistake(
                "knows that time does not shrink as 1 / b",
                "You took FA's speed to be proportional to b. The clock has another power of b.",
                _ratio,
            ),
            Mistake(
                "inverts the power 2/3",
                "From |b|^(2/3) = a ratio, b is the ratio to another power than 2/3.",
                lambda: _ratio() ** (2 / 3),
            ),
            Mistake(
                "makes the two times equal",
                "At that b nothing is changed: FA with b = 1 is ahead.",
                lambda: 1.0,
            ),
            Mistake(
                "divides the two times the right way round",
                "You asked how much faster BP would have to be. Which b makes FA slower?",
                lambda: 1 / _ratio(),
            ),
        ),
    ),
}
