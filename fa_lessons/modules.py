"""Feedback alignment as torch layers: forward as `nn.Linear` and `nn.Conv2d`, backward through a fixed random B.

For networks that torch's autograd trains. The error that a layer sends down passes B in the place of the weights
(Lillicrap et al. 2016); the gradients of its own weights and biases are the exact ones for the error that reaches it.
B is drawn once, is no parameter, and lies in `state_dict`.
"""

import torch
from torch import nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from fa_lessons import require


class FeedbackLinear(nn.Linear):
    """`nn.Linear` whose error goes down through `feedback`, (out_features, in_features): δx = e B, not e W.

    in_features, out_features, bias, device, dtype: as for `nn.Linear`. Inputs may have any leading dimensions.
    feedback_scale: B is uniform in ± feedback_scale / sqrt(out_features), the number of errors that it adds up.
    Raises ValueError for a feedback_scale that is not positive and finite. Taught in lesson 8.
    """

    def __init__(self, in_features, out_features, bias=True, feedback_scale=1.0, device=None, dtype=None):
        self.feedback_scale = require.number("feedback_scale", feedback_scale, open_minimum=True)
        super().__init__(in_features, out_features, bias, device, dtype)

    def reset_parameters(self):
        """Draw the weights, as `nn.Linear` does, and B."""
        super().reset_parameters()
        _draw(self, self.out_features)

    def forward(self, x):
        return _LinearByFeedback.apply(x, self.weight, self.bias, self.feedback)


class FeedbackConv2d(nn.Conv2d):
    """`nn.Conv2d` whose error goes down through `feedback`, of the weights' shape: filters of its own, shared alike.

    All arguments of `nn.Conv2d`. feedback_scale: B is uniform in ± feedback_scale / sqrt(errors that it adds up), the
    output channels of a group times the kernel's size.
    Raises ValueError for a feedback_scale that is not positive and finite. Taught in lesson 8.
    """

    def __init__(self, *args, feedback_scale=1.0, **kwargs):
        self.feedback_scale = require.number("feedback_scale", feedback_scale, open_minimum=True)
        super().__init__(*args, **kwargs)

    def reset_parameters(self):
        """Draw the weights, as `nn.Conv2d` does, and B."""
        super().reset_parameters()
        kernel = self.kernel_size[0] * self.kernel_size[1]
        _draw(self, self.out_channels // self.groups * kernel)

    def forward(self, x):
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        padded = functional.pad(x if x.ndim == 4 else x.unsqueeze(0), self._margins(), mode)
        settings = self.stride, 0, self.dilation, self.groups
        y = _ConvolutionByFeedback.apply(padded, self.weight, self.bias, self.feedback, settings)
        return y if x.ndim == 4 else y.squeeze(0)

    def _margins(self):
        """(left, right, top, bottom) of the padding."""
        if self.padding == "valid":
            return (0, 0, 0, 0)
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation[::-1], self.kernel_size[::-1], strict=True)]
            return tuple(margin for total in totals for margin in (total // 2, total - total // 2))
        return tuple(margin for width in self.padding[::-1] for margin in (width, width))


def _draw(layer, errors):
    bound, most = layer.feedback_scale / max(errors, 1) ** 0.5, torch.finfo(layer.weight.dtype).max
    if bound > most / 2:  # the draws span twice as much
        raise ValueError(f"feedback_scale must be smaller for {layer.weight.dtype}, got {layer.feedback_scale!r}")
    layer.register_buffer("feedback", torch.empty_like(layer.weight, requires_grad=False).uniform_(-bound, bound))


class _LinearByFeedback(torch.autograd.Function):
    @staticmethod
    def forward(x, weight, bias, feedback):
        return functional.linear(x, weight, bias)

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, _, _, feedback = inputs
        ctx.save_for_backward(x, feedback)

    @staticmethod
    @once_differentiable
    def backward(ctx, e):
        x, B = ctx.saved_tensors
        e = e.to(B.dtype)
        flat = e.reshape(-1, e.shape[-1])
        below = x.to(B.dtype).reshape(-1, x.shape[-1])
        return _wanted(ctx, lambda: e @ B, lambda: flat.mT @ below, lambda: flat.sum(0))


class _ConvolutionByFeedback(torch.autograd.Function):
    @staticmethod
    def forward(x, weight, bias, feedback, settings):
        return functional.conv2d(x, weight, bias, *settings)

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, _, _, feedback, ctx.settings = inputs
        ctx.save_for_backward(x, feedback)

    @staticmethod
    @once_differentiable
    def backward(ctx, e):
        x, B = ctx.saved_tensors
        x, e = x.to(B.dtype), e.to(B.dtype)
        return *_wanted(
            ctx,
            lambda: nn.grad.conv2d_input(x.shape, B, e, *ctx.settings),
            lambda: nn.grad.conv2d_weight(x, B.shape, e, *ctx.settings),
            lambda: e.sum((0, 2, 3)),
        ), None


def _wanted(ctx, *gradients):
    """The gradients of input, weight and bias that somebody waits for; none for the feedback."""
    found = [gradient() if wanted else None for gradient, wanted in zip(gradients, ctx.needs_input_grad, strict=False)]
    return *found, None
