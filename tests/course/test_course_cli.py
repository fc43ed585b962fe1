"""The words of `fa-lessons course`: a folder is a new course, and what cannot be done is said in a line."""

import pytest
from typer.testing import CliRunner

from fa_lessons.cli import app
from fa_lessons.course import grading, nbgrader_course, report, room_check, sandbox

runner = CliRunner()


def said(*words):
    result = runner.invoke(app, ["course", *words], env={"COLUMNS": "200"})
    return result.exit_code, " ".join(result.output.replace("│", " ").split())


def test_a_folder_is_short_for_a_new_course(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(nbgrader_course, "write", lambda folder: asked.append(folder) or ["written"])
    assert said(str(tmp_path / "a")) == (0, "written")
    assert said("new", str(tmp_path / "b")) == (0, "written")
    assert asked == [tmp_path / "a", tmp_path / "b"]


@pytest.mark.parametrize("words", [("grade",), ("report",)])
def test_what_is_no_course_is_refused(tmp_path, words):
    status, text = said(*words, "--folder", str(tmp_path))
    assert status == 2
    assert "must be a course" in text


def test_without_walls_nothing_is_graded_unasked(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text(nbgrader_course.MARK, encoding="utf-8")
    (tmp_path / "source").mkdir()
    monkeypatch.setattr(sandbox, "apart", lambda: "none")
    status, text = said("grade", "--folder", str(tmp_path))
    assert status == 2
    assert "--unprotected" in text
    assert said("grade", "--unprotected", "--folder", str(tmp_path))[0] == 0


def test_a_command_mistyped_writes_no_course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for word, meant in (("grde", "grade"), ("reprot", "report"), ("tabel", "table"), ("chek", "check")):
        status, text = said(word)
        assert status == 2 and f"'{meant}' is one" in text
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_course_is_not_checked_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr(room_check, "examine", lambda course: [])
    monkeypatch.chdir(tmp_path)
    assert said("check") == (0, "")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()", encoding="utf-8")
    assert said("check") == (0, "")
    for folder in (".", "nowhere", "nbgrader_config.py"):
        status, text = said("check", "--folder", folder)
        assert status == 2 and "must be a course" in text


def test_what_was_not_graded_shows_in_the_status(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text(nbgrader_course.MARK, encoding="utf-8")
    (tmp_path / "submitted" / "ann" / "lesson1").mkdir(parents=True)
    (tmp_path / "source" / "lesson1").mkdir(parents=True)
    (tmp_path / "source" / "lesson1" / "01.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(grading, "grade", lambda *arguments: {"ann": {"error": "the file is gone"}})
    monkeypatch.setattr(sandbox, "apart", lambda: "a wall")
    status, text = said("grade", "--folder", str(tmp_path))
    assert status == 1 and "0 of 1 submissions graded ann: the file is gone" in text
    monkeypatch.setattr(grading, "grade", lambda *arguments: {"ann": {}})
    assert said("grade", "--folder", str(tmp_path)) == (0, "lesson1: 1 of 1 submissions graded")
    (tmp_path / "submitted" / "ben.ipynb").write_text("{}", encoding="utf-8")
    assert said("grade", "--folder", str(tmp_path))[0] == 1
    for name in ("../source/lesson1", "lesson9", "lesson1/", ""):
        status, text = said("grade", name, "--folder", str(tmp_path))
        assert status == 2 and f"must be one of lesson1, got {name!r}" in text


def test_what_lies_elsewhere_than_a_submission_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "apart", lambda: "a wall")
    (tmp_path / "nbgrader_config.py").write_text(nbgrader_course.MARK, encoding="utf-8")
    (tmp_path / "source" / "lesson1").mkdir(parents=True)
    assert said("grade", "--folder", str(tmp_path)) == (
        0,
        "submissions are looked for in submitted/STUDENT/LESSON, LESSON one of lesson1",
    )
    lost = ["ada.ipynb", "ben/01.ipynb", "cem/Lesson1/01.ipynb", "lesson1/dan/01.ipynb", "eva/lesson1"]
    for name in [*lost, "fay/lesson1/01.ipynb", ".DS_Store", "fay/.DS_Store"]:
        path = tmp_path / "submitted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    found = nbgrader_course.Course(tmp_path).misplaced()
    assert [path.as_posix() for path in found] == [
        f"submitted/{name}" for name in ("ada.ipynb", "ben/01.ipynb", "cem/Lesson1", "eva/lesson1", "lesson1/dan")
    ]


def test_an_interrupted_command_says_what_the_next_one_does(tmp_path, monkeypatch):
    def interrupted(*arguments, **named):
        raise KeyboardInterrupt

    (tmp_path / "nbgrader_config.py").write_text(nbgrader_course.MARK, encoding="utf-8")
    monkeypatch.setattr(nbgrader_course, "write", interrupted)
    monkeypatch.setattr(nbgrader_course.Course, "assignments", interrupted)
    monkeypatch.setattr(report, "write", interrupted)
    here = ("--folder", str(tmp_path))
    assert said("new", str(tmp_path / "new")) == (130, "stopped; the same command starts afresh")
    assert said("grade", "--unprotected", *here) == (130, "stopped; the same command goes on where it was")
    assert said("report", *here) == (130, "stopped")


def test_the_table_is_printed():
    status, text = said("table")
    assert status == 0
    assert "| 2.1 |" in text
