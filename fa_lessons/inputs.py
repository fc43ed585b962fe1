"""The gate through which settings and data become tensors: each check returns a tensor or raises ValueError."""

import numpy as np
import torch

from fa_lessons import require


def per_replica(name, value, replicas, minimum=0.0, open_minimum=False):
    """A float64 tensor (replicas,) from one number, or from a list with one number per replica."""
    values = np.asarray(value, dtype=object).ravel()
    if np.ndim(value) > 0 and len(values) != replicas:
        raise ValueError(f"{name} must be a number or a list of {replicas}, one per replica, got {len(values)} values")
    for index, item in enumerate(values):
        require.number(name if np.ndim(value) == 0 else f"{name}[{index}]", item, minimum, open_minimum=open_minimum)
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
