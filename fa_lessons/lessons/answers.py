"""A learner's function, called so that whatever it does ends in a sentence, and within a few seconds."""

import copy
import inspect
import linecache
import signal
import threading
import time
import warnings
from contextlib import contextmanager

import numpy as np

from fa_lessons.lessons.results import read, shapes, unchanged
from fa_lessons.lessons.verdicts import NotAttempted, fail

PATIENCE = 3.0  # seconds inside the answer after which no further input is drawn
LIMIT = 8.0  # seconds inside the answer after which it is stopped
STUB = "✎ not attempted yet: write the function, then run this cell again."

CAUSES = (  # words of an error, and what usually lies behind them
    ("matmul", "Two factors do not fit: is one transposed, or are two in the wrong order?"),
    ("not aligned", "Two factors do not fit: is one transposed, or are two in the wrong order?"),
    ("broadcast", "Two factors do not fit: is one transposed, or are two in the wrong order?"),
    ("only length-1", "The functions of `math` take one number; those of `np` take arrays."),
    ("only 0-dim", "The functions of `math` take one number; those of `np` take arrays."),
    (
        "OverflowError",
        "A power or an exponential is too large for a number: what may be subtracted before it is taken?",
    ),
    ("ZeroDivisionError", "Which divisor is 0 here?"),
    ("truth value of an array", "`if`, `and`, `or` take one condition; for arrays use `&`, `|` and np.where."),
    ("RecursionError", "The function calls itself without an end."),
    ("MemoryError", "An array is far larger than the inputs: has a product one axis too many?"),
    ("SystemExit", "Leave out `exit()` and `quit()`."),
    ("NameError", "Is a name misspelt, or set in a cell that has not run?"),
    ("UnboundLocalError", "A name is used before it is set: is it an argument that you set later, or misspelt?"),
    ("not subscriptable", "Is it a number that you take for an array?"),
    ("numpy()", "`.detach().numpy()` makes an array of a tensor."),
)


class _TimeUp(BaseException):
    """The alarm's; not an Exception, so that an answer's `except Exception` lets it pass."""


class Answer:
    """A function, guarded: called like the function itself, it returns a result in the form of the truth.

    Whatever the function raises, returns or changes ends in CheckFailed, a stub in NotAttempted; only an interrupt
    passes. `seconds` is the time spent inside it, by `clock`.
    """

    def __init__(self, function, reference, labels=(), clock=time.monotonic):
        _refuse(function)
        self.function, self.reference, self.labels, self.clock = function, reference, labels, clock
        self.seconds = 0.0

    def __call__(self, *arguments):
        result, truth = self.beside_the_truth(*arguments)
        if shapes(result) != shapes(truth):
            fail("has the right shape", shape_hint(result, truth, self.labels))
        return result

    def beside_the_truth(self, *arguments):
        """The result, in the truth's form, and the truth; their shapes may differ."""
        given = copy.deepcopy(arguments)
        result = self._run(given)
        if not unchanged(given, arguments):
            fail(
                "leaves its inputs unchanged",
                "Your function changes an array that it was given. Compute into a new one: `a = a * b`, not `a *= b`.",
            )
        truth = self.reference(*copy.deepcopy(arguments))
        return read(result, truth, self.labels), truth

    @property
    def is_slow(self):
        return self.seconds > PATIENCE

    def _run(self, given):
        self._bind(given)
        start = self.clock()
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"), _alarm(max(LIMIT - self.seconds, 0.1)):
                warnings.simplefilter("ignore")
                result = self.function(*given)
        except KeyboardInterrupt:
            raise
        except _TimeUp:
            self._stop()
        except NotImplementedError as error:
            raise NotAttempted(_stub(error)) from None
        except BaseException as error:
            failure = error
        else:
            self.seconds += self.clock() - start
            if self.seconds > LIMIT:
                self._stop()
            return result
        fail("runs on every input", _what_was_raised(failure, given))

    def _stop(self):
        cause = "Is there an endless loop, or a loop where one product would do?"
        fail("ends within a few seconds", f"It was stopped after {LIMIT:g} seconds. {cause}")

    def _bind(self, given):
        expected = inspect.signature(self.reference)
        try:
            own = inspect.signature(self.function)
        except (TypeError, ValueError):  # a function written in C may have no signature
            return
        try:
            own.bind(*given)
        except TypeError:
            fail("takes the arguments of the exercise", f"It is called with {expected}; yours takes {own}.")


@contextmanager
def _alarm(seconds):
    """Raise _TimeUp inside after `seconds`, where the platform and the thread have an alarm."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_):
        raise _TimeUp

    handler = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # and again, should a bare `except` have caught it
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler or signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def shape_hint(result, truth, names):
    """Which part has which shape, for the first that differs."""
    for name, found, expected in zip(names, shapes(result), shapes(truth), strict=True):
        if found != expected:
            hint = f"{name[0].upper()}{name[1:]} has shape {found}; the equation gives {expected}."
            if len(expected) > 1 and found == expected[::-1]:
                hint += " A factor is transposed, or two factors are in the wrong order."
            if len(found) > len(expected):
                hint += " Which axis is still to be summed, or averaged?"
            return hint


def _refuse(function):
    """Only a function will do, and one that the learner wrote."""
    if function is Ellipsis or function is None:
        raise NotAttempted(STUB)
    if not callable(function):
        fail("is a function", f"Pass the function itself, without calling it; got {function!r:.60}.")
    inner = function
    while wrapped := next((w for n in ("func", "__func__", "__wrapped__") if (w := getattr(inner, n, None))), None):
        inner = wrapped
    module = getattr(inner, "__module__", None) or type(inner).__module__
    if module.split(".")[0] == "fa_lessons":
        fail("is a function of your own", f"`{getattr(inner, '__name__', inner)}` belongs to the package.")


def _stub(error):
    """Whose stub raised: the answer's own, or that of a function which it calls."""
    frames = _frames(error)
    return (
        STUB
        if len(frames) < 2
        else f"✎ not attempted yet: your function calls `{frames[-1][0].co_name}`, which is still a stub."
    )


def _frames(error):
    """The frames below ours, from the answer on: pairs of a frame's code and line."""
    frames, trace = [], error.__traceback__.tb_next
    while trace is not None:
        frames.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _what_was_raised(error, arguments):
    try:
        message = " ".join(str(error).split())[:200]
    except Exception:
        message = ""
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    frames = _frames(error)
    line = linecache.getline(frames[0][0].co_filename, frames[0][1]).strip() if frames else ""
    place = f" in the line `{line:.80}`" if line else ""
    found = ", ".join(str(shape) for shape in shapes([a for a in arguments if isinstance(a, np.ndarray)]))
    inputs = f" (inputs of shapes {found})" if found else ""
    cause = next((f" {cause}" for words, cause in CAUSES if words in text), "")
    return f"It raised {text}{place}{inputs}.{cause}"
