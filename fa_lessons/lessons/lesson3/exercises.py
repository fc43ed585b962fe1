"""Exercises of lesson 3: the flow, what it keeps, what falls along it, and where it ends.

Column vectors, as in the lesson: A (m, n), W (p, m), B (m, p), T (p, n), E = T - W A.
"""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson3 import theory as linear


def _sizes(rng):
    p, m, n = rng.choice(np.arange(2, 7), size=3, replace=False)
    return p, m, n


def _draw_matrices(rng):
    p, m, n = _sizes(rng)
    return rng.normal(size=(p, m)), rng.normal(size=(m, n)), rng.normal(size=(m, p)), rng.normal(size=(p, n))


# 1. The flow: the mean of the online updates over examples whose second moment is Sigma.
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
    W, A, B, T = _draw_matrices(rng)
    root = rng.normal(size=(A.shape[1], A.shape[1]))
    return W, A, B, T, root @ root.T + np.eye(len(root))


def _flow_ignores_W_below(answer, arguments):
    """With the error held fixed (T moves along with W), Ȧ must not move when W does."""
    W, A, B, T, Sigma = arguments
    other = W + 1
    return np.allclose(answer(W, A, B, T, Sigma)[1], answer(other, A, B, T + (other - W) @ A, Sigma)[1])


# 2. The constant of the invariant, entry by entry.
def _constant(W, A, B):
    m = len(A)
    C = np.zeros((m, m))
    for i in range(m):
        for j in range(m):
            C[i, j] = np.dot(B[i], W[:, j]) + np.dot(B[j], W[:, i]) - np.dot(A[i], A[j])
    return C


def _draw_constant(rng):
    """As many inputs as hidden units, so that AᵀA runs, too."""
    p, m = rng.choice(np.arange(2, 7), size=2, replace=False)
    return rng.normal(size=(p, m)), rng.normal(size=(m, m)), rng.normal(size=(m, p))


def _constant_of_other_sizes(answer, arguments):
    W, A, B = arguments
    try:
        return np.allclose(answer(W, A[:, :-1], B), _constant(W, A[:, :-1], B))
    except ValueError:
        return False


def _kept_by_the_flow(answer, arguments):
    W, A, B = (matrix / 3 for matrix in arguments)
    T = np.ones((len(W), A.shape[1]))
    W_later, A_later = linear.solve(W, A, B, T, [0.5])
    return np.allclose(answer(W, A, B), answer(W_later[0], A_later[0], B), atol=1e-6)


# 3. The rate of V: its derivative along the flow by a complex step, with no formula at all.
def _V_rate(W, A, B, T):
    E = T - W @ A
    W_moved, A_moved = W + 1e-30j * E @ A.T, A + 1e-30j * B @ E
    M = B @ (T - W_moved @ A_moved)
    return (M * M).sum().imag / 1e-30


def _with_terms(first, second, third):
    def rate(W, A, B, T):
        M, C = B @ (T - W @ A), _constant(W, A, B)
        return first * ((M @ A.T) ** 2).sum() + second * ((A.T @ M) ** 2).sum() + third * np.trace(C @ M @ M.T)

    return rate


# 4. L, by adding its slope up along the straight line from (0, 0) to (A, K).
def _lyapunov(A, K, B, T, C):
    nodes, weights = np.polynomial.legendre.leggauss(6)
    total = 0.0
    for s, w in zip((nodes + 1) / 2, weights / 2, strict=True):
        slope_A = (s**3 * A @ A.T @ A + s * C @ A) / 2 - B @ T
        total += w * ((slope_A * A).sum() + s * (K * K).sum())
    return total


def _draw_lyapunov(rng):
    W, A, B, T = _draw_matrices(rng)
    return A, linear.antisymmetric_part(W, B), B, T, linear.constant(W, A, B)


def _lyapunov_with(free=0.5, quartic=0.125, constant=0.25, drive=-1.0):
    def L(A, K, B, T, C):
        S = A @ A.T
        return free * (K**2).sum() + quartic * (S**2).sum() + constant * (C * S).sum() + drive * (B @ T * A).sum()

    return L


def _falls_at_the_right_rate(answer, arguments):
    """Its slope along the flow, by central differences, is -‖B E‖²."""
    A, K, B, T, C = arguments
    M = B @ T - ((A @ A.T + C) / 2 + K) @ A
    A_dot, K_dot = M, (M @ A.T - A @ M.T) / 2
    ahead, behind = (answer(A + s * A_dot, K + s * K_dot, B, T, C) for s in (1e-6, -1e-6))
    return np.isclose((ahead - behind) / 2e-6, -(M * M).sum(), rtol=1e-4)


# 5. What a B without full column rank leaves over, by orthonormal bases and a least-squares fit.
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


def _is_where_the_flow_ends(answer, arguments):
    B, T = arguments
    W, A = linear.solve(np.zeros(B.T.shape), np.zeros((len(B), T.shape[1])), B, T, [3000.0], tolerance=1e-8)
    return np.allclose(T - W[0] @ A[0], answer(B, T), atol=1e-3)


def _projection(B):
    return np.linalg.pinv(B) @ B


EXERCISES = {
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
        ),
        properties=(
            Property(
                "does not let W into Ȧ, except through the error",
                "With E held fixed, another W gave another Ȧ. What does a hidden unit know of W?",
                _flow_ignores_W_below,
            ),
        ),
    ),
    "constant": Exercise(
        reference=_constant,
        draw=_draw_constant,
        hint="Solve the invariant for C, and put in the weights that you are given.",
        mistakes=(
            Mistake(
                "adds the transpose of B W",
                "You doubled B W instead. The flow keeps the symmetric part only; your C is not even symmetric.",
                lambda W, A, B: 2 * B @ W - A @ A.T,
            ),
            Mistake(
                "adds the transpose of B W",
                "B W alone is not kept: its antisymmetric part is free to move. Add the transpose.",
                lambda W, A, B: B @ W - A @ A.T,
            ),
            Mistake(
                "solves the invariant for C",
                "Your C is kept, too, but it is half of the one in the invariant.",
                lambda W, A, B: (B @ W + (B @ W).T - A @ A.T) / 2,
            ),
            Mistake(
                "solves the invariant for C",
                "Your C has the wrong sign: in the invariant it stands beside A Aᵀ, across from B W.",
                lambda W, A, B: A @ A.T - B @ W - (B @ W).T,
            ),
            Mistake(
                "takes A Aᵀ over to the other side",
                "Check the sign of A Aᵀ: in the invariant it stands on the right, next to C.",
                lambda W, A, B: B @ W + (B @ W).T + A @ A.T,
            ),
            Mistake(
                "counts the hidden weights",
                "Your C holds for A = 0 only. What else stands in the invariant?",
                lambda W, A, B: B @ W + (B @ W).T,
            ),
            Mistake(
                "is one number for each pair of hidden units",
                "AᵀA pairs inputs, (n, n). The other product pairs hidden units, (m, m), as B W does.",
                lambda W, A, B: B @ W + (B @ W).T - A.T @ A,
            ),
            Mistake(
                "has factor 1 before A Aᵀ",
                "You halved one side: B W + WᵀBᵀ is twice the symmetric part of B W, and A Aᵀ is not halved with it.",
                lambda W, A, B: (B @ W + (B @ W).T) / 2 - A @ A.T,
            ),
        ),
        properties=(
            Property(
                "stays the same along the flow",
                "Your C at the start differs from your C half a unit of time later.",
                _kept_by_the_flow,
            ),
            Property(
                "works for any number of inputs",
                "It fails where inputs and hidden units differ in number.",
                _constant_of_other_sizes,
            ),
        ),
    ),
    "V_rate": Exercise(
        reference=_V_rate,
        draw=_draw_matrices,
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
        ),
        properties=(
            Property(
                "falls at the rate ‖B E‖² along the flow",
                "Differentiate your L along the flow: something is left over.",
                _falls_at_the_right_rate,
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
        ),
        properties=(
            Property(
                "is where the flow from zero ends",
                "Run the flow from zero for a long time: it ends elsewhere.",
                _is_where_the_flow_ends,
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
