"""The two-layer theorem: the exact formula against the updates, and what it does and does not promise."""

import numpy as np
import pytest

from fa_lessons.lessons.lesson5.theory import agreement, constant_signals, cosines, exact_second


def draw(samples, seed=0, n=30, n_first=15, n_second=12):
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=(samples, units)) for units in (n, n_first, n_second))


def error_signals(samples, units, seed=0, orthogonal=False):
    """x, and signals e B that two layers of `units` units receive of one error, as in DFA."""
    rng = np.random.default_rng(seed)
    x, e = rng.normal(size=(samples, 30)), rng.normal(size=(samples, 10))
    B = [rng.normal(size=(units, 10)) for _ in range(2)]
    B = [np.linalg.qr(matrix)[0] for matrix in B] if orthogonal else B
    return x, e @ B[0].T, e @ B[1].T


@pytest.mark.parametrize("samples", [1, 3, 20])
def test_small_steps_follow_the_exact_flow(samples):
    signals = draw(samples)
    W = exact_second(*signals, time=0.7)
    _, stepped = constant_signals(*signals, time=0.7, steps=4000)
    np.testing.assert_allclose(stepped, W, rtol=1e-3, atol=1e-3 * np.abs(W).max())


def test_the_first_layer_writes_its_signal_into_its_activation():
    x, first, second = draw(1)
    W_first, _ = constant_signals(x, first, second)
    np.testing.assert_allclose(x @ W_first, -(x @ x.T) * first, rtol=1e-10)


@pytest.mark.parametrize("samples", [2, 40])
def test_both_inner_products_are_the_agreement(samples):
    x, first, second = draw(samples)
    W = exact_second(x, first, second)
    np.testing.assert_allclose(agreement(x, first, second), (first * (second @ W.T)).sum(1))
    np.testing.assert_allclose(agreement(x, first, second), (second * (first @ W)).sum(1))
    grams = [matrix @ matrix.T for matrix in (first, x, second)]
    np.testing.assert_allclose(agreement(x, first, second), np.diag(grams[0] @ grams[1] @ grams[2]) / 2)


@pytest.mark.parametrize("samples", [1, 50])
def test_one_direction_for_all_examples_aligns_exactly(samples):
    x, first, second = draw(samples)
    first, second = np.tile(first[:1], (samples, 1)), np.tile(second[:1], (samples, 1))
    for cosine in cosines(first, second, exact_second(x, first, second)):
        np.testing.assert_allclose(cosine, 1)


def test_unrelated_directions_of_many_examples_interfere():
    x, first, second = draw(200)
    assert 0.5 < (agreement(x, first, second) > 0).mean() < 0.8


def test_signals_of_one_error_through_orthogonal_feedback_all_agree():
    for seed in range(5):
        assert (agreement(*error_signals(200, 12, seed, orthogonal=True)) > 0).all()


def test_signals_of_one_error_through_wide_random_feedback_all_agree():
    assert (agreement(*error_signals(200, 500)) > 0).all()


def test_a_silent_signal_has_no_angle():
    x, first, second = draw(2)
    assert np.isnan(cosines(first, 0 * second, exact_second(x, first, 0 * second))).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": np.ones((2, 3))}, r"first must be a finite matrix with 4 rows, one an example, got shape \(2, 3\)"),
        ({"second": np.full((4, 2), np.nan)}, "second must be a finite matrix"),
        ({"x": np.ones(4)}, r"x must be a finite matrix with 4 rows, one an example, got shape \(4,\)"),
        ({"time": 0}, "time must be positive and finite, got 0"),
        ({"steps": 0}, "steps must be a whole number at least 1, got 0"),
    ],
)
def test_bad_input_is_named(change, message):
    x, first, second = draw(4)
    with pytest.raises(ValueError, match=message):
        constant_signals(**{"x": x, "first": first, "second": second, **change})
