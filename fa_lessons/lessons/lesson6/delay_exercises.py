"""Exercise 6.2: how large a step may be when the error comes late."""

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
}
