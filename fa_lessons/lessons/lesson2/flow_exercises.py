"""Exercises of lesson 2: the flow of two weights, its invariant, and where it ends.

y = w1 w0 x, target y = x, mean x² = 1, e = 1 - w0 w1, feedback weight b.
"""

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson2 import theory as toy


def random_sign(rng):
    return rng.choice([-1.0, 1.0])


def _draw_weights(rng):
    count = rng.integers(3, 9)
    b = random_sign(rng) * rng.uniform(0.3, 3)
    return rng.normal(size=count), rng.normal(size=count), b


# The flow: the mean of the updates on two examples, of mean power 1.
def _fa_flow(w0, w1, b):
    total = np.zeros((2, len(w0)))
    for x in (0.6, np.sqrt(2 - 0.6**2)):
        h = w0 * x
        missing = x - w1 * h
        total += np.array([b * missing * x, missing * h]) / 2
    return total[0], total[1]


def _w1_stays_out_of_the_way_down(answer, arguments):
    """With w0 w1, and so the error, held fixed, w0' must be the same whatever w1 is."""
    w0, w1, b = arguments
    return np.allclose(answer(w0, w1, b)[0], answer(w0 / 2, w1 * 2, b)[0])


# The invariant: c is w1 where the parabola crosses w0 = 0. Add up dw1 / dw0 on the way there.
def _fa_constant(w0, w1, b):
    nodes, weights = np.polynomial.legendre.leggauss(4)
    way = np.outer((1 - nodes) / 2, w0)  # from w0 down to 0
    return w1 - (weights / 2 @ (way / b)) * w0


def _kept_by_the_flow(answer, arguments):
    w0, w1, b = arguments
    later = [part[-1] for part in toy.solve(w0, w1, [0, 0.7], "fa", b, tolerance=1e-11)]
    return np.allclose(answer(w0, w1, b), answer(*later, b), rtol=1e-3, atol=1e-4)


# The end from (0, 0) with B = 2, by bisection on w0' = 0.
def _limit_from_zero():
    w0 = brentq(lambda w: 2 * (1 - w * w**2 / 4), 0, 5, xtol=1e-14)
    return w0, 1 / w0


# The end from (0, 0) for another task y = s x, by bisection: where the mean update of w0 on one example vanishes.
def _end_for_task(s, b):
    def missing(w0, slope):
        return slope - w0 * (w0**2 / (2 * b))

    w0 = np.array([brentq(missing, -20, 20, args=(slope,), xtol=1e-14) for slope in s])
    return w0, s / w0


def _draw_task(rng):
    count = rng.integers(3, 9)
    return rng.choice([-1.0, 1.0], count) * rng.uniform(0.3, 4, count), random_sign(rng) * rng.uniform(0.3, 3)


def _flow_goes_there(answer, arguments):
    """The flow for the task s, followed long enough, must end at the answer."""
    s, b = arguments

    def slope(_, state):
        w0, w1 = state.reshape(2, -1)
        e = s - w0 * w1
        return np.concatenate([b * e, e * w0])

    time = 25 / (b * b * np.min(np.abs(s))) ** (1 / 3)
    end = solve_ivp(slope, (0, time), np.zeros(2 * len(s)), rtol=1e-9, atol=1e-9).y[:, -1]
    return np.allclose(np.concatenate(answer(s, b)), end, rtol=1e-4, atol=1e-4)


# The basin, start by start: the next root of the cubic in the direction of the flow.
def _ends_anti_aligned(w0, w1):
    ends = []
    for u, v in zip(w0, w1, strict=True):
        roots = np.roots([-0.5, 0, -(v - u**2 / 2), 1])
        roots = np.sort(roots[np.abs(roots.imag) < 1e-8].real)
        ends.append(roots[roots > u][0] if u * v < 1 else roots[roots < u][-1])
    return np.array(ends) < 0


def _draw_starts(rng):
    """Sixty starts, none so near to an edge that rounding decides; a third of them between -1 and 0."""
    w0 = np.concatenate([rng.uniform(-4, 2, 400), rng.uniform(-1, 0, 200)])
    w1 = rng.uniform(-4, 4, 600)
    edges = [w1 - (w0**2 / 2 - 1.5), w0 * w1 - 1, w0 + 1, w0, w1]
    clear = np.flatnonzero(np.min(np.abs(edges), axis=0) > 0.02)
    chosen = rng.choice(clear, 60, replace=False)
    return w0[chosen], w1[chosen]


def _outer(w0, w1):
    return (w0 <= -1) & (w1 < w0**2 / 2 - 1.5)


def _inner(w0, w1):
    return (-1 < w0) & (w0 < 0) & (w0 * w1 > 1)


FLOW = {
    "fa_flow": Exercise(
        reference=_fa_flow,
        draw=_draw_weights,
        labels=("w0's rate", "w1's rate"),
        hint="Each rate is the error signal above the weight times the activity below it, averaged over x.",
        mistakes=(
            Mistake(
                "sends the error down through b",
                "Your w0 hears of the error through w1. That is backprop.",
                lambda w0, w1, b: (w1 * (1 - w0 * w1), w0 * (1 - w0 * w1)),
            ),
            Mistake(
                "moves so that the error falls",
                "Both signs are turned. Here e is what is missing, target minus prediction, so the update is added.",
                lambda w0, w1, b: (-b * (1 - w0 * w1), -w0 * (1 - w0 * w1)),
            ),
            Mistake(
                "returns the rate of w0 first",
                "Both rates are there, in the wrong order.",
                lambda w0, w1, b: (w0 * (1 - w0 * w1), b * (1 - w0 * w1)),
            ),
            Mistake(
                "gives w1 the activity below it",
                "w1's rate is the error times what comes in below w1. Is that x, or the hidden unit?",
                lambda w0, w1, b: (b * (1 - w0 * w1), 1 - w0 * w1),
            ),
            Mistake(
                "sends the error back to w0 only",
                "b stands in both of your rates. w1 sits at the output and sees the error itself.",
                lambda w0, w1, b: (b * (1 - w0 * w1), b * w0 * (1 - w0 * w1)),
            ),
            Mistake(
                "replaces w1 on the way down",
                "Your w0 hears of the error through b and w1. b stands where w1 stood, not beside it.",
                lambda w0, w1, b: (b * w1 * (1 - w0 * w1), w0 * (1 - w0 * w1)),
            ),
            Mistake(
                "takes the error of y = w1 w0 x",
                "The network multiplies its two weights. Your error adds them.",
                lambda w0, w1, b: (b * (1 - w0 - w1), w0 * (1 - w0 - w1)),
            ),
        ),
        properties=(
            Property(
                "lets w1 into w0's rate through the error only",
                "With the product w0 w1 held fixed, another w1 gave another rate of w0.",
                _w1_stays_out_of_the_way_down,
            ),
        ),
    ),
    "fa_constant": Exercise(
        reference=_fa_constant,
        draw=_draw_weights,
        hint="Divide the rate of w1 by the rate of w0: e cancels. Then integrate over w0.",
        mistakes=(
            Mistake(
                "depends on b",
                "Your parabola is the one for b = 1. Divide the two rates again, with b in its place.",
                lambda w0, w1, b: w1 - w0**2 / 2,
            ),
            Mistake(
                "has a steep parabola for small b",
                "Small b means that w0 moves little while w1 moves much. You multiplied where you should divide.",
                lambda w0, w1, b: w1 - b * w0**2 / 2,
            ),
            Mistake(
                "subtracts what w0 explains",
                "w1 grows along with w0² (for positive b). So it is their difference that stays.",
                lambda w0, w1, b: w1 + w0**2 / (2 * b),
            ),
            Mistake(
                "integrates w0 to w0² / 2",
                "A factor ½ is lost in the integration.",
                lambda w0, w1, b: w1 - w0**2 / b,
            ),
            Mistake(
                "is kept by FA, not by BP",
                "That is the hyperbola of backprop.",
                lambda w0, w1, b: w0**2 - w1**2,
            ),
            Mistake(
                "is w1 where the parabola crosses w0 = 0",
                "Yours is kept, too, but it is b times the constant that was asked for.",
                lambda w0, w1, b: b * w1 - w0**2 / 2,
            ),
            Mistake(
                "is w1 where the parabola crosses w0 = 0",
                "Yours is kept, too, but it is 2b times the constant that was asked for.",
                lambda w0, w1, b: 2 * b * w1 - w0**2,
            ),
        ),
        properties=(
            Property(
                "stays the same along the flow",
                "Your constant at the start differs from your constant 0.7 units of time later.",
                _kept_by_the_flow,
            ),
        ),
    ),
    "limit_from_zero": Exercise(
        reference=_limit_from_zero,
        rtol=2e-3,
        labels=("w0", "w1"),
        hint="Two curves cross there: the parabola through (0, 0) for B = 2, and w0 w1 = 1.",
        mistakes=(
            Mistake(
                "puts B in its place in the parabola",
                "That is where B = 1 ends, and also where a parabola for B = 2 without its ½ would.",
                lambda: (2 ** (1 / 3), 2 ** (-1 / 3)),
            ),
            Mistake(
                "returns w0 first",
                "The right numbers, in the wrong order: which of the two weights does B drive?",
                lambda: (4 ** (-1 / 3), 4 ** (1 / 3)),
            ),
            Mistake(
                "leaves the origin",
                "BP rests there. FA's w0 moves with rate B e = 2.",
                lambda: (0.0, 0.0),
            ),
            Mistake(
                "gives the two weights their different sizes",
                "(1, 1) lies on w0 w1 = 1, but on the wrong parabola. Is B multiplied where it should divide?",
                lambda: (1.0, 1.0),
            ),
            Mistake(
                "follows the parabola",
                "You doubled one weight of b = 1 and halved the other. The product is 1, but the parabola misses it.",
                lambda: (2 * 2 ** (1 / 3), 2 ** (-1 / 3) / 2),
            ),
            Mistake(
                "ends on the branch of the sign of B",
                "Right sizes, wrong branch: w0 starts with rate B e, and B is positive.",
                lambda: (-(4 ** (1 / 3)), -(4 ** (-1 / 3))),
            ),
        ),
    ),
    "end_for_task": Exercise(
        reference=_end_for_task,
        draw=_draw_task,
        labels=("w0", "w1"),
        hint="Write the flow down once more with e = s - w0 w1. Does the parabola change, or the curve of solutions?",
        mistakes=(
            Mistake(
                "ends where the error of the new task is zero",
                "That is where the task y = x ends. Now the error vanishes on another hyperbola.",
                lambda s, b: (np.full_like(s, np.cbrt(2 * b)), np.full_like(s, np.cbrt(1 / (2 * b)))),
            ),
            Mistake(
                "stays on the parabola through the origin",
                "You stretched w0 alone by s. Then w0 w1 = s, but the parabola does not pass there.",
                lambda s, b: (s * np.cbrt(2 * b), np.full_like(s, np.cbrt(1 / (2 * b)))),
            ),
            Mistake(
                "stays on the parabola through the origin",
                "You stretched w1 alone by s. Then w0 w1 = s, but the parabola does not pass there.",
                lambda s, b: (np.full_like(s, np.cbrt(2 * b)), s / np.cbrt(2 * b)),
            ),
            Mistake(
                "keeps the sign of the task",
                "Right sizes. But w0 starts with rate b s: which way does it go where b s is negative?",
                lambda s, b: (np.cbrt(2 * np.abs(b * s)), s / np.cbrt(2 * np.abs(b * s))),
            ),
            Mistake(
                "ends on w0 w1 = s",
                "Your w0 is right. Your w1 makes w0 w1 = 1.",
                lambda s, b: (np.cbrt(2 * b * s), 1 / np.cbrt(2 * b * s)),
            ),
            Mistake(
                "returns w0 first",
                "The right numbers, in the wrong order.",
                lambda s, b: (s / np.cbrt(2 * b * s), np.cbrt(2 * b * s)),
            ),
            Mistake(
                "keeps the ½ of the parabola",
                "A factor ½ is lost: the parabola is w1 = w0² / (2 b).",
                lambda s, b: (np.cbrt(b * s), s / np.cbrt(b * s)),
            ),
            Mistake(
                "has a wide parabola for large b",
                "You multiplied by b where the parabola divides, or the other way round.",
                lambda s, b: (np.cbrt(2 * s / b), s / np.cbrt(2 * s / b)),
            ),
        ),
        properties=(
            Property(
                "is where the flow ends",
                "Followed from (0, 0) for a long time, the flow for this task ended somewhere else.",
                _flow_goes_there,
            ),
        ),
    ),
    "ends_anti_aligned": Exercise(
        reference=_ends_anti_aligned,
        draw=_draw_starts,
        hint="Two conditions joined by an or: one for w0 ≤ -1, one for -1 < w0 < 0. Draw a start of each kind.",
        mistakes=(
            Mistake(
                "knows that w1 may change its sign on the way",
                "You asked for the sign of w1 at the start. The question is its sign at the end.",
                lambda w0, w1: w1 < 0,
            ),
            Mistake(
                "is not the whole quadrant",
                "Some starts with both weights negative turn round; and some with positive w1 end below.",
                lambda w0, w1: (w0 < 0) & (w1 < 0),
            ),
            Mistake(
                "asks on which side of the middle zero the start lies",
                "You asked for c < -3/2. Such a parabola has three zeros, and two of them attract.",
                lambda w0, w1: w1 < w0**2 / 2 - 1.5,
            ),
            Mistake(
                "draws the edge right between -1 and 0",
                "There c < -3/2 is not enough: the middle zero lies on w0 w1 = 1; yours lets in starts past it.",
                lambda w0, w1: (w0 < 0) & (w1 < w0**2 / 2 - 1.5),
            ),
            Mistake(
                "has a part between -1 and 0",
                "Your outer part is right. What do starts do that lie just below the repelling piece of the hyperbola?",
                _outer,
            ),
            Mistake(
                "has a part beyond -1",
                "Your inner part is right. And a start at w0 = -3, w1 = -3?",
                _inner,
            ),
            Mistake(
                "is true where the end is negative",
                "Right edges, turned round: yours is true where FA ends aligned.",
                lambda w0, w1: ~(_outer(w0, w1) | _inner(w0, w1)),
            ),
            Mistake(
                "knows that w0 may change its sign on the way",
                "You asked for the sign of w0 at the start. The question is its sign at the end.",
                lambda w0, w1: w0 < 0,
            ),
            Mistake(
                "joins its two parts by an or",
                "No start has w0 ≤ -1 and w0 > -1 at once, so yours is never true.",
                lambda w0, w1: _outer(w0, w1) & _inner(w0, w1),
            ),
            Mistake(
                "has the lower side of the hyperbola",
                "Between -1 and 0 you took the starts on the other side of w0 w1 = 1.",
                lambda w0, w1: _outer(w0, w1) | ((-1 < w0) & (w0 < 0) & (w0 * w1 < 1)),
            ),
            Mistake(
                "has a parabola beyond -1",
                "Beyond -1, the hyperbola is an end, not an edge: starts on both of its sides go there.",
                lambda w0, w1: (w0 < 0) & (w0 * w1 > 1),
            ),
        ),
    ),
}
