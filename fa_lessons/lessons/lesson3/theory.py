"""Lesson 3: feedback alignment in a linear network with one hidden layer, y = W A x, as a flow and as steps.

The papers' columns: x (n,), h = A x (m,), y = W h (p,), so A (m, n), W (p, m), the feedback B (m, p), the target
map T (p, n), E = T - W A (p, n) and Sigma = E[x xᵀ] (n, n). Arguments may carry leading axes (times, seeds).
The invariant and V: Lillicrap et al. 2016, supplementary notes. The function L and the proof with it: lesson 3.
"""

import numpy as np

from fa_lessons import require
from fa_lessons.lessons import flows

RULES = ("fa", "bp", "frozen readout", "frozen features")


def transpose(matrix):
    """The last two axes swapped."""
    return np.swapaxes(matrix, -1, -2)


def inner(first, second):
    """Σ_ij first_ij second_ij over the last two axes: tr(firstᵀ second)."""
    return (first * second).sum((-2, -1))


def norm(matrix):
    """Frobenius norm over the last two axes."""
    return np.sqrt(inner(matrix, matrix))


def velocity(W, A, B, T, Sigma=None, rule="fa"):
    """(Ẇ, Ȧ): Ẇ = E Σ Aᵀ and Ȧ = B E Σ, the mean update of feedback alignment. Sigma=None stands for white inputs.

    rule: "fa"; "bp", Ȧ = Wᵀ E Σ; "frozen readout", Ẇ = 0; "frozen features", Ȧ = 0.
    Raises ValueError for another rule.
    """
    require.one_of("rule", rule, RULES)
    driven = T - W @ A if Sigma is None else (T - W @ A) @ Sigma
    W_dot, A_dot = driven @ transpose(A), (transpose(W) if rule == "bp" else B) @ driven
    if rule == "frozen readout":
        W_dot = np.zeros_like(W_dot)
    if rule == "frozen features":
        A_dot = np.zeros_like(A_dot)
    return W_dot, A_dot


def constant(W, A, B):
    """C = B W + Wᵀ Bᵀ - A Aᵀ, (…, m, m): the flow keeps it, a finite step lowers it by ΔA ΔAᵀ."""
    return B @ W + transpose(B @ W) - A @ transpose(A)


def antisymmetric_part(W, B):
    """K = (B W - Wᵀ Bᵀ) / 2, (…, m, m): the half of B W that the invariant leaves free."""
    return (B @ W - transpose(B @ W)) / 2


def V(W, A, B, T):
    """V = ‖B E‖², the paper's function tr(B E Eᵀ Bᵀ)."""
    M = B @ (T - W @ A)
    return inner(M, M)


def V_rate_terms(W, A, B, T):
    """The three terms of V̇ along the flow with white inputs: -2‖M Aᵀ‖², -‖Aᵀ M‖², -tr(C M Mᵀ), M = B E.

    The slides print the first two; the third is 0 only where C M = 0.
    """
    M, C = B @ (T - W @ A), constant(W, A, B)
    from_W, from_A = M @ transpose(A), transpose(A) @ M
    return -2 * inner(from_W, from_W), -inner(from_A, from_A), -inner(C @ M, M)


def lyapunov(W, A, B, T):
    """L = ½‖K‖² + ⅛‖A Aᵀ‖² + ¼ tr(C A Aᵀ) - tr(B T Aᵀ), never rises along the flow: L̇ = -tr(B E Σ Eᵀ Bᵀ)."""
    S, K = A @ transpose(A), antisymmetric_part(W, B)
    return inner(K, K) / 2 + inner(S, S) / 8 + inner(constant(W, A, B), S) / 4 - inner(B @ T, A)


def solve(W, A, B, T, times, Sigma=None, rule="fa", tolerance=1e-10):
    """The flow from (W, A) at time 0: W (len(times), p, m) and A (len(times), m, n), by an adaptive solver.

    times: rising, from 0 on. tolerance: relative error allowed in a step, per entry.
    Raises ValueError for shapes that do not fit, numbers that are not finite, a tolerance that is not positive and
    times that do not rise, and RuntimeError where the solver stops early.
    """
    W, A, B, T = (require.numbers(name, M, -np.inf) for name, M in zip("WABT", (W, A, B, T), strict=True))
    Sigma = None if Sigma is None else require.numbers("Sigma", Sigma, -np.inf)
    _check_shapes(W, A, B, T, Sigma)
    tolerance = require.number("tolerance", tolerance, open_minimum=True)
    cut = W.size

    def slope(_, state):
        parts = velocity(state[:cut].reshape(W.shape), state[cut:].reshape(A.shape), B, T, Sigma, rule)
        return np.concatenate([part.ravel() for part in parts])

    start = np.concatenate([W.ravel(), A.ravel()])
    found = flows.states(slope, start, times, "LSODA", tolerance, tolerance * 1e-2)
    return found[:cut].T.reshape(-1, *W.shape), found[cut:].T.reshape(-1, *A.shape)


def steps(W, A, B, T, learning_rate, count, Sigma=None, rule="fa"):
    """`count` steps of W += learning_rate · Ẇ, A += learning_rate · Ȧ, both from the same weights.

    Returns W (count + 1, …, p, m) and A (count + 1, …, m, n), the start first; numbers that overflow stay inf or NaN.
    Raises ValueError for shapes that do not fit, a learning rate that is not positive and finite, or a count below 0.
    """
    count = require.count("count", count, minimum=0)
    learning_rate = require.number("learning_rate", learning_rate, open_minimum=True)
    _check_shapes(W, A, B, T, Sigma)
    path = [(W, A)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(count):
            W_dot, A_dot = velocity(W, A, B, T, Sigma, rule)
            W, A = W + learning_rate * W_dot, A + learning_rate * A_dot
            path.append((W, A))
    return tuple(np.stack(part) for part in zip(*path, strict=True))


def limit_error(B, T):
    """E at the end of the flow from zero with white inputs, (p, n), for B of any rank.

    The hidden units come to span the rows of Z = B T, and W reads T off them as well as it can: E → T (I − Z⁺Z), for
    every B and T. It is 0 exactly if B T has the rank of T, as with full column rank. Proved in lesson 3, section 3.3.
    """
    Z = B @ T
    return T - T @ np.linalg.pinv(Z) @ Z


def exact_readout(B, T):
    """W at the end of the flow from zero with white inputs, (p, m), for any T and a B of full column rank.

    W = 2^(-⅓) N^⅓ B⁺ with N = T Tᵀ BᵀB, so W B = 2^(-⅓) N^⅓. N is similar to a matrix that is symmetric and
    positive; if T Tᵀ = tau² I, W is a multiple of G^(-⅔) Bᵀ with G = BᵀB. Derived in lesson 3, section 3.11.
    Raises ValueError for a B without full column rank.
    """
    B, T = require.numbers("B", B, -np.inf), require.numbers("T", T, -np.inf)
    _, values, vectors = np.linalg.svd(B, full_matrices=False)
    rank = (values > 1e-12 * values[0]).sum()
    if rank < B.shape[1]:
        raise ValueError(f"B must have full column rank, got a {B.shape} matrix of rank {rank}")
    root, inverse_root = ((vectors.T * values**power) @ vectors for power in (1.0, -1.0))  # of BᵀB
    modes, roots, _ = np.linalg.svd(root @ T, full_matrices=False)  # the roots of the eigenvalues of N
    third = inverse_root @ (modes * np.cbrt(roots**2)) @ modes.T @ root
    return 2 ** (-1 / 3) * third @ np.linalg.pinv(B)


def random_system(rng, p, m, n, rank=None, scale=1.0, white=True):
    """W, A, B, T, Sigma of Gaussian entries: weights of standard deviation `scale`; B of the given rank.

    Sigma is None for white inputs, else a random covariance of mean variance about 1.
    Raises ValueError for a rank above min(m, p).
    """
    rank = min(m, p) if rank is None else require.count("rank", rank, maximum=min(m, p), minimum=0)
    B = rng.normal(size=(m, p))
    left, values, right = np.linalg.svd(B, full_matrices=False)
    B = (left[:, :rank] * values[:rank]) @ right[:rank]
    W, A = scale * rng.normal(size=(p, m)), scale * rng.normal(size=(m, n))
    T, root = rng.normal(size=(p, n)), rng.normal(size=(n, n))
    return W, A, B, T, None if white else root @ root.T / n


def angle(first, second, axis=-1):
    """Degrees between `first` and `second` along `axis` (a number, or a pair for matrices)."""
    product = (first * second).sum(axis)
    length = np.sqrt((first**2).sum(axis) * (second**2).sum(axis))
    return np.degrees(np.arccos(np.clip(product / length, -1, 1)))


def _check_shapes(W, A, B, T, Sigma):
    for name, matrix in {"W": W, "A": A, "B": B, "T": T}.items():
        if np.ndim(matrix) < 2:
            raise ValueError(f"{name} must be a matrix, got shape {np.shape(matrix)}")
    (p, m), n = W.shape[-2:], A.shape[-1]
    wanted = {"A": (A, (m, n)), "B": (B, (m, p)), "T": (T, (p, n))}
    if Sigma is not None:
        wanted["Sigma"] = (Sigma, (n, n))
    for name, (matrix, shape) in wanted.items():
        if matrix.shape[-2:] != shape:
            raise ValueError(f"{name} must have shape {shape} for W {W.shape} and A {A.shape}, got {matrix.shape}")
