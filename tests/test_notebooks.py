"""What nbval and ruff cannot see of a lesson: that it was run, that nothing hides, that pictures speak."""

import ast
import html
import itertools
import re
from pathlib import Path

import nbformat
import pytest

from fa_lessons.claims import MIME, stated
from tests.minutes import halves, needed

LESSONS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("[0-9][0-9]_*.ipynb"))
WIDGET = re.compile(r"widget|explorer", re.IGNORECASE)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_there_are_lessons():
    assert LESSONS


def test_every_code_cell_was_run_in_order(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_only_widgets_hide_from_nbval(notebook):
    hidden = [c for c in notebook.cells if {"nbval-skip", "nbval-ignore-output"} & set(c.metadata.get("tags", []))]
    assert len(hidden) <= 2
    assert all(WIDGET.search(cell.source) for cell in hidden)
    assert not any("NBVAL" in cell.source for cell in code_cells(notebook))


def test_every_picture_has_alternative_text(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.data["text/plain"]
                assert alt.strip() and output.metadata["image/png"]["alt"] == alt
                assert f'alt="{html.escape(alt)}"' in output.data["text/html"]


def test_no_output_is_an_error_or_a_warning(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_no_number_is_printed_with_more_than_four_digits(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
            assert not re.search(r"\d\.\d{5,}", text), text


def test_cells_are_short_and_lines_fit_a_projector(notebook):
    for cell in code_cells(notebook):
        lines = cell.source.splitlines()
        assert len(lines) <= 20 and all(len(line) <= 100 for line in lines), cell.id


def test_the_headings_are_in_order(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in itertools.pairwise(levels))


def test_every_exercise_is_fit_for_grading(notebook):
    cells = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
    solutions = [name for name in cells if name.endswith("-solution")]
    assert len(solutions) >= 2
    for name in solutions:
        source, check = cells[name].source, cells[name.replace("-solution", "-check")]
        assert source.count("### BEGIN SOLUTION") == source.count("### END SOLUTION") >= 1
        assert check.metadata.nbgrader.grade and check.metadata.nbgrader.points > 0
        assert "check(" in check.source and "### BEGIN HIDDEN TESTS" in check.source
    assert len(cells) == 2 * len(solutions)


def test_the_claims_box_closes_the_lesson(notebook):
    rows = [row for c in code_cells(notebook) for o in c.outputs for row in o.get("data", {}).get(MIME, [])]
    assert rows and len({row["id"] for row in rows}) == len(rows)
    (lesson,) = {row["lesson"] for row in rows}
    known = {name: claim for name, claim in stated().items() if lesson in claim.measured or lesson in claim.quoted}
    assert {row["id"] for row in rows} == set(known)
    for row in rows:
        claim = known[row["id"]]
        assert (row["sentence"], row["source"]) == (claim.sentence, claim.source)
        assert row["measured"] == claim.measured.get(lesson, claim.because) != ""


def test_claims_are_a_small_part_of_the_code(notebook):
    lines, claims = 0, 0
    for cell in code_cells(notebook):
        statements = ast.parse(cell.source).body
        lines += sum(bool(line.strip()) for line in cell.source.splitlines())
        claims += sum(s.end_lineno - s.lineno + 1 for s in statements if "claims.measured" in ast.unparse(s))
    assert claims <= 0.05 * lines


def test_the_head_states_honest_minutes(notebook):
    stated = [int(number) for number in re.findall(r"\d+", notebook.cells[0].source.partition("Time")[2])]
    for half in halves(notebook):
        assert not half or any(abs(minutes - needed(half)) <= 4 for minutes in stated)


def test_one_figure_is_the_one_to_project(notebook):
    tagged = [cell for cell in code_cells(notebook) if "summary-figure" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1 and any("image/png" in o.get("data", {}) for o in tagged[0].outputs)
