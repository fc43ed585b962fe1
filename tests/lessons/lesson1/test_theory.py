"""The backward pass with its bugs, and finite differences with their errors."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fa_lessons.lessons.lesson1.theory import (
    BUGS,
    difference,
    forward,
    gradient,
    loss,
    relative_error,
    sizes_of,
    unpack,
)

SIZES = (4, 3, 3)


def problem(seed=0, sizes=SIZES, scale=1.0):
    rng = np.random.default_rng(seed)
    w = scale * rng.normal(size=sum(sizes_of(sizes).values()))
    return w, rng.normal(size=(5, sizes[0])), np.eye(sizes[2])[rng.integers(0, sizes[2], 5)]


@given(
    sizes=st.tuples(*[st.integers(1, 6)] * 3),
    seed=st.integers(0, 99),
    scale=st.floats(0.01, 3),
)
def test_the_gradient_is_that_of_autograd(sizes, seed, scale):
    w, x, target = problem(seed, sizes, scale)
    variable = torch.tensor(w, requires_grad=True)
    n, m, p = sizes
    W1, b1, W2, b2 = variable.split([n * m, m, m * p, p])
    z2 = torch.sigmoid(torch.tensor(x) @ W1.reshape(n, m) + b1) @ W2.reshape(m, p) + b2
    value = torch.nn.functional.cross_entropy(z2, torch.tensor(target))
    value.backward()
    np.testing.assert_allclose(loss(w, sizes, x, target), value.item(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(gradient(w, sizes, x, target), variable.grad.numpy(), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("bug", BUGS[1:])
def test_every_bug_is_wrong_and_leaves_the_shape(bug):
    w, x, target = problem()
    truth, wrong = gradient(w, SIZES, x, target), gradient(w, SIZES, x, target, bug)
    assert wrong.shape == truth.shape
    assert relative_error(wrong, truth) > 0.03


@pytest.mark.parametrize("bug", BUGS[1:4])
def test_the_bugs_of_the_hidden_layer_leave_the_output_layer_right(bug):
    w, x, target = problem()
    truth, wrong = gradient(w, SIZES, x, target), gradient(w, SIZES, x, target, bug)
    np.testing.assert_array_equal(wrong[-12:], truth[-12:])
    assert not np.allclose(wrong[:-12], truth[:-12], rtol=0.05)


def test_the_misprint_uses_the_slope_of_the_outputs():
    w, x, target = problem()
    _, y = forward(w, SIZES, x)
    delta = ((y - target) / 5 @ unpack(w, SIZES)[2].T) * y * (1 - y)
    np.testing.assert_allclose(unpack(gradient(w, SIZES, x, target, BUGS[1]), SIZES)[0], x.T @ delta)


def test_a_stack_is_evaluated_like_its_members():
    w, x, target = problem()
    stack = np.stack([w, 2 * w, w - 1]).reshape(3, 1, -1)
    values = loss(stack, SIZES, x, target)
    assert values.shape == (3, 1)
    np.testing.assert_allclose(values[:, 0], [loss(v, SIZES, x, target) for v in stack[:, 0]])


def test_saturated_units_and_a_certain_wrong_answer_stay_finite():
    w, x, target = problem(scale=1e4)
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(loss(w, SIZES, x, target))
        assert np.isfinite(gradient(w, SIZES, x, target)).all()


@pytest.mark.parametrize(("formula", "order"), [("central", 2), ("forward", 1)])
def test_the_error_falls_with_the_order_of_the_formula(formula, order):
    w = np.array([0.3, -0.7])
    steps = np.array([1e-2, 1e-3])
    found = difference(lambda v: np.sin(v).sum(-1), w, steps, formula)
    errors = relative_error(found, np.cos(w))
    assert np.log10(errors[0] / errors[1]) == pytest.approx(order, abs=0.02)


def test_a_step_that_rounding_swallows_gives_zero():
    found = difference(lambda v: v.sum(-1), np.ones(2, dtype=np.float32), [1e-12])
    assert found.dtype == np.float32 and (found == 0).all()


@pytest.mark.parametrize("w", [np.arange(3), [0, 1, 2], np.array([0, 1, 2], np.uint8)])
def test_whole_numbers_round_no_step_to_zero(w):
    found = difference(lambda v: (v**2).sum(-1), w, [1e-3])
    np.testing.assert_allclose(found, [[0, 2, 4]], atol=1e-9)


def test_relative_error_is_the_gaps_length_by_the_truths_or_a_scales():
    found, truth = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([0.0, 4.0])
    assert relative_error(found, truth).tolist() == [0.75, 1]
    assert relative_error(found, truth, np.array([6.0, 8.0])).tolist() == [0.3, 0.4]


def test_relative_error_of_a_zero_truth():
    assert relative_error(np.zeros((2, 3)), np.zeros(3)).tolist() == [0, 0]
    assert relative_error(np.ones((2, 3)), np.zeros(3)).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w, x, t: gradient(w, SIZES, x, t, "typo"), "bug must be one of"),
        (lambda w, x, t: gradient(w[:-5], (4, 3, 1), x, t[:, :1], BUGS[1]), "as many outputs as hidden units"),
        (lambda w, x, t: loss(w[1:], SIZES, x, t), "need 27 parameters, got 26"),
        (lambda w, x, t: difference(np.sum, w, [0.1], "backward"), "formula must be one of"),
        (lambda w, x, t: difference(np.sum, w, [0.1, 0]), "steps must be positive and finite"),
        (lambda w, x, t: difference(np.sum, w, [np.nan]), "steps must be positive and finite"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(*problem())
