"""The linear network's flow: what it keeps, what falls along it, where it ends; by three independent routes."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from fa_lessons.lessons.lesson3 import theory as linear

sizes = st.integers(1, 4)
seeds = st.integers(0, 10**6)


def system(seed, p, m, n, **options):
    return linear.random_system(np.random.default_rng(seed), p, m, n, **options)


def along(function, W, A, B, T, Sigma=None, step=1e-6):
    """d/dt of function(W, A) along the flow, by central differences."""
    W_dot, A_dot = linear.velocity(W, A, B, T, Sigma)
    ahead, behind = (function(W + s * W_dot, A + s * A_dot) for s in (step, -step))
    return (ahead - behind) / (2 * step)


@given(seeds, sizes, sizes, sizes)
def test_the_velocity_is_the_mean_online_update(seed, p, m, n):
    W, A, B, T, Sigma = system(seed, p, m, n, white=False)
    columns = np.sqrt(n) * np.linalg.cholesky(Sigma + 1e-12 * np.eye(n))  # mean x xᵀ = Sigma
    errors = [(x, T @ x - W @ A @ x) for x in columns.T]
    W_dot, A_dot = linear.velocity(W, A, B, T, Sigma)
    np.testing.assert_allclose(W_dot, sum(np.outer(e, A @ x) for x, e in errors) / n, atol=1e-9)
    np.testing.assert_allclose(A_dot, sum(np.outer(B @ e, x) for x, e in errors) / n, atol=1e-9)


def test_backprop_and_the_controls_differ_from_it_in_one_equation():
    W, A, B, T, Sigma = system(0, 2, 3, 4, white=False)
    fa = linear.velocity(W, A, B, T, Sigma)
    loss = lambda W, A: linear.inner(T - W @ A, (T - W @ A) @ Sigma) / 2  # noqa: E731
    bp = linear.velocity(W, A, B, T, Sigma, "bp")
    for index in np.ndindex(A.shape):
        step = np.zeros_like(A)
        step[index] = 1e-6
        slope = (loss(W, A + step) - loss(W, A - step)) / 2e-6
        assert slope == pytest.approx(-bp[1][index], abs=1e-7)
    np.testing.assert_array_equal(bp[0], fa[0])
    frozen = linear.velocity(W, A, B, T, Sigma, "frozen readout")
    assert not frozen[0].any() and (frozen[1] == fa[1]).all()
    frozen = linear.velocity(W, A, B, T, Sigma, "frozen features")
    assert not frozen[1].any() and (frozen[0] == fa[0]).all()


@given(seeds, sizes, sizes, sizes, st.booleans())
def test_the_invariant_has_rate_zero(seed, p, m, n, white):
    W, A, B, T, Sigma = system(seed, p, m, n, white=white)
    rate = along(lambda W, A: linear.constant(W, A, B), W, A, B, T, Sigma)
    size = 1 + np.abs(linear.constant(W, A, B)).max() + np.abs(B).max() ** 2
    assert np.abs(rate).max() < 1e-5 * size**2


@given(seeds, sizes, sizes, sizes)
def test_the_boxed_rate_of_V(seed, p, m, n):
    W, A, B, T, _ = system(seed, p, m, n)
    terms = linear.V_rate_terms(W, A, B, T)
    measured = along(lambda W, A: linear.V(W, A, B, T), W, A, B, T)
    assert sum(terms) == pytest.approx(measured, rel=1e-5, abs=1e-4)
    assert terms[0] <= 0 and terms[1] <= 0


@given(seeds, sizes, sizes, sizes, st.booleans())
def test_the_rate_of_L(seed, p, m, n, white):
    W, A, B, T, Sigma = system(seed, p, m, n, white=white)
    measured = along(lambda W, A: linear.lyapunov(W, A, B, T), W, A, B, T, Sigma)
    M = B @ (T - W @ A)
    assert -np.trace(M @ (np.eye(n) if white else Sigma) @ M.T) == pytest.approx(measured, rel=1e-5, abs=1e-4)


def symbols(name, rows, columns):
    return sympy.Matrix(rows, columns, lambda i, j: sympy.Symbol(f"{name}{i}{j}"))


def derivative(function, W, A, W_dot, A_dot):
    pairs = [*zip(W, W_dot, strict=True), *zip(A, A_dot, strict=True)]
    return function.applyfunc(lambda entry: sum(sympy.diff(entry, v) * rate for v, rate in pairs))


@pytest.mark.parametrize(("p", "m", "n"), [(1, 2, 2), (2, 1, 2), (2, 2, 1), (2, 2, 2)])
def test_invariant_V_and_L_symbolically(p, m, n):
    W, A, B, T = symbols("W", p, m), symbols("A", m, n), symbols("B", m, p), symbols("T", p, n)
    Sigma = sympy.Matrix(n, n, lambda i, j: sympy.Symbol(f"S{min(i, j)}{max(i, j)}"))
    E = T - W * A
    M, P, S = B * E, B * W, A * A.T
    C, K = P + P.T - S, (P - P.T) / 2
    square = lambda X: (X * X.T).trace()  # noqa: E731
    W_dot, A_dot = E * Sigma * A.T, M * Sigma
    assert derivative(C, W, A, W_dot, A_dot).expand() == sympy.zeros(m, m)
    L = sympy.Matrix([square(K) / 2 + square(S) / 8 + (C * S).trace() / 4 - (B * T * A.T).trace()])
    rate = derivative(L, W, A, W_dot, A_dot)[0] + (M * Sigma * M.T).trace()
    assert sympy.expand(rate) == 0
    boxed = -2 * square(M * A.T) - square(A.T * M) - (C * M * M.T).trace()
    white = derivative(sympy.Matrix([square(M)]), W, A, E * A.T, M)[0]
    assert sympy.expand(white - boxed) == 0


TIMES = np.concatenate([[0], np.geomspace(1e-3, 1e5, 60)])


@settings(max_examples=15, deadline=None)
@given(seeds, st.integers(1, 3), st.integers(0, 2), st.integers(1, 4), st.sampled_from([0.1, 1.0, 3.0]))
def test_the_theorem_every_start_every_covariance(seed, p, extra, n, scale):
    W, A, B, T, Sigma = system(seed, p, p + extra, n, scale=scale, white=False)
    B = B + 0.5 * np.linalg.svd(B, full_matrices=False)[0] @ np.linalg.svd(B, full_matrices=False)[2]
    Sigma = Sigma + 0.1 * np.eye(n)
    Ws, As = linear.solve(W, A, B, T, TIMES, Sigma)
    E, L, C = T - Ws @ As, linear.lyapunov(Ws, As, B, T), linear.constant(Ws, As, B)
    loss = linear.inner(E, E @ Sigma)
    assert loss[-1] < 1e-8 * (1 + loss[0])
    assert np.diff(L).max() <= 1e-7 * (1 + np.abs(L).max())
    assert np.abs(C - C[0]).max() < 1e-6 * (1 + np.abs(C[0]).max())
    # L bounds the hidden weights and K, as the proof says
    a, r = linear.norm(As), min(As.shape[1:])
    low = np.linalg.eigvalsh(C[0])[0]
    floor = a**4 / (8 * r) - max(0, -low) * a**2 / 4 - linear.norm(B @ T) * a
    assert (L + 1e-7 * (1 + np.abs(L)) >= linear.inner(*2 * (linear.antisymmetric_part(Ws, B),)) / 2 + floor).all()


def test_a_singular_covariance_leaves_only_what_no_input_shows():
    W, A, B, T, _ = system(3, 2, 4, 3)
    Sigma = np.diag([2.0, 0.5, 0.0])
    Ws, As = linear.solve(W, A, B, T, [0, 1e4], Sigma)
    E = T - Ws[-1] @ As[-1]
    assert np.abs(E[:, :2]).max() < 1e-6 < 0.1 < np.abs(E[:, 2]).max()
    np.testing.assert_allclose(As[-1][:, 2], A[:, 2])  # its weights never move


@pytest.mark.parametrize(("p", "m", "rank"), [(3, 4, 2), (3, 4, 1), (4, 2, 2), (2, 5, 2)])
def test_the_limit_error_of_any_B(p, m, rank):
    W, A, B, T, _ = system(5, p, m, 5, rank=rank)
    Ws, As = linear.solve(0 * W, 0 * A, B, T, [1e4])
    np.testing.assert_allclose(T - Ws[0] @ As[0], linear.limit_error(B, T), atol=1e-6)
    assert np.abs(B @ linear.limit_error(B, T)).max() < 1e-12
    assert (np.abs(linear.limit_error(B, T)).max() < 1e-12) == (rank == p)


@pytest.mark.parametrize("seed", range(4))
def test_the_exact_readout_and_no_antisymmetric_part_from_zero(seed):
    W, A, B, T, _ = system(seed, 3, 5, 4)
    Ws, _ = linear.solve(0 * W, 0 * A, B, T, [0.1, 0.5, 3.0, 1e4])
    np.testing.assert_allclose(Ws[-1], linear.exact_readout(B, T), atol=1e-7)
    assert np.abs(linear.antisymmetric_part(Ws, B)).max() < 1e-8


def from_zero(B, T, times, **options):
    return linear.solve(np.zeros(B.T.shape), np.zeros((len(B), T.shape[1])), B, T, times, **options)


@pytest.mark.parametrize(("p", "m", "n"), [(3, 5, 4), (5, 3, 6), (4, 4, 4), (3, 2, 4), (2, 3, 1)])
def test_from_zero_each_singular_value_of_BT_runs_its_own_toy(p, m, n):
    _, _, B, T, _ = system(11, p, m, n)
    times = np.linspace(0, 4, 9)
    u, s, vT = np.linalg.svd(B @ T, full_matrices=False)
    toys = solve_ivp(lambda _, a: s - a**3 / 2, (0, 4), 0 * s, "DOP853", times, rtol=1e-11, atol=1e-13).y.T
    W, A = from_zero(B, T, times)
    np.testing.assert_allclose(A, (u * toys[:, None]) @ vT, atol=1e-7)
    np.testing.assert_allclose(B @ W, A @ linear.transpose(A) / 2, atol=1e-7)  # K = 0, for any B
    E = T - W @ A
    np.testing.assert_allclose(B @ E, (u * (s - toys**3 / 2)[:, None]) @ vT, atol=1e-6)
    if m >= p:
        np.testing.assert_allclose(E, np.linalg.pinv(B) @ ((u * (s - toys**3 / 2)[:, None]) @ vT), atol=1e-6)


def test_the_slowest_mode_dies_out_at_its_rate():
    _, _, B, T, _ = system(11, 3, 5, 4)
    s = np.linalg.svd(B @ T, compute_uv=False)[:3]
    rate = 1.5 * (2 * s[-1]) ** (2 / 3)
    W, A = from_zero(B, T, [8 / rate, 12 / rate])
    first, last = linear.norm(T - W @ A)
    assert np.log(first / last) == pytest.approx(4, rel=1e-2)


@pytest.mark.parametrize(("p", "m", "rank"), [(3, 5, 3), (3, 4, 2), (4, 2, 2), (2, 5, 1)])
def test_the_end_of_W_for_any_rank_of_B(p, m, rank):
    _, _, B, T, _ = system(5, p, m, 5, rank=rank)
    u, s, vT = np.linalg.svd(B @ T)
    W, _ = from_zero(B, T, [1e4])
    expected = sum(np.outer(T @ vT[i], u[:, i]) / np.cbrt(2 * s[i]) for i in range(rank))
    np.testing.assert_allclose(W[0], expected, atol=1e-6)


@pytest.mark.parametrize(("rank_of_T", "goes"), [(1, True), (2, False)])
def test_from_zero_the_error_vanishes_exactly_if_BT_has_the_rank_of_T(rank_of_T, goes):
    rng = np.random.default_rng(8)
    B, T = rng.normal(size=(1, 3)), rng.normal(size=(3, rank_of_T)) @ rng.normal(size=(rank_of_T, 4))
    W, A = from_zero(B, T, [1e4])
    left = linear.norm(T - W[0] @ A[0]) / linear.norm(T)
    assert (left < 1e-8) if goes else (left > 0.1)


@given(seeds, sizes, sizes, sizes, st.booleans())
def test_A_rolls_down_U_pushed_sideways_by_K(seed, p, m, n, white):
    W, A, B, T, Sigma = system(seed, p, m, n, white=white)
    K, C = linear.antisymmetric_part(W, B), linear.constant(W, A, B)
    slope = A @ A.T @ A / 2 + C @ A / 2 - B @ T
    A_dot = linear.velocity(W, A, B, T, Sigma)[1]
    np.testing.assert_allclose(A_dot, -(slope + K @ A) @ (np.eye(n) if white else Sigma), atol=1e-8)
    assert linear.inner(K @ A, A) == pytest.approx(0, abs=1e-9)
    assert linear.inner(K, (A_dot @ A.T - A @ A_dot.T) / 2) == pytest.approx(linear.inner(K @ A, A_dot), abs=1e-6)


def test_in_one_dimension_L_is_lesson_twos_landscape():
    w0, w1 = 0.7, -1.3
    c = w1 - w0**2 / 2
    one = np.array([[1.0]])
    assert linear.lyapunov(w1 * one, w0 * one, one, one) == pytest.approx(w0**4 / 8 + c * w0**2 / 2 - w0)


def test_minus_three_times_the_pseudo_inverse_opposes_every_error_but_not_the_matrix_B():
    _, _, B, _, _ = system(0, 3, 5, 4)
    W, errors = -3 * np.linalg.pinv(B), np.random.default_rng(1).normal(size=(3, 200))
    np.testing.assert_allclose((errors * (W @ B @ errors)).sum(0), -3 * (errors**2).sum(0))
    assert linear.angle(W.T, B, axis=(0, 1)) == pytest.approx(106, abs=1)
    assert linear.angle(-B, B, axis=(0, 1)) == pytest.approx(180)


def test_the_symmetric_part_of_WB_is_positive_though_WB_is_not_symmetric():
    rng = np.random.default_rng(2)
    for _ in range(200):
        B, T = rng.uniform(-0.5, 0.5, (20, 10)), rng.uniform(-1, 1, (10, 30))
        WB = linear.exact_readout(B, T) @ B
        assert np.linalg.eigvalsh(WB + WB.T)[0] > 0 and linear.norm(WB - WB.T) > 0.05 * linear.norm(WB)


@given(seeds, sizes, sizes, sizes, st.booleans())
def test_the_two_layers_shares_in_the_fall_of_the_loss(seed, p, m, n, white):
    W, A, B, T, Sigma = system(seed, p, m, n, white=white)
    root = np.eye(n) if white else Sigma
    loss = lambda W, A: linear.inner(T - W @ A, (T - W @ A) @ root) / 2  # noqa: E731
    driven = (T - W @ A) @ root
    expected = -linear.inner(driven @ A.T, driven @ A.T) - np.trace(driven.T @ W @ B @ driven)
    assert along(loss, W, A, B, T, Sigma) == pytest.approx(expected, rel=1e-4, abs=1e-3)


def test_the_exact_readout_for_equal_singular_values():
    rng = np.random.default_rng(1)
    B, tau = rng.normal(size=(6, 3)), 1.7
    T = tau * np.linalg.qr(rng.normal(size=(5, 3)))[0].T
    values, vectors = np.linalg.eigh(B.T @ B)
    W = 0.5 * (2 * tau) ** (2 / 3) * (vectors * values ** (-2 / 3)) @ vectors.T @ B.T
    np.testing.assert_allclose(linear.exact_readout(B, T), W, atol=1e-12)


def test_the_exact_readout_of_a_direction_that_is_hardly_passed_on():
    B, turn = np.diag([1.0, 1e-7]), np.array([[0.6, -0.8], [0.8, 0.6]])
    W = 2 ** (-1 / 3) * np.diag(np.cbrt([1, 1e-14]) / [1, 1e-7])
    np.testing.assert_allclose(linear.exact_readout(turn @ B, np.eye(2)), W @ turn.T, rtol=1e-6)


def test_the_exact_readout_may_oppose_some_errors():
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    WB = linear.exact_readout(np.diag([1.0, 0.1]) @ turn.T, np.diag([1.0, 10.0])) @ np.diag([1.0, 0.1]) @ turn.T
    assert (np.linalg.eigvals(WB).real > 0).all() and np.linalg.eigvalsh(WB + WB.T)[0] < -0.1


def test_a_finite_step_lowers_C_by_the_square_of_the_step_in_A():
    W, A, B, T, Sigma = system(2, 2, 3, 4, white=False)
    Ws, As = linear.steps(W, A, B, T, 0.01, 50, Sigma)
    C, moves = linear.constant(Ws, As, B), np.diff(As, axis=0)
    np.testing.assert_allclose(np.diff(C, axis=0), -moves @ linear.transpose(moves), atol=1e-12)


def test_small_steps_follow_the_flow():
    W, A, B, T, _ = system(4, 2, 3, 4, scale=0.1)
    by_steps = linear.steps(W, A, B, T, 1e-4, 10000)
    by_flow = linear.solve(W, A, B, T, [0.5, 1.0])
    for stepped, flowed in zip(by_steps, by_flow, strict=True):
        np.testing.assert_allclose(stepped[[5000, 10000]], flowed, atol=2e-3)


def test_large_steps_overflow_quietly():
    W, A, B, T, _ = system(4, 3, 5, 6)
    Ws, _ = linear.steps(W, A, B, T, 1.0, 100)
    assert not np.isfinite(Ws[-1]).all()


@pytest.mark.parametrize("times", [[0], [0.0, 1e-300], [1e-300], [1e-200, 1e-100]])
def test_where_no_time_passes_the_flow_is_at_its_start(times):
    W, A, B, T, _ = system(0, 2, 3, 4)
    Ws, As = linear.solve(W, A, B, T, times)
    np.testing.assert_allclose(Ws, [W] * len(times), atol=1e-12)
    np.testing.assert_allclose(As, [A] * len(times), atol=1e-12)


def test_a_flow_that_leaves_the_numbers_is_told():
    W, A, B, T, _ = system(0, 2, 3, 4)
    with pytest.raises(RuntimeError, match="the solver stopped"), np.errstate(all="ignore"):
        linear.solve(W, A, B, T, [1, 50], -np.eye(4))


def test_angles():
    assert linear.angle(np.array([1.0, 0]), np.array([1.0, 1])) == pytest.approx(45)
    assert linear.angle(np.eye(2), -np.eye(2), axis=(0, 1)) == pytest.approx(180)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda W, A, B, T: linear.velocity(W, A, B, T, rule="dfa"), "rule must be one of bp, fa, frozen"),
        (lambda W, A, B, T: linear.solve(W, A, B.T, T, [1]), r"B must have shape \(3, 2\)"),
        (lambda W, A, B, T: linear.solve(W, A, B, T.T, [1]), r"T must have shape \(2, 4\)"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, [1], np.eye(3)), r"Sigma must have shape \(4, 4\)"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, [1, 1]), "times must rise"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, []), "times must rise"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, 1.0), "times must rise"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, [-1, 1]), "times must be at least 0 and finite, got -1"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, [0, np.nan]), "times must be at least 0 and finite, got nan"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, [0, np.inf]), "times must be at least 0 and finite, got inf"),
        (lambda W, A, B, T: linear.solve(W * np.nan, A, B, T, [1]), "W must be finite, got nan"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, [1], np.full((4, 4), np.inf)), "Sigma must be finite, got"),
        (lambda W, A, B, T: linear.solve(W, A, B, T, [1], tolerance=np.nan), "tolerance must be positive and finite"),
        (lambda W, A, B, T: linear.solve(W[0], A, B, T, [1]), r"W must be a matrix, got shape \(3,\)"),
        (lambda W, A, B, T: linear.steps(W, A, B, T, 0.1, -1), "count must be a whole number at least 0, got -1"),
        (lambda W, A, B, T: linear.steps(W, A, B, T, 0.1, 2.5), "count must be a whole number at least 0, got 2.5"),
        (lambda W, A, B, T: linear.steps(W, A, B, T, 0, 1), "learning_rate must be positive and finite, got 0"),
        (lambda W, A, B, T: linear.exact_readout(B[:1], T), "full column rank"),
        (lambda W, A, B, T: system(0, 2, 3, 4, rank=3), "rank must be a whole number from 0 to"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(*system(0, 2, 3, 4)[:4])
