"""Angles, against plain formulas."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fa_lessons import MLP, alignment_angles, losses, measures, rules, train, verify_rule


def data(network, count=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((count, network.sizes[0])), rng.integers(network.sizes[-1], size=count)


def plain_angle(u, v):
    u, v = np.ravel(u), np.ravel(v)
    return np.degrees(np.arccos(np.clip(u @ v / np.linalg.norm(u) / np.linalg.norm(v), -1, 1)))


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


MEASURES = {
    "alignment_angles": lambda network, rule, batch: alignment_angles(network, rule, *batch),
    "update_angles": lambda network, rule, batch: measures.update_angles(network, rule, *batch),
    "weight_angles": lambda network, rule, batch: measures.weight_angles(network, rule),
    "verify_rule": lambda network, rule, batch: verify_rule(network, rule, batch),
}


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_leaves_the_network_its_rules_and_their_feedback(network, measure):
    trained = rules.resolve(rules.FeedbackAlignment(seed=5, feedback_scale=3), network)
    before = [B.clone() for B in trained.feedback]
    for rule in (rules.FeedbackAlignment(seed=7), "fa", rules.DirectFeedbackAlignment(seed=7)):
        MEASURES[measure](network, rule, data(network))
    assert network.rules == {"fa": trained}
    assert all(map(torch.equal, before, trained.feedback))
    MEASURES[measure](network, "dfa", data(network))
    drawn = rules.DirectFeedbackAlignment().attach(network).feedback
    assert all(map(torch.equal, network.rules["dfa"].feedback, drawn))


def test_a_rule_that_changes_what_it_reads_changes_neither_data_nor_measures(network):
    class Slip(rules.FeedbackAlignment):
        name = "slip"

        def deltas(self, network, activations, error):
            signals = super().deltas(network, activations, error)
            for tensor in (*activations, error):
                tensor.mul_(0.5)
            return signals

    images, labels = data(network)
    before, plain = images.copy(), rules.FeedbackAlignment(seed=1)
    plain.feedback = Slip(seed=1).attach(network).feedback
    slip = Slip()
    slip.feedback = plain.feedback
    assert torch.equal(
        alignment_angles(network, slip, images, labels), alignment_angles(network, plain, images, labels)
    )
    assert np.array_equal(images, before)


@given(
    st.lists(st.tuples(*2 * [st.floats(-1, 1).filter(lambda x: abs(x) > 1e-3)]), min_size=2, max_size=6),
    *2 * [st.integers(-30, 30)],
)
def test_an_angle_does_not_depend_on_lengths(pairs, first, second):
    one, other = np.array(pairs).T
    expected = plain_angle(one, other)
    scaled = [torch.tensor(v * 10.0**power, dtype=torch.float32) for v, power in ((one, first), (other, second))]
    assert float(measures.angle(*scaled, -1)) == pytest.approx(expected, abs=0.1)


def test_no_weight_changes_for_an_example_that_is_dark(network):
    images, labels = data(network)
    images[2] = 0
    network.biases[0].add_(0.1)
    each = measures.update_angles(network, "dfa", images, labels, per_example=True)
    assert each[0].isnan().all(0).tolist() == [i == 2 for i in range(6)] and not each[1:].isnan().any()


WRONG_SIGNALS = {
    "nothing": (lambda d: None, "must give a list of 3 signals, one a layer, got None"),
    "too few": (lambda d: d[:-1], "must give a list of 3 signals, one a layer, got 2 entries"),
    "a generator": (lambda d: (x for x in d), "must give a list of 3 signals"),
    "one tensor": (lambda d: d[0], "must give a list of 3 signals"),
    "numpy": (lambda d: [d[0].numpy(), *d[1:]], "for layer 0, got <class 'numpy.ndarray'>"),
    "numbers": (lambda d: [d[0], 0, d[2]], "for layer 1, got <class 'int'>"),
    "another type": (lambda d: [d[0], d[1].float(), d[2]], r"for layer 1, got \(\(2, 6, 5\), torch.float32"),
    "one replica": (lambda d: [x[:1] for x in d], r"for layer 0, got \(\(1, 6, 6\)"),
    "no replica axis": (lambda d: [d[0][0], *d[1:]], r"for layer 0, got \(\(6, 6\)"),
    "one column": (lambda d: [d[0][..., :1], *d[1:]], r"for layer 0, got \(\(2, 6, 1\)"),
}


@pytest.mark.parametrize("kind", WRONG_SIGNALS)
def test_signals_of_another_form_are_named_with_rule_and_layer(network, kind):
    wrong, message = WRONG_SIGNALS[kind]

    class Mine(rules.FeedbackAlignment):
        name = "mine"

        def deltas(self, network, activations, error):
            return wrong(super().deltas(network, activations, error))

    images, labels = data(network)
    part = SimpleNamespace(train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    calls = [
        lambda: alignment_angles(network, Mine(), images, labels),
        lambda: measures.update_angles(network, Mine(), images, labels),
        lambda: verify_rule(network, Mine(), (images, labels)),
        lambda: train(network, part, Mine(), batch_size=3, progress=False),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=rf"mine\.deltas .*{message}"):
            call()
