"""What the caller has set in torch changes nothing here: autograd, inference mode and autocast are off inside."""

import functools

import torch


def plainly(function):
    """`function`, run without autograd and autocast and outside of inference mode, whatever the caller's state."""

    @functools.wraps(function)
    def run(*arguments, **named):
        if _is_plain():
            return function(*arguments, **named)
        with torch.inference_mode(False), torch.no_grad(), torch.autocast("cpu", enabled=False):
            with torch.autocast("cuda", enabled=False):
                return function(*arguments, **named)

    return run


def _is_plain():
    autocast = torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda")
    return not (torch.is_grad_enabled() or torch.is_inference_mode_enabled() or autocast)
