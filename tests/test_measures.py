"""Angles, against plain formulas."""

import numpy as np
import pytest
import torch

from fa_lessons import MLP, alignment_angles, losses, measures, rules


def data(network, count=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((count, network.sizes[0])), rng.integers(network.sizes[-1], size=count)


def plain_angle(u, v):
    u, v = np.ravel(u), np.ravel(v)
    return np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))


@pytest.fixture
def network():
    return MLP((7, 6, 5, 3), replicas=2, seed=1, dtype=torch.float64)


@pytest.mark.parametrize("rule", ["fa", "dfa", "ifa"])
def test_signal_angles_per_example_and_of_the_mean(network, rule):
    batch = data(network)
    _, deltas, backprop = measures.signals(network, rule, *batch)
    each, mean = alignment_angles(network, rule, *batch), alignment_angles(network, rule, *batch, per_example=False)
    assert each.shape == (2, 2, 6) and mean.shape == (2, 2)
    for layer in range(2):
        for r in range(2):
            d, t = deltas[layer][r].numpy(), backprop[layer][r].numpy()
            assert np.isclose(mean[layer, r], plain_angle(d.mean(0), t.mean(0)))
            for i in range(6):
                assert np.isclose(each[layer, r, i], plain_angle(d[i], t[i]))


def test_update_angles_of_the_batch_and_per_example(network):
    batch = data(network)
    activations, deltas, backprop = measures.signals(network, "fa", *batch)
    whole = measures.update_angles(network, "fa", *batch)
    each = measures.update_angles(network, "fa", *batch, per_example=True)
    for layer in range(3):
        h, d, t = (x[layer][1].numpy() for x in (activations, deltas, backprop))
        assert np.isclose(whole[layer, 1], plain_angle(h.T @ d, h.T @ t), atol=1e-5)
        assert np.isclose(each[layer, 1, 2], plain_angle(np.outer(h[2], d[2]), np.outer(h[2], t[2])), atol=1e-5)


def test_weight_angles_follow_the_path_that_the_feedback_replaces(network):
    w = [weight[0].numpy() for weight in network.weights]
    for name, paths in (("fa", [w[1], w[2]]), ("dfa", [w[1] @ w[2], w[2]]), ("ifa", [w[1] @ w[2]])):
        feedback = rules.resolve(name, network).feedback
        found = measures.weight_angles(network, name)
        assert found.shape == (len(paths), 2)
        for layer, path in enumerate(paths):
            assert np.isclose(found[layer, 0], plain_angle(path.T, feedback[layer][0].numpy()))
    assert (
        measures.weight_angles(network, "bp").shape == (2, 2) and (measures.weight_angles(network, "bp") < 1e-3).all()
    )
    assert measures.weight_angles(network, "shallow").shape == (0, 2)


def test_weight_angles_take_the_path_that_the_rule_says(network):
    class Signs(rules.Rule):
        name = "signs"

        def feedback_path(self, network):
            return [W.sign().mT for W in network.weights[1:]]

    found = measures.weight_angles(network, Signs())
    for layer, W in enumerate(network.weights[1:]):
        assert np.isclose(found[layer, 1], plain_angle(W[1].numpy(), np.sign(W[1].numpy())))


def test_weight_angles_refuse_a_path_that_replaces_no_weights(network):
    class Straight(rules.Rule):
        name = "straight"

        def feedback_shapes(self, sizes):
            return [(sizes[-1], n) for n in sizes[1:-1]]

    with pytest.raises(ValueError, match=r"straight.feedback_path must have shapes .* \(direct is False\), got"):
        measures.weight_angles(network, Straight())


def test_backprop_has_no_angle_to_itself_and_shallow_has_none_at_all(network):
    assert (alignment_angles(network, "bp", *data(network)) < 1e-3).all()
    assert torch.isnan(alignment_angles(network, "shallow", *data(network))).all()


def test_error_rate_counts_the_misses():
    network = MLP((3, 4), output="linear", replicas=2, initial_scale=0)
    network.biases[0][0, 0, 2] = 1
    network.biases[0][1, 0, 1] = 1
    images, labels = np.zeros((5000, 3)), np.tile([2, 2, 1, 0, 2], 1000)
    assert losses.error_rate(network, images, labels).tolist() == pytest.approx([40, 80])
