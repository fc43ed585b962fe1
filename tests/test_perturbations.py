"""Dropout and adversarial examples against autograd."""

import copy

import numpy as np
import pytest
import torch

from fa_lessons import MLP, losses, rules
from fa_lessons.networks import ACTIVATIONS
from fa_lessons.perturbations import Dropout, ThinnedNetwork, adversarial
from tests.test_rules import TORCH_UNITS, batch


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop_through_dropout_is_autograd(activation):
    network = MLP((6, 8, 7, 3), activation, replicas=2, dtype=torch.float64)
    images, target = batch(network, 9)
    thinned = ThinnedNetwork(network, Dropout(0.2, 0.5).masks(network, 9, (1, 2)))
    activations = thinned.forward(images)
    deltas = rules.Backpropagation().deltas(thinned, activations, losses.error_signal(thinned, activations[-1], target))
    for r in range(2):
        weights = [w[r].clone().requires_grad_() for w in network.weights]
        h = images * thinned.masks[0][r]
        for w, mask in zip(weights[:-1], thinned.masks[1:], strict=True):
            h = TORCH_UNITS[activation](h @ w) * mask[r]
        torch.nn.functional.cross_entropy(h @ weights[-1], target).backward()
        for below, delta, w in zip(activations, deltas, weights, strict=False):
            assert (below[r].T @ delta[r] - w.grad).abs().max() < 1e-10


def test_masks_silence_the_right_share_keep_the_mean_and_repeat():
    network = MLP((400, 500, 3), replicas=2)
    first, again, other = (Dropout(0.1, 0.5).masks(network, 50, (0, step)) for step in (1, 1, 2))
    for mask, share in zip(first, (0.1, 0.5), strict=True):
        assert abs((mask == 0).float().mean() - share) < 0.01 and abs(mask.mean() - 1) < 0.02
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[1], other[1]) and not torch.equal(*first[1])


def test_adversarial_images_climb_the_loss_along_its_gradients_sign():
    network = MLP((6, 8, 3), replicas=2, dtype=torch.float64)
    images, target = batch(network, 5)
    found = adversarial(network, images, target, 0.08)
    for r in range(2):
        x = images.clone().requires_grad_()
        a = torch.tanh(x @ network.weights[0][r]) @ network.weights[1][r]
        torch.nn.functional.cross_entropy(a, target).backward()
        assert torch.allclose(found[r], images + 0.08 * x.grad.sign())


def test_bad_probabilities_are_refused():
    for inputs, hidden in ((1, 0.5), (-0.1, 0.5), (0.1, np.nan)):
        with pytest.raises(ValueError, match=r"dropout (inputs|hidden) must be from 0 to below 1"):
            Dropout(inputs, hidden)


@pytest.mark.parametrize("copied", [lambda h: h.clone(), lambda h: h[:, :], lambda h: h.detach()])
def test_a_copy_of_an_activation_has_its_slope(copied):
    network = MLP((6, 8, 8, 3), replicas=2, dtype=torch.float64)
    thinned = ThinnedNetwork(network, Dropout(0.2, 0.5).masks(network, 9, (1, 2)))
    for h in thinned.forward(batch(network, 9)[0])[1:-1]:
        assert torch.equal(thinned.derivative(copied(h)), thinned.derivative(h))
    with pytest.raises(ValueError, match="hidden must be an activation of this step under dropout"):
        thinned.derivative(torch.ones(2, 9, 8, dtype=torch.float64))


def test_an_input_is_masked_once():
    network = MLP((6, 8, 3), replicas=2, dtype=torch.float64)
    thinned = ThinnedNetwork(network, Dropout(0.2, 0.5).masks(network, 9, (1, 2)))
    images = batch(network, 9)[0]
    first = thinned.forward(images)
    for again in (thinned.forward(first[0]), thinned.forward(images)):
        assert all(map(torch.equal, first, again))


def test_a_thinned_network_can_be_copied():
    network = MLP((6, 8, 3))
    thinned = ThinnedNetwork(network, Dropout(0.2, 0.5).masks(network, 9, (1, 2)))
    images = batch(network, 9)[0]
    assert all(map(torch.equal, copy.deepcopy(thinned).forward(images), thinned.forward(images)))
