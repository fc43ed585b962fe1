"""The references of lesson 7's exercises against truths that know nothing of their formulas: autograd, relaxation."""

from itertools import product

import numpy as np
import pytest
import torch

from fa_lessons.lessons.lesson7.exercises import EXERCISES
from fa_lessons.lessons.lesson7.settling_exercises import equilibrium

SEEDS = range(3)


def reference(name):
    return EXERCISES[name].reference


def drawn(name, seed):
    return EXERCISES[name].draw(np.random.default_rng(seed))


def tensors(*arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


@pytest.mark.parametrize("seed", SEEDS)
def test_two_phases_with_weak_feedback_are_autograds_gradient(seed):
    rng, gamma = np.random.default_rng(seed), 1e-4
    weights = [rng.normal(size=pair) / pair[0] ** 0.5 for pair in ((6, 5), (5, 4), (4, 3))]
    x, target = rng.normal(size=(7, 6)), rng.normal(size=(7, 3))

    def settled(clamped):
        h, g = np.tanh(x @ weights[0]), np.tanh(np.tanh(x @ weights[0]) @ weights[1])
        for _ in range(30):
            y = target if clamped else g @ weights[2]
            h = np.tanh(x @ weights[0] + gamma * g @ weights[1].T)
            g = np.tanh(h @ weights[1] + gamma * y @ weights[2].T)
        return [x, h, g, target if clamped else g @ weights[2]]

    found = reference("hebbian_change")(settled(False), settled(True), gamma)
    W = tensors(*weights)
    y = torch.tanh(torch.tanh(torch.tensor(x) @ W[0]) @ W[1]) @ W[2]
    truth = torch.autograd.grad((y - torch.tensor(target)).square().sum() / (2 * len(x)), W)
    for change, slope in zip(found, truth, strict=True):
        assert np.linalg.norm(change + slope.numpy()) < 2e-3 * np.linalg.norm(slope.numpy())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_gamma_is_the_lowest_point_of_a_fine_grid(seed):
    precision, steps_down = drawn("best_gamma", seed)
    grid = np.logspace(-10, 0.5, 200_001)
    lowest = grid[np.argmin(grid + precision / grid**steps_down)]
    assert reference("best_gamma")(precision, steps_down) == pytest.approx(lowest, rel=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_inverse_is_where_autograd_finds_no_slope(seed):
    W, second_moment = drawn("linear_inverse", seed)
    (V,) = tensors(reference("linear_inverse")(W, second_moment))
    W, root = torch.tensor(W), torch.linalg.cholesky(torch.tensor(second_moment))
    loss = (root.T @ (W @ V - torch.eye(len(W), dtype=W.dtype))).square().sum()  # E‖h W V − h‖²
    (slope,) = torch.autograd.grad(loss, V)
    assert slope.abs().max() < 1e-9 * max(1, float(root.square().sum()))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_likelihoods_gradient_is_autograds(seed):
    data, *machine = drawn("likelihood_gradient", seed)
    W, b, c = tensors(*machine)

    def free(v):
        return torch.nn.functional.softplus(v @ W + b).sum(1) + v @ c

    states = torch.tensor(list(product((0.0, 1.0), repeat=len(c))), dtype=torch.float64)
    likelihood = free(torch.tensor(data)).mean() - torch.logsumexp(free(states), 0)
    (slope,) = torch.autograd.grad(likelihood, W)
    np.testing.assert_allclose(reference("likelihood_gradient")(data, *machine), slope.numpy(), atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_nudge_descends_autograds_gradient_through_the_relaxation(seed):
    x, target, W1, W2, *_ = drawn("nudged_step", seed)
    found = reference("nudged_step")(x, target, W1, W2, 1e-3, 1.0, equilibrium)
    W = tensors(W1, W2)
    h, y = torch.zeros(len(x), W1.shape[1], dtype=torch.float64), torch.zeros(target.shape, dtype=torch.float64)
    for _ in range(200):  # the free state, by relaxing step by step
        h, y = h + 0.5 * (torch.tensor(x) @ W[0] + y @ W[1].T - h), y + 0.5 * (h @ W[1] - y)
    cost = (y - torch.tensor(target)).square().sum() / (2 * len(x))
    for new, old, slope in zip(found, (W1, W2), torch.autograd.grad(cost, W), strict=True):
        np.testing.assert_allclose(new - old, -slope.numpy(), atol=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hidden_layer_settles_where_gradient_descent_ends(seed):
    e, W2, variance = drawn("settled_shift", seed)
    d = np.zeros((len(e), len(W2)))
    pace = 1 / (1 + np.linalg.norm(W2, 2) ** 2 / variance)
    for _ in range(3000):
        d = d - pace * (d + (e + d @ W2) @ W2.T / variance)
    np.testing.assert_allclose(reference("settled_shift")(e, W2, variance), d, atol=1e-8)


def test_a_tolerant_output_gives_backprops_signal_and_a_strict_one_the_pseudoinverse():
    rng = np.random.default_rng(0)
    e, W2 = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
    settle = reference("settled_shift")
    np.testing.assert_allclose(-1e6 * settle(e, W2, 1e6), e @ W2.T, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(settle(e, W2, 1e-9), -e @ np.linalg.pinv(W2), rtol=1e-4, atol=1e-5)
