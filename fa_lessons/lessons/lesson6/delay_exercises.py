"""Exercises 6.2 and 6.3: how large a step may be when the error comes late, and what that means for a machine."""

from functools import cache

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 6.2 The stability limit of descent with a late slope, from the roots of z^(k+1) - z^k + rate · curvature.
def _largest_rate(curvature, delay):
    low, high = 0.0, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        roots = np.roots([1.0, -1.0] + [0.0] * (delay - 1) + [middle]) if delay else np.array([1 - middle])
        low, high = (middle, high) if np.abs(roots).max() < 1 else (low, middle)
    return low / curvature


def _limit(c, k):
    """The limit times the curvature, in closed form, for the wrong answers."""
    return 2 * np.sin(np.pi / (4 * k + 2))


# 6.3 A machine whose largest rate is known without delay: its largest rate, and the longest delay at another rate.
FREE_RATE, LINE, OTHER_RATE = 1.2, 8, 0.3


@cache
def _late_limits():
    curvature = 2 / FREE_RATE
    delays = [delay for delay in range(12) if _largest_rate(curvature, delay) > OTHER_RATE]
    return round(_largest_rate(curvature, LINE), 3), max(delays)


def _limits_said(rate=None, delay=None):
    """A wrong answer: the truth with another rate or another delay."""
    return lambda: tuple(t if own is None else own for own, t in zip((rate, delay), _late_limits(), strict=True))


def _rates(*values):
    """Wrong rates beside either delay, the right one or one more."""
    return [_limits_said(round(value, 3), delay) for value in values for delay in (None, 3)]


DELAY = {
    "largest_rate": Exercise(
        reference=_largest_rate,
        draw=lambda rng: (float(rng.uniform(0.3, 4)), int(rng.integers(2, 13))),
        hint="|1 − z| at the limit equals rate · curvature. Which z is that?",
        mistakes=(
            Mistake("knows of the delay", "2 / curvature is the limit with no delay.", lambda c, k: 2 / c),
            *likewise(
                Mistake(
                    "is not a guess",
                    "Your formula is right for the delays 0 and 1 at most. Put z = exp(iφ) into the equation.",
                    lambda c, k: 2 / (c * (k + 1)),
                ),
                lambda c, k: 2 / (c * (2 * k + 1)),
                lambda c, k: 1 / (c * k),
                lambda c, k: 2 / (c * k),
                lambda c, k: 2 / c / 2**k,
            ),
            *likewise(
                Mistake(
                    "divides by the curvature",
                    "This is rate · curvature, or the rate times its square. A steeper valley needs a smaller rate.",
                    lambda c, k: _limit(c, k),
                ),
                lambda c, k: _limit(c, k) * c,
                lambda c, k: _limit(c, k) / c**2,
            ),
            *likewise(
                Mistake(
                    "has half the angle in the sine",
                    "|1 − exp(iφ)| = 2 sin(φ/2), with φ = π / (2k + 1).",
                    lambda c, k: 2 * np.sin(np.pi / (2 * k + 1)) / c,
                ),
                lambda c, k: 2 * np.sin(np.pi / (8 * k + 4)) / c,
            ),
            Mistake(
                "has the 2 in front of the sine",
                "|1 − exp(iφ)| is twice the sine of the half angle.",
                lambda c, k: _limit(c, k) / 2 / c,
            ),
            *likewise(
                Mistake(
                    "takes the sine",
                    "For long delays the sine is nearly its angle. The exact limit keeps the sine.",
                    lambda c, k: np.pi / (2 * k + 1) / c,
                ),
                lambda c, k: np.pi / (2 * k) / c,
                lambda c, k: np.pi / (4 * k + 2) / c,
                lambda c, k: 2 * np.cos(np.pi / (4 * k + 2)) / c,
                lambda c, k: 2 * np.tan(np.pi / (4 * k + 2)) / c,
            ),
            *likewise(
                Mistake(
                    "groups the denominator",
                    "The angle is π over all of 2k + 1: are there parentheses around it?",
                    lambda c, k: 2 * np.sin(np.pi / 4 * k + 2) / c,
                ),
                lambda c, k: 2 * np.sin(np.pi / (4 * k) + 2) / c,
                lambda c, k: 2 * np.sin(np.pi / 2 * k + 1) / c,
                lambda c, k: 2 * np.sin(np.pi / 2 / 2 * k + 1) / c,
                lambda c, k: 2 * np.sin(np.pi / (2 * k) + 1) / c,
                lambda c, k: 2 * np.sin(np.pi / 4 / k + 2) / c,
                lambda c, k: 2 * np.sin((np.pi / 2 * k + 1) / 2) / c,
            ),
            *likewise(
                Mistake(
                    "counts the delay",
                    "φ = π / (2k + 1): with another whole number in its place the limit belongs to another delay.",
                    lambda c, k: _limit(c, k + 1) / c,
                ),
                lambda c, k: _limit(c, k - 1) / c,
                lambda c, k: 2 * np.sin(np.pi / (4 * k)) / c,
                lambda c, k: 2 * np.sin(np.pi / (4 * k + 1)) / c,
                lambda c, k: 2 * np.sin(np.pi / (2 * k + 2)) / c,
            ),
            *likewise(
                Mistake(
                    "measures the angle in radians",
                    "np.sin takes radians: 180° are π.",
                    lambda c, k: 2 * np.sin(180 / (4 * k + 2)) / c,
                ),
                lambda c, k: 2 * np.sin(np.degrees(np.pi / (4 * k + 2))) / c,
                lambda c, k: 2 * np.sin(np.radians(np.pi / (4 * k + 2))) / c,
            ),
        ),
        properties=(
            cases(
                "is 2 / curvature without delay",
                "Without delay the rate may go up to 2 / curvature. What does your function say for delay 0?",
                _largest_rate,
                lambda: [(curvature, 0) for curvature in (0.5, 2.0, 3)],
            ),
            cases(
                "is 1 / curvature for one step of delay",
                "There is a short formula for k = 1: does yours give it?",
                _largest_rate,
                lambda: [(curvature, 1) for curvature in (0.5, 2.0, 3)],
            ),
            cases(
                "holds for the lesson's delays",
                "Delays of 4, 16 and 32 steps, too, follow the one formula.",
                _largest_rate,
                lambda: [(1.5, delay) for delay in (4, 16, 32)],
            ),
        ),
    ),
    "late_limits": Exercise(
        reference=_late_limits,
        labels=("largest rate", "longest delay"),
        rtol=0.006,
        hint="What does the largest rate without delay tell you about the curvature?",
        mistakes=(
            *likewise(
                Mistake(
                    "takes the curvature from the machine",
                    "You took a curvature of 1. Without delay the limit is 2 / curvature, and that is 1.2 here.",
                    _rates(_limit(1, LINE))[0],
                ),
                *_rates(_limit(1, LINE))[1:],
                *(_limits_said(round(_limit(1, LINE), 3), delay) for delay in (4, 5)),
            ),
            *likewise(
                Mistake(
                    "has 2 / curvature for its limit without delay",
                    "The curvature is not 1.2 and not 1 / 1.2: the limit without delay is 2 / curvature.",
                    _rates(_limit(1, LINE) / FREE_RATE)[0],
                ),
                *_rates(_limit(1, LINE) / FREE_RATE, _limit(1, LINE) * FREE_RATE)[1:],
            ),
            *likewise(
                Mistake(
                    "is more than a division by the delay",
                    "The rate falls with the delay as a sine does, not by division alone. Use your function.",
                    _rates(FREE_RATE / LINE)[0],
                ),
                *_rates(FREE_RATE / LINE, FREE_RATE / (LINE + 1), FREE_RATE / (2 * LINE + 1))[1:],
            ),
            Mistake(
                "stays below the limit",
                "At that delay the machine is unstable already: try your function there and one step earlier.",
                _limits_said(delay=3),
            ),
            Mistake(
                "goes as far as it may",
                "The machine bears at least one step more: try your function there.",
                _limits_said(delay=1),
            ),
            *likewise(
                Mistake(
                    "counts whole steps",
                    "A delay is a whole number of steps. Which is the last one at which 0.3 is still below the limit?",
                    _limits_said(delay=2.6),
                ),
                *(_limits_said(delay=delay) for delay in (2.5, 2.61, 2.607, 2.7)),
            ),
            *likewise(
                Mistake(
                    "depends on the rate",
                    "A quarter of the largest rate does not mean four steps, nor a quarter of the line.",
                    _limits_said(delay=4),
                ),
                _limits_said(delay=LINE // 4 + 3),
                _limits_said(delay=LINE),
            ),
        ),
    ),
}
