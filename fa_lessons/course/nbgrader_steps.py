"""Steps of nbgrader that this course replaces: what a student starts from, and who judges.

nbgrader runs a notebook in one kernel and gives the points of every test cell that shows no error. A student's code in
that kernel can reach the test, and a kernel that died leaves no errors behind. Here the judge gives the verdicts, and
writes them where nbgrader looks for them: a wrong answer's test cell shows an error.
"""

import os
import re
import shutil
import stat
from datetime import datetime, timezone
from pathlib import Path

from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.exchange.default.collect import ExchangeCollect
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


class Collect(ExchangeCollect):
    """nbgrader's collect, for an exchange into which students may put anything.

    A submission in a student's name that is not that student's own is left where it is, and not only warned of; one
    with a name that says no time stops no other; links and other things that are no files are not followed.
    """

    def _path_to_record(self, path):
        try:
            return {**super()._path_to_record(path), "own": self._is_own(Path(path))}
        except Exception:
            self.log.warning("left alone, since its name says nothing: %s", path)
            return {
                "username": "",
                "filename": "",
                "timestamp": datetime.min.replace(tzinfo=timezone.utc),
                "own": False,
            }

    def _is_own(self, path):
        if not self.check_owner or os.name == "nt":
            return True
        import pwd

        try:
            owner = pwd.getpwuid(path.lstat().st_uid).pw_name
        except KeyError:
            owner = ""
        return path.name.startswith(f"{owner}+") and path.is_dir() and not path.is_symlink()

    def _sort_by_timestamp(self, records):
        for record in records:
            if record["filename"] and not record["own"]:
                self.log.error("left alone, since another account put it there: %s", record["filename"])
        return super()._sort_by_timestamp([record for record in records if record["own"]]) or records[:1]

    def copy_files(self):
        self.src_records = [record for record in self.src_records if record["own"]]
        super().copy_files()

    def do_copy(self, src, dest, perms=None):
        def no_files(folder, names):
            kinds = {name: os.lstat(os.path.join(folder, name)).st_mode for name in names}
            return [name for name, mode in kinds.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))]

        try:
            shutil.copytree(src, dest, ignore=no_files, symlinks=True)
        except (OSError, shutil.Error) as error:  # what could be copied is graded
            self.log.error("not all of %s could be copied: %s", src, error)
