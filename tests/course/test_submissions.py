"""Whatever a student hands in becomes the lesson with the student's answers, and a sentence on each repair."""

import json
import random

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fa_lessons.course import submissions
from fa_lessons.course.slots import MarkedLesson
from tests.classroom.students import everyone
from tests.course import handed_out

SOLVED = handed_out.source()
RELEASE, LESSON = handed_out.release(SOLVED), MarkedLesson(SOLVED)
DESK = handed_out.desk(SOLVED)
CLASS = {student.name: student for student in everyone(DESK) if student.files}


def repaired(data):
    whole = submissions.repair(data, RELEASE, LESSON)
    nbformat.validate(whole)
    return whole


def answers(whole):
    cells = {c.metadata.nbgrader.grade_id: c for c in whole.cells if "nbgrader" in c.metadata}
    return {slot.number: cells[slot.solution].source for slot in LESSON.slots}


@pytest.mark.parametrize("student", CLASS.values(), ids=CLASS)
def test_every_lesson_is_whole_again(student):
    whole = repaired(next(iter(student.files.values())))
    marks = [c.metadata.nbgrader.grade_id for c in whole.cells if "nbgrader" in c.metadata]
    assert marks == [c.metadata.nbgrader.grade_id for c in RELEASE.cells if "nbgrader" in c.metadata]
    checks = {slot.check for slot in LESSON.slots}
    for cell, original in zip(
        [c for c in whole.cells if c.metadata.get("nbgrader", {}).get("grade_id") in checks],
        [c for c in RELEASE.cells if c.metadata.get("nbgrader", {}).get("grade_id") in checks],
        strict=True,
    ):
        assert (cell.source, cell.metadata.nbgrader) == (original.source, original.metadata.nbgrader)
    assert len(nbformat.writes(whole)) < 3 * 10**6


@pytest.mark.parametrize(
    "name", [n for n, s in CLASS.items() if len(s.passes) == 2 and not s.told.startswith("my_own")]
)
def test_right_answers_are_found_wherever_they_are(name):
    found = answers(repaired(next(iter(CLASS[name].files.values()))))
    assert DESK.solutions[DESK.other.number].strip() in found[DESK.other.number]


@pytest.mark.parametrize("name", [n for n, s in CLASS.items() if s.read and s.read not in ("is called", "No notebook")])
def test_a_broken_file_is_named(name):
    whole = repaired(next(iter(CLASS[name].files.values())))
    assert CLASS[name].read in " ".join(whole.metadata.fa_lessons.notes)


def test_the_perfect_answers_are_kept_letter_for_letter():
    assert answers(repaired(CLASS["perfect"].files["lesson.ipynb"])) == DESK.solutions


def test_the_order_of_cells_does_not_matter():
    notebook = DESK.notebook(DESK.solutions)
    random.Random(1).shuffle(notebook["cells"])
    assert answers(repaired(json.dumps(notebook).encode())) == DESK.solutions


def test_an_open_answer_is_kept():
    notebook = DESK.notebook({})
    cell = next(
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("points") and c["cell_type"] == "markdown"
    )
    cell["source"] = ["It is", " transport."]
    whole = repaired(json.dumps(notebook).encode())
    assert "It is transport." in [c.source for c in whole.cells]


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_become_the_lesson(data):
    assert set(answers(submissions.repair(data, RELEASE, LESSON))) == DESK.all


@settings(max_examples=20, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda s: st.lists(s) | st.dictionaries(st.text(max_size=5), s)
    )
)
def test_any_json_becomes_the_lesson(value):
    data = json.dumps({"cells": value, "worksheets": value}).encode()
    assert set(answers(submissions.repair(data, RELEASE, LESSON))) == DESK.all


def test_cells_behind_the_damage_are_found_too():
    text = json.dumps(DESK.notebook(DESK.solutions), indent=1)
    middle = text.index('"cell_type"', len(text) // 2)
    found = answers(repaired((text[: middle - 2] + "#" * 9 + text[middle:]).encode()))
    assert sum(found[number] == DESK.solutions[number] for number in found) >= len(found) - 1
