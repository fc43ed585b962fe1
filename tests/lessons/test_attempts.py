"""What an attempt prints and gives back, and that a stand-in is never taken for the learner's answer."""

import importlib
import subprocess
import sys
from datetime import datetime, timezone
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from fa_lessons.lessons import (
    CheckFailed,
    NotAttempted,
    attempts,
    check,
    find,
    ladder,
    sources,
    traces,
    tries,
    verdict_box,
)
from fa_lessons.lessons.meaning import SHOWS

LESSONS = {n: importlib.import_module(f"fa_lessons.lessons.lesson{n}.exercises").EXERCISES for n in range(1, 9)}
VALUES = [f"lesson{n}.{key}" for n, exercises in LESSONS.items() for key, e in exercises.items() if e.draw is None]


@pytest.fixture(autouse=True)
def unsaved(monkeypatch, tmp_path):
    """A session of its own, in a folder that is no workbook."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tries, "_unsaved", {})
    monkeypatch.setattr(tries, "_said", set())
    monkeypatch.setattr(attempts, "_opened", {})


def stub(delta_output, W2, h, y):
    """A docstring."""
    raise NotImplementedError("your turn")


def right(delta_output, W2, h, y):
    return (delta_output @ W2.T) * h * (1 - h)


def test_a_right_answer_comes_back_itself(capsys):
    assert attempts.attempt("lesson1.hidden_delta", right) is right
    said = capsys.readouterr().out
    assert said == f"Exercise 1.1 ✓ correct\n  {SHOWS['lesson1.hidden_delta']}\n"


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
    traces._said.clear()
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
    if name not in ("lesson2.matching_b", "lesson6.late_limits"):  # which rest on what cells above measured
        assert np.allclose(np.asarray(namespace["second"], float), np.asarray(truth, float))
    plain = type(truth)(truth)
    assert attempts.attempt(name, plain) is plain


def test_a_solution_sees_the_learners_variables_as_they_are_now(capsys):
    namespace = {"np": np, "attempt": attempts.attempt, "constant": lambda W, A, B: 0 * A}
    exec('missing_term = attempt("lesson3.missing_term", ...)', namespace)
    before = set(namespace)
    B, T, W, A = np.eye(2), np.ones((2, 2)), np.eye(2), 2 * np.eye(2)
    without = namespace["missing_term"](W, A, B, T)
    namespace["constant"] = lambda W, A, B: np.eye(2)
    M = B @ (T - W @ A)
    assert np.isclose(namespace["missing_term"](W, A, B, T) - without, -np.trace(M @ M.T))
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


# Hints.
def wrong(delta_output, W2, h, y):
    return delta_output @ W2.T


def worse(delta_output, W2, h, y):
    return -(delta_output @ W2.T)


def at_last(delta_output, W2, h, y):
    return 0 * h


def test_each_further_wrong_answer_unlocks_the_next_hint_and_then_the_way_to_the_solution(capsys):
    said = []
    for answer in (wrong, wrong, worse, at_last):
        attempts.attempt("lesson1.hidden_delta", answer)
        said.append(capsys.readouterr().out)
    general, example = ladder.rungs(find("lesson1.hidden_delta"), sources.solution("lesson1.hidden_delta"))
    assert said[0] == said[1] and "Hint:" in said[0] and 'hint("1.1")' in said[0]  # the same answer is no new try
    assert general not in said[0] and f"Hint 2: {general}" in said[2] and example not in said[2]
    assert f"Hint 3: {example}" in said[3] and 'solution("1.1")' in said[3] and 'solution("1.1")' not in said[2]
    attempts.attempt("lesson1.hidden_delta", right)
    assert "Hint" not in capsys.readouterr().out


@pytest.mark.parametrize("name", SHOWS)
def test_the_example_is_one_that_the_reference_gives(name):
    exercise, own = find(name), sources.solution(name)
    general, *example = ladder.rungs(exercise, own)
    assert general != type(exercise).hint and len(example) == (exercise.draw is not None)
    for text in example:
        names = ladder._names(own)
        assert names and all(f"  {name}" in text for name in names) and len(text.splitlines()) < 40


def test_hints_and_solutions_are_shown_to_who_says_yes(capsys, monkeypatch):
    answers = iter(["n", "y", "yes", "n", "y"])
    asked = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or next(answers))
    general, example = ladder.rungs(find("lesson1.hidden_delta"), sources.solution("lesson1.hidden_delta"))
    for shown in ("", general, example):
        attempts.hint("1.1")
        assert capsys.readouterr().out.strip() == shown.strip()
    attempts.hint("1.1")
    assert "no further hint" in capsys.readouterr().out and len(asked) == 3
    attempts.solution("1.1")
    assert capsys.readouterr().out == ""
    attempts.solution("1.1")
    source = capsys.readouterr().out
    assert "def hidden_delta(" in source and "SOLUTION" not in source
    for ask in (attempts.hint, attempts.solution):
        with pytest.raises(ValueError, match="must be that of an exercise"):
            ask("9.9")


def test_where_nobody_can_be_asked_nothing_is_shown(capsys, monkeypatch):
    def nobody(question):
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    attempts.solution("1.1")
    assert capsys.readouterr().out == "Nobody could be asked, so nothing is shown.\n"


# What is kept.
def test_every_exercise_says_what_its_answer_shows():
    names = {f"lesson{n}.{key}" for n, exercises in LESSONS.items() for key in exercises}
    assert set(SHOWS) == names | {"lesson0.error_signal"}


def test_a_verdict_is_a_box_for_every_theme_and_every_reader():
    box = verdict_box.Box("✗ a < b", verdict_box.VERMILION)
    page = box._repr_html_()
    assert 'role="status"' in page and 'aria-live="polite"' in page and "color: inherit" in page
    assert "✗ a &lt; b" in page and verdict_box.VERMILION in page and repr(box) == "✗ a < b"


def test_tries_are_kept_in_the_workbook_and_the_head_of_the_lesson_says_so(tmp_path, capsys):
    (tmp_path / tries.WORKBOOK).write_text("{}", encoding="utf-8")
    for answer in (wrong, worse, wrong, right, at_last):
        attempts.attempt("lesson1.hidden_delta", answer)
    entry = tries.read(tmp_path)["1.1"]
    assert len(entry["failed"]) == 3 and entry["passed"]
    capsys.readouterr()
    attempts.standing(1)
    assert capsys.readouterr().out == "Exercises: 1 of 8 pass (1.1); to do: 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8\n"


def test_outside_of_a_workbook_nothing_is_written(tmp_path, capsys):
    attempts.attempt("lesson1.hidden_delta", wrong)
    assert list(tmp_path.iterdir()) == []


GOOD = '"1.1": {"failed": ["a"], "passed": "2026-01-01T10:00:00"}'
BAD_ENTRIES = [
    '{"failed": []}',
    '{"failed": ["a"], "passed": null}',
    '{"failed": "abc", "passed": ""}',
    '{"failed": [1], "passed": ""}',
    '{"failed": [], "passed": "yesterday"}',
    '{"failed": [], "passed": "0001-01-01T00:00:00"}',
    "3",
    "null",
    "[]",
]


@pytest.mark.parametrize(
    ("content", "read"),
    [
        *((content, set()) for content in ("", "{", "[]", "null", "\xff", "[" * 100_000, f"{{{GOOD}")),
        *((f'{{{GOOD}, "1.2": {entry}}}', {"1.1"}) for entry in BAD_ENTRIES),
    ],
)
def test_a_damaged_record_is_left_by_who_reads_and_kept_aside_by_who_writes(tmp_path, capsys, content, read):
    (tmp_path / tries.WORKBOOK).write_text("{}", encoding="utf-8")
    path, data = tmp_path / tries.FILE, content.encode("latin-1")
    path.write_bytes(data)
    assert set(tries.read(tmp_path)) == read and not tries.is_whole(tmp_path)
    assert path.read_bytes() == data and len(list(tmp_path.iterdir())) == 2
    assert tries.note("1.3", "wrong", False) == 1
    (kept,) = tmp_path.glob("progress.damaged-*.json")
    assert kept.read_bytes() == data and kept.name in capsys.readouterr().out
    assert set(tries.read(tmp_path)) == {*read, "1.3"} and tries.is_whole(tmp_path)


def test_a_record_that_an_editor_marked_as_utf_8_is_whole(tmp_path):
    (tmp_path / tries.FILE).write_text(f"{{{GOOD}}}", encoding="utf-8-sig")
    assert set(tries.read(tmp_path)) == {"1.1"} and tries.is_whole(tmp_path)


def test_where_nothing_can_be_written_the_session_remembers_and_says_so_once(tmp_path, capsys):
    (tmp_path / tries.WORKBOOK).write_text("{}", encoding="utf-8")
    (tmp_path / tries.FILE).mkdir()
    assert attempts.attempt("lesson1.hidden_delta", wrong) is not wrong
    assert attempts.attempt("lesson1.hidden_delta", worse) is not worse
    assert attempts.attempt("lesson1.hidden_delta", right) is right
    attempts.standing(1)
    assert capsys.readouterr().out.count("cannot be kept in progress.json") == 1
    assert len(tries._unsaved["1.1"]["failed"]) == 2 and tries._unsaved["1.1"]["passed"]


def test_what_several_kernels_note_at_once_is_all_kept(tmp_path):
    (tmp_path / tries.WORKBOOK).write_text("{}", encoding="utf-8")
    code = "import sys; from fa_lessons.lessons import tries\n"
    code += "for n in range(40): tries.note(f'{sys.argv[1]}.{n}', '', True)"
    kernels = [subprocess.Popen([sys.executable, "-c", code, str(number)], cwd=tmp_path) for number in (1, 2, 3)]
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    assert len(tries.read(tmp_path)) == 120


def test_two_records_merge_in_any_order():
    one = {"1.1": {"failed": ["a", "b"], "passed": "2026-02-01T10:00:00"}, "1.2": {"failed": [], "passed": ""}}
    two = {"1.1": {"failed": ["b", "c"], "passed": "2026-01-01T10:00:00"}, "2.1": {"failed": ["d"], "passed": ""}}
    both = tries.merged(one, two)
    assert both["1.1"] == {"failed": ["a", "b", "c"], "passed": "2026-01-01T10:00:00"}
    assert set(both) == {"1.1", "1.2", "2.1"} and tries.merged(both, both) == both
    assert tries.merged(two, one)["1.1"]["passed"] == both["1.1"]["passed"] and one["1.1"]["failed"] == ["a", "b"]


def test_the_first_pass_is_the_first_anywhere(tmp_path):
    (tmp_path / tries.WORKBOOK).write_text("{}", encoding="utf-8")
    tries.note("1.1", "", True, lambda: datetime(2026, 1, 2, tzinfo=timezone.utc))
    assert tries.instant(tries.read(tmp_path)["1.1"]["passed"]) == datetime(2026, 1, 2, tzinfo=timezone.utc)
    tokyo = {"1.1": {"failed": [], "passed": "2026-01-02T08:00:00+09:00"}}
    new_york = {"1.1": {"failed": [], "passed": "2026-01-01T20:00:00-05:00"}}
    assert tries.merged(tokyo, new_york) == tries.merged(new_york, tokyo) == tokyo
    old = {"1.1": {"failed": [], "passed": "2026-01-01T10:00:00"}}
    assert tries.merged(tokyo, old) == tries.merged(old, tokyo) == old


@pytest.mark.parametrize("lesson", ["1", 9, 1.0, None, -1, True])
def test_only_a_lesson_has_a_standing(lesson):
    with pytest.raises(ValueError, match="lesson must be a whole number from 0 to 8, got"):
        attempts.standing(lesson)


@pytest.mark.parametrize("number", [[], None, 1.4, "²4", "².4", "٣.1", "9.1", "1.99", ""])
@pytest.mark.parametrize("ask", [attempts.hint, attempts.solution])
def test_only_an_exercise_has_a_hint(ask, number):
    with pytest.raises(ValueError, match="number must be that of an exercise"):
        ask(number)


@pytest.mark.parametrize("name", [None, [], 1.4, "lesson².hidden_delta", "lesson99.x", ""])
def test_only_an_exercise_can_be_attempted(name):
    with pytest.raises(ValueError, match="an exercise is named"):
        attempts.attempt(name, right)
    with pytest.raises(ValueError, match="name must be an exercise"):
        sources.solution(name)


class Scaled:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, *arguments):
        return self.factor * arguments[0]


class Unspeakable:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "make", [lambda: Scaled(2), lambda: np.vectorize(lambda a: a), lambda: partial(lambda k: 1, 2), Unspeakable, object]
)
def test_the_same_answer_made_again_is_no_new_try(make):
    assert tries.digest(make()) == tries.digest(make())


def test_other_code_is_another_try():
    twice = np.vectorize(lambda a: 2 * a)
    thrice = np.vectorize(lambda a: 3 * a)
    assert tries.digest(twice) != tries.digest(thrice)


@pytest.mark.parametrize("answer", [Fraction(1, 3), Decimal("0.3")])
def test_an_exact_number_is_told_how_it_becomes_one(answer):
    with pytest.raises(CheckFailed, match=r"`float\(...\)` makes a number of it"):
        check("lesson2.limit_from_zero", (answer, answer))
