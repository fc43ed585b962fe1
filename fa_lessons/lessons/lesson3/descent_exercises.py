"""Exercises of lesson 3: what falls along the flow, and what Barbalat's lemma asks for.

Column vectors, as in the lesson: A (m, n), W (p, m), B (m, p), T (p, n), E = T - W A.
"""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson3 import theory as linear
from fa_lessons.lessons.lesson3.flow_exercises import constant, draw_matrices


# The rate of V: its derivative along the flow by a complex step, with no formula at all.
def _V_rate(W, A, B, T):
    E = T - W @ A
    W_moved, A_moved = W + 1e-30j * E @ A.T, A + 1e-30j * B @ E
    M = B @ (T - W_moved @ A_moved)
    return (M * M).sum().imag / 1e-30


def _with_terms(first, second, third):
    def rate(W, A, B, T):
        M, C = B @ (T - W @ A), constant(W, A, B)
        return first * ((M @ A.T) ** 2).sum() + second * ((A.T @ M) ** 2).sum() + third * np.trace(C @ M @ M.T)

    return rate


def _rate_of_the_squared_error(W, A, B, T):
    E = T - W @ A
    return -2 * ((E @ A.T) ** 2).sum() - 2 * ((W.T @ E) * (B @ E)).sum()


# L, by adding its slope up along the straight line from (0, 0) to (A, K).
def _lyapunov(A, K, B, T, C):
    nodes, weights = np.polynomial.legendre.leggauss(6)
    total = 0.0
    for s, w in zip((nodes + 1) / 2, weights / 2, strict=True):
        slope_A = (s**3 * A @ A.T @ A + s * C @ A) / 2 - B @ T
        total += w * ((slope_A * A).sum() + s * (K * K).sum())
    return total


def _draw_lyapunov(rng):
    W, A, B, T = draw_matrices(rng)
    return A, linear.antisymmetric_part(W, B), B, T, linear.constant(W, A, B)


def _lyapunov_with(free=0.5, quartic=0.125, constant=0.25, drive=-1.0):
    def L(A, K, B, T, C):
        S = A @ A.T
        return free * (K**2).sum() + quartic * (S**2).sum() + constant * (C * S).sum() + drive * (B @ T * A).sum()

    return L


def _lyapunov_of_norms(A, K, B, T, C):
    S = A @ A.T
    return np.linalg.norm(K) / 2 + np.linalg.norm(S) / 8 + (C * S).sum() / 4 - (B @ T * A).sum()


def _falls_at_the_right_rate(answer, arguments):
    """Its slope along the flow, by differences that are exact for the fourth degree, is -‖B E‖²."""
    A, K, B, T, C = arguments
    M = B @ T - ((A @ A.T + C) / 2 + K) @ A
    A_dot, K_dot = M, (M @ A.T - A @ M.T) / 2
    step = 0.05
    one, two = (
        answer(A + s * A_dot, K + s * K_dot, B, T, C) - answer(A - s * A_dot, K - s * K_dot, B, T, C)
        for s in (step, 2 * step)
    )
    return np.isclose((8 * one - two) / (12 * step), -(M * M).sum(), rtol=1e-2)


DESCENT = {
    "V_rate": Exercise(
        reference=_V_rate,
        draw=draw_matrices,
        hint="V = ‖M‖² with M = B E, so V̇ = 2 tr(Mᵀ Ṁ). Put in Ṁ = -M AᵀA - (B W) M, and then the invariant.",
        mistakes=(
            Mistake(
                "holds for every start",
                "You wrote the slides' two terms. They assume C = 0: which part of B W + WᵀBᵀ is left out?",
                _with_terms(-2, -1, 0),
            ),
            Mistake(
                "has the right sign before C",
                "Your third term enters with the wrong sign: A Aᵀ and C stand on the same side of the invariant.",
                _with_terms(-2, -1, 1),
            ),
            Mistake(
                "counts the path through B W once",
                "tr(B W M Mᵀ) keeps ½(A Aᵀ + C), and V̇ has a factor 2 before it. You lost the ½.",
                _with_terms(-2, -2, -2),
            ),
            Mistake(
                "has the factor 1 before the term with C",
                "tr(B W M Mᵀ) keeps ½ C, and V̇ has a factor 2 before it. You lost the ½ in one term.",
                _with_terms(-2, -1, -2),
            ),
            Mistake(
                "has the factor 1 before the term with C",
                "tr(B W M Mᵀ) keeps ½ C, and V̇ has a factor 2 before it. You lost the 2 in one term.",
                _with_terms(-2, -1, -0.5),
            ),
            Mistake(
                "has the factor 2 of a square",
                "The derivative of ‖M‖² is 2 tr(Mᵀ Ṁ). Yours is half of V̇.",
                _with_terms(-1, -0.5, -0.5),
            ),
            Mistake(
                "is negative where the error falls",
                "Every term has the wrong sign: Ė = -(Ẇ A + W Ȧ).",
                _with_terms(2, 1, 1),
            ),
            Mistake(
                "counts the path through A and the path through W",
                "You have the term with ‖M Aᵀ‖² only. Ȧ moves the error, too.",
                _with_terms(-2, 0, 0),
            ),
            Mistake(
                "counts ‖M Aᵀ‖² twice",
                "The derivative of a square has a factor 2. Your first term lost it.",
                _with_terms(-1, -1, -1),
            ),
            Mistake(
                "is the slope of ‖B E‖², with its B",
                "You differentiated ‖E‖². V is ‖B E‖²: a B stands before the error.",
                _rate_of_the_squared_error,
            ),
        ),
    ),
    "lyapunov": Exercise(
        reference=_lyapunov,
        draw=_draw_lyapunov,
        hint="Four terms: ½‖K‖², ⅛‖A Aᵀ‖², one with C, one with B T. Frobenius norms: sums of squares.",
        mistakes=(
            Mistake(
                "counts the part of B W that is free",
                "Without ½‖K‖² the terms with K A in ∇L·Ȧ meet nothing that cancels them.",
                _lyapunov_with(free=0),
            ),
            Mistake(
                "has the slope K in K",
                "‖K‖² has the slope 2 K. Which factor leaves K?",
                _lyapunov_with(free=1),
            ),
            Mistake(
                "holds for every C",
                "Your L falls along the flow for C = 0 only: a term is missing.",
                _lyapunov_with(constant=0),
            ),
            Mistake(
                "is lowered by A pointing along B T",
                "Check the sign of the last term: at A = 0 the flow starts along B T, and L has to fall.",
                _lyapunov_with(drive=1),
            ),
            Mistake(
                "has the slope ½ A AᵀA in A",
                "‖A Aᵀ‖² is of fourth degree: its slope in A is 4 A AᵀA. Which factor leaves ½?",
                _lyapunov_with(quartic=0.25),
            ),
            Mistake(
                "has the slope ½ C A in A",
                "tr(C A Aᵀ) has the slope 2 C A. Which factor leaves ½?",
                _lyapunov_with(constant=0.5),
            ),
            Mistake(
                "takes the squares of the norms",
                "You took norms. ‖X‖² is the sum of the squares, without the root.",
                _lyapunov_of_norms,
            ),
            Mistake(
                "falls along the flow",
                "Every term has the wrong sign: yours rises.",
                lambda *arguments: -_lyapunov_with()(*arguments),
            ),
        ),
        properties=(
            Property(
                "falls at the rate ‖B E‖² along the flow",
                "Differentiate your L along the flow: something is left over.",
                _falls_at_the_right_rate,
            ),
        ),
    ),
    "hypothesis": Exercise(
        reference=lambda: 3,
        hint="Go through the hypotheses one after the other, with f = sin(t²)/t itself in hand.",
        mistakes=(
            Mistake(
                "names a hypothesis that fails",
                "sin(t²)/t is at most 1/t. Its limit exists, and is 0.",
                lambda: 1,
            ),
            Mistake(
                "tells the slope from its integral",
                "The slope runs up and down and its integral is f itself, which has a limit.",
                lambda: 2,
            ),
            Mistake(
                "finds the hypothesis that fails",
                "They cannot all hold: the slope does not go to 0, and Barbalat's lemma is proved.",
                lambda: 4,
            ),
        ),
    ),
}
