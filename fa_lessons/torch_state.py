"""What the caller has set in torch changes nothing here, and nothing here changes what the caller has set."""

import functools
from contextlib import ExitStack, contextmanager

import torch

_started = 1  # how many threads torch has, as far as is known here
SUBNORMAL = 5e-324
GRAIN = 32768  # the fewest numbers for which torch takes another thread
ROUGH = ("tf32", "bf16", "medium")  # ways to multiply float32 with fewer digits, as torch calls them


def plainly(function):
    """`function`, run with `arithmetic` and without autograd and autocast and outside of inference mode."""

    @functools.wraps(function)
    def run(*arguments, **named):
        if _is_plain():
            return function(*arguments, **named)
        with torch.inference_mode(False), torch.no_grad(), torch.autocast("cpu", enabled=False):
            with torch.autocast("cuda", enabled=False), arithmetic():
                return function(*arguments, **named)

    return run


@contextmanager
def arithmetic(tf32=False):
    """The CPU multiplies float32 as float32 and takes subnormal numbers for zero; with `tf32`, a GPU rounds to TF32.

    Subnormal numbers slow a long run on the CPU by half, and count for nothing.
    """
    _start_threads()
    with ExitStack() as undo:
        undo.callback(torch.set_flush_denormal, _flushes())
        torch.set_flush_denormal(True)
        if _precision("mkldnn") in ROUGH:
            _set_precision("mkldnn", "ieee", undo)
        if tf32:
            _set_precision("cuda", "tf32", undo)
        yield


def multiplies_in_tf32():
    """Whether torch's products of float32 on a GPU are in TF32."""
    return _precision("cuda") == "tf32"


def _is_plain():
    autocast = torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda")
    graph = torch.is_grad_enabled() or torch.is_inference_mode_enabled()
    return _flushes() and not (graph or autocast) and _precision("mkldnn") not in ROUGH


def _start_threads():
    """Let torch start its threads: each keeps for good what subnormal numbers are to the one that starts it."""
    global _started
    count = torch.get_num_threads()
    if count != _started:
        torch.empty(count * GRAIN, device="cpu", dtype=torch.float32).zero_()
        _started = count


def _flushes():
    return SUBNORMAL == 0  # true where this thread takes subnormal numbers for zero


if hasattr(torch.backends.mkldnn, "matmul"):  # since torch 2.9

    def _precision(backend):
        return getattr(torch.backends, backend).matmul.fp32_precision

    def _set_precision(backend, value, undo):
        matmul = getattr(torch.backends, backend).matmul
        undo.callback(_restore, matmul, matmul.fp32_precision)
        matmul.fp32_precision = value

    def _restore(matmul, value):
        matmul.fp32_precision = "none"  # enough where `value` is that of the backend as a whole
        if matmul.fp32_precision != value:
            matmul.fp32_precision = value

else:

    def _precision(backend):
        if backend == "cuda":
            return "tf32" if torch.backends.cuda.matmul.allow_tf32 else "ieee"
        return torch.get_float32_matmul_precision()

    def _set_precision(backend, value, undo):
        undo.callback(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision())
        torch.set_float32_matmul_precision("high" if value == "tf32" or backend == "mkldnn" else "highest")
