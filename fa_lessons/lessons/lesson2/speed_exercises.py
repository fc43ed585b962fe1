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


# One step, as the mean over two examples of mean power 1, neuron by neuron, all from the weights before the step.
def _one_step(w0, w1, b, eta):
    change = np.zeros((2, len(w0)))
    for x in (0.5, np.sqrt(2 - 0.5**2)):
        h = w0 * x
        missing = x - w1 * h
        change += eta * np.array([b * missing * x, missing * h]) / 2
    return w0 + change[0], w1 + change[1]


def _draw_step(rng):
    count = rng.integers(3, 9)
    b, eta = random_sign(rng) * rng.uniform(0.3, 3), rng.uniform(0.05, 0.5)
    return rng.normal(size=count), rng.normal(size=count), b, eta


def _one_weight_first(first):
    """A step that moves one weight before it looks at the other, and `error`: the old one, or measured again."""

    def step(w0, w1, b, eta, again=False):
        e = 1 - w0 * w1
        if first == 0:
            w0 = w0 + eta * b * e
            e = 1 - w0 * w1 if again else e
            return w0, w1 + eta * e * w0
        w1 = w1 + eta * e * w0
        e = 1 - w0 * w1 if again else e
        return w0 + eta * b * e, w1

    return step


def _leaks_as_derived(answer, arguments):
    """c must fall by η² b e² / 2."""
    w0, w1, b, eta = arguments
    new0, new1 = answer(w0, w1, b, eta)
    leak = (new1 - new0**2 / (2 * b)) - (w1 - w0**2 / (2 * b))
    return np.allclose(leak, -(eta**2) * b * (1 - w0 * w1) ** 2 / 2, rtol=1e-3, atol=1e-4)


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
    "one_step": Exercise(
        reference=_one_step,
        draw=_draw_step,
        labels=("w0", "w1"),
        hint="Do one step on paper from w0 = 0, w1 = 0 with b = 1. Which weight moves, and which can not yet?",
        mistakes=(
            Mistake(
                "computes both changes before it makes one",
                "This is the step that was to be repaired. Which w0 does the change of w1 multiply?",
                _one_weight_first(0),
            ),
            Mistake(
                "computes both changes before it makes one",
                "Now w1 moves first, and w0 hears of an error measured afterwards. Take both from the old weights.",
                lambda *a: _one_weight_first(1)(*a, again=True),
            ),
            Mistake(
                "computes both changes before it makes one",
                "You measure the error again between the two changes. One step has one error.",
                lambda *a: _one_weight_first(0)(*a, again=True),
            ),
            Mistake(
                "sends the error down through b",
                "c is kept no better by that: your w0 hears of the error through w1. That is backprop.",
                lambda w0, w1, b, eta: (w0 + eta * w1 * (1 - w0 * w1), w1 + eta * (1 - w0 * w1) * w0),
            ),
            Mistake(
                "sends the error back to w0 only",
                "b stands in both of your changes. w1 sits at the output and sees the error itself.",
                lambda w0, w1, b, eta: (w0 + eta * b * (1 - w0 * w1), w1 + eta * b * (1 - w0 * w1) * w0),
            ),
            Mistake(
                "adds what is missing",
                "Both signs are turned. Here e is target minus prediction, so the change is added.",
                lambda w0, w1, b, eta: (w0 - eta * b * (1 - w0 * w1), w1 - eta * (1 - w0 * w1) * w0),
            ),
            Mistake(
                "makes a step of η",
                "Your step has no learning rate in it.",
                lambda w0, w1, b, eta: (w0 + b * (1 - w0 * w1), w1 + (1 - w0 * w1) * w0),
            ),
        ),
        properties=(
            Property(
                "lets c leak as derived",
                "After your step c is not c - η² b e² / 2.",
                _leaks_as_derived,
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
