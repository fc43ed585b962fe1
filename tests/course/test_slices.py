"""Of a notebook, the statements that an answer needs, and no training."""

import pytest

from fa_lessons.course import notebooks, slices
from fa_lessons.course.slots import MarkedLesson
from tests.course import handed_out

CELLS = [
    "import numpy as np\nimport matplotlib.pyplot as plt",
    "rates = np.ones(3)\nrates[0] = 2\nplt.plot(rates)",
    "def helper(x, rates=None):\n    return scale * x",
    "scale = 3",
    "history = train(network)",
    "rates = rates + 1\nfor step in range(3):\n    total = step",
]


def needed(source, cells=CELLS):
    found, left = slices.needed(slices.reads(slices.statements(source)), [slices.statements(c) for c in cells])
    return [statement.source for statement in found], left


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(x):\n    return np.exp(x)", ["import numpy as np"]),
        ("def f(x):\n    return helper(x)", ["def helper(x, rates=None):\n    return scale * x", "scale = 3"]),
        ("def f(rates):\n    return rates", []),
        ("f = [scale for scale in range(3)]", []),
        ("print(total)", ["for step in range(3):\n    total = step"]),
        (
            "f = rates",
            ["import numpy as np", "rates = np.ones(3)", "rates[0] = 2", "rates = rates + 1"],
        ),
    ],
)
def test_only_what_gives_a_name_is_taken(source, expected):
    assert needed(source)[0] == expected


def test_a_name_that_nothing_gives_is_left_open():
    assert needed("f = unknown + len([])") == ([], frozenset({"unknown"}))


def test_a_new_value_forgets_the_old_one():
    assert needed("f = x", ["x = train()", "x = 3"])[0] == ["x = 3"]


def test_lines_for_ipython_are_left_out():
    assert [s.source for s in slices.statements("%matplotlib inline\n!ls\nx = 5 % 3")] == ["x = 5 % 3"]
    assert slices.plain('text = """\n%d\n"""') == 'text = """\n%d\n"""'


@pytest.mark.parametrize("path", notebooks.find(), ids=lambda path: path.stem)
def test_no_exercise_of_a_lesson_needs_a_training_run(path):
    lesson = MarkedLesson(handed_out.source(path.stem))
    for slot in lesson.slots:
        own = slices.statements(lesson.cells[slot.solution]["source"])
        found, left = slices.needed(slices.reads(own), lesson.before(slot))
        assert not left, slot.number
        assert not any("train(" in statement.source or "load_mnist" in statement.source for statement in found)
