"""An answer that runs in the room behaves here as it does there, and nothing of ours is there to be found."""

import sys
import time

import numpy as np
import pytest

from fa_lessons.course import remote, sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes there cannot be waited for")


def player(source, variable="f", **named):
    return remote.Player([("cell", source)], variable, **named)


def test_arguments_results_and_changes_in_place_cross_the_pipe():
    with player("def f(x, y=2):\n    x[0] = 7\n    return x * y, [x.sum()]") as there:
        x = np.arange(3.0)
        result = there.answer(x)
    np.testing.assert_array_equal(result[0], [14, 2, 4])
    assert result[1] == [10.0]
    np.testing.assert_array_equal(x, [7, 1, 2])
    assert [p.name for p in there.answer.__signature__.parameters.values()] == ["x", "y"]


def test_a_function_among_the_arguments_runs_here():
    calls = []

    def loss(w, scale=1):
        calls.append(w)
        return float((w**2).sum() * scale)

    with player("def f(loss, w):\n    return loss(w, scale=2) + loss(w)") as there:
        assert there.answer(loss, np.ones(2)) == 6.0
    assert len(calls) == 2


def test_an_error_there_is_an_error_of_its_kind_here_with_the_line():
    with player("def f(x):\n    return [][x]\n") as there:
        with pytest.raises(IndexError, match=r"out of range \(line `return \[\]\[x\]`\)"):
            there.answer(1)
        assert not there.ended


def test_an_error_of_a_function_here_reaches_the_answer():
    def refuses(w):
        raise TypeError("no")

    source = "def f(g):\n    try:\n        g(1)\n    except ValueError as error:\n        return str(error)"
    with player(source) as there:
        assert there.answer(refuses) == "TypeError: no"


def test_a_value_is_read_as_it_is():
    with player("f = (1, 2.5, 'x')") as there:
        assert there.answer == (1, 2.5, "x")


def test_what_stops_a_cell_is_noted_and_what_came_before_stays():
    with player("f = 3\n1 / 0\n") as there:
        assert there.answer == 3
        assert there.noted["cell"] == {
            "type": "ZeroDivisionError",
            "name": "ZeroDivisionError",
            "message": "division by zero",
            "line": "1 / 0",
        }


def test_a_process_that_ends_says_how():
    with player("import os\ndef f():\n    os._exit(3)") as there:
        with pytest.raises(remote.Ended):
            there.answer()
        assert there.ended == "it ended itself, with status 3"
        with pytest.raises(remote.Ended):
            there.answer()


def test_a_cell_without_an_end_is_stopped_and_leaves_nothing():
    start = time.monotonic()
    with pytest.raises(remote.OutOfTime):
        player("while True: pass", seconds=1.5)
    assert time.monotonic() - start < 30


def test_the_grader_is_not_in_reach():
    source = """
import os, sys
def f(names):
    frame, found = sys._getframe(), []
    while frame:
        found += [name for name in names if name in frame.f_locals]
        frame = frame.f_back
    return found + [name for name in os.environ if 'FA_LESSONS' in name or 'TOKEN' in name]
"""
    with player(source) as there:
        assert there.answer(["secret", "exercise", "truth", "reference"]) == []


@pytest.mark.skipif(sandbox.apart() == "none", reason="no wall holds on this machine")
def test_no_truth_lies_in_the_room():
    source = """
import importlib, os
def f(names):
    found = []
    for name in names:
        try: found.append(importlib.import_module(name).__name__)
        except ImportError: pass
    return found + [file for root, _, files in os.walk(os.path.dirname(importlib.import_module('fa_lessons').__file__))
                    for file in files if file.endswith(('exercises.py', '.ipynb'))]
"""
    names = ["fa_lessons.lessons.lesson2.exercises", "fa_lessons.course.hidden", "fa_lessons.lessons.meaning"]
    with player(source) as there:
        assert there.answer(names) == []
