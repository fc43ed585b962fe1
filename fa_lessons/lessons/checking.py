"""What an exercise is, and how an answer is examined. Needs only numpy."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fa_lessons.lessons.answers import Answer, shape_hint
from fa_lessons.lessons.diagnosis import INEXACT, compare_arguments, diagnose
from fa_lessons.lessons.results import USUALLY, name_parts, parts, read, same, shapes
from fa_lessons.lessons.verdicts import CheckFailed, NotAttempted, fail

__all__ = ["CheckFailed", "Exercise", "Mistake", "NotAttempted", "Property"]

MORE_CASES = 4  # inputs on which an explanation of a wrong answer must hold, beside the one that showed it


@dataclass(frozen=True)
class Property:
    """Something every right answer does: `holds(answer, arguments)` is true.

    `answer` is guarded: it may be called with any inputs that the exercise's reference takes, and gives results
    of the right kind and shape, or ends the check by itself.
    """

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

    Results are numbers, arrays, text, or tuples or lists of them; `labels` names the parts of a tuple.
    `properties` are tested after agreement of values; `mistakes` explain a disagreement.
    """

    reference: Callable
    draw: Callable | None = None
    properties: tuple[Property, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    hint: str = "Compare your code with the equation, one factor at a time."
    rtol: float = 1e-6
    atol: float = 1e-9
    labels: tuple[str, ...] = ()

    @np.errstate(all="ignore")
    def examine(self, answer, trials=20, seed=None, clock=time.monotonic):
        """Raise NotAttempted or CheckFailed unless `answer` is right; see `check`.

        Returns what is to be said of a right answer: nothing, or that it took so long that fewer inputs were tried.
        """
        if self.draw is None:
            self._examine_value(answer)
            return ""
        guarded = Answer(answer, self.reference, self.labels, clock)
        rng = np.random.default_rng(seed)
        done = rough = 0
        while done < trials and not guarded.is_slow:
            arguments = self.draw(rng)
            result, truth = guarded.beside_the_truth(*arguments)
            if not self._agree(result, truth):
                self._explain(guarded, (arguments, result, truth), rng)
            rough += not same(result, truth, self.rtol, self.atol, USUALLY)
            done += 1
        if done > 1 and rough == done:
            fail(*INEXACT)
        for item in self.properties:
            self._examine_property(item, guarded, self.draw(rng))
        return f" (on {done} inputs instead of {trials}: your function takes long)" if done < trials else ""

    def _examine_value(self, value):
        if value is Ellipsis or value is None:
            raise NotAttempted("✎ not attempted yet: replace the ... by your answer, then run this cell again.")
        truth = self.reference()
        result = read(value, truth, self.labels, verb="is")
        if not self._agree(result, truth):
            self._recognise([((), result, truth)])
            self._examine_form(result, truth)
            fail("agrees with the independent truth", self.hint)

    def _agree(self, result, truth):
        return same(result, truth, self.rtol, self.atol)

    def _explain(self, guarded, case, rng):
        """Fail with the most special explanation that holds on this case and on more of them."""
        cases = [case]
        try:
            for _ in range(MORE_CASES):
                arguments = self.draw(rng)
                cases.append((arguments, *guarded.beside_the_truth(*arguments)))
        except CheckFailed:  # the cases so far have to do
            pass
        self._recognise(cases)
        _, result, truth = case
        found = diagnose(cases, self._agree, self.labels)
        if not found:
            self._examine_form(result, truth)
        found = found or compare_arguments(guarded, cases)
        fail(*(found or ("agrees with the independent truth", self.hint)))

    def _recognise(self, cases):
        for mistake in self.mistakes:
            if all(self._agree(r, _quietly(mistake.wrong, arguments)) for arguments, r, _ in cases):
                fail(mistake.name, mistake.hint)

    def _examine_form(self, result, truth):
        if shapes(result) != shapes(truth):
            fail("has the right shape", shape_hint(result, truth, name_parts(truth, self.labels)))
        if not all(isinstance(part, str) or np.isfinite(part).all() for part in parts(result)):
            fail(
                "is finite",
                "Your result holds NaN or infinity. Look for a division by 0 or 0 / 0, a log of 0 or of a negative "
                "number, an exp that overflows, or the arccos of a number a rounding above 1.",
            )

    def _examine_property(self, item, guarded, arguments):
        try:
            holds = item.holds(guarded, copy.deepcopy(arguments))
        except NotAttempted:
            raise
        except CheckFailed as failure:
            raise CheckFailed(f"{failure}\n  The check asked here whether it “{item.name}”. {item.hint}") from None
        if not holds:
            fail(item.name, item.hint)


def _quietly(wrong, arguments):
    """What a typical mistake gives; NaN where that mistake cannot even run on these inputs."""
    try:
        with np.errstate(all="ignore"):
            return wrong(*copy.deepcopy(arguments))
    except (ValueError, RuntimeError, IndexError, TypeError, AttributeError, ArithmeticError):
        return np.nan
