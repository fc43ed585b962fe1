"""What the package allows as arguments: each check returns the value in its plain form or raises ValueError."""

import math

import numpy as np


def one_of(name, value, known):
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(sorted(known))}, got {value!r}")
    return next(word for word in known if word == value)


def count(name, value, maximum=None, minimum=1):
    """A whole number from `minimum`, up to `maximum` where there is one."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < minimum or (maximum is not None and value > maximum):
        allowed = f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        raise ValueError(f"{name} must be a whole number {allowed}, got {value!r}")
    return int(value)


def seed(name, value):
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} must be a whole number from 0, got {value!r}")
    return int(value)


def sizes(name, value):
    try:
        if isinstance(value, set | frozenset | dict):
            raise TypeError
        value = tuple(value)
    except Exception:  # whatever an object raises
        raise ValueError(f"{name} must list the units of every layer, such as (784, 100, 10), got {value!r}") from None
    if len(value) < 2:
        raise ValueError(f"{name} must list at least an input and an output layer, got {value!r}")
    return tuple(count(f"{name}[{index}]", units) for index, units in enumerate(value))


def indices(name, value, length):
    """A list of whole numbers from 0 to length - 1."""
    try:
        value = list(value)
    except Exception:
        raise ValueError(f"{name} must list whole numbers from 0 to {length - 1}, got {value!r}") from None
    for index in value:
        if not isinstance(index, int | np.integer) or isinstance(index, bool) or not 0 <= index < length:
            raise ValueError(f"{name} must list whole numbers from 0 to {length - 1}, got {index!r}")
    return value


def number(name, value, minimum=0.0, maximum=math.inf, open_minimum=False, open_maximum=False):
    """A finite number in the given range, its ends allowed unless open."""
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    low = real and (value > minimum if open_minimum else value >= minimum)
    high = real and (value < maximum if open_maximum else value <= maximum)
    if not (low and high and _finite(value)):
        raise ValueError(f"{name} must be {_range(minimum, maximum, open_minimum, open_maximum)}, got {value!r}")
    return float(value)


def numbers(name, values, minimum=0.0, maximum=math.inf, open_minimum=False, open_maximum=False):
    """An array, or one number, all of whose entries `number` allows; as an array of float64."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf" or np.ma.is_masked(values):
            raise TypeError
        array = array.astype(float)
    except Exception:
        raise ValueError(f"{name} must be a number or an array of real numbers, got {values!r}") from None
    for value in array.flat:
        number(name, float(value), minimum, maximum, open_minimum, open_maximum)
    return array


def _finite(value):
    try:
        return math.isfinite(value)
    except OverflowError:  # of a whole number beyond all floats
        return False


def _range(minimum, maximum, open_minimum, open_maximum):
    if maximum == math.inf and minimum == -math.inf:
        return "finite"
    if maximum == math.inf:
        if minimum == 0:
            return "positive and finite" if open_minimum else "at least 0 and finite"
        return f"{'above' if open_minimum else 'at least'} {minimum:g} and finite"
    return f"{'above' if open_minimum else 'from'} {minimum:g} {'to below' if open_maximum else 'to'} {maximum:g}"
