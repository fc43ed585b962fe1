"""Steps of nbgrader that this course replaces: what a student starts from, and who judges.

nbgrader runs a notebook in one kernel and gives the points of every test cell that shows no error. A student's code in
that kernel can reach the test, and a kernel that died leaves no errors behind. Here the judge gives the verdicts, and
writes them where nbgrader looks for them: a wrong answer's test cell shows an error.
"""

import re
from pathlib import Path

from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from fa_lessons.course import grading, sandbox, workbook
from fa_lessons.course.nbgrader_course import Course
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.files import write_atomically
from fa_lessons.lessons import sources

ELSEWHERE = re.compile(r'<script[^>]* src="https?://[^"]*"[^>]*>\s*</script>')


class Stubs(NbGraderPreprocessor):
    """Replaces solutions by the stubs that a student starts from."""

    def preprocess(self, nb, resources):
        slots = {slot.solution: slot for slot in MarkedLesson(nb).slots}
        for cell in nb.cells:
            if utils.is_solution(cell):
                slot = slots.get(cell.metadata.nbgrader.grade_id)
                if slot:
                    cell.source = workbook.stub(cell.source, slot.number, slot.variable)
                    cell.outputs, cell.execution_count = [], None
                else:
                    cell.source = "YOUR ANSWER HERE"
        return nb, resources


class Judge(NbGraderPreprocessor):
    """Writes the judge's verdicts into a submission's test cells, and above them how the file was read."""

    unprotected = Bool(False, help="Grade where no wall holds; for code that you trust.").tag(config=True)

    def preprocess(self, nb, resources):
        if sandbox.apart() == "none" and not self.unprotected:
            raise RuntimeError("no wall holds here (fa-lessons course check); see c.Judge.unprotected")
        asked = resources["nbgrader"]
        found = grading.verdicts(Course(Path.cwd()), asked["assignment"], asked["student"], nb)
        by_cell = {slot.check: found[slot.number] for slot in MarkedLesson(nb).slots}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.execution_count = None
                cell.outputs = []
            if sources.is_graded(cell) and cell.metadata.nbgrader.grade_id in by_cell:
                cell.outputs = outputs(by_cell[cell.metadata.nbgrader.grade_id])
        notes = nb.metadata.get("fa_lessons", {}).get("notes", [])
        if notes:
            text = "**How your file was read**\n\n" + "\n".join(f"- {note}" for note in notes)
            nb.cells.insert(0, new_markdown_cell(text, id="how-it-was-read"))
        return nb, resources


def outputs(verdict):
    """What a test cell shows of a verdict, as nbgrader reads it: no error gives the points, an error none."""
    said = "".join(f"{note}\n" for note in verdict["notes"])
    if verdict["passed"]:
        return [new_output("stream", name="stdout", text=f"{said}✓ {verdict['number']}: correct{verdict['reason']}\n")]
    notes = [new_output("stream", name="stdout", text=said)] if said else []
    return [
        *notes,
        new_output("error", ename="CheckFailed", evalue=verdict["failed"], traceback=[verdict["reason"]]),
    ]


def make_whole(assignment, student, notebooks):
    """nbgrader's hook before it reads a submission: repair the file first."""
    from fa_lessons.course import collecting

    for path in map(Path, notebooks):
        collecting.make_whole(Course(Path.cwd()), path.parent.name, path.parent.parent.name)


def keep_local(assignment, student, notebooks):
    """nbgrader's hook after it wrote a feedback page: take out the script that asks another server for MathJax."""
    for path in map(Path, notebooks):
        page = Path("feedback") / path.parent.parent.name / path.parent.name / f"{path.stem}.html"
        if page.exists():
            text = ELSEWHERE.sub("", page.read_text(encoding="utf-8"))
            write_atomically(page, lambda file, text=text: file.write(text.encode()))
