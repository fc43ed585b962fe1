"""Lesson 5: two consecutive layers whose error signals do not change, and why they come to agree with backprop.

Nøkland (2016) looks at layers k and k+1 under "constant update direction". Here the two layers are linear and start
from zero, which makes everything exact. Shapes, in row vectors: x (samples, n), the constant input of layer k;
first (samples, n_k) and second (samples, n_next), the constant signals δ of the two layers, one row an example.
Backprop would send c_k = δ_{k+1} W_{k+1}ᵀ to layer k; what IFA carries on is c_{k+1} = δ_k W_{k+1}. Both have the
same inner product with the layer's own signal, Q = δ_k W_{k+1} δ_{k+1}ᵀ.
"""

import numpy as np

from fa_lessons import require


def constant_signals(x, first, second, time=1.0, steps=400):
    """W_k (n, n_k) and W_{k+1} (n_k, n_next) after `steps` updates of size time / steps, both from zero.

    Layer k:   W_k ← W_k − η xᵀ δ_k;  layer k+1: W_{k+1} ← W_{k+1} − η h_kᵀ δ_{k+1} with h_k = x W_k, η = time / steps.
    Raises ValueError for signals that do not fit, a time that is not positive and finite, or steps below 1.
    """
    x, first, second = _signals(x, first, second)
    eta = require.number("time", time, open_minimum=True) / require.count("steps", steps)
    W_first, W_second = np.zeros((x.shape[1], first.shape[1])), np.zeros((first.shape[1], second.shape[1]))
    for _ in range(steps):
        h = x @ W_first
        W_second -= eta * h.T @ second
        W_first -= eta * x.T @ first
    return W_first, W_second


def exact_second(x, first, second, time=1.0):
    """W_{k+1} (n_k, n_next) of the flow at `time`: ½ t² δ_kᵀ G δ_{k+1}, with the inputs' Gram matrix G = x xᵀ.

    Raises ValueError as `constant_signals` does.
    """
    x, first, second = _signals(x, first, second)
    return require.number("time", time, open_minimum=True) ** 2 / 2 * (first.T @ x) @ (x.T @ second)


def agreement(x, first, second, time=1.0):
    """Q (samples,) of the flow at `time`: the diagonal of ½ t² K_k G K_{k+1}, with Gram matrices K = δ δᵀ.

    Positive where the layer's signal and the one that backprop would send lie within 90° of each other.
    Raises ValueError as `constant_signals` does.
    """
    W = exact_second(x, first, second, time)
    return ((np.asarray(first, dtype=float) @ W) * second).sum(1)


def cosines(first, second, W_second):
    """Cosines (samples,) of δ_k with backprop's c_k, and of δ_{k+1} with c_{k+1}; NaN where one of them is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _cosine(first, second @ W_second.T), _cosine(second, first @ W_second)


def _cosine(first, second):
    return (first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)


def _signals(*matrices):
    matrices = [np.asarray(matrix, dtype=float) for matrix in matrices]
    for name, matrix in zip(("x", "first", "second"), matrices, strict=True):
        if matrix.ndim != 2 or len(matrix) != len(matrices[0]) or not np.isfinite(matrix).all():
            expected = f"a finite matrix with {len(np.atleast_1d(matrices[0]))} rows, one an example"
            raise ValueError(f"{name} must be {expected}, got shape {matrix.shape}")
    return matrices
