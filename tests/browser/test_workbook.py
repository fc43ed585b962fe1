"""A learner's evening: JupyterLab on the workbook, lesson 1 run untouched, then an exercise, wrong and right."""

import json

import pytest

from fa_lessons.course import workbook
from tests.browser import jupyter


@pytest.fixture
def address(tmp_path):
    """The address of lesson 1 in a new workbook."""
    workbook.write(tmp_path / "workbook")
    with jupyter.serving(tmp_path / "workbook", tmp_path, "01_backprop_review.ipynb") as found:
        yield found


def test_run_all_on_the_untouched_lesson_then_a_wrong_and_a_right_answer(page, address, tmp_path):
    jupyter.open_lesson(page, address, "def hidden_delta")
    jupyter.run_all(page)
    assert verdict(page).inner_text().startswith("Exercise 1.1 ✎ not attempted")
    assert errors(page) == 0 and notes(page) > 1

    answer(page, "return delta_output @ W2.T")
    jupyter.run_all(page)
    assert verdict(page).inner_text().startswith("Exercise 1.1 ✗ fails the property")
    assert "Hint:" in verdict(page).inner_text() and errors(page) == 0 and notes(page) > 1

    answer(page, "return (delta_output @ W2.T) * h * (1 - h)")
    jupyter.run_all(page)
    assert verdict(page).inner_text().startswith("Exercise 1.1 ✓ correct")
    assert errors(page) == 0 and notes(page) == 0
    progress = json.loads((tmp_path / "workbook" / "progress.json").read_text(encoding="utf-8"))
    assert len(progress["1.1"]["failed"]) == 1 and progress["1.1"]["passed"]


def verdict(page):
    return jupyter.cell(page, 'attempt("lesson1.hidden_delta"').locator("[role=status]")


def errors(page):
    return page.locator("[data-mime-type='application/vnd.jupyter.error']").count()


def notes(page):
    """How many cells say that they use the lesson's own solution of exercise 1.1."""
    return page.locator(".jp-OutputArea-output", has_text="own solution of exercise 1.1.)").count()


def answer(page, body):
    jupyter.rewrite(page, "def hidden_delta", f"def hidden_delta(delta_output, W2, h, y):\n    {body}")
