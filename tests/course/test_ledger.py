"""The ledger of claims says what the lessons and the experiments stored, and nothing else."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from fa_lessons import claims, places
from fa_lessons.cli import app
from fa_lessons.course import ledger, reseed

README = places.own("README.md")
LEARNS = {"id": "learns", "sentence": "It | learns.", "source": "a paper"}
FLIES = {"id": "flies", "sentence": "It flies.", "source": "a paper"}


def write_lesson(folder, name, *rows):
    outputs = [{"output_type": "display_data", "data": {claims.MIME: list(rows)}, "metadata": {}}]
    notebook = {"cells": [{"cell_type": "code", "source": [], "outputs": outputs}, {"cell_type": "markdown"}]}
    (folder / name).write_text(json.dumps(notebook), encoding="utf-8")


def row(lesson=9, verdict=claims.REPRODUCED, measured="2 %", claim=LEARNS):
    return {**claim, "lesson": lesson, "verdict": verdict, "measured": measured}


def write_claims(folder, **final):
    entries = [{**LEARNS, "measured": {8: "3 %", 9: "2 %"}, **final}, {**FLIES, "measured": {9: "no"}}]
    (folder / "claims.yml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    claims.stated.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(places, "checkout", lambda: tmp_path)
    write_claims(folder)
    write_lesson(folder, "08_other.ipynb", row(8, measured="3 %"))
    write_lesson(folder, "09_last.ipynb", row(), row(verdict=claims.NOT_REPRODUCED, measured="no", claim=FLIES))
    yield folder
    claims.stated.cache_clear()


def test_the_ledger_is_up_to_date_with_the_lessons_and_the_results():
    assert ledger.differences() == []


def test_the_ledger_has_a_row_a_sentence_and_the_readme_its_summary():
    found = ledger.rows()
    assert len({r["sentence"] for r in found}) == len(found) >= 60
    assert ledger.summary(found) in README.read_text(encoding="utf-8")


def test_every_table_1_cell_that_was_run_has_a_row():
    rows = {r["id"].removeprefix("table1-") for r in ledger.rows() if r["id"].startswith("table1-")}
    files = (README.parent / "results/table1").glob("*.json")
    cells = {path.name.split("epochs")[0].rsplit("-", 1)[0] for path in files}
    assert rows == {name for name in cells if not name.endswith("-ifa")}


def test_a_sentence_has_one_row_with_every_lessons_measurement(folder):
    assert CliRunner().invoke(app, ["claims"]).stdout.strip() == "2 claims: 1 reproduced, 1 not reproduced."
    assert CliRunner().invoke(app, ["claims", "--check"]).exit_code == 0
    line = r"| It \| learns. | a paper | **reproduced** | 0 of 0; too few of lesson 8, 9 | 3 % (`fa-lessons run 8`)<br>"
    assert line in ledger.path().read_text(encoding="utf-8")


def test_a_changed_number_is_found(folder):
    CliRunner().invoke(app, ["claims"])
    write_lesson(folder, "08_other.ipynb", row(8, measured="4 %"))
    result = CliRunner().invoke(app, ["claims", "--check"])
    assert result.exit_code == 1 and "4 % (`fa-lessons run 8`)" in result.stdout


def test_lessons_that_disagree_need_a_final_verdict(folder):
    write_lesson(folder, "08_other.ipynb", row(8, claims.CONDITIONAL))
    with pytest.raises(ValueError, match="learns needs a final verdict"):
        ledger.rows()
    write_claims(folder, verdict=claims.CONDITIONAL, because="lesson 9 is one seed")
    assert "**under conditions**: lesson 9 is one seed" in ledger.render(ledger.rows())


def test_a_claim_that_the_file_lacks_or_no_lesson_measures_is_refused(folder):
    write_lesson(folder, "09_last.ipynb", row())
    with pytest.raises(ValueError, match="must have the same claims, got flies"):
        ledger.rows()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notebooks/08_other.ipynb", "{"),
        ("notebooks/08_other.ipynb", "[]"),
        ("notebooks/08_other.ipynb", '{"cells": [{}]}'),
        ("notebooks/08_other.ipynb", "\xff"),
        ("notebooks/claims.yml", "- ["),
        ("notebooks/claims.yml", "3"),
        ("notebooks/claims.yml", "[3]"),
        ("notebooks/claims.yml", "- {colour: red}"),
        ("notebooks/claims.yml", "\xff"),
        ("results/reseed/08_other-1.json", "{"),
        ("results/reseed/08_other-1.json", "[]"),
        ("results/reseed/08_other-1.json", '{"colour": "red"}'),
        ("results/table1/a.json", '{"name": "a", "settings": {}}'),
        ("results/table1/a.json", '{"name": "a", "settings": {"row": "1x800-tanh", "rule": "fa"}}'),
    ],
)
@pytest.mark.parametrize("options", [[], ["--check"]])
def test_what_does_not_read_is_named(folder, name, content, options):
    path = folder.parent / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("latin-1"))
    claims.stated.cache_clear()
    said = CliRunner().invoke(app, ["claims", *options])
    assert said.exit_code == 2 and path.name in "".join(said.output.replace("│", "").split())


def test_another_projects_claims_stay(folder):
    ledger.path().write_text("# Our claims\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["claims"])
    assert said.exit_code == 2
    assert "CLAIMS.mdisnotthisproject's" in "".join(said.output.replace("│", "").split())  # wrapped anywhere
    assert ledger.path().read_text(encoding="utf-8") == "# Our claims\n"


def keep_runs(folder, count, lesson="09_last", **found):
    notebook = json.loads((folder / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    (folder.parent / "results" / "reseed").mkdir(exist_ok=True)
    for shift in range(1, count + 1):
        reseed.keep(reseed.Reseeded(lesson, shift, reseed.code_hash(notebook), **found))


def test_a_measured_verdict_needs_five_runs_with_other_seeds_of_the_code_as_it_stands(folder):
    keep_runs(folder, 5, claims={"learns": True, "flies": True})
    keep_runs(folder, 4, "08_other", claims={"learns": False})
    learns, flies = ledger.rows()
    assert learns["unseen"] == (5, 9) and learns["short"] == [8]
    assert flies["unseen"] == (5, 5) and flies["short"] == []
    assert "| **reproduced** | 5 of 9; too few of lesson 8 |" in ledger.render(ledger.rows())
    keep_runs(folder, 5, "08_other", claims={"learns": True})
    assert [row["short"] for row in ledger.rows()] == [[], []]
    write_lesson(folder, "08_other.ipynb", row(8, measured="3 %"))
    other = json.loads((folder / "08_other.ipynb").read_text(encoding="utf-8"))
    other["cells"][0]["source"] = ["other = 'code'"]
    (folder / "08_other.ipynb").write_text(json.dumps(other), encoding="utf-8")
    assert [row["short"] for row in ledger.rows()] == [[8], []]


def test_the_ledger_lists_what_did_not_hold(folder):
    keep_runs(folder, 2, asserts=[["cell-1", "a | b < 3", False], ["cell-1", "b", True]], claims={"learns": True})
    text = ledger.render(ledger.rows())
    assert "2 of 6 asserts and claims, in 2 runs." in text
    assert r"| 09_last | 2 | `cell cell-1: assert a \| b < 3` |" in text


def test_at_most_one_in_a_hundred_asserts_and_claims_fails_with_other_seeds():
    for lesson, runs in ledger.reseeded().items():
        tried = sum(len(run.asserts) + len(run.claims) for run in runs)
        failures = [line for run in runs for line in run.failures]
        assert len(failures) <= 0.01 * tried, (lesson, failures)


def test_every_measured_verdict_rests_on_five_runs_with_other_seeds():
    assert {row["id"]: row["short"] for row in ledger.rows() if row.get("short")} == {}
