"""Write a complete nbgrader course from the installed lessons: configuration, sources, releases, gradebook, rubrics."""

import copy
import hashlib
import os
import secrets
import shutil
import warnings
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

from fa_lessons import places
from fa_lessons.course import hidden, interrupts, notebooks, questions, variants, workbook
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.files import user_path, write_atomically
from fa_lessons.lessons import sources

TOTAL = 100  # points of a lesson
CONFIGURED = "nbgrader_config.py"
UNFINISHED = ".unfinished"  # the folder in a course's own in which it is written
MARK = "from fa_lessons.course.nbgrader_steps import"  # what shows that a configuration is ours
WORKBOOK_HELPERS = "from fa_lessons.lessons.attempts import attempt, hint, solution, standing"
COURSE_HELPERS = "from fa_lessons.course.classroom import attempt, hint, standing"
GRADERS = ("hidden", "judge", "player", "remote", "slices", "submissions", "variants", "wire")
READ_ONLY = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
ANSWER = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3}

CONFIGURATION = '''"""nbgrader's configuration of this course. fa_lessons gives the marks, in processes of its own."""

import os
import sys
from pathlib import Path

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ComputeChecksums,
    LimitOutput,
    LockCells,
    SaveAutoGrades,
    SaveCells,
)
from sqlalchemy.engine import URL

from fa_lessons.course.nbgrader_steps import Collect, Judge, Stubs

os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
here = Path(__file__).resolve().parent

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(here)
c.CourseDirectory.course_id = {name}
c.CourseDirectory.db_url = str(URL.create("sqlite", database=str(here / "gradebook.db")))
c.Exchange.root = str(here / "exchange")  # with JupyterHub: a folder that all its users may read and write
c.GenerateAssignment.preprocessors = [
    LockCells, Stubs, CheckCellMetadata, ComputeChecksums, SaveCells, ComputeChecksums, CheckCellMetadata
]
c.Autograde.pre_convert_hook = "fa_lessons.course.nbgrader_steps.make_whole"
c.Autograde.autograde_preprocessors = [Judge, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
c.ExchangeFactory.collect = Collect
c.HTMLExporter.filters = {"markdown2html": "fa_lessons.course.pages.markdown"}  # no student's HTML runs in a page
c.GenerateFeedback.post_convert_hook = "fa_lessons.course.nbgrader_steps.keep_local"
c.Judge.unprotected = False  # True grades where `fa-lessons course check` says that no wall holds
'''


class Course:
    """A course's folder: where its parts lie.

    Raises ValueError for a folder that is no course, and for one whose name nbgrader cannot work with.
    """

    def __init__(self, root):
        self.root = user_path(root).resolve()
        if not is_course(self.root):
            raise ValueError(f"folder must be a course, written by fa-lessons course NEW_FOLDER, got {root}")
        _refuse_name(self.root)

    @property
    def secret(self):
        """The teacher's secret, from which all hidden draws follow."""
        return (self.root / "secret").read_text(encoding="utf-8").strip()

    def assignments(self):
        return sorted(path.name for path in (self.root / "source").iterdir() if path.is_dir())

    def students(self, assignment):
        """Who has handed in that assignment."""
        return sorted(path.parent.name for path in (self.root / "submitted").glob(f"*/{assignment}") if path.is_dir())

    def misplaced(self):
        """What lies in `submitted` where no assignment's submission is looked for, as paths below the course."""
        students = [path for path in sorted((self.root / "submitted").glob("*")) if not path.name.startswith(".")]
        within = [path for student in students if student.is_dir() for path in sorted(student.iterdir())]
        known = self.assignments()
        lost = [path for path in students if not path.is_dir()]
        lost += [path for path in within if not ((path.is_dir() and path.name in known) or path.name.startswith("."))]
        return [path.relative_to(self.root) for path in lost]

    def name(self, assignment):
        """The file name of an assignment's notebook. Raises ValueError for an unknown assignment."""
        found = sorted((self.root / "source" / assignment).glob("*.ipynb"))
        if assignment not in self.assignments() or len(found) != 1:
            raise ValueError(f"assignment must be one of {', '.join(self.assignments())}, got {assignment!r}")
        return found[0].name

    def source(self, assignment):
        return notebooks.read(self.root / "source" / assignment / self.name(assignment))

    def release(self, assignment):
        path = self.root / "release" / assignment / self.name(assignment)
        if not path.exists():
            raise ValueError(f"{assignment} must be released first: nbgrader generate_assignment {assignment}")
        return notebooks.read(path)


def is_course(folder):
    """Whether `write` wrote the course in a folder: another course of nbgrader's is not ours to grade or report on."""
    path = folder / CONFIGURED
    return path.is_file() and MARK in path.read_text(encoding="utf-8", errors="replace")


def _refuse_name(folder):
    """nbgrader looks for files by patterns, in which these have a meaning of their own."""
    if set("[]*?") & set(str(folder)):
        raise ValueError(f"the course's path must be without [, ], * and ?, got {str(folder)!r}")


def edition(source):
    """A short name for all that a mark depends on: a lesson's code and marks, and the checks of its exercises."""
    lesson = MarkedLesson(source)
    digest = hashlib.sha256()
    for cell in source.cells:
        if cell.cell_type == "code":
            digest.update(cell.source.encode())
    folder = places.PACKAGE / "lessons"
    graders = [places.PACKAGE / "course" / f"{name}.py" for name in GRADERS]
    for path in [*sorted(folder.glob("*.py")), *sorted((folder / f"lesson{lesson.number}").glob("*.py")), *graders]:
        if path.name != "meaning.py":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def write(folder):
    """Write a course of all lessons into the new `folder`; return lines that say what is there.

    It is written in a folder within, and moved up when it is whole: what an interrupted run left there is no course,
    and the next one removes it. Raises ValueError for a folder that holds something already.
    """
    folder = user_path(folder)
    _refuse_name(folder.resolve())
    unfinished = folder / UNFINISHED
    if os.path.lexists(folder) and (not folder.is_dir() or set(folder.iterdir()) - {unfinished}):
        raise ValueError(f"folder must be new or empty, got {folder}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    if unfinished.exists():
        shutil.rmtree(unfinished)
    lines = _write(unfinished, folder.resolve().name)
    for path in sorted(unfinished.iterdir(), key=lambda path: path.name == CONFIGURED):
        path.rename(folder / path.name)
    unfinished.rmdir()
    return [*lines, f"The course is in {folder}. Keep its `secret` to yourself; hand out `release`."]


def _write(folder, name):
    """Write the whole course called `name` into `folder`; return a line for each lesson."""
    secret = secrets.token_hex(32)
    _put(folder / "secret", secret + "\n")
    (folder / "secret").chmod(0o600)
    lines, rubric = [], ["# Rubrics and sample answers\n"]
    for path in notebooks.find():
        notebook = source(notebooks.read(path), secret)
        assignment = f"lesson{MarkedLesson(notebook).number}"
        _put(folder / "source" / assignment / path.name, nbformat.writes(notebook) + "\n")
        rubric.append(_rubric(notebook, assignment))
        lines.append(f"{assignment}: {len(MarkedLesson(notebook).slots)} exercises, {TOTAL} points")
    _put(folder / "rubric.md", "\n".join(rubric))
    _put(folder / CONFIGURED, CONFIGURATION.replace("{name}", repr(name)))
    for assignment in Course(folder).assignments():
        generate(folder, assignment)
    return lines


def _put(path, text):
    write_atomically(path, lambda file: file.write(text.encode()))


def source(lesson, secret):
    """The course's source of a solved lesson: as a student gets it, with solutions, open questions and points.

    secret: the teacher's, from which the numbers of the course's own follow.
    """
    learner = workbook.edition(lesson)
    solved = {cell.id: cell for cell in lesson.cells}
    for cell in learner.cells:
        if cell.cell_type != "code":
            continue
        cell.source = cell.source.replace(WORKBOOK_HELPERS, COURSE_HELPERS)
        if sources.is_graded(cell):
            if cell.metadata.nbgrader.grade:
                name, variable = workbook.CHECK.search(solved[cell.id].source).groups()
                cell.source = f"{variable} = attempt({name}, {variable})\ncheck({name}, {variable})"
                cell.metadata["tags"] = sorted({*cell.metadata.get("tags", []), "raises-exception"})
            else:
                cell.source = solved[cell.id].source
    _ask_again(learner, secret)
    number = workbook.number_of(lesson)
    learner.cells += _question_cells(number)
    _scale(learner)
    learner.metadata["fa_lessons"] = {"edition": edition(learner)}
    return learner


def _ask_again(notebook, secret):
    """Ask each value to predict once more, with numbers of the course's own, in the same cell."""
    lesson = MarkedLesson(notebook)
    for slot in lesson.slots:
        if again := variants.asked(slot.name, hidden.seed(secret, slot.name)):
            name = f"{slot.variable}{variants.ENDING}"
            lines = [f"# {again.text}:", f"{name} = ...", "### BEGIN SOLUTION", f"{name} = {again.solution}"]
            cell = lesson.cells[slot.solution]
            cell.source = "\n".join([cell.source, *lines, "### END SOLUTION"])


def _question_cells(number):
    asked = questions.of_lesson(number)
    cells = []
    if asked:
        cells.append(new_markdown_cell("## Open questions\n\nA person reads your answers.", id=f"l{number}-open"))
    for letter, question in zip("ABCDEF", asked, strict=False):
        name = f"l{number}-open{letter}"
        title = f"### Question {number}.{letter} · {question.title} · {question.points} points"
        for part, mark, text in (
            ("text", READ_ONLY, f"{title}\n\n{question.text}"),
            ("answer", {**ANSWER, "points": question.points}, question.sample),
        ):
            metadata = {"nbgrader": {**mark, "grade_id": f"{name}-{part}"}}
            cells.append(new_markdown_cell(text, id=f"{name}-{part}", metadata=metadata))
    return cells


def _scale(notebook):
    """Give the exercises whole points, in proportion to the lesson's, so that all of the notebook's add to TOTAL."""
    graded = [c.metadata.nbgrader for c in notebook.cells if sources.is_graded(c) and c.metadata.nbgrader.grade]
    automatic = [mark for mark in graded if not mark.solution]
    left = TOTAL - sum(mark.points for mark in graded if mark.solution)
    for mark, points in zip(automatic, shares([mark.points for mark in automatic], left), strict=True):
        mark.points = points


def shares(weights, total):
    """Whole numbers in proportion to `weights` that add to `total`, each at least 1; the largest remainders gain."""
    exact = [total * weight / sum(weights) for weight in weights]
    whole = [max(int(value), 1) for value in exact]
    order = sorted(range(len(weights)), key=lambda i: whole[i] - exact[i])
    for step in range(abs(total - sum(whole))):
        index = order[step % len(order)] if sum(whole) < total else max(range(len(whole)), key=whole.__getitem__)
        whole[index] += 1 if sum(whole) < total else -1
    return whole


def _rubric(notebook, assignment):
    lines = [f"## {assignment}\n"]
    for letter, question in zip("ABCDEF", questions.of_lesson(MarkedLesson(notebook).number), strict=False):
        lines += [f"### {letter} · {question.title} ({question.points} points)\n", question.text + "\n"]
        lines += ["*A sample answer.* " + question.sample + "\n"]
        lines += [f"- {points} points: {what}" for points, what in question.rubric] + [""]
    return "\n".join(lines)


def generate(folder, assignment):
    """nbgrader's generate_assignment. Raises ValueError with nbgrader's own words where it fails."""
    run_nbgrader(folder, "generate_assignment", assignment, force=True)


def run_nbgrader(folder, step, *arguments, **named):
    """Run one step of nbgrader's API on the course in `folder`; return its log. Raises ValueError where it fails.

    nbgrader takes an interrupt for a failure; here it is one still.
    """
    with interrupts.heeded(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader's own use of its data base
        found = getattr(api(folder), step)(*arguments, **named)
    if not found["success"]:
        raise ValueError(f"nbgrader {step} failed on {' '.join(arguments)}:\n{found.get('log') or found.get('error')}")
    return found.get("log", "")


def api(folder):
    """nbgrader's API on the course in `folder`. Raises ValueError where nbgrader is not installed."""
    try:
        from nbgrader.apps import NbGraderAPI
    except ImportError:
        raise ValueError("a course needs nbgrader: pip install 'fa-lessons[teach]' -c constraints.txt") from None
    return NbGraderAPI(config=copy.deepcopy(configuration(folder)))


def configuration(folder):
    """What the course in `folder` tells nbgrader."""
    from traitlets.config import PyFileConfigLoader

    return PyFileConfigLoader(str(Path(folder).resolve() / CONFIGURED)).load_config()
