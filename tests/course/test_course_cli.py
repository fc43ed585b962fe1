"""The words of `fa-lessons course`: a folder is a new course, and what cannot be done is said in a line."""

import pytest
from typer.testing import CliRunner

from fa_lessons.cli import app
from fa_lessons.course import nbgrader_course, sandbox

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
    (tmp_path / "nbgrader_config.py").write_text("", encoding="utf-8")
    (tmp_path / "source").mkdir()
    monkeypatch.setattr(sandbox, "apart", lambda: "none")
    status, text = said("grade", "--folder", str(tmp_path))
    assert status == 2
    assert "--unprotected" in text
    assert said("grade", "--unprotected", "--folder", str(tmp_path)) == (0, "")


def test_the_table_is_printed():
    status, text = said("table")
    assert status == 0
    assert "| 2.1 |" in text
