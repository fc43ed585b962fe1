"""Tuning: every cell of the grid is the run it stands for; an optimum on the edge is refused."""

import numpy as np
import pytest
import torch

from fa_lessons import MLP, rules, train, tune
from fa_lessons.tuning import EdgeOfGrid
from tests import test_training

RATES, SCALES = [0.001, 0.1, 1e3], [0.01, 1, 300]


def digits():
    """Clusters that overlap: no network is always right, so that no two good ones tie at zero."""
    data = test_training.digits(count=400)
    noise = np.random.default_rng(1).normal(size=data.train_images.shape).astype(np.float32)
    data.train_images = data.train_images + noise
    data.test_images, data.test_labels = data.train_images[200:], data.train_labels[200:]
    return data


def network(seeds=2):
    return MLP((12, 8, 3), "tanh", replicas=seeds, seed=3, dtype=torch.float64)


@pytest.mark.parametrize("rule", ["fa", "dfa", "ifa"])
def test_a_cell_is_the_run_with_its_rate_and_its_feedback_scale(rule):
    start = network()
    try:
        tuned = tune(rule, start, digits(), RATES, SCALES, epochs=2, progress=False)
    except EdgeOfGrid as error:
        tuned = error.tuned
    assert tuned.errors.shape == (3, 3, 2)
    for i, rate in enumerate(RATES):
        for j, scale in enumerate(SCALES):
            alone = rules.RULES[rule](feedback_scale=scale)
            history = train(network(), digits(), alone, 2, learning_rate=rate, progress=False)
            np.testing.assert_allclose(tuned.errors[i, j], history.test_error[-1], atol=1e-9)
    assert all(torch.equal(a, b) for a, b in zip(start.weights, network().weights, strict=True)) and not start.rules


def test_the_best_cell_is_the_lowest_mean_and_gives_its_rule():
    tuned = tune("fa", network(), digits(), RATES, (2.0,), epochs=5, progress=False)
    means = tuned.errors.mean(-1)[:, 0]
    assert tuned.learning_rate == RATES[means.argmin()] == 0.1 and tuned.error == means.min()
    assert tuned.feedback_scale == tuned.rule().feedback_scale == 2 and tuned.rule().name == "fa"
    made = tune(lambda: rules.FeedbackAlignment(seed=7), network(), digits(), RATES, epochs=5, progress=False)
    assert made.rule().seed == 7


@pytest.mark.parametrize(("rates", "edge"), [([1e-6, 1e-5, 1e-4], "1e-06|1e-05|0.0001"), ([0.3, 1e5, 1e6], "0.3")])
def test_an_optimum_on_the_edge_is_refused_and_the_grid_kept(rates, edge):
    with pytest.raises(EdgeOfGrid, match=f"learning_rates must hold the best value inside, got ({edge}) of ") as caught:
        tune("bp", network(), digits(), rates, epochs=3, progress=False)
    assert caught.value.tuned.errors.shape == (3, 1, 2)


def test_a_diverged_cell_is_never_the_best():
    with pytest.raises(EdgeOfGrid) as caught:
        tune("bp", MLP((12, 8, 3), "relu", "linear", 2), digits(), [0.01, 1e12, 1e13], epochs=2, progress=False)
    assert np.isinf(caught.value.tuned.errors[1:]).all() and caught.value.tuned.learning_rate == 0.01


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rates": [0.1, 0.2]}, "learning_rates must be one value or at least three, ascending"),
        ({"learning_rates": [0.3, 0.2, 0.1]}, "learning_rates must be one value or at least three, ascending"),
        ({"feedback_scales": [0, 1, 2]}, "feedback_scales must be positive and finite, got 0"),
        ({"learning_rates": []}, "learning_rates must be one value or at least three"),
        ({"rule": "hebb"}, "rule must be one of bp, "),
        ({"network": 3}, "network must"),
        ({"epochs": 0}, "epochs must"),
    ],
)
def test_bad_arguments_are_named(change, message):
    given = {"rule": "fa", "network": network(), "data": digits(), "learning_rates": [0.1, 0.2, 0.4]} | change
    with pytest.raises(ValueError, match=message):
        tune(**given)


def test_the_grid_multiplies_the_scale_that_the_rule_brings():
    for make in (lambda: rules.FeedbackAlignment(feedback_scale=8.0), lambda: preset(8.0), once(preset(8.0))):
        tuned = tune(make, network(), digits(), RATES, (2.0,), epochs=5, progress=False)
        expected = tune("fa", network(), digits(), RATES, (16.0,), epochs=5, progress=False)
        np.testing.assert_array_equal(tuned.errors, expected.errors)
        for _ in range(2):
            found = rules.resolve(tuned.rule(), network()).feedback[0]
            assert torch.allclose(found, rules.resolve(expected.rule(), network()).feedback[0])


def preset(scale):
    """A rule with the feedback that this network's would have, `scale` times as long, set by hand."""
    rule = rules.FeedbackAlignment()
    rule.feedback = [scale * B for B in rules.FeedbackAlignment().attach(network()).feedback]
    return rule


def once(rule):
    return lambda: rule


def test_targets_of_no_class_cannot_choose():
    data = digits()
    data.test_labels = np.random.default_rng(0).normal(size=(200, 3))
    linear = MLP((12, 8, 3), output="linear")
    for rates in ([0.1], [0.01, 0.1, 1]):
        with pytest.raises(ValueError, match="test_labels must stand for classes"):
            tune("fa", linear, data, rates, progress=False)


@pytest.mark.parametrize("rates", [[1e12], [1e11, 1e12, 1e13]])
def test_a_grid_on_which_every_run_diverges_has_no_best(rates):
    with pytest.raises(ValueError, match="must hold a pair with which the network does not diverge"):
        tune("bp", MLP((12, 8, 3), "relu", "linear"), digits(), rates, epochs=2, progress=False)


@pytest.mark.parametrize(
    "wrong", [rules.FeedbackAlignment(), None, 3, lambda: None, lambda: "fa", lambda: MLP((2, 2)), MLP]
)
def test_what_makes_no_rule_is_refused(wrong):
    with pytest.raises(ValueError, match="rule must be"):
        tune(wrong, network(), digits(), RATES, progress=False)


def test_a_name_whose_class_needs_arguments_is_refused():
    @rules.register
    class Needy(rules.FeedbackAlignment):
        name = "needy"

        def __init__(self, rate):
            super().__init__()

    try:
        with pytest.raises(ValueError, match="rule must be an object where its class needs arguments, got 'needy'"):
            tune("needy", network(), digits(), RATES, progress=False)
    finally:
        del rules.RULES["needy"]


@pytest.mark.parametrize("rates", ["0.1", True, ["0.1", "0.2", "0.3"], np.ma.array([0.1, 0.2, 0.3], mask=[0, 1, 0])])
def test_rates_that_are_no_numbers_are_refused(rates):
    with pytest.raises(ValueError, match="learning_rates must be a number or an array of real numbers"):
        tune("fa", network(), digits(), rates, progress=False)


def test_an_interrupt_says_that_nothing_is_chosen(monkeypatch):
    def stop(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("fa_lessons.tuning.train", stop)
    with pytest.raises(KeyboardInterrupt, match="nothing is chosen, and the network stays as it was"):
        tune("fa", network(), digits(), RATES, progress=False)
