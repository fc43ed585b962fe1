"""Exercises of lesson 3: what falls along the flow, what is stored on the way, and what Barbalat's lemma asks for.

Column vectors, as in the lesson: A (m, n), W (p, m), B (m, p), T (p, n), E = T - W A.
"""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson3 import theory as linear
from fa_lessons.lessons.lesson3.flow_exercises import draw_matrices


# The rate of V along the flow by a complex step, with no formula at all, less the slides' two terms.
def _missing_term(W, A, B, T):
    E = T - W @ A
    W_moved, A_moved = W + 1e-30j * E @ A.T, A + 1e-30j * B @ E
    M = B @ (T - W_moved @ A_moved)
    rate, M = (M * M).sum().imag / 1e-30, M.real
    return rate + 2 * ((M @ A.T) ** 2).sum() + ((A.T @ M) ** 2).sum()


def _with(factor):
    def term(W, A, B, T):
        M, C = B @ (T - W @ A), linear.constant(W, A, B)
        return factor * np.trace(C @ M @ M.T)

    return term


def _of_the_whole_of_BW(W, A, B, T):
    M = B @ (T - W @ A)
    return -2 * np.trace(B @ W @ M @ M.T)


def _of_traces(W, A, B, T):
    M, C = B @ (T - W @ A), linear.constant(W, A, B)
    return -np.trace(C) * (M * M).sum()


def _squared(W, A, B, T):
    M, C = B @ (T - W @ A), linear.constant(W, A, B)
    return -((C @ M) ** 2).sum()


# What stands beside Ȧ in d/dt ½‖K‖²: entry by entry, the rate that a velocity of that one entry alone would give.
def _stored(K, A):
    beside = np.zeros_like(A)
    for index in np.ndindex(A.shape):
        velocity = np.zeros_like(A)
        velocity[index] = 1
        K_dot = (velocity @ A.T - A @ velocity.T) / 2
        beside[index] = np.vdot(K, K_dot)
    return beside


def _draw_stored(rng):
    """As many inputs as hidden units, so that A K runs, too."""
    m = rng.integers(2, 7)
    K = rng.normal(size=(m, m))
    return K - K.T, rng.normal(size=(m, m))


def _stored_of_other_sizes(answer, arguments):
    K, A = arguments
    others = (K, A[:, :-1]), (K, np.hstack([A, A])), (K, A[:, :1])
    return all(np.allclose(answer(*case), _stored(*case), rtol=1e-3, atol=1e-4) for case in others)


DESCENT = {
    "stored": Exercise(
        reference=_stored,
        draw=_draw_stored,
        hint="⟨K, Ȧ Aᵀ⟩ = tr(Kᵀ Ȧ Aᵀ) = tr((K A)ᵀ Ȧ). What does the second half of K̇ add, K being antisymmetric?",
        mistakes=(
            Mistake(
                "adds the two halves of K̇",
                "K̇ has two halves. Since Kᵀ = -K, the second gives as much as the first: they add up.",
                lambda K, A: K @ A / 2,
            ),
            Mistake(
                "keeps the ½ of K̇",
                "K̇ = ½(Ȧ Aᵀ - A Ȧᵀ): its ½ and the two halves make one.",
                lambda K, A: 2 * K @ A,
            ),
            Mistake(
                "has the sign of an antisymmetric K",
                "Your sign is wrong: ⟨K, Ȧ Aᵀ⟩ = tr(Kᵀ Ȧ Aᵀ) = ⟨K A, Ȧ⟩, and Kᵀ A would be its negative.",
                lambda K, A: -K @ A,
            ),
            Mistake(
                "adds the two halves of K̇",
                "You let the two halves cancel. They would if K were symmetric.",
                lambda K, A: 0 * A,
            ),
            Mistake(
                "mixes hidden units, on the left of A",
                "K pairs hidden units, and A has these on its left.",
                lambda K, A: A @ K,
            ),
            Mistake(
                "is the rate, not the square",
                "½‖K‖² has the slope K: one K in the rate, not two.",
                lambda K, A: K @ K @ A,
            ),
        ),
        properties=(
            Property(
                "works for any number of inputs",
                "It fails where inputs and hidden units differ in number, or with one input.",
                _stored_of_other_sizes,
            ),
        ),
    ),
    "missing_term": Exercise(
        reference=_missing_term,
        draw=draw_matrices,
        hint="tr(P M Mᵀ) with P = ½(A Aᵀ + C) + K: M Mᵀ is symmetric. Which parts of P survive?",
        mistakes=(
            Mistake(
                "has the sign that C brings along",
                "Your sign is wrong: A Aᵀ and C stand side by side in P, and A Aᵀ's term is negative.",
                _with(1),
            ),
            Mistake(
                "has the factor 1",
                "P holds ½ C, and V̇ has a factor 2 before it. You lost the ½.",
                _with(-2),
            ),
            Mistake(
                "has the factor 1",
                "P holds ½ C, and V̇ has a factor 2 before it. You lost the 2.",
                _with(-0.5),
            ),
            Mistake(
                "is what the slide leaves out, and no more",
                "That is all that the hidden layer's learning does. One part of it, ‖AᵀM‖², is on the slide.",
                _of_the_whole_of_BW,
            ),
            Mistake(
                "is a trace of a product",
                "tr(C M Mᵀ) is not tr(C) times ‖M‖².",
                _of_traces,
            ),
            Mistake(
                "is linear in C",
                "You squared C M. C enters once.",
                _squared,
            ),
            Mistake(
                "vanishes for C = 0 only",
                "Nothing is missing where C = 0. From these starts C is not 0.",
                _with(0),
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
