"""What the caller has set in torch changes nothing here, and nothing here changes what the caller has set."""

import functools
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager

import torch

_started = 1  # how many threads torch has, as far as is known here
SUBNORMAL = 5e-324
GRAIN = 32768  # the fewest numbers for which torch takes another thread
_lock, _inside, _found = threading.Lock(), Counter(), {}


def plainly(function):
    """`function`, run with `arithmetic` and without autograd and autocast and outside of inference mode."""

    @functools.wraps(function)
    def run(*arguments, **named):
        if _is_plain():
            return function(*arguments, **named)
        with _outside(), torch.no_grad():
            return function(*arguments, **named)

    return run


def freshly(function):
    """`function` for autograd, run with `arithmetic` and otherwise as in a session in which nothing was set yet."""

    @functools.wraps(function)
    def run(*arguments, **named):
        before = torch.get_default_dtype()
        with _outside(), torch.enable_grad(), torch.device("cpu"):
            torch.set_default_dtype(torch.float32)
            try:
                return function(*arguments, **named)
            finally:
                torch.set_default_dtype(before)

    return run


@contextmanager
def _outside():
    """Outside of inference mode and autocast, with `arithmetic`."""
    with torch.inference_mode(False), torch.autocast("cpu", enabled=False), torch.autocast("cuda", enabled=False):
        with arithmetic():
            yield


@contextmanager
def arithmetic(tf32=False):
    """The CPU multiplies float32 as float32 and takes subnormal numbers for zero; with `tf32`, a GPU rounds to TF32.

    Subnormal numbers slow a long run on the CPU by half, and count for nothing. A thread of torch's own keeps for good
    what they are to the one that starts it: so they are started before, but for a run with `tf32`, a process's own.
    """
    if not tf32:
        _start_threads()
    with ExitStack() as undo:
        undo.callback(torch.set_flush_denormal, _flushes())
        torch.set_flush_denormal(True)
        undo.enter_context(_multiplying("mkldnn", "ieee"))
        if tf32:
            undo.enter_context(_multiplying("cuda", "tf32"))
        yield


def multiplies_in_tf32():
    """Whether torch's products of float32 on a GPU are in TF32."""
    return _precision("cuda") == "tf32"


def _is_plain():
    autocast = torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda")
    graph = torch.is_grad_enabled() or torch.is_inference_mode_enabled()
    return _flushes() and not (graph or autocast) and _precision("mkldnn") == "ieee"


def _start_threads():
    """Let torch start its threads now."""
    global _started
    count = torch.get_num_threads()
    if count != _started:
        torch.empty(count * GRAIN, device="cpu", dtype=torch.float32).zero_()
        _started = count


def _flushes():
    return SUBNORMAL == 0  # true where this thread takes subnormal numbers for zero


@contextmanager
def _multiplying(backend, precision):
    """Let `backend` multiply float32 so; the setting is the process's, so the last thread that leaves restores it."""
    with _lock:
        if not _inside[backend]:
            _found[backend] = _setting(backend)
            if _precision(backend) != precision:
                _set_precision(backend, precision)
        _inside[backend] += 1
    try:
        yield
    finally:
        with _lock:
            _inside[backend] -= 1
            if not _inside[backend]:
                _restore(backend, _found[backend])


if hasattr(torch.backends.mkldnn, "matmul"):  # since torch 2.9

    def _setting(backend):
        return getattr(torch.backends, backend).matmul.fp32_precision

    def _precision(backend):
        found = _setting(backend)
        return "ieee" if found == "none" else found

    def _set_precision(backend, value):
        getattr(torch.backends, backend).matmul.fp32_precision = value

    def _restore(backend, setting):
        if _setting(backend) != setting:
            _set_precision(backend, "none")  # enough where the setting is that of the backend as a whole
        if _setting(backend) != setting:
            _set_precision(backend, setting)

else:

    def _setting(backend):
        return torch.get_float32_matmul_precision()

    def _precision(backend):
        level = _setting(backend)
        if backend == "mkldnn":  # which rounds at "medium" alone
            return "bf16" if level == "medium" else "ieee"
        return "ieee" if level == "highest" else "tf32"

    def _set_precision(backend, value):
        torch.set_float32_matmul_precision("high")  # float32 on the CPU, TF32 on a GPU

    def _restore(backend, setting):
        torch.set_float32_matmul_precision(setting)
