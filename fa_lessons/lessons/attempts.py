"""An exercise in the workbook: what is right is used from then on, and what is not stops nothing.

    hidden_delta = attempt("lesson1.hidden_delta", hidden_delta)

A grader calls `check` and never sees the lesson's own solution.
"""

import sys
from pathlib import Path

from fa_lessons import require
from fa_lessons.lessons import find, ladder, sources, traces, tries
from fa_lessons.lessons.checking import CheckFailed, NotAttempted
from fa_lessons.lessons.meaning import SHOWS
from fa_lessons.lessons.verdict_box import GREEN, ORANGE, VERMILION, show
from fa_lessons.streams import say

WAY_TO_THE_SOLUTION = 3  # different wrong answers


def attempt(name, answer):
    """Examine `answer` to the exercise called `name`, show the verdict, and return what the lesson goes on with.

    That is `answer` itself where it is right, else a stand-in: the lesson's own solution, which sees the caller's
    variables and says where it is used. A stand-in remembers the learner's answer, so the verdict is the same when
    this runs twice.
    """
    traces.follow()
    answer = getattr(answer, "learners_own", answer)
    exercise, own = find(name), sources.solution(name)
    try:
        note = exercise.examine(answer)
    except NotAttempted as untouched:
        verdict, color = str(untouched), ORANGE
    except Exception as error:  # a learner's code can raise anything, at any moment
        text = str(error) if isinstance(error, CheckFailed) else f"✗ stops with {type(error).__name__}: {error}"
        verdict, color = "\n".join([text, *_further(exercise, own, tries.note(own.number, answer, False))]), VERMILION
    else:
        tries.note(own.number, answer, True)
        show(f"Exercise {own.number} ✓ correct{note}\n  {SHOWS[name]}", GREEN)
        return answer
    try:
        value = _evaluate(own, sys._getframe(1).f_globals)
    except Exception as error:
        missing = f"needs the cells above ({type(error).__name__}: {error}): run them first."
        show(f"Exercise {own.number} {verdict}\nThe lesson's own solution {missing}", color)
        return answer
    show(f"Exercise {own.number} {verdict}\nThe lesson goes on with its own solution.", color)
    return _function(value, own.number, answer) if callable(value) else _value(value, own.number, answer)


def hint(number):
    """Show the next hint to exercise `number`, as "1.4", after asking. Raises ValueError for an unknown number."""
    name = _named(number)
    hints = ladder.rungs(find(name), sources.solution(name))
    done = _opened.get(number, 0)
    if done == len(hints):
        say(f'There is no further hint. solution("{number}") shows the lesson\'s own solution.')
    elif _agrees(f"Show hint {done + 1} of {len(hints)} to exercise {number}? (y/n) "):
        _opened[number] = done + 1
        say(hints[done])


def solution(number):
    """Show the lesson's own solution of exercise `number`, as "1.4", after asking.

    Raises ValueError for an unknown number.
    """
    own = sources.solution(_named(number))
    if _agrees(f"Show the lesson's own solution of exercise {number}? (y/n) "):
        say(sources.unmarked(own.source).rstrip("\n"))


def standing(lesson):
    """Print in one line which exercises of the lesson of that number pass, from the workbook in this folder.

    Raises ValueError for what is no number of a lesson.
    """
    lesson = require.count("lesson", lesson, maximum=8, minimum=0)
    found, numbers = tries.read(Path.cwd()), list(sources.exercises(lesson))
    passed = [number for number in numbers if found.get(number, {}).get("passed")]
    to_do = [number for number in numbers if number not in passed]
    say(
        f"Exercises: {len(passed)} of {len(numbers)} pass"
        + (f" ({', '.join(passed)})" if passed else "")
        + (f"; to do: {', '.join(to_do)}" if to_do else "")
    )


_opened = {}  # how many hints `hint` has shown of each exercise


def _further(exercise, own, failures):
    """The lines that a number of different wrong answers adds to the verdict."""
    rungs = ladder.rungs(exercise, own)
    hints = rungs[: failures - 1]
    lines = [f"  Hint {count}: {text}" for count, text in enumerate(hints, 2)]
    if failures >= WAY_TO_THE_SOLUTION:
        lines.append(f'  To see a solution: solution("{own.number}")')
    elif len(hints) < len(rungs):
        lines.append(f'  For another hint: hint("{own.number}")')
    return lines


def _named(number):
    lesson = number.partition(".")[0] if isinstance(number, str) else ""
    numbers = sources.exercises(int(lesson)) if lesson in set("012345678") else {}
    if not isinstance(number, str) or number not in numbers:
        raise ValueError(f'number must be that of an exercise, as in hint("1.4"), got {number!r}')
    return numbers[number]


def _agrees(question):
    try:
        return input(question).strip().lower() in ("y", "yes")
    except (EOFError, RuntimeError):  # nobody is there to be asked
        say("Nobody could be asked, so nothing is shown.")
        return False


class _Beside(dict):
    """Variables of a solution's own; what it does not define it reads from the learner's `namespace`, as it is now."""

    def __init__(self, namespace):
        super().__init__(__builtins__=__builtins__)
        self._namespace = namespace

    def __missing__(self, name):
        return self._namespace[name]


def _evaluate(own, namespace):
    variables = _Beside(namespace)
    exec(compile(own.source, f"<the lesson's own solution of exercise {own.number}>", "exec"), variables)
    return variables[own.variable]


def _function(value, number, answer):
    def stand_in(*arguments, **named):
        traces.say(number)
        return value(*arguments, **named)

    stand_in.__name__, stand_in.__doc__ = value.__name__, value.__doc__
    stand_in.learners_own, stand_in.exercise = answer, number
    return stand_in


def _value(value, number, answer):
    """`value` as an object of its own, which remembers the learner's and computes like `value`."""
    kind = type(value)
    return type(kind.__name__, (kind,), {"learners_own": answer, "exercise": number})(value)
