"""Every learning rule against an independent truth."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fa_lessons import MLP, check_rule, losses, rules
from fa_lessons.networks import ACTIVATIONS, OUTPUTS
from fa_lessons.optimizers import SGD

TORCH_UNITS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "linear": lambda a: a}
widths = st.integers(1, 9)
hidden_widths = st.lists(widths, min_size=1, max_size=4)


def batch(network, count, seed=0):
    source = torch.Generator().manual_seed(seed)
    images = torch.rand(count, network.sizes[0], generator=source, dtype=network.dtype)
    labels = torch.randint(network.sizes[-1], (count,), generator=source)
    return images, losses.one_hot(labels, network.sizes[-1], network.dtype)


def deltas_of(network, rule, images, target):
    activations = network.forward(images)
    error = losses.error_signal(network, activations[-1], target)
    return activations, rules.resolve(rule, network).deltas(network, activations, error)


def autograd(network, replica, images, target):
    """The mean loss of one replica and its gradients, by torch alone."""
    weights = [w[replica].clone().requires_grad_() for w in network.weights]
    biases = [b[replica].clone().requires_grad_() for b in network.biases]
    h = images
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        h = TORCH_UNITS[network.activation](h @ w + b)
    a = h @ weights[-1] + biases[-1]
    functional = torch.nn.functional
    loss = {
        "softmax": lambda: functional.cross_entropy(a, target),
        "sigmoid": lambda: functional.binary_cross_entropy_with_logits(a, target, reduction="none").sum(1).mean(),
        "linear": lambda: (a - target).square().sum(1).mean() / 2,
    }[network.output]()
    loss.backward()
    return loss.detach(), [w.grad for w in weights], [b.grad for b in biases]


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_backprop_is_autograd(activation, output, depth):
    sizes = (7, *(6, 5, 8, 4)[:depth], 3)
    network = MLP(sizes, activation, output, replicas=2, seed=depth, dtype=torch.float64)
    for bias in network.biases:
        bias.uniform_(-0.5, 0.5, generator=torch.Generator().manual_seed(1))
    images, target = batch(network, 11)
    activations, deltas = deltas_of(network, "bp", images, target)
    for replica in range(2):
        loss, weight_gradients, bias_gradients = autograd(network, replica, images, target)
        assert torch.allclose(losses.loss(network, activations[-1], target)[replica], loss, atol=1e-10)
        for h, delta, dw, db in zip(activations, deltas, weight_gradients, bias_gradients, strict=False):
            assert (h[replica].T @ delta[replica] - dw).abs().max() < 1e-10
            assert (delta[replica].sum(0) - db[0]).abs().max() < 1e-10


@given(widths, hidden_widths, widths, st.integers(1, 3), st.sampled_from(sorted(ACTIVATIONS)), st.integers(1, 6))
def test_fa_with_transposed_weights_is_backprop(n_in, hidden, n_out, replicas, activation, count):
    network = MLP((n_in, *hidden, n_out), activation, replicas=replicas, dtype=torch.float64)
    images, target = batch(network, count)
    rule = rules.FeedbackAlignment()
    rule.feedback = [w.mT.clone() for w in network.weights[1:]]
    for fa, bp in zip(
        deltas_of(network, rule, images, target)[1], deltas_of(network, "bp", images, target)[1], strict=True
    ):
        assert torch.equal(fa, bp) or (fa - bp).abs().max() < 1e-12


@given(widths, widths, st.integers(2, 9), st.sampled_from(sorted(ACTIVATIONS)))
def test_with_one_hidden_layer_dfa_and_ifa_are_fa(n_in, n_hidden, n_out, activation):
    network = MLP((n_in, n_hidden, n_out), activation, dtype=torch.float64)
    images, target = batch(network, 4)
    fa = rules.resolve("fa", network)
    expected = deltas_of(network, fa, images, target)[1]
    for same in (rules.DirectFeedbackAlignment(), rules.IndirectFeedbackAlignment()):
        same.feedback = fa.feedback
        found = deltas_of(network, same, images, target)[1]
        assert all(torch.equal(f, e) for f, e in zip(found, expected, strict=True))


@given(widths, hidden_widths, widths)
def test_ifa_enters_the_first_layer_as_dfa_does(n_in, hidden, n_out):
    network = MLP((n_in, *hidden, n_out), dtype=torch.float64)
    images, target = batch(network, 3)
    dfa, ifa = rules.resolve("dfa", network), rules.IndirectFeedbackAlignment()
    ifa.feedback = dfa.feedback[:1]
    first = [deltas_of(network, rule, images, target)[1][0] for rule in (dfa, ifa)]
    assert torch.equal(*first)


def test_ifa_goes_forward_through_the_weights():
    network = MLP((5, 4, 3, 6, 2), dtype=torch.float64)
    images, target = batch(network, 7)
    activations, deltas = deltas_of(network, "ifa", images, target)
    for layer in (1, 2):
        carried = deltas[layer - 1] @ network.weights[layer]
        assert torch.allclose(deltas[layer], carried * (1 - activations[layer + 1] ** 2))


@given(hidden_widths, st.integers(0, 2**31))
@settings(max_examples=30)
def test_shallow_leaves_every_hidden_weight_alone(hidden, seed):
    network = MLP((6, *hidden, 3), seed=seed, dtype=torch.float64)
    before = [w.clone() for w in network.weights]
    images, target = batch(network, 5)
    activations, deltas = deltas_of(network, "shallow", images, target)
    optimizer = SGD(network, torch.tensor([0.5]), torch.tensor([0.1]))
    for layer, (below, delta) in enumerate(zip(activations, deltas, strict=False)):
        if delta is not None:
            optimizer.update(layer, below, delta)
    assert all(torch.equal(w, b) for w, b in zip(network.weights[:-1], before[:-1], strict=True))
    assert not torch.equal(network.weights[-1], before[-1])


@pytest.mark.parametrize("name", ["fa", "dfa"])
def test_feedback_is_independent_in_every_layer_and_replica(name):
    network = MLP((6, 8, 8, 8, 8), replicas=3)
    feedback = rules.resolve(name, network).feedback
    matrices = [B[r] for B in feedback for r in range(3)]
    for i, first in enumerate(matrices):
        assert all(not torch.equal(first, second) for second in matrices[i + 1 :])
    bound = 1 / 8**0.5
    for B in feedback:
        assert 0.8 * bound < B.abs().max() <= bound


@pytest.mark.parametrize("name", ["fa", "dfa", "ifa"])
def test_feedback_is_bounded_by_the_number_of_errors_that_it_adds_up(name):
    network = MLP((6, 40, 90, 10))
    errors = {"fa": (90, 10), "dfa": (10, 10), "ifa": (10,)}[name]
    for B, count in zip(rules.resolve(name, network).feedback, errors, strict=True):
        assert 0.95 < B.abs().max() * count**0.5 <= 1


def test_a_rules_own_seed_comes_before_the_networks():
    def feedback(own, networks):
        return rules.FeedbackAlignment(seed=own).attach(MLP((6, 8, 3), seed=networks)).feedback[0]

    assert torch.equal(feedback(3, 0), feedback(3, 1)) and torch.equal(feedback(3, 0), feedback(None, 3))
    assert not torch.equal(feedback(3, 0), feedback(None, 0))


@pytest.mark.parametrize("name", rules.RULES)
def test_the_output_layer_hears_the_error_itself(name):
    network = MLP((5, 4, 6, 3), replicas=2, dtype=torch.float64)
    images, target = batch(network, 7)
    activations, deltas = deltas_of(network, name, images, target)
    assert torch.equal(deltas[-1], (activations[-1] - target) / 7)


def test_feedback_scale_scales_each_replicas_feedback():
    network = MLP((6, 8, 3), replicas=2)
    plain = rules.FeedbackAlignment(seed=1).attach(network).feedback[0]
    scaled = rules.FeedbackAlignment(feedback_scale=[2, 0], seed=1).attach(network).feedback[0]
    assert torch.allclose(scaled[0], 2 * plain[0]) and not scaled[1].any()


def test_a_network_keeps_its_feedback():
    network = MLP((6, 5, 4, 3), seed=2)
    assert rules.resolve("fa", network) is rules.resolve("fa", network)
    twin = MLP((6, 5, 4, 3), seed=2)
    pairs = zip(rules.resolve("fa", network).feedback, rules.resolve("fa", twin).feedback, strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


@pytest.fixture
def registry():
    """What a test registers is gone after it."""
    before = dict(rules.RULES)
    yield rules.RULES
    rules.RULES.clear()
    rules.RULES.update(before)


def test_defining_a_rule_changes_nothing_and_registering_it_does(registry):
    class Silent(rules.Rule):
        name = "silent"

        def deltas(self, network, activations, error):
            return [torch.zeros_like(h) for h in activations[1:-1]] + [error]

    with pytest.raises(ValueError, match=r"rule must be one of .* got 'silent'"):
        rules.resolve("silent", MLP((4, 3, 2)))
    assert rules.register(Silent) is Silent
    assert type(rules.resolve("silent", MLP((4, 3, 2)))) is Silent


@pytest.mark.parametrize("base", [rules.Rule, *rules.RULES.values()])
def test_a_class_without_a_name_of_its_own_is_refused(base, registry):
    class Nameless(base):
        pass

    for use in (
        lambda: rules.register(Nameless),
        lambda: Nameless().attach(MLP((4, 3, 2))),
        lambda: rules.resolve(Nameless(), MLP((4, 3, 2))),
    ):
        with pytest.raises(ValueError, match=r"Nameless\.name must be a text of its own, .*'nameless'"):
            use()
    assert registry.get(base.name, base) is base


def test_a_name_of_the_package_is_not_to_be_taken(registry):
    class Mine(rules.FeedbackAlignment):
        name = "fa"

    with pytest.raises(ValueError, match=r"Mine\.name must be free, got 'fa', .*rules\.FeedbackAlignment"):
        rules.register(Mine)
    assert registry["fa"] is rules.FeedbackAlignment


@pytest.mark.parametrize("value", [3, None, ["fa"], rules.FeedbackAlignment])
def test_what_is_no_rule_is_refused(value):
    with pytest.raises(ValueError, match="rule must be one of bp, dfa, fa, ifa, shallow or a Rule"):
        rules.resolve(value, MLP((4, 3, 2)))


def test_a_class_defined_again_is_the_one_that_trains_next(registry):
    def define(sign):
        @rules.register
        class Mine(rules.FeedbackAlignment):
            name = "mine"

            def deltas(self, network, activations, error):
                *hidden, output = super().deltas(network, activations, error)
                return [sign * delta for delta in hidden] + [output]

        return Mine

    network = MLP((4, 3, 2), seed=5)
    images, target = batch(network, 4)
    old = define(1)
    first = deltas_of(network, "mine", images, target)[1][0]
    drawn = network.rules["mine"].feedback
    new = define(-1)
    assert torch.equal(deltas_of(network, "mine", images, target)[1][0], -first)
    assert type(network.rules["mine"]) is new is not old
    assert torch.equal(network.rules["mine"].feedback[0], drawn[0])  # drawn anew, from the same key


def test_a_name_whose_class_needs_arguments_asks_for_an_object(registry):
    @rules.register
    class Needy(rules.FeedbackAlignment):
        name = "needy"

        def __init__(self, rate):
            super().__init__()

    with pytest.raises(ValueError, match=r"rule must be an object where its class needs arguments, got 'needy' .*rate"):
        rules.resolve("needy", MLP((4, 3, 2)))


def test_a_rule_that_is_not_registered_is_remembered_by_its_network():
    class Mine(rules.FeedbackAlignment):
        name = "mine"

    network, rule = MLP((4, 3, 2)), Mine()
    assert rules.resolve(rule, network) is rules.resolve("mine", network) is rule


@given(widths, hidden_widths, widths, st.integers(1, 3), st.sampled_from(sorted(ACTIVATIONS)))
def test_one_way_down_serves_any_path(n_in, hidden, n_out, replicas, activation):
    class Path(rules.Rule):
        name = "path"

        def feedback_path(self, network):
            return [W.sign().mT for W in network.weights[1:]]

    network = MLP((n_in, *hidden, n_out), activation, replicas=replicas, dtype=torch.float64)
    images, target = batch(network, 3)
    fa = rules.FeedbackAlignment()
    fa.feedback = [W.sign().mT.clone() for W in network.weights[1:]]
    pairs = zip(*(deltas_of(network, rule, images, target)[1] for rule in (Path(), fa)), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


class Settings(rules.FeedbackAlignment):
    """Every kind of thing that a rule may keep."""

    name = "settings"

    def __init__(self, mirror_rate, replicas):
        super().__init__(feedback_scale=[1.0 + r for r in range(replicas)])
        self.mirror_rate, self.pair, self.words = mirror_rate, (1, 2), {"offset": 7}
        self.noise, self.draws = torch.Generator().manual_seed(1), np.random.default_rng(2)
        self.amounts = torch.arange(replicas) + 10.0
        self.nested = [torch.arange(replicas), torch.zeros(1, 4)]
        self.sources = [torch.Generator().manual_seed(r) for r in range(replicas)]
        self.act = torch.tanh


@given(st.integers(1, 5), st.data())
def test_select_keeps_all_that_a_rule_keeps(replicas, data):
    chosen = data.draw(st.lists(st.integers(0, replicas - 1), min_size=1, max_size=4))
    network = MLP((3, 6, 7), replicas=replicas)
    rule = rules.resolve(Settings(0.123, replicas), network)
    part = network.select(chosen).rules["settings"]
    assert type(part) is Settings and (part.mirror_rate, part.pair, part.words) == (0.123, (1, 2), {"offset": 7})
    assert part.amounts.tolist() == [10.0 + r for r in chosen] and part.nested[0].tolist() == chosen
    assert part.feedback_scale == [1.0 + r for r in chosen] and part.act is torch.tanh
    assert torch.equal(part.feedback[0], rule.feedback[0][chosen])
    expected = [torch.rand(1, generator=torch.Generator().manual_seed(r)).item() for r in chosen]
    assert [torch.rand(1, generator=source).item() for source in part.sources] == expected
    assert [torch.rand(1, generator=rule.sources[r]).item() for r in sorted(set(chosen))] == [
        torch.rand(1, generator=torch.Generator().manual_seed(r)).item() for r in sorted(set(chosen))
    ]
    assert torch.equal(torch.rand(3, generator=part.noise), torch.rand(3, generator=rule.noise))
    assert part.draws.random() == rule.draws.random()
    part.words["offset"] = 8
    assert rule.words == {"offset": 7}


def test_one_object_gives_networks_of_other_seeds_no_common_feedback():
    rule = rules.FeedbackAlignment()
    rules.resolve(rule, MLP((6, 5, 3), seed=0))
    with pytest.raises(ValueError, match="rule must be a new FeedbackAlignment for another seed or feedback_scale"):
        rules.resolve(rule, MLP((6, 5, 3), seed=1))
    rules.resolve(rule, MLP((6, 5, 3), seed=0))  # whose feedback would be the same
    for shared in (rules.FeedbackAlignment(seed=4), rules.FeedbackAlignment()):
        if shared.seed is None:
            shared.feedback = [torch.ones(1, 3, 5)]
        for seed in range(2):
            rules.resolve(shared, MLP((6, 5, 3), seed=seed))


def test_feedback_that_learns_belongs_to_one_network():
    class Plastic(rules.FeedbackAlignment):
        name = "plastic"

        def learn(self, network, activations, deltas, optimizer):
            self.feedback[0].add_(1)

    rule, network = Plastic(), MLP((6, 5, 3))
    rules.resolve(rule, network)
    rules.resolve(rule, network)
    with pytest.raises(ValueError, match="rule must be a new Plastic for every network"):
        rules.resolve(rule, other := MLP((6, 5, 3)))
    part = network.select(0)
    assert part.rules["plastic"] is not rule and other.rules == {}


@pytest.mark.parametrize("change", [{"feedback_scale": 30}, {"feedback_scale": [2.0, 3.0]}, {"seed": 5}])
def test_a_setting_that_comes_too_late_is_refused(change):
    rule, network = rules.FeedbackAlignment(), MLP((6, 5, 3), replicas=2)
    rules.resolve(rule, network)
    vars(rule).update(change)
    with pytest.raises(ValueError, match="rule must be a new FeedbackAlignment for another seed or feedback_scale"):
        rules.resolve(rule, network)


@pytest.mark.parametrize("found", [None, 5, [5], ["ab"], [(3, 2.5)], [(3, -1)], "no", [(3,)], [(3, 5, 2)]])
def test_shapes_that_are_none_are_named(found):
    class Mine(rules.Rule):
        name = "mine"

        def feedback_shapes(self, sizes):
            return found

    with pytest.raises(ValueError, match=r"mine\.feedback_shapes must give a list of pairs"):
        rules.resolve(Mine(), MLP((6, 5, 3)))


@pytest.mark.parametrize("feedback", [5, "B", [[1.0]], [None], [np.ones((1, 3, 5))], {"B": 1}])
def test_feedback_that_is_no_list_of_tensors_is_named(feedback):
    rule = rules.FeedbackAlignment()
    rule.feedback = feedback
    with pytest.raises(ValueError, match=r"rule\.feedback must be a list of tensors"):
        rules.resolve(rule, MLP((6, 5, 3)))


def test_a_rule_needs_no_init_of_its_parents():
    class Mine(rules.FeedbackAlignment):
        name = "mine"

        def __init__(self):
            self.note = "mine"

    network, plain = MLP((6, 5, 3)), rules.FeedbackAlignment()
    plain.name = "mine"
    assert torch.equal(rules.resolve(Mine(), network).feedback[0], plain.attach(MLP((6, 5, 3))).feedback[0])


def test_a_tuple_of_scales_is_one_a_replica():
    network = MLP((6, 5, 3), replicas=2)
    rules.resolve(rules.FeedbackAlignment(feedback_scale=(1, 2)), network)
    assert network.select([1, 0]).rules["fa"].feedback_scale == [2, 1]


@pytest.mark.parametrize("wrong", ["fa", None, rules.FeedbackAlignment(), MLP, lambda: 0])
def test_what_is_no_class_of_rules_is_not_registered(wrong, registry):
    before = dict(registry)
    with pytest.raises(ValueError, match="rule_class must be a class that inherits from Rule, got"):
        rules.register(wrong)
    assert registry == before


@pytest.mark.parametrize("wrong", [None, 3, "net", MLP])
def test_what_is_no_network_gets_no_rule(wrong):
    for call in (lambda: rules.resolve("fa", wrong), lambda: rules.FeedbackAlignment().attach(wrong)):
        with pytest.raises(ValueError, match="network must be a network"):
            call()
    with pytest.raises(ValueError, match="network must be a network"):
        check_rule("fa", wrong or 3)


def test_a_rule_may_be_a_dataclass_which_has_no_hash():
    @dataclass
    class Mine(rules.FeedbackAlignment):
        name = "mine"
        alpha: float = 1.0

    rule = Mine()
    rules.resolve(rule, MLP((6, 5, 3), seed=0))
    with pytest.raises(ValueError, match="rule must be a new Mine for another seed or feedback_scale"):
        rules.resolve(rule, MLP((6, 5, 3), seed=1))
    rule.feedback = [B.clone() for B in rule.feedback]  # by hand, as the message says
    rules.resolve(rule, MLP((6, 5, 3), seed=1))
