"""What lesson 1 says in words, tried on numbers that the lesson does not use."""

import itertools

import numpy as np
import pytest
import sympy

from fa_lessons.lessons.lesson1 import transfer_exercises as transfer


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_a_backward_pass_costs_one_forward_pass_in_784_100_10_and_two_only_in_deep_networks():
    forward, backward = transfer._multiply_adds((784, 100, 10))
    assert (forward, backward) == (79_400, 80_400)
    for hidden, ratio in [(1, 1.01), (20, 1.95), (500, 2)]:
        sizes = (784, *[800] * hidden, 10)
        forward, backward = transfer._multiply_adds(sizes)
        products = [a * b for a, b in itertools.pairwise(sizes)]
        assert (forward, backward) == (sum(products), 2 * sum(products) - products[0])  # no signal to the input
        assert backward / forward == pytest.approx(ratio, abs=0.015)


def test_the_product_of_the_two_signals_is_a_quadratic_form_symbolically():
    W, B = sympy.Matrix(2, 3, sympy.symbols("w:6")), sympy.Matrix(3, 2, sympy.symbols("b:6"))
    e = sympy.Matrix(sympy.symbols("e:2"))
    assert sympy.expand((W.T * e).dot(B * e) - (e.T * W * B * e)[0]) == 0


def test_the_network_of_four_numbers_by_exact_arithmetic():
    w = sympy.Matrix(2, 2, sympy.symbols("w:4"))
    z = sympy.Matrix([[1, 2]]) * w
    unit = lambda value: 1 / (1 + sympy.exp(-value))  # noqa: E731
    loss = (unit(3 * unit(z[0]) - 3 * unit(z[1])) - 1) ** 2 / 2
    at = dict(zip(w, (2, -4, -1, 2), strict=True))
    slopes = [sympy.diff(loss, entry).subs(at) for entry in w]
    assert [sympy.nsimplify(32 * slope) for slope in slopes] == [-3, 3, -6, 6]


@pytest.mark.parametrize("seed", range(20))
def test_the_loss_falls_against_a_signal_within_90_degrees_and_rises_against_one_beyond(seed):
    rng = np.random.default_rng(seed)
    h, W2, B = rng.uniform(size=(1, 6)), rng.normal(size=(6, 3)), rng.normal(size=(3, 6))
    target = rng.uniform(size=(1, 3))
    loss = lambda h: ((sigmoid(h @ W2) - target) ** 2).sum() / 2  # noqa: E731
    y = sigmoid(h @ W2)
    e = y * (1 - y) * (y - target)
    product = ((e @ W2.T) * (e @ B)).sum()
    assert loss(h - 1e-5 * e @ B) - loss(h) == pytest.approx(-1e-5 * product, rel=1e-2, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_with_unequal_slopes_the_condition_misleads_and_with_equal_ones_never(seed):
    rng = np.random.default_rng(seed)
    x, e = rng.normal(size=(1, 4)), rng.normal(size=(1, 3))
    W2, B, h = rng.normal(size=(6, 3)), rng.normal(size=(3, 6)), np.full((1, 6), rng.uniform(0.1, 0.9))
    product = ((e @ W2.T) * (e @ B)).sum()
    assert np.sign(transfer._loss_change(x, e, W2, B, h)) == -np.sign(product)
    one, back = np.ones((1, 1)), np.array([[1.0, -rng.uniform(0.1, 0.9)]])
    saturated = np.array([[0.01, 0.5]])
    assert back.sum() > 0 and transfer._loss_change(one, one, np.ones((2, 1)), back, saturated) > 0


@pytest.mark.parametrize("seed", range(20))
def test_a_nonzero_feedback_matrix_breaks_the_symmetry_of_zero_weights_and_backprop_does_not(seed):
    rng = np.random.default_rng(seed)
    x, e = rng.normal(size=(8, 5)), rng.normal(size=(8, 3))
    for h in (np.full((8, 7), 0.5), np.zeros((8, 7))):  # sigmoid and tanh units at zero
        slope = 0.25 if h.any() else 1.0
        feedback, backprop = x.T @ (e @ rng.normal(size=(3, 7)) * slope), x.T @ (e @ np.zeros((3, 7)) * slope)
        assert not backprop.any() and len(np.unique(feedback[0].round(9))) == 7


@pytest.mark.parametrize("seed", range(25))
def test_five_lines_of_feedback_alignment_turn_the_weights_to_b(seed):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(100, 10))
    wanted = inputs @ rng.normal(size=(10, 4))
    V1, V2, B = 0.1 * rng.normal(size=(10, 20)), 0.1 * rng.normal(size=(20, 4)), rng.normal(size=(4, 20)) / 2
    angle = lambda: np.degrees(np.arccos((B * V2.T).sum() / np.linalg.norm(B) / np.linalg.norm(V2)))  # noqa: E731
    first = angle()
    for _ in range(13):
        hidden = inputs @ V1
        e = (hidden @ V2 - wanted) / 100
        V1, V2 = V1 - 0.04 * inputs.T @ (e @ B), V2 - 0.04 * hidden.T @ e
    assert 65 < first < 115 and angle() < min(55, first - 15)
