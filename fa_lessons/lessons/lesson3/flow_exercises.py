"""Exercises of lesson 3: the flow, and what a finite step does to the invariant.

Column vectors, as in the lesson: A (m, n), W (p, m), B (m, p), T (p, n), E = T - W A.
"""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property


def _sizes(rng):
    p, m, n = rng.choice(np.arange(2, 7), size=3, replace=False)
    return p, m, n


def draw_matrices(rng):
    p, m, n = _sizes(rng)
    return rng.normal(size=(p, m)), rng.normal(size=(m, n)), rng.normal(size=(m, p)), rng.normal(size=(p, n))


# The flow: the mean of the online updates over examples whose second moment is Sigma.
def _flow(W, A, B, T, Sigma):
    n = len(Sigma)
    examples = np.sqrt(n) * np.linalg.cholesky(Sigma)  # its columns: n inputs with mean x xᵀ = Sigma
    W_dot, A_dot = np.zeros_like(W), np.zeros_like(A)
    for x in examples.T:
        h = A @ x
        e = T @ x - W @ h
        W_dot += np.outer(e, h) / n
        A_dot += np.outer(B @ e, x) / n
    return W_dot, A_dot


def _draw_flow(rng):
    W, A, B, T = draw_matrices(rng)
    root = rng.normal(size=(A.shape[1], A.shape[1]))
    return W, A, B, T, root @ root.T + np.eye(len(root))


def _flow_ignores_W_below(answer, arguments):
    """With the error held fixed (T moves along with W), Ȧ must not move when W does."""
    W, A, B, T, Sigma = arguments
    other = W + 1
    return np.allclose(
        answer(W, A, B, T, Sigma)[1], answer(other, A, B, T + (other - W) @ A, Sigma)[1], rtol=1e-3, atol=1e-3
    )


# What one step does to C, by taking it: with B = I and the errors that make A move by A_step.
def _leak(A_step):
    m, n = A_step.shape
    rng = np.random.default_rng(m + 10 * n)
    rate, B, W, A = 0.5, np.eye(m), rng.normal(size=(m, m)), rng.normal(size=(m, n))
    E = A_step / rate
    return _constant(W + rate * E @ A.T, A + rate * B @ E, B) - _constant(W, A, B)


def _constant(W, A, B):
    return B @ W + (B @ W).T - A @ A.T


def _leak_of_other_sizes(answer, arguments):
    (step,) = arguments
    others = step[:, :-1], np.hstack([step, step]), step[:1], step[:, :1]
    return all(np.allclose(answer(case), _leak(case), rtol=1e-3, atol=1e-4) for case in others)


FLOW = {
    "flow": Exercise(
        reference=_flow,
        draw=_draw_flow,
        labels=("Ẇ", "Ȧ"),
        hint="Average e hᵀ and (B e) xᵀ over x: which factors do not depend on x, and what is the mean of x xᵀ?",
        mistakes=(
            Mistake(
                "sends the error down through B",
                "Your Ȧ sends it through Wᵀ. That is backprop, and needs the weights transported.",
                lambda W, A, B, T, S: ((T - W @ A) @ S @ A.T, W.T @ (T - W @ A) @ S),
            ),
            Mistake(
                "averages over inputs of any covariance",
                "Yours is right for white inputs, where the mean of x xᵀ is the identity. Here it is Σ.",
                lambda W, A, B, T, S: ((T - W @ A) @ A.T, B @ (T - W @ A)),
            ),
            Mistake(
                "has Σ in both equations",
                "Both updates are averages of a product in which x stands twice. In one of yours Σ is missing.",
                lambda W, A, B, T, S: ((T - W @ A) @ S @ A.T, B @ (T - W @ A)),
            ),
            Mistake(
                "has Σ in both equations",
                "Both updates are averages of a product in which x stands twice. In your Ẇ it stands in h = A x.",
                lambda W, A, B, T, S: ((T - W @ A) @ A.T, B @ (T - W @ A) @ S),
            ),
            Mistake(
                "moves against the error",
                "Both signs are wrong. Here e is target minus prediction, so the update is added.",
                lambda W, A, B, T, S: (-(T - W @ A) @ S @ A.T, -B @ (T - W @ A) @ S),
            ),
            Mistake(
                "moves towards the target",
                "Without W A nothing is missing from the prediction: T is the error at zero weights only.",
                lambda W, A, B, T, S: (T @ S @ A.T, B @ T @ S),
            ),
            Mistake(
                "has Σ once in each equation",
                "x stands twice in each update, and its mean x xᵀ is one Σ. You have two of them.",
                lambda W, A, B, T, S: ((T - W @ A) @ S @ S @ A.T, B @ (T - W @ A) @ S @ S),
            ),
            Mistake(
                "has Σ itself in the mean",
                "Σ is the mean of x xᵀ already. You divide by the number of inputs again.",
                lambda W, A, B, T, S: ((T - W @ A) @ S @ A.T / len(S), B @ (T - W @ A) @ S / len(S)),
            ),
        ),
        properties=(
            Property(
                "does not let W into Ȧ, except through the error",
                "With E held fixed, another W gave another Ȧ. What does a hidden unit know of W?",
                _flow_ignores_W_below,
            ),
        ),
    ),
    "leak": Exercise(
        reference=_leak,
        draw=lambda rng: (rng.normal(size=2 * (rng.integers(2, 7),)),),
        hint="Put W + ΔW and A + ΔA into C, multiply out, and use B ΔW = ΔA Aᵀ. Which product of two steps is left?",
        mistakes=(
            Mistake(
                "takes A Aᵀ over to the other side",
                "Your sign is wrong: A Aᵀ enters C with a minus.",
                lambda step: step @ step.T,
            ),
            Mistake(
                "keeps the term of second order",
                "The flow keeps C. A step does not: ΔA is multiplied by itself somewhere.",
                lambda step: 0 * step,
            ),
            Mistake(
                "counts the product of the two steps once",
                "(A + ΔA)(A + ΔA)ᵀ holds ΔA ΔAᵀ once, and the terms of first order cancel.",
                lambda step: -2 * step @ step.T,
            ),
            Mistake(
                "counts the product of the two steps whole",
                "There is no ½ here: (A + ΔA)(A + ΔA)ᵀ holds ΔA ΔAᵀ once.",
                lambda step: -step @ step.T / 2,
            ),
            Mistake(
                "is one number for each pair of hidden units",
                "ΔAᵀΔA pairs inputs, (n, n). C pairs hidden units, (m, m).",
                lambda step: -step.T @ step,
            ),
            Mistake(
                "multiplies matrices",
                "`**` squares entry by entry. ΔA ΔAᵀ is a product of matrices.",
                lambda step: -(step**2),
            ),
        ),
        properties=(
            Property(
                "works for any number of inputs",
                "It fails where inputs and hidden units differ in number, or with one of either.",
                _leak_of_other_sizes,
            ),
        ),
    ),
}
