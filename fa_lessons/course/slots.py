"""The exercises of a lesson as its notebook marks them: nbgrader's metadata, headings, BEGIN and END SOLUTION."""

import re
from dataclasses import dataclass
from functools import cached_property

from fa_lessons.course import slices
from fa_lessons.lessons import sources

CALL = re.compile(r'^(?:\w+ = )?(?:check|attempt)\(("[\w.]+"), (\w+)\)$', re.MULTILINE)
HEADING = re.compile(r"^### Exercise (\d+\.\d+)(?: · )?(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Slot:
    """An exercise: "2.1", "lesson2.fa_flow", its variable, its heading, and the grade_ids of its two cells."""

    number: str
    name: str
    variable: str
    heading: str
    solution: str
    check: str
    points: float


class MarkedLesson:
    """The cells of a solved lesson, as nbformat or plain JSON gives them, read by their marks.

    Raises ValueError for an exercise without a check, or a check that is not written like the others.
    """

    def __init__(self, notebook):
        self.all = notebook["cells"]
        self.cells = {c["metadata"]["nbgrader"]["grade_id"]: c for c in self.all if sources.is_graded(c)}
        self.slots = tuple(self._slots())

    @cached_property
    def number(self):
        """The lesson's number, as text."""
        return self.slots[0].number.partition(".")[0]

    def slot(self, number):
        return next(slot for slot in self.slots if slot.number == number)

    def before(self, slot):
        """The statements of the code cells before the solution of `slot`, a list for each cell, checks left out.

        Other exercises are answered by the lesson's own solutions, this one by none.
        """
        found = []
        for cell in self.all:
            mark = cell["metadata"].get("nbgrader", {})
            if mark.get("grade_id") == slot.solution:
                break
            if cell["cell_type"] == "code" and not mark.get("grade"):
                found.append(self._statements(cell))
        return found

    def _statements(self, cell):
        if cell["id"] not in self._parsed:
            self._parsed[cell["id"]] = slices.statements(cell["source"])
        return self._parsed[cell["id"]]

    @cached_property
    def _parsed(self):
        return {}

    def _slots(self):
        headings, heading = {}, ""
        for cell in self.all:
            mark = cell["metadata"].get("nbgrader")
            if cell["cell_type"] == "markdown":
                for heading, title in HEADING.findall(cell["source"]):
                    headings[heading] = title.strip()
            elif mark and mark["grade"] and not mark["solution"]:
                call = CALL.search(cell["source"])
                solution = mark["grade_id"].replace("-check", "-solution")
                if not call or solution not in self.cells:
                    form = 'check("lesson2.fa_flow", fa_flow)'
                    raise ValueError(f"{mark['grade_id']} must check a solution by name, as {form}")
                number = sources.number(mark["grade_id"])
                title = headings.get(number, headings.get(heading, ""))
                name, points = call[1].strip('"'), float(mark["points"])
                yield Slot(number, name, call[2], title, solution, mark["grade_id"], points)
