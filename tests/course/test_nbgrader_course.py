"""The course that is written: marks, points, stubs, and nbgrader's own gradebook at its end."""

import os
import re
import shutil
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fa_lessons.course import (
    collecting,
    gradebook,
    grading,
    nbgrader_course,
    nbgrader_steps,
    notebooks,
    questions,
    report,
    sandbox,
)
from fa_lessons.course.slots import MarkedLesson
from tests.course import handed_out

pytest.importorskip("nbgrader")


@pytest.fixture(scope="module")
def lesson_2():
    """All lessons are lesson 2."""
    with pytest.MonkeyPatch.context() as patch:
        found = notebooks.find(["2"])
        patch.setattr(notebooks, "find", lambda names=(): found)
        yield


@pytest.fixture(scope="module")
def course(tmp_path_factory, lesson_2):
    folder = tmp_path_factory.mktemp("teacher") / "course"
    nbgrader_course.write(folder)
    return nbgrader_course.Course(folder)


@pytest.mark.parametrize("path", notebooks.find(), ids=lambda path: path.stem)
def test_the_points_of_every_lesson_are_whole_and_add_to_a_hundred(path):
    source = handed_out.source(path.stem)
    marks = [c.metadata.nbgrader for c in source.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert sum(mark.points for mark in marks) == 100
    assert all(mark.points == int(mark.points) > 0 for mark in marks)
    assert sum(q.points for q in questions.of_lesson(MarkedLesson(source).number)) == 20


@pytest.mark.parametrize(
    ("weights", "total"), [([1, 1, 1], 100), ([1, 99], 10), ([5], 7), ([1] * 30, 30), ([1000, 1, 1], 3)]
)
def test_shares_are_whole_and_add_up(weights, total):
    found = nbgrader_course.shares(weights, total)
    assert sum(found) == total
    assert min(found) >= 1


def test_the_release_gives_nothing_away(course):
    release, source = course.release("lesson2"), course.source("lesson2")
    text = "\n".join(cell.source for cell in release.cells)
    assert "BEGIN SOLUTION" not in text
    assert "HIDDEN" not in text
    for question in questions.of_lesson("2"):
        assert question.text in text
        assert question.sample not in text
    assert "solution(" not in text
    assert [c.id for c in release.cells] == [c.id for c in source.cells]
    assert text.count("YOUR ANSWER HERE") == 2
    secret = course.secret
    assert len(secret) == 64
    assert (course.root / "secret").stat().st_mode & 0o77 == 0
    for path in course.root.rglob("*"):
        assert path.name == "secret" or not path.is_file() or secret.encode() not in path.read_bytes()


def test_a_folder_that_holds_something_is_refused(course):
    with pytest.raises(ValueError, match="new or empty"):
        nbgrader_course.write(course.root)
    with pytest.raises(ValueError, match="must be a course"):
        nbgrader_course.Course(course.root / "source")


def interrupted(*arguments, **named):
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def one_lesson(monkeypatch):
    found = notebooks.find(["2"])
    monkeypatch.setattr(notebooks, "find", lambda names=(): found)


def test_an_interrupted_course_is_none_and_the_same_call_writes_it(tmp_path, one_lesson, monkeypatch):
    folder = tmp_path / "here"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(nbgrader_steps.Stubs, "preprocess", interrupted)
        nbgrader_course.write(folder)
    with pytest.raises(ValueError, match="must be a course"):
        nbgrader_course.Course(folder)
    assert "lesson2" in nbgrader_course.write(folder)[0]
    assert nbgrader_course.Course(folder).release("lesson2").cells
    names = {path.name for path in folder.iterdir()}
    assert names == {"secret", "source", "release", "gradebook.db", "rubric.md", "nbgrader_config.py"}
    assert "course_id = 'here'" in (folder / "nbgrader_config.py").read_text(encoding="utf-8")
    assert folder.stat().st_mode & 0o77 == 0


def test_an_interrupt_stops_the_grading_of_a_class_and_is_no_students_fault(course, tmp_path, monkeypatch):
    shutil.copytree(course.root, tmp_path / "copy")
    course = nbgrader_course.Course(tmp_path / "copy")
    for student in ("gil", "hal"):
        folder = course.root / "submitted" / student / "lesson2"
        folder.mkdir(parents=True)
        shutil.copy(course.root / "release" / "lesson2" / course.name("lesson2"), folder)
    judged = []
    found = {"verdicts": [], "seconds": 0.0, "peak": 0, "edition": "", "key": "1"}
    monkeypatch.setattr(grading, "run", lambda given: judged.append(given) or found)
    monkeypatch.setattr(nbgrader_steps.Judge, "preprocess", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grading.grade(course, "lesson2", progress=False)
    assert "booked" not in grading.stored(course, "lesson2", "gil") | grading.stored(course, "lesson2", "hal")


def test_an_interrupt_waits_for_no_submission_that_is_not_begun(monkeypatch):
    begun, ending = [], threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait=True, *, cancel_futures=False):
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            ending.set()
            super().shutdown(wait=wait)

    def run(given):
        begun.append(given)
        return given == "first" or ending.wait()

    monkeypatch.setattr(grading, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(grading, "run", run)
    results = grading._on_cores({name: name for name in ("first", "second", "third")}, jobs=1)
    next(results)
    with pytest.raises(KeyboardInterrupt):
        results.throw(KeyboardInterrupt)
    assert "third" not in begun


@pytest.mark.parametrize("name", ["Was ist FA?", "b[1]", "a*b", "who?/course"])
def test_a_name_that_nbgrader_cannot_work_with_is_refused(course, tmp_path, name):
    with pytest.raises(ValueError, match="path must be without"):
        nbgrader_course.write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    moved = tmp_path / name
    shutil.copytree(course.root, moved)
    with pytest.raises(ValueError, match="path must be without"):
        nbgrader_course.Course(moved)


def test_any_other_name_holds_its_gradebook(lesson_2, tmp_path):
    folder = tmp_path / "100%20 {x} #" / 'it\'s "C:\\new" $HOME'
    nbgrader_course.write(folder)
    with gradebook.opened(nbgrader_course.Course(folder)) as found:
        assert [one.name for one in found.assignments] == ["lesson2"]
    assert [path.name for path in tmp_path.rglob("gradebook*")] == ["gradebook.db"]
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("configuration", ["", "c = get_config()", "# fa_lessons"])
def test_another_course_of_nbgraders_is_refused(tmp_path, configuration):
    (tmp_path / "nbgrader_config.py").write_text(configuration, encoding="utf-8")
    (tmp_path / "source").mkdir()
    with pytest.raises(ValueError, match="must be a course, written by fa-lessons"):
        nbgrader_course.Course(tmp_path)


@pytest.fixture
def graded(course, tmp_path, monkeypatch):
    """A copy of the course in which gil's submission is graded, by a judge that passes all."""

    def passing(given):
        verdicts = [{**PASSED, "number": number} for number in given["exercises"]]
        return {"verdicts": verdicts, "seconds": 1.0, "peak": 1, "edition": "e", "key": grading.key(given)}

    monkeypatch.setattr(grading, "run", passing)
    monkeypatch.setattr(sandbox, "apart", lambda: "a wall")
    shutil.copytree(course.root, tmp_path / "copy")
    copy = nbgrader_course.Course(tmp_path / "copy")
    folder = copy.root / "submitted" / "gil" / "lesson2"
    folder.mkdir(parents=True)
    shutil.copy(copy.root / "release" / "lesson2" / copy.name("lesson2"), folder)
    shutil.copy(copy.root / gradebook.FILE, tmp_path / "before")
    assert "error" not in grading.grade(copy, "lesson2", progress=False)["gil"]
    report.write(copy)
    return copy


PASSED = {"name": "", "passed": True, "failed": "", "reason": "", "notes": [], "seconds": 0.0, "by_hand": False}


def points(course):
    return sum(row["points"] for row in report.marks(course) if row["student"] == "gil")


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\0 and no more", b"no data base"])
def test_a_gradebook_that_is_gone_or_damaged_is_named(graded, content):
    path, marks = graded.root / gradebook.FILE, (graded.root / "marks.csv").read_bytes()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    for act in (lambda: grading.grade(graded, "lesson2", progress=False), lambda: report.write(graded)):
        with pytest.raises(ValueError, match=r"gradebook\.db must be"):
            act()
    assert (graded.root / "marks.csv").read_bytes() == marks and path.exists() == (content is not None)


@pytest.mark.parametrize("old", ["a new one", "a copy"])
def test_what_the_gradebook_does_not_hold_is_booked_again(graded, tmp_path, old):
    (graded.root / gradebook.FILE).unlink()
    if old == "a copy":
        shutil.copy(tmp_path / "before", graded.root / gradebook.FILE)
    else:
        nbgrader_course.generate(graded.root, "lesson2")
    with pytest.raises(ValueError, match="must hold lesson2 of gil"):
        report.write(graded)
    assert "error" not in grading.grade(graded, "lesson2", progress=False)["gil"]
    assert points(graded) == 80


def test_marks_of_an_older_submission_are_booked_again(graded):
    shutil.copy(graded.root / gradebook.FILE, graded.root / "older")
    found = grading.stored(graded, "lesson2", "gil")
    found["verdicts"][0] |= {"passed": False, "failed": "is attempted"}
    grading.store(graded, "lesson2", "gil", {**found, "booked": ""})
    grading.grade(graded, "lesson2", progress=False)
    fewer = points(graded)
    shutil.copy(graded.root / "older", graded.root / gradebook.FILE)
    assert points(graded) == 80 > fewer
    grading.grade(graded, "lesson2", progress=False)
    assert points(graded) == fewer


@pytest.mark.parametrize("name", ["marks.csv", "report.md"])
def test_a_report_that_a_person_changed_stays(graded, name):
    assert report.write(graded)
    (graded.root / name).write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="is not as it was written"):
        report.write(graded)
    assert (graded.root / name).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "content", ["[]", "null", "{", "[" * 100_000, '{"verdicts": [{}]}', '{"verdicts": null}', "{}"]
)
def test_a_file_that_holds_no_verdicts_is_judged_again(graded, content):
    path = graded.root / "verdicts" / "lesson2" / "gil.json"
    path.write_text(content, encoding="utf-8")
    assert grading.stored(graded, "lesson2", "gil") == {} and "Not graded yet: gil" in report.report(graded)
    assert len(list(report.marks(graded))) > 0
    assert "error" not in grading.grade(graded, "lesson2", progress=False)["gil"]
    assert grading.stored(graded, "lesson2", "gil")["booked"]


def test_a_cluster_without_its_package_is_said(graded, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ValueError, match="needs the package distributed"):
        grading.grade(graded, "lesson2", dask="tcp://127.0.0.1:1", progress=False)


@pytest.mark.skipif(sandbox.apart() == "none", reason="no wall holds on this machine")
def test_a_class_of_three_from_submission_to_marks(course, monkeypatch):
    name = course.name("lesson2")
    for student, place in (("ann", "source"), ("bob", "release")):
        folder = course.root / "submitted" / student / "lesson2"
        folder.mkdir(parents=True)
        shutil.copy(course.root / place / "lesson2" / name, folder)
    (course.root / "submitted" / "cy" / "lesson2").mkdir(parents=True)
    (course.root / "submitted" / "cy" / "lesson2" / "ill.txt").write_bytes(b"I was ill.")
    first = grading.grade(course, "lesson2", jobs=2, progress=False)
    assert not any("error" in one for one in first.values())
    rows = list(report.marks(course))
    points = {s: sum(row["points"] for row in rows if row["student"] == s) for s in ("ann", "bob", "cy")}
    assert points == {"ann": 80, "bob": 0, "cy": 0}
    assert {row["needs_manual_grade"] for row in rows if row["student"] == "ann" and "open" in row["exercise"]} == {
        True
    }
    assert {row["edition"] for row in rows} == {nbgrader_course.edition(course.source("lesson2"))}
    kept = list((course.root / "received" / "cy" / "lesson2").glob("*ill.txt"))
    assert kept[0].read_bytes() == b"I was ill."

    monkeypatch.setattr(grading, "run", None)  # what is judged is not judged again
    again = grading.grade(course, "lesson2", jobs=2, progress=False)
    assert {s: one["verdicts"] for s, one in again.items()} == {s: one["verdicts"] for s, one in first.items()}
    assert list(report.marks(course)) == rows
    text = report.write(course)
    assert "ann handed in the lesson's own solution" in text
    assert (course.root / "marks.csv").read_text(encoding="utf-8").count("\n") == len(rows) + 1
    nbgrader_course.run_nbgrader(course.root, "generate_feedback", "lesson2", "bob")
    page = (course.root / "feedback" / "bob" / "lesson2" / name.replace(".ipynb", ".html")).read_text(encoding="utf-8")
    assert "not attempted" in page
    assert not re.search(r'(src|href)="https?://(?![^"]*(arxiv|doi|github))', page.partition("<body")[0])


def test_a_new_submission_takes_the_place_of_the_old_one_which_is_kept(course):
    name, student = course.name("lesson2"), "dora"
    folder = course.root / "submitted" / student / "lesson2"
    folder.mkdir(parents=True)
    solved = (course.root / "source" / "lesson2" / name).read_bytes()
    for data in (b"", solved, solved):
        (folder / name).write_bytes(data)
        whole = collecting.make_whole(course, "lesson2", student)
    assert "No cell" not in " ".join(whole.metadata.fa_lessons.notes)
    kept = [path for path in (course.root / "received" / student / "lesson2").iterdir() if path.suffix == ".ipynb"]
    assert sorted(path.read_bytes() for path in kept) == sorted([b"", solved])
    assert collecting.make_whole(course, "lesson2", student) == whole
    shutil.rmtree(course.root / "submitted" / student)


def test_a_link_is_not_followed(course):
    folder = course.root / "submitted" / "eve" / "lesson2"
    folder.mkdir(parents=True)
    (folder / course.name("lesson2")).symlink_to(course.root / "secret")
    collecting.make_whole(course, "lesson2", "eve")
    assert not any(
        course.secret.encode() in p.read_bytes() for p in (course.root / "received" / "eve").rglob("*") if p.is_file()
    )
    assert len(course.secret) == 64
    shutil.rmtree(course.root / "submitted" / "eve")


@pytest.mark.parametrize("name", ["[x]", "a*", "what?"])
def test_a_student_whom_nbgrader_cannot_find_is_named(course, name):
    folder = course.root / "submitted" / name / "lesson2"
    folder.mkdir(parents=True)
    try:
        found = grading.grade(course, "lesson2", progress=False)
        assert "rename it" in found[name]["error"]
    finally:
        shutil.rmtree(folder.parent)
