"""What an exercise is, and how an answer is examined. Needs only numpy."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


class CheckFailed(AssertionError):
    """The answer is wrong; the message names the property that failed and gives one hint."""

    def _render_traceback_(self):  # a notebook shows the message alone, without our stack
        return [str(self)]


class NotAttempted(CheckFailed):
    """The answer is still the stub."""


@dataclass(frozen=True)
class Property:
    """Something every right answer does: `holds(answer, arguments)` is true."""

    name: str
    hint: str
    holds: Callable


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer. An answer that agrees with `wrong` gets this message."""

    name: str
    hint: str
    wrong: Callable


@dataclass(frozen=True)
class Exercise:
    """`reference(*draw(rng))` is the truth; a value to predict has no `draw` and is `reference()`.

    `properties` are tested after agreement of shape and before agreement of values;
    `mistakes` explain a disagreement of values. Results are arrays, numbers, or tuples or lists of them.
    """

    reference: Callable
    draw: Callable | None = None
    properties: tuple[Property, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    hint: str = "Compare your code with the equation, one factor at a time."
    rtol: float = 1e-6
    atol: float = 1e-9
    labels: tuple[str, ...] = field(default=())  # names of the parts of a tuple result

    def examine(self, answer, trials=20, seed=None):
        """Raise NotAttempted or CheckFailed unless `answer` is right; see `check`."""
        if self.draw is None:
            return self._examine_value(answer)
        if answer is Ellipsis or answer is None:
            raise NotAttempted("✎ not attempted yet: write the function, then run this cell again.")
        if not callable(answer):
            _fail("is a function", f"Pass the function itself, without calling it; got {answer!r:.60}.")
        rng = np.random.default_rng(seed)
        self._examine_dependence(answer, self.draw(rng), self.draw(rng))
        for _ in range(trials):
            self._examine_call(answer, self.draw(rng))
        for item in self.properties:
            arguments = self.draw(rng)
            if not item.holds(answer, copy.deepcopy(arguments)):
                _fail(item.name, item.hint)

    def _examine_value(self, answer):
        if answer is Ellipsis or answer is None:
            raise NotAttempted("✎ not attempted yet: replace the ... by your answer, then run this cell again.")
        self._compare(answer, self.reference(), lambda wrong: wrong())

    def _examine_dependence(self, answer, one, other):
        first, second = _call(answer, copy.deepcopy(one)), _call(answer, copy.deepcopy(other))
        truths = self.reference(*copy.deepcopy(one)), self.reference(*copy.deepcopy(other))
        self._examine_kind(first, truths[0])
        self._examine_kind(second, truths[1])
        if _same(first, second, 0, 0) and not _same(*truths, 0, 0):
            _fail(
                "depends on its inputs",
                "Two different inputs gave the very same result: is a number typed in by hand, "
                "or is a variable of the notebook used in place of an argument?",
            )

    def _examine_call(self, answer, arguments):
        given = copy.deepcopy(arguments)
        truth = self.reference(*copy.deepcopy(arguments))
        result = _call(answer, given)
        if not _same(given, arguments, 0, 0):
            _fail(
                "leaves its inputs unchanged",
                "Your function changes an array that it was given. Compute into a new array: "
                "`a = a * b`, not `a *= b`.",
            )
        self._compare(result, truth, lambda wrong: wrong(*copy.deepcopy(arguments)))

    def _examine_kind(self, result, truth):
        if result is None:
            _fail("returns its result", "Your function returned None: is there a `return` line?")
        allowed = _kinds(truth)
        for kind in sorted(_kinds(result) - allowed):
            _fail(f"returns {' and '.join(sorted(allowed))}", f"Your result is made of {kind}.")

    def _compare(self, result, truth, evaluate):
        self._examine_kind(result, truth)
        if isinstance(truth, tuple | list):
            if not isinstance(result, tuple | list) or len(result) != len(truth):
                names = " and ".join(self._names(truth))
                _fail(f"returns {len(truth)} results", f"Return them together, as a tuple, in this order: {names}.")
        elif isinstance(result, tuple | list):
            try:
                result = np.asarray(result, dtype=float)
            except ValueError:
                _fail("returns one result", f"Your function returned {len(result)}; the exercise asks for one.")
        shapes = [(np.shape(r), np.shape(t)) for r, t in zip(_parts(result), _parts(truth), strict=True)]
        for name, (found, expected) in zip(self._names(truth), shapes, strict=True):
            if found != expected:
                hint = f"{name} has shape {found}; the equation gives {expected}."
                if len(expected) > 1 and found == expected[::-1]:
                    hint += " A factor is transposed, or two factors are in the wrong order."
                for mistake in self.mistakes:
                    if _same(result, _quietly(evaluate, mistake.wrong), self.rtol, self.atol):
                        _fail(mistake.name, mistake.hint)
                _fail("has the right shape", hint)
        if _same(result, truth, self.rtol, self.atol):
            return
        for mistake in self.mistakes:
            if _same(result, _quietly(evaluate, mistake.wrong), self.rtol, self.atol):
                _fail(mistake.name, mistake.hint)
        if not all(np.all(np.isfinite(np.asarray(part, dtype=float))) for part in _parts(result)):
            _fail("is finite", "Your result holds NaN or infinity: look for a division by 0 or a log of 0.")
        _fail("agrees with the independent truth", self.hint)

    def _names(self, truth):
        count = len(_parts(truth))
        return self.labels or (("the result",) if count == 1 else tuple(f"result {i + 1}" for i in range(count)))


def _fail(name, hint):
    raise CheckFailed(f"✗ fails the property “{name}”.\n  Hint: {hint}")


def _call(answer, arguments):
    try:
        return answer(*arguments)
    except NotImplementedError:
        raise NotAttempted("✎ not attempted yet: replace the stub's body, then run this cell again.") from None
    except Exception as error:
        shapes = ", ".join(str(np.shape(argument)) for argument in arguments if not callable(argument))
        hint = f"It raised {type(error).__name__}: {error} (inputs of shapes {shapes})."
        if any(word in str(error) for word in ("matmul", "broadcast", "not aligned")):
            hint += " Two factors do not fit: is one transposed, or are two in the wrong order?"
        _fail("runs on every input", hint)


def _quietly(evaluate, wrong):
    """What a typical mistake gives; NaN where that mistake cannot even run on these shapes."""
    try:
        with np.errstate(all="ignore"):
            return evaluate(wrong)
    except (ValueError, RuntimeError, IndexError, TypeError, AttributeError):
        return np.nan


def _kinds(value):
    """What a result is made of: "numbers", "text", "functions", or the name of another type."""
    if isinstance(value, tuple | list) and value:
        return set().union(*map(_kinds, value))
    if isinstance(value, str):
        return {"text"}
    if callable(value):
        return {"functions"}
    return {"numbers"} if np.asarray(value).dtype.kind in "biuf" else {type(value).__name__}


def _parts(value):
    return list(value) if isinstance(value, tuple | list) else [value]


def _same(first, second, rtol, atol):
    """Equality of arrays, numbers, and nested tuples, lists, or objects that compare equal."""
    if isinstance(first, tuple | list) and isinstance(second, tuple | list):
        return len(first) == len(second) and all(_same(a, b, rtol, atol) for a, b in zip(first, second, strict=True))
    if isinstance(first, str | bool) or isinstance(second, str | bool) or callable(first):
        return callable(first) or first == second
    try:
        first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    except (TypeError, ValueError):
        return True
    return first.shape == second.shape and np.allclose(first, second, rtol=rtol, atol=atol, equal_nan=False)
