"""Feedback layers for torch: autograd's gradients with B = W, the papers' with another B, and what others got wrong."""

import copy
import io

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from fa_lessons import MLP, losses
from fa_lessons.modules import FeedbackConv2d, FeedbackLinear
from fa_lessons.rules import FeedbackAlignment

DOUBLE = {"dtype": torch.float64}


def gradients(layer, x, e):
    """The output, and the gradients of input and parameters when `e` comes back."""
    x = x.clone().requires_grad_()
    y = layer(x)
    layer.zero_grad()
    y.backward(e)
    return [y, x.grad, *(p.grad.clone() for p in layer.parameters())]


def assert_same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def twin(plain, layer):
    """A plain layer with the parameters of `layer`."""
    plain.load_state_dict({name: value for name, value in layer.state_dict().items() if name != "feedback"})
    return plain


@given(
    leading=st.lists(st.integers(1, 3), max_size=3),
    sizes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    bias=st.booleans(),
    own=st.booleans(),
)
@settings(max_examples=60)
def test_linear_is_autograd_with_w_and_sends_eb_with_b(leading, sizes, bias, own):
    layer = FeedbackLinear(*sizes, bias=bias, **DOUBLE)
    if not own:
        layer.feedback.copy_(layer.weight.detach())
    x, e = torch.randn(*leading, sizes[0], **DOUBLE), torch.randn(*leading, sizes[1], **DOUBLE)
    expected = gradients(twin(nn.Linear(*sizes, bias=bias, **DOUBLE), layer), x, e)
    if own:
        expected[1] = torch.einsum("...o,oi->...i", e, layer.feedback)
    assert_same(gradients(layer, x, e), expected)


@given(
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    stride=st.integers(1, 2),
    padding=st.sampled_from([0, 1, (0, 1), "valid", "same"]),
    dilation=st.integers(1, 2),
    groups=st.integers(1, 2),
    mode=st.sampled_from(["zeros", "reflect", "circular", "replicate"]),
    bias=st.booleans(),
    batched=st.booleans(),
)
@settings(max_examples=80)
def test_convolution_is_autograd_with_w(kernel, stride, padding, dilation, groups, mode, bias, batched):
    stride = 1 if padding == "same" else stride
    arguments = (2 * groups, 4 * groups, kernel, stride, padding, dilation, groups, bias, mode)
    layer = FeedbackConv2d(*arguments, **DOUBLE)
    layer.feedback.copy_(layer.weight.detach())
    x = torch.randn(*([3] if batched else []), 2 * groups, 9, 8, **DOUBLE)
    plain = twin(nn.Conv2d(*arguments, **DOUBLE), layer)
    e = torch.randn_like(plain(x))
    assert_same(gradients(layer, x, e), gradients(plain, x, e))


def test_convolution_sends_the_error_through_the_filters_of_b():
    layer = FeedbackConv2d(2, 3, 3, padding=1, **DOUBLE)
    x, e = torch.randn(4, 2, 6, 6, **DOUBLE), torch.randn(4, 3, 6, 6, **DOUBLE)
    through_b = nn.Conv2d(2, 3, 3, padding=1, **DOUBLE)
    through_b.weight.data.copy_(layer.feedback)
    expected = gradients(twin(nn.Conv2d(2, 3, 3, padding=1, **DOUBLE), layer), x, e)
    expected[1] = gradients(through_b, x, e)[1]
    assert_same(gradients(layer, x, e), expected)
    assert (expected[1] - gradients(twin(nn.Conv2d(2, 3, 3, padding=1, **DOUBLE), layer), x, e)[1]).abs().max() > 0.1


def test_a_stack_learns_as_the_rule_does():
    network, rule = MLP((5, 4, 3, 2), "tanh", "linear", seed=1, dtype=torch.float64), FeedbackAlignment(seed=2)
    rule.attach(network)
    layers = [FeedbackLinear(*sizes, **DOUBLE) for sizes in ((5, 4), (4, 3), (3, 2))]
    for layer, W in zip(layers, network.weights, strict=True):
        layer.weight.data.copy_(W[0].T)
        layer.bias.data.zero_()
    for layer, B in zip(layers[1:], rule.feedback, strict=True):
        layer.feedback.copy_(B[0])
    stack = nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2])
    x, target = torch.randn(7, 5, **DOUBLE), torch.randn(7, 2, **DOUBLE)
    (0.5 * (stack(x) - target).square().sum() / 7).backward()
    activations = network.forward(x)
    deltas = rule.deltas(network, activations, losses.error_signal(network, activations[-1], target))
    for layer, below, delta in zip(layers, activations, deltas, strict=False):
        torch.testing.assert_close(layer.weight.grad, (below.mT @ delta).squeeze(0).T, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(layer.bias.grad, delta.sum((0, 1)), rtol=1e-10, atol=1e-12)


def make(kind):
    return FeedbackLinear(3, 3) if kind == "linear" else FeedbackConv2d(3, 3, 3, padding=1)


def given_to(kind):
    return torch.randn(2, 3) if kind == "linear" else torch.randn(2, 3, 4, 4)


@pytest.mark.parametrize("kind", ["linear", "convolution"])
class TestEachLayer:
    def test_its_weights_move_and_its_feedback_does_not(self, kind):
        stack = nn.Sequential(make(kind), nn.Tanh(), make(kind))
        before = copy.deepcopy(stack.state_dict())
        optimizer = torch.optim.SGD(stack.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            stack(given_to(kind)).square().mean().backward()
            optimizer.step()
        moved = {name: not torch.equal(value, before[name]) for name, value in stack.state_dict().items()}
        assert moved == {name: not name.endswith("feedback") for name in before}

    def test_its_feedback_is_saved_and_loaded_and_copied(self, kind):
        layer, other, file = make(kind), make(kind), io.BytesIO()
        assert not torch.equal(layer.feedback, other.feedback)
        torch.save(layer.state_dict(), file)
        file.seek(0)
        other.load_state_dict(torch.load(file, weights_only=True))
        for same in (other, copy.deepcopy(layer)):
            assert torch.equal(layer.feedback, same.feedback) and not same.feedback.requires_grad
        assert {name for name, _ in layer.named_parameters()} == {"weight", "bias"}

    def test_only_what_is_asked_for_is_computed(self, kind):
        layer = make(kind).requires_grad_(False)
        x = given_to(kind).requires_grad_()
        layer(x).sum().backward()
        assert x.grad is not None and layer.weight.grad is None
        layer.requires_grad_(True)
        layer(given_to(kind)).sum().backward()
        assert layer.weight.grad.abs().max() > 0

    def test_used_twice_it_adds_up_both_gradients(self, kind):
        layer, x = make(kind), given_to(kind)
        layer(layer(x)).sum().backward()
        twice = layer.weight.grad.clone()
        first, second = copy.deepcopy(layer), copy.deepcopy(layer)
        for each in (first, second):
            each.zero_grad()
        second(first(x)).sum().backward()
        torch.testing.assert_close(twice, first.weight.grad + second.weight.grad)

    def test_it_works_in_mixed_precision(self, kind):
        layer, x = make(kind), given_to(kind).requires_grad_()
        with torch.autocast("cpu", torch.bfloat16):
            loss = layer(x).float().square().sum()
        loss.backward()
        exact, y = copy.deepcopy(layer), x.detach().clone().requires_grad_()
        exact.zero_grad()
        exact(y).square().sum().backward()
        torch.testing.assert_close(x.grad, y.grad, rtol=0.05, atol=0.1)
        torch.testing.assert_close(layer.weight.grad, exact.weight.grad, rtol=0.05, atol=0.3)

    def test_a_second_derivative_is_refused(self, kind):
        x = given_to(kind).requires_grad_()
        (slope,) = torch.autograd.grad(make(kind)(x).square().sum(), x, create_graph=True)
        with pytest.raises(RuntimeError, match="once_differentiable"):
            slope.sum().backward()

    @pytest.mark.parametrize("scale", [0, -1, float("nan"), "1", None])
    def test_a_scale_is_positive_and_finite(self, kind, scale):
        with pytest.raises(ValueError, match="feedback_scale must be positive and finite"):
            FeedbackLinear(3, 3, feedback_scale=scale) if kind == "linear" else FeedbackConv2d(
                3, 3, 3, feedback_scale=scale
            )


def test_the_feedback_is_as_long_as_its_scale_says():
    wide = FeedbackLinear(100, 400, feedback_scale=3).feedback
    assert 0.97 < wide.abs().max() * 400**0.5 / 3 <= 1
    filters = FeedbackConv2d(20, 32, (3, 5), groups=2, feedback_scale=2).feedback
    assert filters.shape == (32, 10, 3, 5) and 0.97 < filters.abs().max() * (16 * 15) ** 0.5 / 2 <= 1


@pytest.mark.parametrize("kind", ["linear", "convolution"])
def test_reset_parameters_draws_the_feedback_too(kind):
    torch.manual_seed(3)
    layer = make(kind)
    torch.manual_seed(3)
    with torch.device("meta"):
        late = make(kind)
    late.to_empty(device="cpu").reset_parameters()
    assert torch.equal(layer.feedback, late.feedback) and torch.equal(layer.weight, late.weight)
    before = layer.feedback.clone()
    layer.reset_parameters()
    assert not torch.equal(layer.feedback, before) and "feedback" in layer.state_dict()


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_a_layer_without_outputs_has_no_feedback():
    assert FeedbackLinear(3, 0).feedback.shape == (0, 3)
    assert FeedbackLinear(3, 0)(torch.ones(2, 3)).shape == (2, 0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_scale_beyond_the_type_is_refused(dtype):
    for make_layer in (
        lambda: FeedbackLinear(3, 3, dtype=dtype, feedback_scale=1e39),
        lambda: FeedbackConv2d(3, 3, 3, dtype=dtype, feedback_scale=1e39),
    ):
        with pytest.raises(ValueError, match=r"feedback_scale must be smaller for torch\.float"):
            make_layer()
