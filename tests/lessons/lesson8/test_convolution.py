"""The convolutional network: forward and backward against torch's own, own filters against shared ones."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from fa_lessons import losses, measures, rules
from fa_lessons.data import Digits
from fa_lessons.lessons.lesson8 import convolution, feedback
from fa_lessons.modules import FeedbackConv2d, FeedbackLinear

DOUBLE = torch.float64
rng = np.random.default_rng(8)
IMAGES = torch.from_numpy(rng.random((3, 784)))
TARGET = functional.one_hot(torch.tensor([4, 0, 9]), 10).to(DOUBLE)


def filters(W, inputs):
    """(25 · inputs, outputs), patch by patch, as torch's (outputs, inputs, 5, 5)."""
    return W.view(5, 5, inputs, -1).permute(3, 2, 0, 1)


def in_torch(net, replica, send=None):
    """The same network of torch modules; `send`: feedback matrices that take the place of the upper weights."""
    first, second, readout = net.weights
    low, high = net.channels
    conv1 = nn.Conv2d(1, low, 5, dtype=DOUBLE)
    conv2 = (nn.Conv2d if send is None else FeedbackConv2d)(low, high, 5, dtype=DOUBLE)
    linear = (nn.Linear if send is None else FeedbackLinear)(16 * high, 10, dtype=DOUBLE)
    with torch.no_grad():
        conv1.weight.copy_(filters(first[replica], 1))
        conv2.weight.copy_(filters(second[replica], low))
        linear.weight.copy_(by_channel(readout[replica], high).T)
        for layer, b in zip((conv1, conv2, linear), net.biases, strict=True):
            layer.bias.copy_(b[replica, 0])
        if send:
            conv2.feedback.copy_(filters(send[0][replica].T, low))
            linear.feedback.copy_(by_channel(send[1][replica].T, high).T)
    return nn.Sequential(conv1, nn.Tanh(), nn.AvgPool2d(2), conv2, nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), linear)


def few_digits():
    return Digits("few", IMAGES.numpy(), np.array([4, 0, 9]), IMAGES.numpy(), np.array([4, 0, 9]))


def by_channel(W, channels):
    """Rows in the order of places, then channels, as torch flattens them: channels first."""
    return W.view(16, channels, -1).transpose(0, 1).reshape(16 * channels, -1)


def gradients(net, rule):
    """The gradients of all weights by the network's own backward pass."""
    rows, maps, prediction = net.forward(IMAGES)
    error = losses.error_signal(net, prediction, TARGET)
    signals = [*net.signals(rule, maps, error), error]
    deltas = [s.reshape(len(W), -1, s.shape[-1]) for s, W in zip(signals, net.weights, strict=True)]
    return [below.mT @ delta for below, delta in zip(rows, deltas, strict=True)]


@pytest.fixture
def net():
    return convolution.ConvNet(2, (3, 4), seed=5, dtype=DOUBLE)


@pytest.mark.parametrize("replica", [0, 1])
@pytest.mark.parametrize("rule", ["bp", "fa"])
def test_forward_and_gradients_are_torchs(net, replica, rule):
    made = net.attach({"bp": rules.Backpropagation, "fa": rules.FeedbackAlignment}[rule]())
    for b in net.biases:
        b.normal_()
    stack = in_torch(net, replica, made.feedback if rule == "fa" else None)
    logits = stack(IMAGES.view(-1, 1, 28, 28))
    torch.testing.assert_close(torch.softmax(logits, 1), net.forward(IMAGES)[2][replica], rtol=1e-10, atol=1e-12)
    functional.cross_entropy(logits, TARGET.argmax(1)).backward()
    first, second, readout = (g[replica] for g in gradients(net, made))
    torch.testing.assert_close(filters(first, 1), stack[0].weight.grad, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(filters(second, 3), stack[3].weight.grad, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(by_channel(readout, 4).T, stack[7].weight.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("own", [False, True])
def test_backprop_by_hand_is_autograd(own):
    net = convolution.ConvNet(2, (2, 3), own, seed=1, dtype=DOUBLE)
    for W in net.weights:
        W.requires_grad_()
    _loss(net).backward()
    for W, gradient in zip(net.weights, gradients(net, net.attach(rules.Backpropagation())), strict=True):
        torch.testing.assert_close(W.grad, gradient, rtol=1e-9, atol=1e-12)


def test_a_shared_gradient_is_the_sum_of_the_own_ones(net):
    own = convolution.ConvNet(2, (3, 4), own=True, dtype=DOUBLE)
    for layer, side in enumerate(convolution.MAPS):
        own.weights[layer] = net.weights[layer].repeat_interleave(side**2, 0)
        own.biases[layer] = net.biases[layer].repeat_interleave(side**2, 0)
    own.weights[2], own.biases[2] = net.weights[2], net.biases[2]
    bp = rules.Backpropagation()
    for shared, each in zip(gradients(net, bp), gradients(own, bp), strict=True):
        torch.testing.assert_close(shared, each.view(2, -1, *each.shape[1:]).sum(1), rtol=1e-9, atol=1e-12)


def test_dfa_sends_the_error_past_the_layer_above(net):
    dfa = net.attach(rules.DirectFeedbackAlignment())
    _, maps, prediction = net.forward(IMAGES)
    error = losses.error_signal(net, prediction, TARGET)
    for B, signal, h in zip(dfa.feedback, net.signals(dfa, maps, error), maps, strict=True):
        half, channels = h.shape[1] // 2, h.shape[-1]
        below = (error @ B).view(2, 3, half, half, channels) / 4
        for row, column in ((0, 0), (1, 0), (5, 7), (h.shape[1] - 1, 2)):
            expected = below[:, :, row // 2, column // 2] * (1 - h[:, row, column] ** 2)
            torch.testing.assert_close(signal[:, row, column], expected)


@pytest.mark.parametrize("rule", [feedback.SignSymmetry, feedback.KolenPollack])
@pytest.mark.parametrize("own", [False, True])
def test_the_lessons_rules_send_errors_through_it(rule, own):
    """Replicas alone as together, and Kolen and Pollack's law to rounding."""
    net = convolution.ConvNet(2, (2, 3), own, seed=1, dtype=DOUBLE)
    made = net.attach(rule())
    start = [W - B.mT for W, B in zip(net.weights[1:], made.feedback, strict=True)]
    steps, angles, error = convolution.train(net, few_digits(), made, 0.3, weight_decay=0.1, batch=1, every=1)
    assert steps == [0, 1, 2] and angles.shape == (3, 2, 2) and error.shape == (2,)
    gaps = [W - B.mT for W, B in zip(net.weights[1:], made.feedback, strict=True)]
    for gap, before in zip(gaps, start, strict=True):
        kept = torch.allclose(gap, before * (1 - 0.3 * 0.1) ** 3, rtol=0, atol=1e-7)
        assert kept == (rule is feedback.KolenPollack)


def test_the_angle_is_zero_for_backprop_and_chance_for_a_new_b(net):
    bp, fa = (net.attach(rule()) for rule in (rules.Backpropagation, rules.FeedbackAlignment))
    assert convolution.signal_angles(net, bp, IMAGES, TARGET).max() < 1e-4
    assert (convolution.signal_angles(net, fa, IMAGES, TARGET)[0] - 90).abs().max() < 20


def test_frozen_convolutions_stay_and_the_readout_learns(net):
    before = [W.clone() for W in net.weights]
    steps, angles, _ = convolution.train(net, few_digits(), None, 0.1)
    assert steps == [] and angles is None
    assert [torch.equal(*pair) for pair in zip(before, net.weights, strict=True)] == [True, True, False]


def test_the_error_rate_counts_the_wrong_ones(net):
    answers = net.forward(IMAGES)[2].argmax(-1)
    assert convolution.error_rate(net, IMAGES.numpy(), answers[0].numpy())[0] == 0
    assert convolution.error_rate(net, IMAGES.numpy(), (answers[0].numpy() + 1) % 10)[0] == 100


def test_an_answer_that_is_not_finite_has_no_error_rate(net):
    net.weights[2][1] = torch.nan
    error = convolution.error_rate(net, IMAGES.numpy(), np.zeros(3, int))
    assert error[0].isfinite() and error[1].isnan()


@pytest.mark.parametrize("readout_rate", [0.0, None, 0.5])
def test_the_readout_has_a_rate_of_its_own(net, readout_rate):
    before = [W.clone() for W in net.weights]
    convolution.train(net, few_digits(), None, 0.1, readout_rate)
    change = (net.weights[2] - before[2]).abs().max()
    assert (change == 0) == (readout_rate == 0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps must be a whole number at least 1, got 0"),
        ({"every": 0}, "every must be a whole number at least 1, got 0"),
        ({"batch": 0}, "batch must be a whole number at least 1, got 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be positive and finite, got nan"),
        ({"readout_rate": -1}, "readout_rate must be at least 0 and finite, got -1"),
        ({"weight_decay": -1}, "weight_decay must be at least 0 and finite, got -1"),
        ({"rule": "fa"}, r"rule must be a Rule, such as rules.FeedbackAlignment\(\), or None, got 'fa'"),
    ],
)
def test_bad_settings_of_a_run_are_named(net, settings, message):
    with pytest.raises(ValueError, match=message):
        convolution.train(net, few_digits(), **{"rule": None, "learning_rate": 0.1, **settings})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"replicas": 0}, "replicas must be a whole number at least 1, got 0"),
        ({"channels": (2,)}, r"channels must be a pair, such as \(8, 16\), got \(2,\)"),
        ({"channels": 4}, r"channels must be a pair, such as \(8, 16\), got 4"),
        ({"channels": (2, 0)}, r"channels\[1\] must be a whole number at least 1, got 0"),
        ({"seed": -1}, "seed must be a whole number from 0, got -1"),
    ],
)
def test_bad_settings_of_a_network_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        convolution.ConvNet(**settings)


def test_the_module_has_the_rules_of_the_notebook():
    """The stored runs use the very classes that the reader writes."""
    notebook = nbformat.read(
        Path(__file__).parents[3] / "notebooks" / "08_after_feedback_alignment.ipynb", as_version=4
    )
    cells = [ast.parse(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    classes = {node.name: node for cell in cells for node in cell.body if isinstance(node, ast.ClassDef)}
    for node in ast.parse(Path(feedback.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            own = classes[node.name]
            own.decorator_list = []
            assert ast.dump(own) == ast.dump(node)


def _loss(net):
    return -(TARGET * net.forward(IMAGES)[2].log()).sum(-1).mean(1).sum()


def test_measures_agree():
    """`signal_angles` is the engine's angle of each image's signal, all units together."""
    net = convolution.ConvNet(1, (2, 3), seed=1, dtype=DOUBLE)
    fa = net.attach(rules.FeedbackAlignment())
    _, maps, prediction = net.forward(IMAGES)
    error = losses.error_signal(net, prediction, TARGET)
    for layer, found in enumerate(convolution.signal_angles(net, fa, IMAGES, TARGET)):
        mine, truth = (net.signals(r, maps, error)[layer][0] for r in (fa, measures.BACKPROP))
        by_image = [
            np.degrees(np.arccos(np.corrcoef(np.stack([np.r_[a, -a], np.r_[b, -b]]))[0, 1]))
            for a, b in (
                (m.numpy().ravel(), t.numpy().ravel())
                for m, t in zip(mine.movedim(2, 0), truth.movedim(2, 0), strict=True)
            )
        ]
        assert found.item() == pytest.approx(np.mean(by_image))
