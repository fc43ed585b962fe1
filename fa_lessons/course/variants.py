"""What a value to predict is asked with numbers of the course's own, which follow from the teacher's secret.

A value has one right answer, and the notebook's check knows it. So a graded course asks the same again, as
`NAME_here`, with other numbers; the check in the notebook does not try that one, and the two get their points together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from fa_lessons.lessons.checking import Exercise

ENDING = "_here"


@dataclass(frozen=True)
class Variant:
    """`draw(rng)` gives the numbers, a dictionary; `ask` and `solution` are texts with them in braces.

    `truth(**numbers)` is independent of `solution`, as an exercise's reference is.
    """

    draw: Callable
    ask: str
    truth: Callable
    solution: str
    rtol: float = 1e-6


@dataclass(frozen=True)
class Asked:
    """A variant with its numbers: what is asked, a piece of code that answers, and the exercise that judges."""

    text: str
    solution: str
    exercise: Exercise


def asked(name, number):
    """The `Asked` of the exercise called `name`, with the numbers that `number` draws; None where there is none."""
    variant = VARIANTS.get(name)
    if variant is None:
        return None
    numbers = variant.draw(np.random.default_rng(number))
    exercise = Exercise(reference=lambda: variant.truth(**numbers), rtol=variant.rtol)
    return Asked(variant.ask.format(**numbers), variant.solution.format(**numbers), exercise)


def _one(rng, values):
    return values[int(rng.integers(len(values)))]


def _until(draw, fits):
    """Draw again until the numbers are such that nothing hangs on a rounding."""

    def found(rng):
        while not fits(**(numbers := draw(rng))):
            pass
        return numbers

    return found


def _end_from_zero(b):
    from scipy.optimize import brentq

    w0 = brentq(lambda w: b * (1 - w * w**2 / (2 * b)), 0, 9, xtol=1e-14)
    return w0, 1 / w0


def _equal_times(start, level):
    from scipy.integrate import quad
    from scipy.optimize import brentq

    bp = quad(lambda p: 1 / (2 * p * (1 - p)), start**2, 1 - level, limit=500)[0]
    end = 1 - level

    def excess(b):
        return quad(lambda w: 1 / (b - w**3 / 2), 0, np.cbrt(2 * b * end), limit=500)[0] - bp

    return brentq(excess, 1e-3, 100)


def _statements(first, second, third):
    """3 where the slope, p cos(t^p) t^(p - 1 - q) + …, has ever shorter waves that do not die out, 4 elsewhere."""
    return tuple(3 if p > 1 and p - 1 >= q else 4 for p, q in (first, second, third))


def _pairs(rng):
    pairs = [(p, q) for p in (1, 2, 3, 4) for q in (1, 2, 3, 4)]
    chosen = [pairs[i] for i in rng.choice(len(pairs), 3, replace=False)]
    return dict(zip(("first", "second", "third"), chosen, strict=True))


def _shrunk(scale, depth):
    return (scale**2 / 3) ** (depth / 2)


def _depths(rng):
    depths = sorted(int(n) for n in rng.choice(np.arange(2, 60), 6, replace=False))
    return {"scale": round(float(rng.uniform(0.5, 1.4)), 2), "depths": depths}


def _first_lost(scale, depths):
    return next(depth for depth in depths if _shrunk(scale, depth) < 1e-3)


def _clear_depths(scale, depths):
    shrunk = [_shrunk(scale, depth) for depth in depths]
    return shrunk[1] > 1.2e-3 and shrunk[-2] < 0.8e-3 and not any(0.8e-3 < value < 1.2e-3 for value in shrunk)


def _late(free, line, rate):
    from fa_lessons.lessons.lesson6.delay_exercises import _largest_rate

    borne = [delay for delay in range(40) if _largest_rate(2 / free, delay) > rate]
    return _largest_rate(2 / free, line), max(borne)


def _clear_delays(free, line, rate):
    from fa_lessons.lessons.lesson6.delay_exercises import _largest_rate

    return all(abs(_largest_rate(2 / free, delay) / rate - 1) > 0.04 for delay in range(40))


def _rule(rng):
    transport, slope = bool(rng.integers(2)), bool(rng.integers(2))
    line = f"deltas[n] = error @ {'W[-1].mT' if transport else 'B[n]'}{' * network.derivative(h)' if slope else ''}"
    return {"line": line, "transport": transport, "slope": slope}


def _signs(rng):
    units = int(rng.integers(4, 9))
    return {"units": units, "minus": int(rng.integers(1, units))}


def _survivors(units, minus):
    patterns = list(product((1, -1), repeat=units))
    return len(patterns), sum(pattern.count(-1) == minus for pattern in patterns)


def _suspects(number):
    from fa_lessons.lessons.lesson6 import gallery

    return gallery._drawn(number)


VARIANTS = {
    "lesson1.passes": Variant(
        lambda rng: {"hidden": int(rng.integers(20, 99)), "outputs": int(rng.integers(11, 40))},
        "the same for a network of 784-{hidden}-{outputs} units",
        lambda hidden, outputs: 2 * sum(below * above + above for below, above in ((784, hidden), (hidden, outputs))),
        "2 * (784 * {hidden} + {hidden} + {hidden} * {outputs} + {outputs})",
    ),
    "lesson2.limit_from_zero": Variant(
        lambda rng: {"b": _one(rng, (0.5, 1.5, 3, 4, 5, 6))},
        "the same for b = {b}",
        _end_from_zero,
        "((2 * {b}) ** (1 / 3), (2 * {b}) ** (-1 / 3))",
        0.001,
    ),
    "lesson2.matching_b": Variant(
        lambda rng: {"start": _one(rng, (0.02, 0.005, 0.001)), "level": _one(rng, (0.05, 0.02, 0.005))},
        "the same for BP from ({start}, {start}), and both until e = {level}",
        _equal_times,
        "(fa_time({level}) / bp_time({start}, {level})) ** 1.5",
        0.012,
    ),
    "lesson3.hypothesis": Variant(
        _until(_pairs, lambda **pairs: len(set(_statements(**pairs))) == 2),
        "three answers, for sin(t^p)/t^q with (p, q) = {first}, {second}, {third}",
        _statements,
        "tuple(3 if p > 1 and q < p else 4 for p, q in ({first}, {second}, {third}))",
    ),
    "lesson4.drift": Variant(
        lambda rng: {
            "decay": _one(rng, (2e-5, 5e-5, 2e-4)),
            "steps": _one(rng, (300, 450, 750, 1200)),
            "epochs": _one(rng, (4, 6, 15, 20)),
        },
        "the same for decay = {decay}, {steps} steps an epoch, {epochs} epochs",
        lambda decay, steps, epochs: sum([-decay] * steps * epochs),
        "-{decay} * {steps} * {epochs}",
    ),
    "lesson5.first_depth_lost": Variant(
        _until(_depths, _clear_depths),
        "by the rule of thumb: start in {scale} / sqrt(n), depths {depths}",
        _first_lost,
        "next(d for d in {depths} if shrinkage({scale}, d) < 1e-3)",
    ),
    "lesson6.late_limits": Variant(
        _until(
            lambda rng: {
                "free": _one(rng, (0.7, 0.9, 1.5, 1.8)),
                "line": int(rng.integers(9, 16)),
                "rate": round(float(rng.uniform(0.1, 0.4)), 2),
            },
            _clear_delays,
        ),
        "the same for a machine stable below {free}, a line of {line} steps, rate {rate}",
        _late,
        "(largest_rate(2 / {free}, {line}), max(k for k in range(40) if largest_rate(2 / {free}, k) > {rate}))",
        0.006,
    ),
    "lesson6.suspects": Variant(
        lambda rng: {"number": int(rng.integers(1, 10_000))},
        'the same for gallery.suspect("A", {number}) to gallery.suspect("F", {number})',
        _suspects,
        "gallery._drawn({number})",
    ),
    "lesson7.stranger_needs": Variant(
        _rule,
        "the same for a rule with one pass and {line}",
        lambda line, transport, slope: (transport, False, slope, True, True),
        "({transport}, False, {slope}, True, True)",
    ),
    "lesson8.signs_that_survive": Variant(
        _signs,
        "the same for a teacher with {units} units, {minus} of them with the weight -1",
        _survivors,
        "(2**{units}, __import__('math').comb({units}, {minus}))",
    ),
}
