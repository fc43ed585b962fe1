"""Exercise 5.7: find the bug in a measure of agreement."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 5.7 Example by example: what the next layer would send back, and on which side of the own signal it lies.
def _percent_within_90(first, second, W):
    count = 0
    for own, above in zip(first, second, strict=True):
        count += sum(own[i] * sum(W[i, j] * above[j] for j in range(len(above))) for i in range(len(own))) > 0
    return 100 * count / len(first)


def _draw_signals(rng):
    """Unequal sizes, so that every sum over a wrong axis shows; products near zero, where rounding decides, are out."""
    units, above = (int(n) for n in rng.choice(np.arange(3, 9), 2, replace=False))
    return _clear(rng, int(rng.integers(10, 16)), units, above)


def _clear(rng, samples, units, above):
    while True:
        first, W, second = (rng.normal(size=shape) for shape in ((samples, units), (units, above), (samples, above)))
        if (np.abs((first * (second @ W.T)).sum(1)) > 1e-2).all():
            return first, second, W


def _edges():
    """One example; all agreeing; none agreeing; square weights; short signals; and half of them silent."""
    first, second, W = _clear(np.random.default_rng(5), 1, 4, 3)
    many, others, square = _clear(np.random.default_rng(6), 12, 5, 5)
    alone = (first, second, W), (first, -second, W)
    half = np.arange(12)[:, None] % 2 * many
    return [*alone, *((some, others, square) for some in (others @ square.T, many, 1e-9 * many, half))]


def _of(products):
    return 100 * float(np.mean(products > 0))


AGREEMENT = {
    "percent_within_90": Exercise(
        reference=_percent_within_90,
        draw=_draw_signals,
        hint="The answer is a share of examples. How many numbers does each line hold, one for what?",
        mistakes=(
            *likewise(
                Mistake(
                    "sums over the units",
                    "The code as shown: it sums over the examples, and counts units. Over which axis does an inner "
                    "product run?",
                    lambda first, second, W: _of((first * (second @ W.T)).sum(0)),
                ),
            ),
            *likewise(
                Mistake(
                    "takes an inner product for each example",
                    "You sum over everything and get one verdict for all examples together.",
                    lambda first, second, W: _of((first * (second @ W.T)).sum()),
                ),
                lambda first, second, W: _of(first.mean(0) @ (second @ W.T).mean(0)),
            ),
            *likewise(
                Mistake(
                    "pairs each example with itself",
                    "You compare every example's signal with what every *other* example sends back.",
                    lambda first, second, W: _of(first @ (second @ W.T).T),
                ),
            ),
            *likewise(
                Mistake(
                    "adds before it compares",
                    "An inner product first, then its sign: a vector within 90° may have many components of the other "
                    "sign.",
                    lambda first, second, W: _of(first * (second @ W.T)),
                ),
                lambda first, second, W: _of((np.sign(first) * np.sign(second @ W.T)).sum(1)),
            ),
            *likewise(
                Mistake(
                    "gives percent",
                    "A share from 0 to 1 is not a percentage.",
                    lambda first, second, W: _of((first * (second @ W.T)).sum(1)) / 100,
                ),
            ),
            *likewise(
                Mistake(
                    "counts those that agree",
                    "You count the examples that lie *beyond* 90°.",
                    lambda first, second, W: 100 - _of((first * (second @ W.T)).sum(1)),
                ),
            ),
        ),
        properties=(
            cases(
                "holds for one example, and where all or none agree",
                "One example gives 100 or 0, square weights and short signals are no exception, and a signal of zeros "
                "lies within 90° of nothing.",
                _percent_within_90,
                _edges,
            ),
        ),
    ),
}
