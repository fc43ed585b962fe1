"""The ledger of claims says what the lessons and the experiments stored, and nothing else."""

import json

import pytest
from typer.testing import CliRunner

from fa_lessons import claims
from fa_lessons.cli import app
from fa_lessons.course import ledger, notebooks

README = notebooks.folder().parent / "README.md"


def write_lesson(folder, name, *rows):
    outputs = [{"output_type": "display_data", "data": {claims.MIME: list(rows)}, "metadata": {}}]
    notebook = {"cells": [{"cell_type": "code", "outputs": outputs}, {"cell_type": "markdown"}]}
    (folder / name).write_text(json.dumps(notebook))


def row(**changes):
    whole = {
        "id": "L9.1",
        "sentence": "It | learns.",
        "source": "a paper",
        "verdict": claims.REPRODUCED,
        "measured": "2 %",
    }
    return {**whole, **changes}


@pytest.fixture
def course(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(notebooks, "folder", lambda: tmp_path / "notebooks")
    write_lesson(tmp_path / "notebooks", "09_last.ipynb", row(), row(id="L9.2", verdict=claims.NOT_REPRODUCED))
    return tmp_path


def test_the_ledger_is_up_to_date_with_the_lessons_and_the_results():
    assert ledger.differences() == []


def test_the_ledger_has_at_least_forty_rows_and_the_readme_its_summary():
    found = ledger.rows()
    assert len(found) >= 40 and {lesson.stem[:2] for lesson in notebooks.find()} <= {
        r["id"][1:2].zfill(2) for r in found
    }
    assert ledger.summary(found) in README.read_text(encoding="utf-8")


def test_every_table_1_cell_that_was_run_has_a_row():
    rows = [r for r in ledger.rows() if r["id"].startswith("T1.")]
    cells = {
        path.name.split("epochs")[0].rsplit("-", 1)[0] for path in (README.parent / "results/table1").glob("*.json")
    }
    assert {r["id"].removeprefix("T1.") for r in rows} == {name for name in cells if not name.endswith("-ifa")}


def test_a_changed_number_is_found(course):
    assert CliRunner().invoke(app, ["claims"]).stdout.strip() == "2 claims: 1 reproduced, 1 not reproduced."
    assert CliRunner().invoke(app, ["claims", "--check"]).exit_code == 0
    assert (
        r"| L9.1 | It \| learns. | a paper | **reproduced** | 2 % | `fa-lessons run 9` |" in ledger.path().read_text()
    )
    write_lesson(course / "notebooks", "09_last.ipynb", row(measured="3 %"), row(id="L9.2"))
    result = CliRunner().invoke(app, ["claims", "--check"])
    assert result.exit_code == 1 and "-| L9.1" in result.stdout and "| 3 % |" in result.stdout


def test_two_claims_of_one_name_are_refused(course):
    write_lesson(course / "notebooks", "08_other.ipynb", row())
    with pytest.raises(ValueError, match=r"each claim must have its own id, got L9\.1"):
        ledger.rows()
