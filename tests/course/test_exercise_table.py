"""The table of exercises is complete, and the teacher's guide holds it as it is."""

from fa_lessons.course import exercise_table
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.lessons.checking import Exercise
from tests.course import handed_out

KINDS = {"derive", "write", "predict", "find the bug", "transfer"}


def test_every_exercise_has_all_columns():
    for row in exercise_table.rows():
        assert all(row.values()), row
        assert row["kind"] in KINDS
        assert 1 <= len(row["difficulty"]) <= 3
        assert row["minutes"].isdigit()


def test_the_table_has_all_exercises_of_a_lesson():
    rows = [row["number"] for row in exercise_table.rows() if row["number"].startswith("2.")]
    assert rows == [slot.number for slot in MarkedLesson(handed_out.source("2")).slots]


def test_the_kind_is_told_from_the_task():
    function, value = Exercise(reference=abs, draw=lambda rng: (1,)), Exercise(reference=lambda: 1)
    assert exercise_table.kind("Find the bug", "", function) == "find the bug"
    assert exercise_table.kind("A prediction", "", value) == "predict"
    assert exercise_table.kind("Another task", "", function) == "transfer"
    assert exercise_table.kind("A step", "Write it.", function) == "write"


def test_the_guide_is_up_to_date():
    text = exercise_table.guide().read_text(encoding="utf-8")
    assert exercise_table.updated(text) == text, "run: fa-lessons course table --write"
