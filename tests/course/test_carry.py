"""Answers arrive in the new edition, whole and once, and the old file is kept."""

import itertools
import json
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from fa_lessons import places
from fa_lessons.cli import app
from fa_lessons.course import carry, start, workbook
from tests.course import small

NAME = "02_two.ipynb"
ANSWER = "return b, w0  # mine"


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """A workbook in which exercise 2.1 and the prediction are answered, a note is added, and a new edition has come."""
    lessons, folder = tmp_path / "notebooks", tmp_path / "workbook"
    lessons.mkdir()
    monkeypatch.setattr(places, "checkout", lambda: tmp_path)
    small.save(lessons, NAME)
    workbook.write(folder)
    answer(folder / NAME, 'raise NotImplementedError("your turn: exercise 2.1")', ANSWER)
    answer(folder / NAME, "my_prediction = ...", 'my_prediction = "a"')
    answer(folder / NAME, "A note.", "A note. And mine.")
    small.save(lessons, NAME, note="A better note.", docstring="New words.")
    workbook.write(folder)
    return folder


def answer(path, old, new):
    notebook = nbformat.read(path, as_version=4)
    cell = next(cell for cell in notebook.cells if old in cell.source)
    cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)


def text(path):
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != start.NAME}


def test_answers_are_carried_and_the_old_file_is_kept(changed):
    old = (changed / NAME).read_bytes()
    said = CliRunner().invoke(app, ["carry-over", str(changed)])
    assert said.exit_code == 0
    assert "exercise 2.1 carried over" in said.stdout and "the prediction carried over" in said.stdout
    assert {*files(changed)} == {NAME, "02_two.old.ipynb", workbook.MANIFEST}
    assert (changed / "02_two.old.ipynb").read_bytes() == old
    merged = text(changed / NAME)
    assert (
        ANSWER in merged and 'my_prediction = "a"' in merged and "A better note." in merged and "limit = ..." in merged
    )
    after = files(changed)
    assert len(workbook.write(changed)) == 1 and files(changed) == after  # nothing new, nothing touched
    assert carry.carry_over(changed) == [f"nothing to carry over: no new edition lies beside a lesson in {changed}"]


def test_what_is_answered_in_both_stays_and_is_said(changed):
    beside = changed / "02_two.new.ipynb"
    answer(beside, 'raise NotImplementedError("your turn: exercise 2.1")', "return 'newer'")
    newer = beside.read_bytes()
    said = "\n".join(carry.carry_over(changed))
    assert "exercise 2.1 is answered in both" in said and "02_two.new.ipynb holds changes of yours and stays" in said
    assert beside.read_bytes() == newer and "return 'newer'" in text(changed / NAME)
    assert ANSWER in text(changed / "02_two.old.ipynb") and 'my_prediction = "a"' in text(changed / NAME)


def test_an_exercise_that_is_gone_is_said_and_its_answer_kept(changed):
    beside = changed / "02_two.new.ipynb"
    notebook = nbformat.read(beside, as_version=4)
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "l2-ex1-solution"]
    nbformat.write(notebook, beside)
    assert "exercise 2.1 is not in the new edition" in "\n".join(carry.carry_over(changed))
    assert ANSWER in text(changed / "02_two.old.ipynb")


def test_answers_of_three_editions_come_together(changed):
    answer(changed / "02_two.new.ipynb", "limit = ...", "limit = (1, 2)")
    small.save(places.brought("notebooks"), NAME, note="The best note.")
    workbook.write(changed)
    assert (changed / "02_two.new-2.ipynb").exists()
    carry.carry_over(changed)
    merged = text(changed / NAME)
    assert ANSWER in merged and "limit = (1, 2)" in merged and "The best note." in merged
    assert not (changed / "02_two.new-2.ipynb").exists() and (changed / "02_two.new.ipynb").exists()


def test_a_file_that_does_not_read_is_named_and_nothing_is_done(changed):
    (changed / NAME).write_text('{"cells": [', encoding="utf-8")
    before = files(changed)
    said = CliRunner().invoke(app, ["carry-over", str(changed)])
    assert said.exit_code == 2 and NAME in said.output and "Traceback" not in said.output
    assert files(changed) == before


def cells(path, change):
    """Let `change` work on {cell id: cell} and the list of cells of a notebook that is kept as plain JSON."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change({cell["id"]: cell for cell in notebook["cells"]}, notebook["cells"])
    path.write_text(json.dumps(notebook), encoding="utf-8")


STUB = 'def fa_flow(w0, w1, b):\n    raise NotImplementedError("your turn: exercise 2.1")'


def copied(known, every, *sources):
    """Exercise 2.1 as several cells, one a source."""
    place = every.index(known["cell-3"])
    every[place : place + 1] = [
        {**known["cell-3"], "id": f"{'cell-3' if n == 0 else f'copy-{n}'}", "source": source}
        for n, source in enumerate(sources)
    ]


@pytest.mark.parametrize("sources", [[STUB, ANSWER], [ANSWER, STUB], [ANSWER, "", STUB], [ANSWER, ANSWER]])
def test_of_copies_of_a_cell_the_one_that_is_filled_in_is_carried(changed, sources):
    old = nbformat.read(changed / "02_two.new.ipynb", as_version=4)
    stub = next(cell.source for cell in old.cells if cell.id == "cell-3").replace("New words.", "The rates.")
    cells(changed / NAME, lambda known, every: copied(known, every, *(s.replace(STUB, stub) for s in sources)))
    assert "exercise 2.1 carried over from 02_two.ipynb" in carry.carry_over(changed)
    assert ANSWER in text(changed / NAME) and "your turn: exercise 2.1" not in text(changed / NAME)


def test_of_several_answers_the_last_is_carried_and_the_others_are_named(changed):
    cells(changed / NAME, lambda known, every: copied(known, every, "return 'first'", STUB, "return 'last'"))
    said = carry.carry_over(changed)
    assert any("exercise 2.1 is answered" in line and "the last counts" in line for line in said)
    assert "return 'last'" in text(changed / NAME) and "return 'first'" in text(changed / "02_two.old.ipynb")


@pytest.mark.parametrize("marks", [{}, {"fa_lessons": None, "nbgrader": None}, {"fa_lessons": "x", "nbgrader": {}}])
def test_a_cell_whose_marks_are_lost_is_known_by_its_id(changed, marks):
    def change(known, every):
        for cell in every:
            cell["metadata"] = dict(marks)

    cells(changed / NAME, change)
    said = carry.carry_over(changed)
    assert "exercise 2.1 carried over from 02_two.ipynb" in said
    assert "the prediction carried over from 02_two.ipynb" in said
    assert not any("2.3" in line or "2.4" in line for line in said)
    assert ANSWER in text(changed / NAME) and "limit = ..." in text(changed / NAME)


def test_an_answer_in_a_cell_of_ones_own_is_named(changed):
    own = {"cell_type": "code", "id": "own", "metadata": {}, "source": "limit = (1, 2)"}
    cells(changed / NAME, lambda known, every: every.append({**own, "outputs": [], "execution_count": None}))
    said = carry.carry_over(changed)
    assert any("exercise 2.3 is answered in a cell of your own" in line for line in said)
    assert "limit = (1, 2)" in text(changed / "02_two.old.ipynb")


@pytest.mark.parametrize("change", [{"source": None}, {"metadata": None}, {"cell_type": None}])
def test_a_cell_that_is_none_is_named_and_nothing_is_done(changed, change):
    cells(changed / NAME, lambda known, every: known["cell-3"].update(change))
    before = files(changed)
    said = CliRunner().invoke(app, ["carry-over", str(changed)])
    assert said.exit_code == 2 and NAME in said.output and files(changed) == before


@pytest.mark.parametrize("place", ["nowhere", "workbook/02_two.ipynb", "notebooks"])
def test_what_is_no_workbook_is_refused(changed, place):
    said = CliRunner().invoke(app, ["carry-over", str(changed.parent / place)])
    assert said.exit_code == 2 and "must be a workbook" in said.output


class Stopped(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("kill", range(1, 5))
def test_stopped_between_two_steps_it_can_be_repeated(changed, monkeypatch, kill):
    old = (changed / NAME).read_bytes()
    steps = itertools.count(1)

    def stopping(do):
        def step(*arguments):
            if next(steps) == kill:
                raise Stopped
            return do(*arguments)

        return step

    with monkeypatch.context() as patched:
        for name in ("put", "record"):
            patched.setattr(workbook, name, stopping(getattr(workbook, name)))
        patched.setattr(Path, "unlink", stopping(Path.unlink))
        with pytest.raises(Stopped):
            carry.carry_over(changed)
    for name, data in files(changed).items():
        json.loads(data)
        assert name != NAME or data == old or ANSWER in text(changed / NAME)
    carry.carry_over(changed)
    assert {*files(changed)} == {NAME, "02_two.old.ipynb", workbook.MANIFEST}
    assert (changed / "02_two.old.ipynb").read_bytes() == old and ANSWER in text(changed / NAME)


def test_answers_come_from_files_of_an_older_format_and_other_programs(changed):
    old = changed / NAME
    notebook = json.loads(old.read_text(encoding="utf-8"))
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell.pop("outputs", None)
        cell["attachments"] = {}
    old.write_text(json.dumps(notebook), encoding="utf-8")
    said = CliRunner().invoke(app, ["carry-over", str(changed)])
    assert said.exit_code == 0 and "exercise 2.1 carried over" in said.stdout
    assert ANSWER in text(changed / NAME)
