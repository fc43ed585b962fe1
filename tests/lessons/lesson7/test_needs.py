"""The table of needs quotes code that is there; and what a rule needs is what it does when one takes it away."""

import inspect
import re

import nbformat
import pytest
import torch

from fa_lessons import MLP, losses, optimizers, places
from fa_lessons.lessons.lesson7.exercises import EXERCISES
from fa_lessons.lessons.lesson7.needs import DECIDED, QUESTIONS, code_of, needs_table
from fa_lessons.rules import Backpropagation, DirectFeedbackAlignment, FeedbackAlignment


class Stranger(DirectFeedbackAlignment):
    """The rule of exercise 7.7, as the notebook prints it."""

    name, push = "stranger", 1e-4

    def step(self, network, activations, target, optimizer):
        error = activations[-1] - target
        pushed = list(activations)
        for n, B in enumerate(self.feedback):
            a = torch.baddbmm(network.biases[n], pushed[n], network.weights[n])
            pushed[n + 1] = torch.tanh(a - self.push * error @ B)
        for n in range(len(self.feedback)):
            gap = activations[n + 1] - pushed[n + 1]
            optimizer.update(n, activations[n], gap / self.push / len(target))
        optimizer.update(len(self.feedback), activations[-2], error / len(target))


def made():
    return MLP((6, 5, 4, 3), replicas=2, seed=1, dtype=torch.float64)


def changes(network, rule, change_weights=lambda network: None):
    """How one step changes every W; the weights may be exchanged after the forward pass."""
    source = torch.Generator().manual_seed(0)
    images = torch.randn(7, 6, generator=source, dtype=torch.float64)
    target = losses.one_hot(torch.arange(7) % 3, 3, torch.float64)
    activations = network.forward(images)
    rule.attach(network)
    change_weights(network)
    before = [W.clone() for W in network.weights]
    rule.step(network, activations, target, optimizers.resolve("sgd", network, 1.0, 0.0, 0.0))
    return [new - old for new, old in zip(network.weights, before, strict=True)]


def test_the_strangers_needs_are_what_it_does():
    transport, phases, slope, path, waits = EXERCISES["stranger_needs"].reference()
    plain = changes(made(), Stranger())

    def other_top(network):  # weights that lead up from the last hidden layer: transported by backprop alone
        network.weights[-1].mul_(-3)

    def moved(rule):
        return not torch.allclose(changes(made(), rule, other_top)[0], changes(made(), rule)[0])

    assert moved(Backpropagation()) and moved(Stranger()) == transport

    rule = Stranger()
    rule.feedback = [torch.zeros(2, 3, n, dtype=torch.float64) for n in (5, 4)]
    assert (changes(made(), rule)[0].abs().max() == 0) == path  # without those wires the hidden layers are still
    assert plain[0].abs().max() > 0 and waits and phases  # it starts from the error, after a pass of its own
    assert not slope


def test_the_stranger_finds_the_slope_by_reacting():
    """Layer 1's change is DFA's, slope and all, though no slope is in the code."""
    network, rule = made(), Stranger()
    found = changes(network, rule)[0]
    direct = DirectFeedbackAlignment()
    direct.feedback = rule.feedback
    expected = changes(made(), direct)[0]
    torch.testing.assert_close(found, expected, rtol=1e-2, atol=1e-5)


def test_the_stranger_of_the_notebook_is_the_one_tested_here():
    notebook = nbformat.read(places.brought("notebooks") / "07_other_roads.ipynb", 4)
    (text,) = [cell.source for cell in notebook.cells if cell.id == "l7-stranger"]

    def bare(code):
        return re.sub(r"\s+", "", code)

    printed = bare(text.split("```python")[1].split("```")[0])
    here = bare(inspect.getsource(Stranger.step))
    a = bare("a = torch.baddbmm(network.biases[n], pushed[n], network.weights[n])")
    assert printed == here.replace(a, "").replace(bare("torch.tanh(a -"), bare("torch.tanh(sums(network, pushed, n) -"))


def test_every_rule_answers_every_question():
    assert all(len(decided) == len(QUESTIONS) for decided in DECIDED.values())


def test_the_engines_rules_have_the_lines_that_are_quoted():
    table = needs_table({"BP": Backpropagation, "FA": FeedbackAlignment})
    assert table.answers["BP"][0] == "yes" and table.answers["FA"][0] == "no"
    shown = table._repr_mimebundle_()
    assert shown["text/markdown"].startswith("| needs | BP | FA |")
    assert "`return [W.mT for W in network.weights[1:]]`" in shown["text/markdown"]


def test_a_line_that_is_not_there_is_reported():
    with pytest.raises(LookupError, match=r"BP has no line 'return .W\.mT for W"):
        needs_table({"BP": FeedbackAlignment})


def test_an_unknown_rule_is_named():
    with pytest.raises(ValueError, match=r"rules must be among BP, FA, .* got hearsay"):
        needs_table({"hearsay": Backpropagation})


def test_the_code_of_a_rule_is_its_own_and_its_parents():
    code = code_of(DirectFeedbackAlignment)
    assert "(error @ B) * network.derivative(h)" in code and "def attach" in code
