"""Exercises of lesson 3: what the modes say of the end of the flow from zero with white inputs.

Column vectors, as in the lesson: A (m, n), W (p, m), B (m, p), T (p, n), E = T - W A.
"""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson3 import theory as linear


# Where the flow from zero ends, without singular vectors: A is the root of ½ A AᵀA = Z, and W fits T on it.
def _ends(B, T):
    Z = B @ T
    values, vectors = np.linalg.eigh(Z @ Z.T / 2)
    seen = values > 1e-12 * values[-1]
    A = (vectors[:, seen] * values[seen] ** (-1 / 3)) @ vectors[:, seen].T @ Z
    return T @ np.linalg.pinv(A, rcond=1e-5), A


# Factors by which a longer B and a larger T change that end, on one system.
def _rescale(beta, tau):
    rng = np.random.default_rng(7)
    B, T = rng.normal(size=(4, 2)), rng.normal(size=(2, 3))
    (W, A), (longer_W, longer_A) = _ends(B, T), _ends(beta * B, tau * T)
    # a mode s - ½ a³ loses its distance at the rate 3/2 a²; the slowest is the mode of the least a
    slowest, other = (np.linalg.svd(end, compute_uv=False)[1] ** 2 for end in (A, longer_A))
    return linear.norm(longer_A) / linear.norm(A), linear.norm(longer_W) / linear.norm(W), other / slowest


def _bare(W_power_of_beta, W_power_of_tau, A_power=1 / 3, rate_power=2 / 3):
    return lambda beta, tau: (
        (beta * tau) ** A_power,
        beta**W_power_of_beta * tau**W_power_of_tau,
        (beta * tau) ** rate_power,
    )


# The repair of the readout's formula, and the ways in which it goes wrong.
def _formula(power=-1 / 3, two=2.0, lost=0.0):
    def end(B, T):
        u, s, vT = np.linalg.svd(B @ T, full_matrices=False)
        seen = s > 1e-9 * s[0]
        factors = np.where(seen, (two * np.where(seen, s, 1)) ** power, lost)
        return T @ vT.T @ np.diag(factors) @ u.T

    return end


def _unrepaired(B, T):
    u, s, vT = np.linalg.svd(B @ T, full_matrices=False)
    a = (2 * s) ** (1 / 3)
    return T @ vT.T @ np.diag(1 / a) @ u.T


def _first_mode_only(B, T):
    u, s, vT = np.linalg.svd(B @ T, full_matrices=False)
    return np.outer(T @ vT[0], u[:, 0]) / np.cbrt(2 * s[0])


def _is_finite_for_a_blind_B(answer, arguments):
    return all(
        np.allclose(answer(np.diag(seen), np.eye(2)), np.diag(end), atol=1e-6)
        for seen, end in (([1.0, 0.0], [2 ** (-1 / 3), 0]), ([0.0, 0.0], [0, 0]))
    )


def _is_where_W_ends(answer, arguments):
    B, T = arguments
    W, _ = linear.solve(np.zeros(B.T.shape), np.zeros((len(B), T.shape[1])), B, T, [3000.0], tolerance=1e-8)
    return np.allclose(W[0], answer(B, T), atol=1e-3)


# What a B without full column rank leaves over, by orthonormal bases and a least-squares fit.
def _limit_error(B, T):
    _, values, right = np.linalg.svd(B)
    rank = (values > 1e-10 * values[0]).sum()
    unseen = right[rank:]  # directions of the output that B does not pass on
    features = (np.diag(values[:rank]) @ right[:rank] @ T).T  # what the hidden units come to span
    fit, *_ = np.linalg.lstsq(features, (unseen @ T).T, rcond=None)
    return unseen.T @ (unseen @ T - (features @ fit).T)


def _draw_limit_error(rng):
    """B (p, p) of rank p - 1 or less; square, so that a projection on the wrong side runs, too."""
    p = rng.integers(2, 7)
    rank, n = rng.integers(1, p), p + rng.integers(1, 6)
    left, right = (np.linalg.qr(rng.normal(size=(p, p)))[0][:, :rank] for _ in range(2))
    return (left * rng.uniform(0.5, 2, rank)) @ right.T, rng.normal(size=(p, n))


def _limit_errors_of_other_shapes(B, T):
    """More hidden units than outputs, fewer, and as few inputs as there are outputs, or one."""
    p = len(T)
    return (np.vstack([B, B]), T), (B[:-1] if p > 2 else B[:1], T), (B, T[:, :p]), (B, T[:, :1])


def _holds_for_other_shapes(answer, arguments):
    return all(_agrees(answer, case) for case in _limit_errors_of_other_shapes(*arguments))


def _holds_for_any_rank(answer, arguments):
    """B that passes every output on, B that passes none, and the lesson's own B, blind to the second of two outputs."""
    B, T = arguments
    seeing, blind = np.eye(len(B)) + 0.1 * B, np.zeros_like(B)
    return all(_agrees(answer, case) for case in ((seeing, T), (blind, T), (np.diag([1.0, 0.0]), np.eye(2))))


def _agrees(answer, arguments):
    return np.allclose(answer(*arguments), _limit_error(*arguments), rtol=1e-3, atol=1e-4)


def _is_where_the_flow_ends(answer, arguments):
    B, T = arguments
    W, A = linear.solve(np.zeros(B.T.shape), np.zeros((len(B), T.shape[1])), B, T, [3000.0], tolerance=1e-8)
    return np.allclose(T - W[0] @ A[0], answer(B, T), atol=1e-3)


def _projection(B):
    return np.linalg.pinv(B) @ B


MODES = {
    "rescale": Exercise(
        reference=_rescale,
        draw=lambda rng: tuple(rng.uniform(0.3, 4, 2)),
        labels=("the end of A", "the end of W", "the rate"),
        hint="Every singular value of B T is multiplied by beta · tau. Follow it to the end and the rate of a mode.",
        mistakes=(
            Mistake(
                "lets T into the readout twice",
                "W ends at (2s)^(-⅓) T v uᵀ: T stands in it in person, and a larger T is not only a larger s.",
                _bare(-1 / 3, -1 / 3),
            ),
            Mistake(
                "lets B into the readout through s",
                "The larger B is, the larger the hidden activities that W reads, and the less of W is needed.",
                _bare(0, 2 / 3),
            ),
            Mistake(
                "shares T's scale between the layers as W A = T asks",
                "W A must grow like T. You gave A its share; what is left for W?",
                _bare(-1 / 3, 1 / 3),
            ),
            Mistake(
                "has the cube root of a mode's end",
                "a ends where ½ a³ = s. Which power of s is that?",
                _bare(-1 / 2, 1 / 2, 1 / 2, 1),
            ),
            Mistake(
                "has the cube root of a mode's end",
                "A does not grow in proportion to B T: it ends where ½ a³ = s.",
                _bare(-1, 0, 1, 2),
            ),
            Mistake(
                "differentiates the brake ½ a³",
                "The rate is the slope of ½ a³ at the end, and a slope of a cube goes like the square of a.",
                _bare(-1 / 3, 2 / 3, 1 / 3, 1 / 3),
            ),
            Mistake(
                "differentiates the brake ½ a³",
                "The rate is not the first speed s. It is how fast the distance from the end dies out.",
                _bare(-1 / 3, 2 / 3, 1 / 3, 1),
            ),
        ),
    ),
    "end_of_W": Exercise(
        reference=lambda B, T: _ends(B, T)[0],
        draw=_draw_limit_error,
        rtol=1e-5,
        atol=1e-8,
        hint="Look at s for diag(1, 0). Which hidden units does a mode with s = 0 feed, and where do they start?",
        mistakes=(
            Mistake(
                "leaves out what never moves",
                "That is the function as it stood: 1 / a of a mode with s = 0, which a computer takes for 1e-17.",
                _unrepaired,
            ),
            Mistake(
                "leaves weights that never move at zero",
                "You gave the modes with s = 0 the factor 1. They start at zero, and nothing moves them.",
                _formula(lost=1.0),
            ),
            Mistake(
                "divides by the end of a mode",
                "You multiply by a. W reads the hidden units back: where they are large, it is small.",
                _formula(power=1 / 3),
            ),
            Mistake(
                "keeps every mode that moves",
                "You kept the largest mode only. All that have s > 0 move.",
                _first_mode_only,
            ),
            Mistake(
                "keeps the part of the formula that was right",
                "a = (2s)^⅓ was right. You lost the 2.",
                _formula(two=1.0),
            ),
            Mistake(
                "keeps the part of the formula that was right",
                "a = (2s)^⅓ was right: you took another root.",
                _formula(power=-1 / 2),
            ),
        ),
        properties=(
            Property(
                "is finite for B = diag(1, 0) and for B = 0",
                "There s is (1, 0), and (0, 0). Leave out what is 0, and what a computer returns in place of 0.",
                _is_finite_for_a_blind_B,
            ),
            Property(
                "is where W ends from zero",
                "Run the flow from zero for a long time: W ends elsewhere.",
                _is_where_W_ends,
            ),
        ),
    ),
    "limit_error": Exercise(
        reference=_limit_error,
        draw=_draw_limit_error,
        rtol=1e-5,
        atol=1e-8,
        hint="B E → 0 says which part of E must vanish. The rest is a least-squares fit by W on the hidden units.",
        mistakes=(
            Mistake(
                "leaves an error behind",
                "B E goes to 0. E does so only if B passes every direction of the output on.",
                lambda B, T: T - T @ np.linalg.pinv(T) @ T,  # 0 up to rounding
            ),
            Mistake(
                "lets W read the unseen outputs off the hidden units",
                "You leave all of (I − Π)T. But W receives the full error, and fits what the hidden units offer.",
                lambda B, T: (np.eye(len(T)) - _projection(B)) @ T,
            ),
            Mistake(
                "is rid of the part that B passes on",
                "You kept Π T, and that is what B E → 0 removes. The rest remains.",
                lambda B, T: _projection(B) @ T,
            ),
            Mistake(
                "projects in the space of the outputs",
                "B B⁺ projects hidden units, (m, m). E has outputs on its left, (p, p).",
                lambda B, T: (
                    (np.eye(len(B)) - B @ np.linalg.pinv(B)) @ T @ (np.eye(T.shape[1]) - np.linalg.pinv(B @ T) @ B @ T)
                ),
            ),
            Mistake(
                "removes what W can read off the hidden units",
                "(B T)⁺B T projects on what the hidden units span. That part of the error goes; you kept it.",
                lambda B, T: (np.eye(len(T)) - _projection(B)) @ T @ _projection(B @ T),
            ),
            Mistake(
                "is the error, not the prediction",
                "That is what W A comes to. The error is what is missing from T.",
                lambda B, T: T @ _projection(B @ T),
            ),
            Mistake(
                "starts with the target",
                "That is the projection alone. What does it leave of T?",
                lambda B, T: np.eye(T.shape[1]) - _projection(B @ T),
            ),
        ),
        properties=(
            Property(
                "works for any number of hidden units and inputs",
                "B is (m, p), T is (p, n). An identity before T has p rows, one behind it n; `len(B)` is neither.",
                _holds_for_other_shapes,
            ),
            Property(
                "holds for B of any rank",
                "With full column rank nothing is left over, with B = 0 all of T.",
                _holds_for_any_rank,
            ),
            Property(
                "is where the flow from zero ends",
                "Run the flow from zero for a long time: it ends elsewhere.",
                _is_where_the_flow_ends,
            ),
        ),
    ),
}
