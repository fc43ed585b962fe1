"""Tests that the notebook's own check does not make: other draws, the extremes of the draws, other questions.

What is drawn follows from the teacher's secret and the exercise's name, so it is the same for a whole class, and again
in a regrade.
"""

import hashlib
import hmac
from dataclasses import replace

import numpy as np

from fa_lessons.lessons.checking import Property
from fa_lessons.lessons.results import parts, same

SHOWN, TRIALS, DRAWS = 20, 60, 150  # draws of the notebook's check, of the hidden one, to find extremes in


def seed(secret, name):
    """The seed of an exercise, from the teacher's secret."""
    return int.from_bytes(hmac.new(secret.encode(), name.encode(), hashlib.sha256).digest()[:8], "big")


def exercise(found, number):
    """The exercise `found` with the hidden properties; `number` seeds what they draw."""
    if found.draw is None:
        return found
    return replace(found, properties=(*_properties(found, number), *found.properties))


def _properties(found, number):
    def agrees(answer, arguments):
        return same(answer(*arguments), found.reference(*arguments), found.rtol, found.atol)

    def extremes(answer, _):
        return all(agrees(answer, arguments) for arguments in _extremes(found, number))

    def layouts(answer, arguments):
        return agrees(answer, [_columns_first(value) for value in arguments])

    def again(answer, arguments):
        first = answer(*arguments)
        answer(*found.draw(np.random.default_rng(number + 1)))
        return same(answer(*arguments), first, 1e-12, 1e-12)

    return (
        Property(
            "is right for small inputs, large inputs and lopsided ones",
            "Try it with sizes that all differ, with one example, and with more columns than rows.",
            extremes,
        ),
        Property(
            "gives the same result when it is asked again",
            "The same inputs gave another result later. Does it keep something between two calls, or draw at random?",
            again,
        ),
        Property(
            "does not ask how an array lies in memory",
            "An array that was transposed before gave another result. Do you use `order`, `ravel('K')` or `strides`?",
            layouts,
        ),
    )


def _extremes(found, number):
    """Of many draws the smallest, the largest and the two most lopsided."""
    rng = np.random.default_rng(number)
    drawn = [found.draw(rng) for _ in range(DRAWS)]
    by_size, by_shape = sorted(drawn, key=_size), sorted(drawn, key=_lopsided)
    return [by_size[0], by_size[-1], by_shape[-1], by_shape[-2]]


def _arrays(arguments):
    for value in arguments:
        if isinstance(value, tuple | list):
            yield from _arrays(value)
        elif isinstance(value, np.ndarray) and value.ndim:
            yield value


def _size(arguments):
    return sum(value.size for value in _arrays(arguments))


def _lopsided(arguments):
    return sum(max(value.shape) / max(min(value.shape), 1) for value in _arrays(arguments) if value.ndim > 1)


def _columns_first(value):
    if isinstance(value, np.ndarray) and value.ndim > 1:
        return np.asfortranarray(value)
    return type(value)(map(_columns_first, parts(value))) if isinstance(value, tuple | list) else value
