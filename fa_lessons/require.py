"""What the package allows as arguments: each check returns the value in its plain form or raises ValueError."""

import math

import numpy as np
import torch


def one_of(name, value, known):
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(sorted(known))}, got {value!r}")
    return value


def count(name, value, maximum=None):
    """A whole number from 1, up to `maximum` where there is one."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 1 or (maximum is not None and value > maximum):
        allowed = "at least 1" if maximum is None else f"from 1 to {maximum}"
        raise ValueError(f"{name} must be a whole number {allowed}, got {value!r}")
    return int(value)


def seed(name, value):
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} must be a whole number from 0, got {value!r}")
    return int(value)


def sizes(name, value):
    try:
        value = tuple(value)
    except TypeError:
        raise ValueError(f"{name} must list the units of every layer, such as (784, 100, 10), got {value!r}") from None
    if len(value) < 2:
        raise ValueError(f"{name} must list at least an input and an output layer, got {value!r}")
    return tuple(count(f"{name}[{index}]", units) for index, units in enumerate(value))


def indices(name, value, length):
    """A list of whole numbers from 0 to length - 1."""
    value = list(value)
    for index in value:
        if not isinstance(index, int | np.integer) or isinstance(index, bool) or not 0 <= index < length:
            raise ValueError(f"{name} must list whole numbers from 0 to {length - 1}, got {index!r}")
    return value


def number(name, value, minimum=0.0, maximum=math.inf, open_minimum=False, open_maximum=False):
    """A finite number in the given range, its ends allowed unless open."""
    real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    low = real and (value > minimum if open_minimum else value >= minimum)
    high = real and (value < maximum if open_maximum else value <= maximum)
    if not (low and high and math.isfinite(value)):
        raise ValueError(f"{name} must be {_range(minimum, maximum, open_minimum, open_maximum)}, got {value!r}")
    return float(value)


def per_replica(name, value, replicas, minimum=0.0, open_minimum=False):
    """A float64 tensor (replicas,) from one number, or from a list with one number per replica."""
    values = np.asarray(value, dtype=object).ravel()
    if np.ndim(value) > 0 and len(values) != replicas:
        raise ValueError(f"{name} must be a number or a list of {replicas}, one per replica, got {len(values)} values")
    for index, item in enumerate(values):
        number(name if np.ndim(value) == 0 else f"{name}[{index}]", item, minimum, open_minimum=open_minimum)
    return torch.as_tensor(values.astype(np.float64)).expand(replicas).clone()


def images(name, value, width):
    """A tensor (count, width) of finite numbers."""
    value = torch.as_tensor(value)
    if value.ndim != 2 or value.shape[1] != width or len(value) == 0:
        raise ValueError(f"{name} must have shape (count, {width}) for this network, got {tuple(value.shape)}")
    if not torch.isfinite(value).all():
        raise ValueError(f"{name} must hold finite numbers only, got NaN or infinity")
    return value


def targets(name, value, length, classes):
    """Labels (count,) from 0 to classes - 1, or a tensor of finite targets (count, classes)."""
    value = torch.as_tensor(value)
    if len(value) != length:
        raise ValueError(f"{name} must have one entry for each of the {length} images, got {len(value)}")
    if value.ndim == 2 and value.shape[1] == classes and value.is_floating_point():
        return images(name, value, classes)
    if value.ndim != 1 or value.is_floating_point():
        raise ValueError(
            f"{name} must be whole-number labels (count,) or targets (count, {classes}), "
            f"got {value.dtype} of shape {tuple(value.shape)}"
        )
    low, high = int(value.min()), int(value.max())
    if low < 0 or high >= classes:
        raise ValueError(f"{name} must be labels from 0 to {classes - 1}, got {low if low < 0 else high}")
    return value.long()


def _range(minimum, maximum, open_minimum, open_maximum):
    if maximum == math.inf:
        if minimum == 0:
            return "positive and finite" if open_minimum else "at least 0 and finite"
        return f"{'above' if open_minimum else 'at least'} {minimum:g} and finite"
    return f"{'above' if open_minimum else 'from'} {minimum:g} {'to below' if open_maximum else 'to'} {maximum:g}"
