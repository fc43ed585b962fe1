"""The gallery of failures: each rule runs, says what it is not, and is caught by the test that lesson 6 names."""

import numpy as np
import pytest
import torch

from fa_lessons import MLP, check_rule, losses, measures, verify_rule
from fa_lessons.lessons.lesson6 import gallery
from fa_lessons.perturbations import Dropout, ThinnedNetwork
from fa_lessons.rules import RULES, Backpropagation, DirectFeedbackAlignment, resolve
from fa_lessons.training import Trainer


def made(activation="relu"):
    return MLP((20, 12, 8, 3), activation=activation, initial_scale=4, seed=0)


@pytest.fixture
def network():
    return made()


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return rng.normal(size=(16, 20)).astype(np.float32), rng.integers(0, 3, 16)


def stepped(network, rule, batch, steps=1, **options):
    """`network` after some training steps of `rule` on one batch."""
    images, labels = (torch.as_tensor(part) for part in batch)
    trainer = Trainer(network, Data(batch), rule, batch_size=16, **options)
    for number in range(steps):
        trainer.step(images, losses.one_hot(labels, 3, torch.float32), number)
    return network


class Data:
    def __init__(self, batch):
        self.train_images, self.train_labels = self.test_images, self.test_labels = batch


def test_the_first_is_sound_and_no_other_replaces_a_rule_of_the_package(network, batch):
    assert gallery.CANDIDATES == (DirectFeedbackAlignment, *gallery.BUGS)
    assert len(gallery.LABELS) == len(gallery.CANDIDATES)
    assert verify_rule(network, gallery.CANDIDATES[0](), batch).ok and DirectFeedbackAlignment is RULES["dfa"]
    assert not any(verify_rule(network, bug(), batch).ok for bug in gallery.BUGS)
    names = {bug.name for bug in gallery.BUGS}
    assert len(names) == len(gallery.BUGS) and not names & set(RULES)
    assert all(isinstance(bug.seen, str) and bug.__doc__ for bug in gallery.BUGS)


@pytest.mark.parametrize("bug", [*gallery.BUGS, gallery.Sliced])
def test_few_bugs_break_the_contract_of_a_rule(bug):
    broken = {gallery.Uninitialised: "finite signals", gallery.Redrawn: "pure deltas"}
    if bug not in broken:
        check_rule(bug())
        return
    with pytest.raises(AssertionError) as caught:
        check_rule(bug())
    assert caught.value.property == broken[bug]


def test_the_undivided_error_is_as_many_times_too_long_as_the_batch_is_large(network, batch):
    verdict = verify_rule(network, gallery.Undivided(), batch)
    assert verdict.found == ()
    np.testing.assert_allclose(verdict.scales["dfa"], 16, rtol=1e-4)


def test_the_wrong_sign_has_scale_minus_one(network, batch):
    verdict = verify_rule(network, gallery.WrongSign(), batch)
    assert verdict.found == () and verdict.output_scale == pytest.approx(-1)
    np.testing.assert_allclose(verdict.scales["dfa"], -1, rtol=1e-4)


@pytest.mark.parametrize(
    ("bug", "found"),
    [
        (gallery.ShiftedSlope, ()),
        (gallery.Disguised, ("bp",)),
        (gallery.Stuck, ("shallow",)),
        (gallery.Sliced, ("dfa",)),
        (gallery.SlopeOmitted, ()),
        (gallery.OutputSlope, ()),
        (gallery.SoftmaxTwice, ()),
        (gallery.TrainedB, ("dfa",)),
        (gallery.DecayedB, ("dfa",)),
    ],
)
def test_verify_rule_names_what_it_is(network, batch, bug, found):
    assert verify_rule(network, bug(), batch).found == found


@pytest.mark.parametrize(("activation", "found"), [("relu", ("dfa",)), ("tanh", ()), ("sigmoid", ())])
def test_relu_forgives_a_slope_that_is_taken_at_the_activation(batch, activation, found):
    assert verify_rule(made(activation), gallery.SlopeOfActivation(), batch).found == found


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_the_slope_of_the_activation_is_that_of_autograd_at_the_wrong_place(batch, activation):
    network, rule = made(activation), gallery.SlopeOfActivation()
    rule.attach(network)
    activations, deltas, _ = measures.signals(network, rule, *batch)
    for layer in (0, 1):
        h = activations[layer + 1].clone().requires_grad_()
        (slope,) = torch.autograd.grad(getattr(torch, activation)(h).sum(), h)
        expected = (activations[-1] - losses.one_hot(torch.as_tensor(batch[1]), 3, torch.float32)) / 16
        torch.testing.assert_close(deltas[layer], (expected @ rule.feedback[layer]) * slope)


@pytest.mark.parametrize("bug", [gallery.OutputSlope, gallery.SoftmaxTwice])
def test_the_outputs_signal_is_not_e(network, batch, bug):
    verdict = verify_rule(network, bug(), batch)
    assert verdict.output_difference > 0.1 and "the output layer's signal is not e" in str(verdict)


def test_softmax_twice_is_the_gradient_of_a_loss_with_two_softmaxes(network, batch):
    images, labels = (torch.as_tensor(part) for part in batch)
    _, deltas, _ = measures.signals(network, gallery.SoftmaxTwice(), *batch)
    logits = (torch.baddbmm(network.biases[-1], network.forward(images)[-2], network.weights[-1])).detach()
    logits.requires_grad_()
    twice = torch.softmax(logits[0], -1)
    (slope,) = torch.autograd.grad(torch.nn.functional.cross_entropy(twice, labels), logits)
    torch.testing.assert_close(deltas[-1], slope)


def test_the_output_slope_is_that_of_squared_error_on_sigmoid_units(batch):
    network = MLP((20, 12, 3), output="sigmoid", seed=0)
    images, labels = (torch.as_tensor(part) for part in batch)
    _, deltas, _ = measures.signals(network, gallery.OutputSlope(), *batch)
    sums = torch.logit(network.forward(images)[-1].detach()).requires_grad_()
    target = losses.one_hot(labels, 3, torch.float32)
    (slope,) = torch.autograd.grad(0.5 * (torch.sigmoid(sums) - target).square().sum() / 16, sums)
    torch.testing.assert_close(deltas[-1], slope, rtol=1e-4, atol=1e-7)


def test_a_trained_feedback_matrix_at_the_top_moves_as_the_transposed_weights(network, batch):
    rule = gallery.TrainedB().attach(network)
    before, weights = [B.clone() for B in rule.feedback], network.weights[-1].clone()
    stepped(network, rule, batch)
    torch.testing.assert_close(rule.feedback[-1] - before[-1], (network.weights[-1] - weights).mT, rtol=1e-3, atol=1e-6)
    assert not torch.equal(rule.feedback[0], before[0])


def test_a_decayed_feedback_matrix_shrinks_and_does_not_turn(network, batch):
    rule = gallery.DecayedB().attach(network)
    before = [B.clone() for B in rule.feedback]
    stepped(network, rule, batch, steps=3, learning_rate=0.5)
    for old, new in zip(before, rule.feedback, strict=True):
        torch.testing.assert_close(new, old * (1 - 0.005) ** 3)


def test_a_borrowed_seed_starts_with_the_transposed_weights(network, batch):
    rule = gallery.BorrowedSeed()
    verdict = verify_rule(network, rule, batch)
    assert verdict.transported == ((1, "equals"),) and not verdict.ok
    assert verdict.signal_angles[-1] == pytest.approx(0, abs=0.1) and verdict.signal_angles[0] > 40
    stepped(network, rule, batch)
    assert not torch.equal(rule.feedback[-1], network.weights[-1].mT)


def test_an_unmasked_signal_reaches_the_silent_units(batch):
    network = made("tanh")
    images, labels = (torch.as_tensor(part) for part in batch)
    masks = Dropout(0.0, 0.5).masks(network, 16, (0, 0))
    for rule, silent in ((DirectFeedbackAlignment(), True), (gallery.Unmasked(), False)):
        thinned = ThinnedNetwork(network, masks)
        activations = thinned.forward(images)
        error = losses.error_signal(network, activations[-1], losses.one_hot(labels, 3, torch.float32))
        first = resolve(rule, network).deltas(thinned, activations, error)[0]
        assert (first[masks[1] == 0] == 0).all() == silent
    assert verify_rule(network, gallery.Unmasked(), batch).found == ("dfa",)  # without dropout nothing is wrong


@pytest.mark.parametrize("rule", [gallery.UpperFirst(), Backpropagation()])
def test_upper_weights_first_is_not_a_gradient_step(batch, rule):
    images, labels = (torch.as_tensor(part) for part in batch)
    network, truth = made("tanh"), made("tanh")
    _, deltas, _ = measures.signals(truth, "bp", *batch)
    moved = stepped(network, rule, batch, learning_rate=0.5)
    step = (moved.weights[0] - truth.weights[0])[0]
    expected = -0.5 * images.T @ deltas[0][0]
    gap = float((step - expected).norm() / expected.norm())
    assert gap > 0.05 if rule.name == "bp-upper-first" else gap < 1e-4
    assert measures.signals(network, rule, images, labels)[1][0].isfinite().all()


def test_feedback_alignment_forgives_the_order_of_the_updates(batch):
    """The weights that move first do not occur in the signal of the layers below."""
    for name in ("fa", "dfa"):
        network = made("tanh")
        images, labels = (torch.as_tensor(part) for part in batch)
        activations = network.forward(images)
        error = losses.error_signal(network, activations[-1], losses.one_hot(labels, 3, torch.float32))
        rule = resolve(name, network)
        before = rule.deltas(network, activations, error)
        for W in network.weights[1:]:
            W.add_(1)
        for old, new in zip(before, rule.deltas(network, activations, error), strict=True):
            assert torch.equal(old, new)


def test_the_sliced_feedback_is_one_matrix_and_no_entry_of_the_table(network):
    first, second = gallery.Sliced().attach(network).feedback
    assert torch.equal(first[..., :8], second) and gallery.Sliced not in gallery.CANDIDATES
    first, second = DirectFeedbackAlignment().attach(network).feedback
    assert not torch.equal(first[..., :8], second)


def test_the_uninitialised_feedback_is_wild_and_the_same_every_time(network):
    one, other = (gallery.Uninitialised().attach(network).feedback for _ in range(2))
    wild = one[0].isnan() | (one[0].abs() > 1e6)
    assert wild.any()
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a.nan_to_num(), b.nan_to_num())


def test_the_redrawn_feedback_changes_in_every_step(network, batch):
    rule = gallery.Redrawn()
    verify_rule(network, rule, batch)
    before = [B.clone() for B in rule.feedback]
    assert verify_rule(network, rule, batch).found == ("dfa",)
    assert not any(torch.equal(old, new) for old, new in zip(before, rule.feedback, strict=True))


def test_the_suspects_are_fresh_and_the_exercise_knows_them():
    from fa_lessons.lessons.lesson6.exercises import EXERCISES

    bases = tuple(gallery.CANDIDATES.index(type(gallery.suspect(letter)).__base__) for letter in "ABCDEF")
    assert bases == EXERCISES["suspects"].reference()
    assert gallery.suspect("A") is not gallery.suspect("A")


@pytest.mark.parametrize("letter", "ABCDEF")
def test_nothing_that_a_suspect_prints_tells_who_it_is(network, batch, letter):
    rule = gallery.suspect(letter)
    said = f"{rule!r} {rule.name} {type(rule).__name__} {rule.__doc__} {verify_rule(network, rule, batch)}"
    for bug in gallery.BUGS:
        assert bug.name not in said and bug.__name__ not in said
    assert rule.name == "dfa" and rule.seen == ""


def test_an_unknown_suspect_is_named():
    with pytest.raises(ValueError, match="letter must be one of A, B, C, D, E, F, got 'G'"):
        gallery.suspect("G")
    for number in (-1, 1.5, "a"):
        with pytest.raises(ValueError, match=f"number must be a whole number from 0, got {number!r}"):
            gallery.suspect("A", number)
