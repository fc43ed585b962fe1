"""Exercises of lesson 3: the flow, what it keeps, and what it leaves over.

Column vectors, as in the lesson: A (m, n), W (p, m), B (m, p), T (p, n), E = T - W A.
"""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.lesson3 import theory as linear


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


# The constant of the invariant, entry by entry.
def constant(W, A, B):
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
    others = (W, A[:, :-1], B), (W, np.hstack([A, A]), B), (W[:1], A, B[:, :1])
    return all(np.allclose(answer(*case), constant(*case), rtol=1e-3, atol=1e-4) for case in others)


def _kept_by_the_flow(answer, arguments):
    W, A, B = (matrix / 3 for matrix in arguments)
    T = np.ones((len(W), A.shape[1]))
    W_later, A_later = linear.solve(W, A, B, T, [0.5])
    return np.allclose(answer(W, A, B), answer(W_later[0], A_later[0], B), atol=1e-6)


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
    "constant": Exercise(
        reference=constant,
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
                "works for any number of inputs and outputs",
                "It fails where inputs and hidden units differ in number, or with one output.",
                _constant_of_other_sizes,
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
