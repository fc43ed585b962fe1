"""The lesson's own solution of an exercise."""

import json
import re
from dataclasses import dataclass

from fa_lessons import places
from fa_lessons.lessons.lesson0 import exercises as lesson0

MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*$\n?", re.MULTILINE)


@dataclass(frozen=True)
class Solution:
    """`source` defines `variable`, the answer to exercise `number` ("1.4")."""

    number: str
    variable: str
    source: str


def solution(name):
    """The lesson's own solution of the exercise called `lessonN.name`.

    Raises ValueError where no lesson checks it.
    """
    lesson = name.partition(".")[0].removeprefix("lesson") if isinstance(name, str) else ""
    found = _solutions(int(lesson)) if lesson in set("012345678") else {}
    if not lesson or name not in found:
        raise ValueError(f"name must be an exercise that a lesson checks, got {name!r}")
    return found[name]


def exercises(lesson):
    """{number: name} of the exercises that the lesson of that number checks, in their order; empty for none."""
    return {own.number: name for name, own in _solutions(lesson).items()}


def _solutions(lesson):
    """{name: Solution} of the exercises of the lesson of that number; 0 is `start.ipynb`."""
    if lesson == 0:
        return {"lesson0.error_signal": Solution("0.1", "error_signal", lesson0.SOLUTION)}
    found = {}
    for path in places.brought("notebooks").glob(f"{lesson:02}_*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        graded = {c["metadata"]["nbgrader"]["grade_id"]: "".join(c["source"]) for c in cells if is_graded(c)}
        for grade_id, source in graded.items():
            if check := re.search(r'^check\("([\w.]+)", (\w+)', source, re.MULTILINE):
                own = graded[grade_id.replace("-check", "-solution")]
                found[check[1]] = Solution(number(grade_id), check[2], own)
    return found


def unmarked(source):
    """A solution without the lines that mark where it begins and ends."""
    return MARKS.sub("", source)


def is_graded(cell):
    """Whether a cell, of a parsed notebook, is the solution or the check of an exercise."""
    return "nbgrader" in cell["metadata"]


def number(grade_id):
    """The exercise's number, "1.4", from the name of its cell, "l1-ex4-solution".

    Raises ValueError for a name of another form.
    """
    found = re.fullmatch(r"l(\d+)-ex(\d+)-(solution|check)", grade_id)
    if not found:
        raise ValueError(f"grade_id must be of the form 'l1-ex4-solution', got {grade_id!r}")
    return f"{found[1]}.{found[2]}"
