"""`fa-lessons progress` says what the workbook keeps."""

import pytest
from typer.testing import CliRunner

from fa_lessons import places
from fa_lessons.cli import app
from fa_lessons.course import workbook
from fa_lessons.lessons import tries
from tests.course import small

runner = CliRunner()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    small.save(tmp_path / "notebooks", "02_two.ipynb")
    monkeypatch.setattr(places, "checkout", lambda: tmp_path)
    workbook.write(tmp_path / "workbook")
    return tmp_path / "workbook"


def test_each_exercise_has_a_line(folder):
    entries = {"2.1": {"failed": ["a"], "passed": "2026-01-02T03:04:05"}, "2.3": {"failed": ["a", "b"], "passed": ""}}
    tries.write(folder, entries)
    before = (folder / tries.FILE).read_bytes()
    assert runner.invoke(app, ["progress"]).output.splitlines() == [
        "02_two",
        "  2.1  ✓ passed 2026-01-02 03:04:05, 2 tries",
        "  2.3  ✗ not yet, 2 tries",
        "  2.4  – not attempted",
        "1 of 3 exercises pass",
    ]
    assert (folder / tries.FILE).read_bytes() == before


def test_two_workbooks_are_taken_as_one(folder, tmp_path):
    workbook.write(tmp_path / "other")
    tries.write(folder, {"2.1": {"failed": ["a"], "passed": ""}})
    tries.write(tmp_path / "other", {"2.1": {"failed": ["b"], "passed": "2026-01-02T03:04:05"}})
    shown = runner.invoke(app, ["progress", str(folder), str(tmp_path / "other")]).output
    assert "2.1  ✓ passed 2026-01-02 03:04:05, 3 tries" in shown


def test_a_folder_that_is_no_workbook_is_named(folder, tmp_path):
    result = runner.invoke(app, ["progress", str(tmp_path)])
    assert result.exit_code == 2 and "must be a workbook" in result.output
