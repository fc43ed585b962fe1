"""`check_rule` passes every rule of the package, and names the property that a broken rule breaks."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fa_lessons import MLP, Rule, check_rule, rules
from fa_lessons.networks import ACTIVATIONS, OUTPUTS
from fa_lessons.rule_checks import PROPERTIES
from fa_lessons.rules import DirectFeedbackAlignment, FeedbackAlignment


@pytest.mark.parametrize("name", rules.RULES)
def test_the_rules_of_the_package_keep_the_contract(name):
    assert check_rule(name) == check_rule(rules.RULES[name]()) == tuple(PROPERTIES)


@given(
    st.sampled_from(sorted(rules.RULES)),
    st.lists(st.integers(1, 5), min_size=2, max_size=5),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(sorted(OUTPUTS)),
    st.integers(1, 3),
)
@settings(max_examples=25, deadline=None)
def test_they_keep_it_on_any_network(name, sizes, activation, output, replicas):
    check_rule(name, MLP(sizes, activation, output, replicas, dtype=torch.float64))


def test_the_rule_and_the_network_stay_as_they_are():
    rule, network = FeedbackAlignment(feedback_scale=[1, 2]), MLP((4, 3, 3, 2), replicas=2, dtype=torch.float64)
    before = [w.clone() for w in network.weights]
    check_rule(rule, network)
    assert rule.feedback is None and rule.replicas is None and network.rules == {}
    assert all(torch.equal(a, b) for a, b in zip(network.weights, before, strict=True))


class Noisy(FeedbackAlignment):
    """Feedback that learns by noise of its own, with settings per replica, as the contract asks for."""

    name = "noisy"

    def __init__(self, rates):
        super().__init__()
        self.rates, self.steps = torch.tensor(rates, dtype=torch.float64).view(-1, 1, 1), 0
        self.noise, self.more = torch.Generator().manual_seed(0), np.random.default_rng(0)

    def learn(self, network, activations, deltas, optimizer):
        self.steps += 1
        for B in self.feedback:
            B.add_(self.rates * torch.rand(1, *B.shape[1:], generator=self.noise) * self.more.random() / self.steps)


def test_a_rule_with_settings_and_generators_of_its_own_passes():
    check_rule(Noisy([0.1, 0.2]), MLP((4, 3, 3, 2), replicas=2, dtype=torch.float64))


class Phases(Rule):
    """A whole step of its own, without signals to compare."""

    name = "phases"

    def deltas(self, network, activations, error):
        return [None] * len(network.weights)

    def step(self, network, activations, target, optimizer):
        clamped = [*activations[:-1], target]
        for layer in optimizer.layers:
            for below, sign in ((activations, 1), (clamped, -1)):
                optimizer.update(layer, below[layer], sign * below[layer + 1] / len(target))


def test_a_rule_with_a_step_of_its_own_passes():
    check_rule(Phases())


def signals(change):
    """The parent's `deltas` after `change(self, network, activations, error)`, and through the function it gives."""

    def deltas(self, network, activations, error):
        given = change(self, network, activations, error)
        found = super(type(self), self).deltas(network, activations, error)
        return given(found) if callable(given) else found

    return deltas


def at_every_step(self, network, activations, target, optimizer):
    self.feedback[0].mul_(0.9)
    FeedbackAlignment.step(self, network, activations, target, optimizer)


def counted(self, network, activations, target, optimizer):
    FeedbackAlignment.step(self, network, activations, target, optimizer)
    self.count = getattr(self, "count", 0) + 1


def with_own_noise(self, network, activations, deltas, optimizer):
    self.feedback[0].add_(torch.rand(self.feedback[0].shape, generator=self.source))


def with_source(self):
    FeedbackAlignment.__init__(self)
    self.source = torch.Generator().manual_seed(0)


def function_kept(self):
    FeedbackAlignment.__init__(self)
    self.wish = lambda: 0


def forgetful_select(self, chosen):
    part = type(self)()
    part.feedback, part.replicas = [B[chosen].clone() for B in self.feedback], len(chosen)
    return part


def sharing_select(self, chosen):
    part = FeedbackAlignment.select(self, chosen)
    part.feedback = self.feedback if len(chosen) == len(self.feedback[0]) else part.feedback
    return part


BROKEN = (
    ("a name of its own", FeedbackAlignment, {"name": ""}),
    ("shapes", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: lambda d: d[1:])}),
    ("shapes", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: lambda d: [d[0].float(), *d[1:]])}),
    ("shapes", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: lambda d: [d[0].mean(1), *d[1:]])}),
    ("shapes", Rule, {}),
    ("finite signals", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: lambda d: [d[0] / 0, *d[1:]])}),
    ("pure deltas", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: s.feedback[0].mul_(0.99))}),
    ("pure deltas", DirectFeedbackAlignment, {"deltas": signals(lambda s, n, a, e: setattr(s, "calls", id(e)))}),
    ("pure deltas", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: e.mul_(2))}),
    ("pure deltas", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: a[1].mul_(2))}),
    ("pure deltas", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: n.weights[0].mul_(2))}),
    ("pure deltas", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: n.rules.clear())}),
    ("pure deltas", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: torch.rand(1))}),
    ("pure deltas", FeedbackAlignment, {"deltas": signals(lambda s, n, a, e: np.random.rand())}),  # noqa: NPY002
    ("learning in the hook alone", FeedbackAlignment, {"step": at_every_step}),
    ("learning in the hook alone", FeedbackAlignment, {"step": counted}),
    (
        "learning in the hook alone",
        FeedbackAlignment,
        {"learn": lambda self, network, *rest: network.weights[0].mul_(0.9)},
    ),
    ("replicas alone as together", FeedbackAlignment, {"__init__": with_source, "learn": with_own_noise}),
    (
        "replicas alone as together",
        FeedbackAlignment,
        {"deltas": signals(lambda s, n, a, e: lambda d: [d[0] - d[0].mean(0), *d[1:]])},
    ),
    ("select", FeedbackAlignment, {"select": sharing_select, "learn": lambda self, *rest: self.feedback[0].mul_(0.9)}),
    ("save and load", FeedbackAlignment, {"__init__": function_kept}),
    ("save and load", FeedbackAlignment, {"state": lambda self: {"feedback": self.feedback}}),
)


@pytest.mark.parametrize(("name", "base", "body"), BROKEN)
def test_a_broken_rule_is_named_with_the_property_that_it_breaks(name, base, body):
    rule_class = type("Broken", (base,), {"name": "broken", **body})
    with pytest.raises(AssertionError) as caught:
        check_rule(rule_class())
    assert caught.value.property == name and f"breaks {name!r}: " in str(caught.value)


def test_a_setting_that_select_loses_is_found():
    class Mirror(FeedbackAlignment):
        name = "mirror"

        def __init__(self, rate=0.01):
            super().__init__()
            self.rate = rate

        def learn(self, network, activations, deltas, optimizer):
            self.feedback[0].mul_(1 - self.rate)

        select = forgetful_select

    with pytest.raises(AssertionError) as caught:
        check_rule(Mirror(0.123))
    assert caught.value.property in ("replicas alone as together", "select")


def test_what_is_no_fresh_rule_is_refused():
    for value in (3, FeedbackAlignment, None):
        with pytest.raises(ValueError, match="rule must be a Rule or the name of one"):
            check_rule(value)
    with pytest.raises(ValueError, match=r"rule must be one of bp, .* got 'hebb'"):
        check_rule("hebb")
    with pytest.raises(ValueError, match="rule must be fresh, without feedback"):
        check_rule(FeedbackAlignment().attach(MLP((3, 2, 2))))
