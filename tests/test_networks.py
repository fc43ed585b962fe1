"""How a network starts, and what its parts take along."""

import pytest
import torch

from fa_lessons import MLP


@pytest.mark.parametrize("scale", [1, 0.5, 6])
def test_weights_start_uniform_within_scale_over_the_root_of_the_inputs(scale):
    network = MLP((400, 100, 900, 3), replicas=2, initial_scale=scale)
    for weight, n_in in zip(network.weights, (400, 100, 900), strict=True):
        bound = scale / n_in**0.5
        assert 0.95 * bound < weight.abs().max() <= bound
        assert abs(weight.square().mean().item() / (bound**2 / 3) - 1) < 0.1


def test_layers_and_replicas_have_draws_of_their_own():
    network = MLP((6, 6, 6), replicas=2)
    first, second = network.weights
    assert not torch.equal(first, second) and not torch.equal(first[0], first[1])


def test_a_selection_takes_weights_and_biases_in_its_order_and_shares_none():
    network = MLP((4, 3, 2), replicas=3)
    for bias in network.biases:
        bias.copy_(torch.rand(bias.shape))
    part = network.select([2, 0])
    for kept, whole in ((part.weights, network.weights), (part.biases, network.biases)):
        for mine, theirs in zip(kept, whole, strict=True):
            assert torch.equal(mine, theirs[[2, 0]])
            mine.zero_()
            assert theirs.abs().sum() > 0
