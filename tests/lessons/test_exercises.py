"""Every exercise accepts its reference, and meets every typical wrong answer with the right message."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from fa_lessons.lessons import CheckFailed, NotAttempted, check, checking, find

FOLDER = Path(checking.__file__).parent
LESSONS = sorted(path.stem for path in FOLDER.glob("lesson[1-8]"))
EXERCISES = {
    f"{n}.{key}": e for n in LESSONS for key, e in import_module(f"fa_lessons.lessons.{n}.exercises").EXERCISES.items()
}
FUNCTIONS = {name: exercise for name, exercise in EXERCISES.items() if exercise.draw is not None}
MISTAKES = [(name, mistake) for name, exercise in EXERCISES.items() for mistake in exercise.mistakes]


def answer_of(exercise, function):
    """A value exercise is answered by a value, a function exercise by a function of the learner's own."""
    return (lambda *arguments: function(*arguments)) if exercise.draw is not None else function()


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes(name, capsys):
    check(name, answer_of(EXERCISES[name], EXERCISES[name].reference), seed=1)
    assert "correct" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=[f"{n}-{m.name}" for n, m in MISTAKES])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_mistake_gets_its_own_message(name, mistake, seed):
    with pytest.raises(CheckFailed) as failure:
        check(name, answer_of(EXERCISES[name], mistake.wrong), seed=seed)
    assert mistake.name in str(failure.value)
    assert mistake.hint in str(failure.value)


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_knows_at_least_three_wrong_answers(name):
    exercise = EXERCISES[name]
    assert len(exercise.mistakes) + len(exercise.properties) >= (3 if exercise.draw else 1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_stub_is_not_attempted(name):
    def stub(*arguments):
        raise NotImplementedError

    for untouched in (stub, None, ...):
        with pytest.raises(NotAttempted):
            check(name, untouched)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_typed_in_result_is_caught(name):
    exercise = FUNCTIONS[name]
    constant = exercise.reference(*exercise.draw(np.random.default_rng(0)))
    with pytest.raises(CheckFailed):
        check(name, lambda *arguments: constant, seed=1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_in_place_change_is_caught(name):
    exercise = FUNCTIONS[name]
    if not any(isinstance(argument, np.ndarray) for argument in exercise.draw(np.random.default_rng(0))):
        pytest.skip("takes no array")

    def in_place(*arguments):
        result = exercise.reference(*arguments)
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument += 1
        return result

    with pytest.raises(CheckFailed, match="leaves its inputs unchanged"):
        check(name, in_place, seed=1)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_forgotten_return_is_named(name):
    with pytest.raises(CheckFailed, match="returns its result"):
        check(name, lambda *arguments: None, seed=1)


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("oddity", [{}, 1j, len, "abc", (len, len), object()], ids=lambda oddity: f"{oddity!r:.12}")
def test_an_answer_of_another_kind_is_wrong(name, oddity):
    exercise = EXERCISES[name]
    truth = exercise.reference(*exercise.draw(np.random.default_rng(0))) if exercise.draw else exercise.reference()
    if isinstance(truth, tuple | list):
        oddity = type(truth)(oddity for _ in truth)
    with pytest.raises(CheckFailed, match=r"“(returns|is) (a |an |text|booleans|\d results)"):
        check(name, answer_of(exercise, lambda *arguments: oddity), seed=1)


def test_factors_that_do_not_fit_are_named():
    with pytest.raises(CheckFailed, match=r"is one transposed, or are two in the wrong order\?"):
        check("lesson1.hidden_delta", lambda delta, W2, h, y: (delta.T @ W2.T) * h * (1 - h), seed=1)


def test_an_unknown_name_lists_the_known_ones():
    for name in ("lesson9.x", "hidden_delta", "lesson1.nothing"):
        with pytest.raises(ValueError, match="lesson"):
            find(name)
