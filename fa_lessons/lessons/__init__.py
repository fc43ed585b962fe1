"""Exercises that answer at once: `check("lesson1.hidden_delta", hidden_delta)`.

Each lesson has a module here with a dictionary `EXERCISES`. An exercise holds an independent truth,
a way to draw fresh random inputs, and the mistakes that students make, each with its own message.
"""

from importlib import import_module

from fa_lessons import require
from fa_lessons.lessons.checking import CheckFailed, Exercise, Mistake, NotAttempted, Property
from fa_lessons.lessons.predictions import settle
from fa_lessons.streams import say

__all__ = ["CheckFailed", "Exercise", "Mistake", "NotAttempted", "Property", "check", "find", "settle"]


def find(name):
    """The exercise called `lessonN.name`.

    Raises ValueError for an unknown lesson or name, listing the known ones.
    """
    lesson, _, key = name.partition(".") if isinstance(name, str) else ("", "", "")
    if lesson not in {f"lesson{n}" for n in range(9)}:
        raise ValueError(f"an exercise is named 'lessonN.name' with N from 0 to 8, got {name!r}")
    try:
        exercises = import_module(f"fa_lessons.lessons.{lesson}.exercises").EXERCISES
    except ModuleNotFoundError:
        raise ValueError(f"{lesson} has no exercises yet, got {name!r}") from None
    if key not in exercises:
        raise ValueError(f"{lesson} has the exercises {', '.join(exercises)}, got {key!r}")
    return exercises[key]


def check(name, answer, trials=20, seed=None):
    """Test `answer` (a function, or a value) against exercise `name`; print the verdict.

    Draws `trials` fresh random inputs, from `seed` where one is given.
    Where a workbook went on with the lesson's own solution, the learner's answer is judged.
    Raises NotAttempted for an untouched stub and CheckFailed, with the property that failed and one
    hint, for a wrong answer. Both are AssertionErrors, so a grader sees a failed test.
    Raises ValueError for an unknown name, fewer than one trial, or a seed that is none.
    """
    exercise, trials = find(name), require.count("trials", trials)
    seed = None if seed is None else require.seed("seed", seed)
    note = exercise.examine(getattr(answer, "learners_own", answer), trials, seed)
    say(f"✓ {name}: correct{note}")
