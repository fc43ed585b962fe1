"""Values are asked again with the course's own numbers: the truth is independent of the solution, and one answer."""

import numpy as np
import pytest

from fa_lessons.course import hidden, notebooks, slices, variants
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.lessons import CheckFailed, find
from tests.course import handed_out

VALUES = {}
for path in notebooks.find():
    solved = MarkedLesson(handed_out.source(path.stem))
    VALUES |= {slot.name: (solved, slot) for slot in solved.slots if find(slot.name).draw is None}


def test_every_value_to_predict_is_asked_again():
    assert set(VALUES) == set(variants.VARIANTS)


@pytest.mark.parametrize("name", VALUES)
def test_the_solution_agrees_with_the_truth_for_any_numbers(name):
    lesson, slot = VALUES[name]
    own = slices.statements(lesson.cells[slot.solution]["source"])
    needed, _ = slices.needed(
        slices.reads(own) | slices.reads(slices.statements(_solutions(name))), lesson.before(slot)
    )
    scope = {}
    for statement in needed:
        exec(statement.source, scope)
    numbers = {}
    for number in range(6):
        asked = variants.asked(name, number)
        numbers.setdefault(asked.text, 0)
        assert len(f"# {asked.text}:") <= 100
        asked.exercise.examine(eval(asked.solution, scope))
    assert len(numbers) > 1


def _solutions(name):
    return "\n".join(f"_{n} = {variants.asked(name, n).solution}" for n in range(6))


@pytest.mark.parametrize("name", VALUES)
def test_the_answer_to_the_notebooks_own_numbers_is_wrong_here(name):
    own, wrong = find(name).reference(), 0
    for number in range(20):
        try:
            variants.asked(name, number).exercise.examine(own)
        except CheckFailed:
            wrong += 1
    assert wrong >= 16  # a rule with two answers of five may ask for the same again


def test_the_numbers_follow_from_the_secret():
    name = "lesson1.passes"
    one, other = (variants.asked(name, hidden.seed(secret, name)).text for secret in ("a", "b"))
    assert one != other
    assert one == variants.asked(name, hidden.seed("a", name)).text
    assert np.isfinite(variants.asked(name, 1).exercise.reference())
