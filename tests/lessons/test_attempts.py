"""What an attempt prints and gives back, and that a stand-in is never taken for the learner's answer."""

import importlib

import numpy as np
import pytest

from fa_lessons.lessons import NotAttempted, attempts, check, sources

LESSONS = {n: importlib.import_module(f"fa_lessons.lessons.lesson{n}.exercises").EXERCISES for n in range(1, 7)}
VALUES = [f"lesson{n}.{key}" for n, exercises in LESSONS.items() for key, e in exercises.items() if e.draw is None]


def stub(delta_output, W2, h, y):
    """A docstring."""
    raise NotImplementedError("your turn")


def right(delta_output, W2, h, y):
    return (delta_output @ W2.T) * h * (1 - h)


def test_a_right_answer_comes_back_itself(capsys):
    assert attempts.attempt("lesson1.hidden_delta", right) is right
    assert capsys.readouterr().out == "Exercise 1.1 ✓ correct\n"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (stub, "Exercise 1.1 ✎ not attempted"),
        (..., "Exercise 1.1 ✎ not attempted"),
        (None, "Exercise 1.1 ✎ not attempted"),
        (lambda *arguments: arguments[1], "Exercise 1.1 ✗ fails the property"),
        (lambda *arguments: 1 / 0, "Exercise 1.1 ✗ fails the property"),
        (right.__name__, "Exercise 1.1 ✗ fails the property"),
    ],
)
def test_what_is_not_right_is_named_and_the_lesson_goes_on(answer, verdict, capsys):
    result = answer
    for _ in range(2):
        result = attempts.attempt("lesson1.hidden_delta", result)
        printed = capsys.readouterr().out
        assert printed.startswith(verdict) and printed.endswith("The lesson goes on with its own solution.\n")
    arguments = LESSONS[1]["hidden_delta"].draw(np.random.default_rng(0))
    attempts._said.clear()
    assert np.allclose(result(*arguments), right(*arguments))
    assert capsys.readouterr().out == "(This cell uses the lesson's own solution of exercise 1.1.)\n"
    result(*arguments)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", VALUES)
def test_the_values_stand_in_too_and_are_not_mistaken_for_answers(name, capsys):
    truth = attempts.find(name).reference()
    namespace = {"np": np, "fa_time": lambda w: 4.0, "bp_time": lambda w, b: 9.0, "attempt": attempts.attempt}
    exec(f"first = attempt({name!r}, ...)\nsecond = attempt({name!r}, first)", namespace)
    assert capsys.readouterr().out.count("not attempted") == 2
    if name != "lesson2.matching_b":  # which the lesson computes from times measured above
        assert np.allclose(np.asarray(namespace["second"], float), np.asarray(truth, float))
    plain = type(truth)(truth)
    assert attempts.attempt(name, plain) is plain


def test_a_solution_sees_the_learners_variables_as_they_are_now(capsys):
    namespace = {"np": np, "attempt": attempts.attempt, "constant": lambda W, A, B: 0 * A}
    exec('V_rate = attempt("lesson3.V_rate", ...)', namespace)
    before = set(namespace)
    B, T, W, A = np.eye(2), np.ones((2, 2)), np.eye(2), 2 * np.eye(2)
    without = namespace["V_rate"](W, A, B, T)
    namespace["constant"] = lambda W, A, B: np.eye(2)
    M = B @ (T - W @ A)
    assert np.isclose(namespace["V_rate"](W, A, B, T) - without, -np.trace(M @ M.T))
    assert set(namespace) == before


def test_a_solution_whose_cells_above_did_not_run_says_so(capsys):
    assert attempts.attempt("lesson2.matching_b", ...) is ...
    assert "needs the cells above (NameError: name '" in capsys.readouterr().out


def test_an_unknown_exercise_is_named():
    with pytest.raises(ValueError, match="nonsense"):
        attempts.attempt("lesson1.nonsense", ...)


def test_check_judges_the_learner_where_a_stand_in_stands(capsys):
    with pytest.raises(NotAttempted):
        check("lesson1.hidden_delta", attempts.attempt("lesson1.hidden_delta", stub))
    with pytest.raises(NotAttempted):
        check("lesson1.passes", attempts.attempt("lesson1.passes", ...))


def test_every_exercise_has_a_solution_in_its_lesson():
    for n, exercises in LESSONS.items():
        numbers = [sources.solution(f"lesson{n}.{key}").number for key in exercises]
        assert len(set(numbers)) == len(numbers) and all(number.startswith(f"{n}.") for number in numbers)
