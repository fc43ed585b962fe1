"""`verify_rule` against rules that are what they say, that are not, and that no formula is known for."""

import numpy as np
import pytest
import torch

from fa_lessons import MLP, rules, verify_rule
from tests.test_measures import data


@pytest.fixture
def network():
    return MLP((7, 6, 5, 3), replicas=2, seed=1, dtype=torch.float64)


@pytest.mark.parametrize("rule", ["bp", "fa", "dfa", "ifa", "shallow"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "linear"])
def test_verify_rule_recognises_each_rule(rule, activation):
    network = MLP((7, 6, 5, 4, 3), activation, replicas=2)
    verdict = verify_rule(network, rule, data(network))
    assert verdict.ok and verdict.found == (rule,)
    assert "✓" in str(verdict)


def test_verify_rule_says_when_rules_coincide():
    network = MLP((7, 6, 3))
    assert verify_rule(network, "dfa", data(network)).found == ("fa", "dfa", "ifa")
    rule = rules.FeedbackAlignment()
    rule.feedback = [network.weights[1].mT.clone()]
    verdict = verify_rule(network, rule, data(network))
    assert verdict.found == ("bp", "fa", "dfa", "ifa") and verdict.ok is False


class Broken(rules.DirectFeedbackAlignment):
    """DFA with one mistake, chosen by `mistake`."""

    name = "broken"

    def deltas(self, network, activations, error):
        deltas = super().deltas(network, activations, error)
        return {
            "scale": [64 * d for d in deltas[:-1]],
            "sign": [-d for d in deltas[:-1]],
            "derivative": [error @ B for B in self.feedback],
            "layer": [deltas[0] * 0, deltas[1]],
        }[self.mistake] + [error]


@pytest.mark.parametrize("mistake", ["scale", "sign", "derivative", "layer"])
def test_verify_rule_catches_a_broken_rule(network, mistake):
    rule = Broken()
    rule.name, rule.mistake = "dfa", mistake
    verdict = verify_rule(network, rule, data(network))
    assert not verdict.ok and verdict.found == () and "✗" in str(verdict)
    assert ("(right direction, 64 times too long)" in str(verdict)) == (mistake == "scale")
    assert ("right direction" in str(verdict)) == (mistake == "scale")


@pytest.mark.parametrize("replica", [0, 1])
def test_one_wrong_replica_is_enough(network, replica):
    class Partly(rules.DirectFeedbackAlignment):
        name = "dfa"

        def deltas(self, network, activations, error):
            first, *rest = super().deltas(network, activations, error)
            first[replica].mul_(1.5)
            return [first, *rest]

    verdict = verify_rule(network, Partly(), data(network))
    assert verdict.ok is False and np.isclose(verdict.differences["dfa"][0], 0.5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_verify_rule_takes_no_rule_for_signals_that_are_not_finite(network, value):
    rule = rules.DirectFeedbackAlignment().attach(network)
    rule.feedback[0][0, 0, 0] = value
    assert not verify_rule(network, rule, data(network)).ok


def test_verify_rule_needs_a_hidden_layer():
    network = MLP((4, 3))
    with pytest.raises(ValueError, match="hidden layer"):
        verify_rule(network, "fa", data(network))


def test_a_sound_rule_prints_no_more_than_its_signals(network):
    lines = str(verify_rule(network, "dfa", data(network))).splitlines()
    assert lines[0] == "✓ dfa: its signals are those of dfa"
    assert [line.split(",")[0].split(":")[0] for line in lines[1:]] == [
        *(f"  difference to {name}" for name in ("bp", "dfa", "shallow")),
        "  signal angle to backprop",
    ]


@pytest.mark.parametrize("base", ["bp", "fa", "dfa", "ifa", "shallow"])
@pytest.mark.parametrize("factor", [-1, 0, 20, 1.01])
def test_the_output_layers_signal_counts(network, base, factor):
    class Output(rules.RULES[base]):
        name = base

        def deltas(self, network, activations, error):
            return super().deltas(network, activations, error)[:-1] + [factor * error]

    verdict = verify_rule(network, Output(), data(network))
    assert verdict.ok is False and verdict.found == () and str(verdict).startswith("✗")
    assert np.isclose(verdict.output_scale, factor) and np.isclose(verdict.output_difference, abs(factor - 1))
    assert ("the sign is wrong" in str(verdict)) == (factor < 0)
    assert f"{factor:.3g} times as long" in str(verdict)


def transposed(network, layer, direct):
    above = network.weights[layer + 1 :] if direct else network.weights[layer + 1 : layer + 2]
    product = above[0]
    for weight in above[1:]:
        product = product @ weight
    return product.mT


@pytest.mark.parametrize(("name", "layer"), [("fa", 0), ("fa", 1), ("dfa", 0), ("dfa", 1), ("ifa", 0)])
def test_one_matrix_that_equals_the_transposed_weights_is_enough(network, name, layer):
    rule = rules.resolve(name, network)
    rule.feedback[layer][1] = transposed(network, layer, direct=name != "fa")[1]  # in one replica
    verdict = verify_rule(network, rule, data(network))
    assert verdict.ok is False and verdict.transported == ((layer, "equals"),)
    assert f"feedback matrix {layer} equals the transposed weights" in str(verdict)


def test_a_matrix_in_the_weights_memory_is_named_even_where_it_is_not_their_transpose():
    network = MLP((7, 5, 5, 5), seed=1)
    rule = rules.FeedbackAlignment()
    rule.feedback = [network.weights[1].mT, network.weights[1]]
    verdict = verify_rule(network, rule, data(network))
    assert verdict.transported == ((0, "is"), (1, "is")) and verdict.ok is False


def test_feedback_of_its_own_is_no_transport(network):
    for name in ("fa", "dfa", "ifa"):
        assert verify_rule(network, name, data(network)).transported == ()
    silent = MLP((7, 6, 5, 3), initial_scale=0)
    assert verify_rule(silent, rules.FeedbackAlignment(feedback_scale=0), data(silent)).transported == ()


def test_a_rule_without_a_formula_is_neither_right_nor_wrong(network):
    class Signs(rules.Rule):
        name = "signs"

        def feedback_path(self, network):
            return [W.sign().mT for W in network.weights[1:]]

    verdict = verify_rule(network, Signs(), data(network))
    assert verdict.ok is None and verdict.found == ("fa",)
    assert str(verdict).startswith("? signs: no formula is known for that name; its signals are those of fa")

    class Secret(Signs):
        name = "secret"

        def feedback_path(self, network):
            return [W.mT for W in network.weights[1:]]

    verdict = verify_rule(network, Secret(), data(network))
    assert verdict.ok is None and verdict.found == ("bp",) and "feedback matrix 1 is the transposed" in str(verdict)


CHANGES = {
    "error": lambda network, activations, error: error.div_(5),
    "activations": lambda network, activations, error: activations[1].mul_(0.5),
    "weights": lambda network, activations, error: network.weights[1].mul_(0.99),
    "biases": lambda network, activations, error: network.biases[0].add_(1),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_rule_that_changes_what_it_reads_is_found_and_undone(network, what, when):
    class Slip(rules.FeedbackAlignment):
        name = "slip"

        def deltas(self, network, activations, error):
            if when == "before":
                CHANGES[what](network, activations, error)
            deltas = super().deltas(network, activations, error)
            if when == "after":
                CHANGES[what](network, activations, error)
            return deltas

    rule = Slip()
    rule.name = "fa"
    before = [p.clone() for p in network.weights + network.biases]
    verdict = verify_rule(network, rule, data(network))
    assert verdict.ok is False and what in verdict.changed and f"deltas changes the {what}" in str(verdict)
    assert all(map(torch.equal, before, network.weights + network.biases))


def test_a_batch_on_which_nothing_is_sent_shows_nothing():
    class Wrong(rules.FeedbackAlignment):
        name = "wrong"

        def deltas(self, network, activations, error):
            *hidden, output = super().deltas(network, activations, error)
            return [-17 * delta for delta in hidden] + [output]

    network, rule = MLP((7, 6, 3), "relu"), Wrong()
    rule.name = "fa"
    verdict = verify_rule(network, rule, (np.zeros((4, 7)), np.zeros(4, dtype=int)))
    assert verdict.ok is None and str(verdict).startswith("? fa") and "sends anything" in str(verdict)
    assert verify_rule(network, rule, data(network)).ok is False


def test_right_signals_say_nothing_of_a_step_of_its_own(network):
    class Own(rules.FeedbackAlignment):
        name = "own"

        def step(self, network, activations, target, optimizer):
            rules.Backpropagation().step(network, activations, target, optimizer)

    rule = Own()
    rule.name = "fa"
    verdict = verify_rule(network, rule, data(network))
    assert verdict.ok is None and verdict.own_step and "a step of its own" in str(verdict)
