"""The learner's edition gives nothing away, and its writer, killed at any step, overwrites nothing of theirs."""

import ast
import json
import re
import signal
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from fa_lessons import places
from fa_lessons.course import notebooks, start, workbook
from fa_lessons.lessons import NotAttempted, sources
from fa_lessons.lessons import check as judge
from tests.course import small

LESSONS = notebooks.find()
NAMES = ("01_one.ipynb", "02_two.ipynb", "03_three.ipynb")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder of three small lessons, and the folder of their workbook."""
    lessons = tmp_path / "the checkout" / "notebooks"
    lessons.mkdir(parents=True)
    monkeypatch.setattr(places, "checkout", lambda: lessons.parent)
    for name in NAMES:
        small.save(lessons, name)
    return lessons, tmp_path / "mein Übungsheft"


def source(notebook, exercise, part="solution"):
    return next(
        c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == f"l2-ex{exercise}-{part}"
    )


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path.read_bytes()


# What the edition shows.
def test_stubs_keep_signature_and_docstring_and_values_become_dots():
    learner = workbook.edition(small.lesson())
    stub = 'def fa_flow(w0, w1, b):\n    """The rates."""\n    raise NotImplementedError("your turn: exercise 2.1")'
    assert source(learner, 1) == stub
    assert source(learner, 3) == "limit = ..." and source(learner, 4) == "bare = ..."
    assert source(learner, 3, "check") == 'limit = attempt("lesson2.limit_from_zero", limit)'


def test_what_tells_an_answer_goes_and_pictures_stay():
    learner = workbook.edition(small.lesson())
    kinds = [[output.output_type for output in cell.get("outputs", [])] for cell in learner.cells]
    shown = {5: ["stream", "display_data"], 8: ["display_data"]}
    assert kinds == [shown.get(number, []) for number in range(len(kinds))]
    assert learner.cells[1].source == 'my_prediction = ...  # "a" or "b"'


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_lesson_keeps_its_cells_and_loses_its_answers(path):
    lesson = nbformat.read(path, as_version=4)
    learner = workbook.edition(lesson)
    nbformat.validate(learner)
    assert [c.id for c in learner.cells] == [c.id for c in lesson.cells]
    exercises = 0
    for solved, cell in zip(lesson.cells, learner.cells, strict=True):
        grade = cell.metadata.get("nbgrader")
        assert grade == solved.metadata.get("nbgrader")
        if cell.cell_type == "markdown":
            assert cell.source == solved.source
            if "### Exercise" in cell.source:  # what unfolds below an exercise is a hint, never the answer
                assert all(s.startswith("Hint") for s in re.findall(r"<summary>(.*?)</summary>", cell.source))
            continue
        assert "SOLUTION" not in cell.source and "HIDDEN" not in cell.source
        for output in cell.outputs:
            assert not {small.claims.MIME, "application/vnd.jupyter.widget-view+json"} & set(output.get("data", {}))
        if grade and grade.solution:
            exercises += 1
            hidden = re.search(r"### BEGIN SOLUTION\n(.*?)\s*### END", solved.source, re.DOTALL)[1]
            assert hidden.strip() not in cell.source
            last = ast.parse(cell.source).body[-1]
            if isinstance(last, ast.FunctionDef):
                truth = next(n for n in ast.parse(solved.source).body if isinstance(n, ast.FunctionDef))
                assert ast.dump(last.args) == ast.dump(truth.args)
                assert ast.get_docstring(last) == ast.get_docstring(truth) != ""
        if grade:
            assert cell.outputs == []
    assert exercises >= 4
    assert sum("my_prediction = ..." in c.source for c in learner.cells) <= 1
    assert not re.search(r"my_prediction = [^.]", "\n".join(c.source for c in learner.cells))


@pytest.mark.parametrize(
    ("cell", "change", "message"),
    [
        (0, "x = 1", "import check"),
        (3, "def fa_flow(w0, w1, b):\n    return 1", "exercise 2.1 must mark"),
        (4, 'check("lesson2.fa_flow", lambda *a: fa_flow(*a))', "l2-ex1-check must check by name"),
    ],
)
def test_an_exercise_written_otherwise_is_named(cell, change, message):
    lesson = small.lesson()
    lesson.cells[cell].source = change
    with pytest.raises(ValueError, match=message):
        workbook.edition(lesson)


# Running it.
def run(notebook, folder):
    NotebookClient(notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": str(folder)}}).execute()
    errors = [o.evalue for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "error"]
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    text = "\n".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs)
    return errors, text


@pytest.mark.parametrize("number", ["2", "3"])
def test_an_untouched_lesson_runs_to_its_end(number, tmp_path):
    learner = workbook.edition(nbformat.read(*notebooks.find([number]), as_version=4))
    checks = sum(bool(c.metadata.get("nbgrader", {}).get("grade")) for c in learner.cells)
    errors, text = run(learner, tmp_path)
    assert errors == []
    assert text.count("✎ not attempted yet") == text.count("The lesson goes on with its own solution.") == checks > 4
    assert f"(This cell uses the lesson's own solution of exercise {number}.1.)" in text


def test_the_first_five_minutes_run_untouched_and_show_what_a_check_says(tmp_path):
    (tmp_path / workbook.MANIFEST).write_text("{}", encoding="utf-8")
    notebook = nbformat.reads(start.content().decode(), as_version=4)
    nbformat.validate(notebook)
    errors, text = run(notebook, tmp_path)
    assert errors == [] and "✓ kernel python3" in text and "Exercise 0.1 ✎ not attempted" in text
    (exercise,) = (cell for cell in notebook.cells if "def error_signal" in cell.source)
    for body, verdict in (("target - prediction", "✗ fails"), ("prediction - target", "✓ correct")):
        exercise.source = f"def error_signal(prediction, target):\n    return {body}"
        errors, text = run(notebook, tmp_path)
        assert errors == [] and f"Exercise 0.1 {verdict}" in text
    for name in re.findall(r"\]\((\d\d_\w+\.ipynb)", start.content().decode()):
        assert name in {path.name for path in LESSONS}


def test_a_right_answer_is_used_and_a_wrong_one_is_named_and_not_used(tmp_path):
    learner = workbook.edition(small.lesson())
    mine = "def fa_flow(w0, w1, b):\n    return b * (1 - w0 * w1), {} * (1 - w0 * w1)"
    for factor, verdict, used in (("w0", "Exercise 2.1 ✓ correct", False), ("w1", "Exercise 2.1 ✗ fails", True)):
        learner.cells[3].source = mine.format(factor)
        learner.cells[12].source = "print(fa_flow(2, 3, 1))"
        errors, text = run(learner, tmp_path)
        assert errors == [] and verdict in text and "(-5, -10)" in text
        assert ("own solution of exercise 2.1" in text) is used


def test_the_grader_judges_the_learners_own_function():
    lesson = nbformat.read(*notebooks.find(["2"]), as_version=4)
    cells = {c.metadata.nbgrader.grade_id: c.source for c in lesson.cells if sources.is_graded(c)}
    stubs = {c.metadata.nbgrader.grade_id: c.source for c in workbook.edition(lesson).cells if sources.is_graded(c)}
    variables = {"check": judge}
    exec(stubs["l2-ex1-solution"], variables)
    exec(stubs["l2-ex1-check"], {**variables, "attempt": lambda name, answer: answer})
    with pytest.raises(NotAttempted):
        exec(cells["l2-ex1-check"], variables)


# Writing it.
def test_what_the_learner_changed_stays_and_the_new_edition_lies_beside(course):
    lessons, folder = course
    assert workbook.write(folder) == [f"3 lessons in {folder}"]
    mine = edit(folder / NAMES[0], "your turn: exercise 2.1", "mine")
    assert len(workbook.write(folder)) == 1  # the same edition: nothing to say
    small.save(lessons, NAMES[0], note="A better note.")
    small.save(lessons, NAMES[1], note="A better note.")
    said = workbook.write(folder)
    assert len(said) == 2 and "01_one.new.ipynb" in said[1] and f"carry-over '{folder}'" in said[1]
    assert (folder / NAMES[0]).read_bytes() == mine
    assert (
        "A better note." in (folder / "01_one.new.ipynb").read_text(encoding="utf-8")
        and not (folder / "01_one.new-2.ipynb").exists()
    )
    assert "A better note." in (folder / NAMES[1]).read_text(encoding="utf-8")  # untouched, so replaced
    assert workbook.write(folder) == said


def test_a_new_edition_that_the_learner_changed_stays_too(course):
    lessons, folder = course
    kept = {}
    for number, name in enumerate((NAMES[0], "01_one.new.ipynb", "01_one.new-2.ipynb")):
        small.save(lessons, NAMES[0], note=f"Note {number}.")
        workbook.write(folder)
        kept[name] = edit(folder / name, "your turn: exercise 2.1", f"mine {number}")
    workbook.write(folder)
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    assert len(list(folder.glob("01_one*"))) == 3


@pytest.mark.parametrize("manifest", ["", "[]", '{"written": 3}', "{"])
def test_a_lost_manifest_overwrites_nothing(course, manifest):
    lessons, folder = course
    workbook.write(folder)
    (folder / workbook.MANIFEST).write_text(manifest, encoding="utf-8")
    before = {name: (folder / name).read_bytes() for name in NAMES}
    small.save(lessons, NAMES[0], note="A better note.")
    assert len(workbook.write(folder)) == 2
    assert {name: (folder / name).read_bytes() for name in NAMES} == before


def test_a_lesson_that_was_removed_comes_back_and_foreign_files_stay(course):
    _, folder = course
    folder.mkdir()
    for name in (NAMES[2], "notes.txt", ".mine.tmp"):
        (folder / name).write_text("mine", encoding="utf-8")
    workbook.write(folder)
    (folder / NAMES[0]).unlink()
    workbook.write(folder)
    assert json.loads((folder / NAMES[0]).read_text(encoding="utf-8"))["cells"]
    assert {(folder / name).read_text(encoding="utf-8") for name in (NAMES[2], "notes.txt", ".mine.tmp")} == {"mine"}
    assert (folder / "03_three.new.ipynb").exists()


def test_one_lesson_and_the_solved_ones(course):
    _, folder = course
    workbook.write(folder, ["2"])
    assert [path.name for path in folder.glob("*.ipynb")] == [NAMES[1]]
    workbook.write(folder / "solutions", solved=True)
    assert "BEGIN SOLUTION" in (folder / "solutions" / NAMES[0]).read_text(encoding="utf-8")


def test_folders_that_do_not_fit_are_named(course, tmp_path):
    lessons, _ = course
    with pytest.raises(ValueError, match="solved lessons"):
        workbook.write(lessons / ".." / lessons.name)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="got the file"):
        workbook.write(tmp_path / "file")
    with pytest.raises(ValueError, match="01_one"):
        workbook.write(tmp_path / "new", ["9"])
    assert not (tmp_path / "new").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from fa_lessons import files, places
from fa_lessons.course import workbook
lessons, folder, left = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
places.checkout = lambda: lessons.parent

def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

class HalfWay:
    def __init__(self, file):
        self.file, self.close = file, file.close
    def __enter__(self):
        return self
    def __exit__(self, *error):
        self.close()
    def write(self, data):
        step()
        self.file.write(data[: len(data) // 2])
        self.file.flush()
        step()
        self.file.write(data[len(data) // 2 :])

replace = os.replace
files.open = lambda path, mode: HalfWay(open(path, mode))

def replace_and_step(*paths):
    step()
    replace(*paths)
    step()

os.replace = replace_and_step
workbook.write(folder)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("kill", range(1, 21))
def test_killed_at_any_step_every_file_is_whole(course, kill):
    lessons, folder = course
    workbook.write(folder)
    mine = edit(folder / NAMES[0], "your turn: exercise 2.1", "mine")
    for name in NAMES:
        small.save(lessons, name, note="A better note.")
    process = subprocess.run([sys.executable, "-c", KILLED, str(lessons), str(folder), str(kill)])
    assert process.returncode == -signal.SIGKILL
    for path in [*folder.glob("*.ipynb"), folder / workbook.MANIFEST]:
        json.loads(path.read_text(encoding="utf-8"))
    assert (folder / NAMES[0]).read_bytes() == mine
    workbook.write(folder)
    assert (folder / NAMES[0]).read_bytes() == mine
    names = {*NAMES, "01_one.new.ipynb", workbook.MANIFEST, start.NAME}
    assert {path.name for path in folder.iterdir()} == names
    assert all(
        "A better note." in (folder / name).read_text(encoding="utf-8")
        for name in names - {NAMES[0], workbook.MANIFEST, start.NAME}
    )
