"""The judge gives the points to right answers, of every lesson, and to no attack; see `make test-course` for all."""

import json
import sys

import numpy as np
import pytest

from fa_lessons.course import grading, hidden, sandbox, submissions
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.lessons import CheckFailed, find
from tests.classroom.students import everyone
from tests.course import handed_out
from tests.lessons.test_exercises import FUNCTIONS

SOLVED = handed_out.source()
DESK = handed_out.desk(SOLVED)
CLASS = {student.name: student for student in everyone(DESK)}
FEW = [
    "half",
    "os-exit",
    "overwrites-numpy",
    "hard-codes",
    "counts-calls",
    "renames",
    "stops-after-the-answer",
    "syntax-error",
]
WALLED = ["imports-the-reference", "writes-outside"]


def ordered(data, secret="s"):
    whole = submissions.repair(data, handed_out.release(SOLVED), MarkedLesson(SOLVED))
    return {
        "lesson": grading._slim(SOLVED),
        "edition": "e",
        "submission": grading._slim(whole),
        "secret": secret,
        "exercises": sorted(DESK.all),
    }


@pytest.mark.skipif(sys.platform == "win32", reason="pipes there cannot be waited for")
@pytest.mark.parametrize("name", FEW + (WALLED if sandbox.apart() != "none" else []))
def test_each_gets_the_marks_that_it_must_get(name):
    found = grading.run(ordered(next(iter(CLASS[name].files.values()))))
    assert {v["number"] for v in found["verdicts"] if v["passed"]} == CLASS[name].passes
    target = next(v for v in found["verdicts"] if v["number"] == DESK.target.number)
    assert CLASS[name].told in json.dumps(target, ensure_ascii=False)
    assert not any(v["by_hand"] for v in found["verdicts"])


def test_a_judge_that_is_ended_costs_one_exercise(monkeypatch):
    def judged(given):
        if given["exercises"][0] == "2.1":
            return []
        return [{"number": n, "passed": True, "reason": "", "by_hand": False} for n in given["exercises"]]

    monkeypatch.setattr(grading, "_judged", judged)
    found = grading.run(ordered(CLASS["empty"].files["lesson.ipynb"]))
    assert [v["by_hand"] for v in found["verdicts"]] == [n == "2.1" for n in sorted(DESK.all)]


def test_an_error_of_the_grader_costs_one_exercise(monkeypatch):
    from fa_lessons.course import judge

    def examine(lesson, submission, slot, *_):
        if slot.number == "2.1":
            raise StopIteration
        return "said"

    monkeypatch.setattr(judge, "_examine", examine)
    given, lesson = ordered(CLASS["empty"].files["lesson.ipynb"]), MarkedLesson(SOLVED)
    found = [judge.judge(lesson, given["submission"], lesson.slot(number), "s") for number in given["exercises"]]
    assert [verdict.by_hand for verdict in found] == [verdict.number == "2.1" for verdict in found]
    assert [verdict.passed for verdict in found] == [verdict.number != "2.1" for verdict in found]


def test_the_key_follows_answers_secret_and_edition():
    one, other = (ordered(CLASS[name].files["lesson.ipynb"]) for name in ("empty", "half"))
    keys = {grading.key(given) for given in (one, other, {**one, "secret": "t"}, {**one, "edition": "f"})}
    assert len(keys) == 4
    assert grading.key(ordered(CLASS["empty"].files["lesson.ipynb"])) == grading.key(one)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_truth_passes_the_hidden_tests_with_any_secret(name):
    for secret in ("a", "b"):
        number = hidden.seed(secret, name)
        hidden.exercise(find(name), number).examine(lambda *a: FUNCTIONS[name].reference(*a), 5, number)


@pytest.mark.parametrize("name", ["lesson2.fa_flow", "lesson1.hidden_delta"])
@pytest.mark.parametrize("spoil", ["memory", "forgetful", "small"])
def test_hidden_tests_find_what_the_visible_ones_leave(name, spoil):
    truth, calls = FUNCTIONS[name].reference, []

    def answer(*arguments):
        calls.append(1)
        arrays = [a for a in arguments if isinstance(a, np.ndarray)]
        if spoil == "memory" and any(a.ndim > 1 and not a.flags.c_contiguous for a in arrays):
            return truth(*(np.zeros_like(a) if isinstance(a, np.ndarray) else a for a in arguments))
        if spoil == "forgetful" and len(calls) > 30:
            return truth(*(a + 1 if isinstance(a, np.ndarray) else a for a in arguments))
        if spoil == "small" and sum(a.size for a in arrays) >= largest:
            return truth(*(a * 0 if isinstance(a, np.ndarray) else a for a in arguments))
        return truth(*arguments)

    number = hidden.seed("a", name)
    found = hidden.exercise(find(name), number)
    largest = max(hidden._size(a) for a in hidden._extremes(find(name), number))
    if spoil == "memory" and name == "lesson2.fa_flow":
        pytest.skip("takes no matrix")
    with pytest.raises(CheckFailed):
        found.examine(answer, 5 if spoil == "small" else 60, number)


def test_two_secrets_draw_differently():
    assert hidden.seed("a", "lesson2.fa_flow") != hidden.seed("b", "lesson2.fa_flow")
    assert hidden.seed("a", "lesson2.fa_flow") != hidden.seed("a", "lesson2.one_step")
    assert hidden.seed("a", "lesson2.fa_flow") == hidden.seed("a", "lesson2.fa_flow")


def answered(number, source):
    return ordered(json.dumps(DESK.notebook({number: source})).encode())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes there cannot be waited for")
@pytest.mark.parametrize("here", ["limit_from_zero_here = (1, 1)", "limit_from_zero_here = ...", ""])
def test_a_value_that_is_right_in_the_notebook_alone_is_not_enough(here):
    slot = MarkedLesson(SOLVED).slot("2.3")
    given = answered("2.3", f"limit_from_zero = (4 ** (1 / 3), 4 ** (-1 / 3))\n{here}")
    (verdict,) = grading.run({**given, "exercises": [slot.number]})["verdicts"]
    assert not verdict["passed"]
    assert not verdict["by_hand"]
    assert "limit_from_zero_here" in verdict["reason"] or verdict["failed"] == "is attempted"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes there cannot be waited for")
@pytest.mark.parametrize(
    "returned", ["namedtuple('Flow', 'w0 w1')(b * e, e * w0)", "b * e, 10**5000", "[[[b * e]]] * 10**6"]
)
def test_the_room_tells_what_the_notebook_would_see(returned):
    head = "from collections import namedtuple\ndef fa_flow(w0, w1, b):\n    e = 1 - w0 * w1\n"
    source = f"{head}    return {returned}\n"
    (verdict,) = grading.run({**answered("2.1", source), "exercises": ["2.1"]})["verdicts"]
    assert verdict["passed"] == ("namedtuple" in returned)
    assert not verdict["by_hand"]
    assert verdict["failed"] != "keeps its process alive"


def test_what_the_hidden_check_says_holds_no_input():
    right, calls = find("lesson2.fa_flow").reference, []

    def answer(*arguments):
        calls.append(arguments)
        if len(calls) > 2 * hidden.SHOWN:
            raise ValueError(f"SPY {arguments}")
        return right(*arguments)

    from fa_lessons.course import judge

    with pytest.raises(CheckFailed) as failure:
        judge._asked("lesson2.fa_flow", 7, answer)
    assert "runs on every input" in str(failure.value)
    assert "SPY" not in str(failure.value)


def test_what_is_told_is_short_and_can_be_printed():
    from fa_lessons.course import judge

    assert judge.clean("\x1b[2Ja\nb\0" + "x" * 10**6)[:6] == "[2Ja\nb"
    assert len(judge.clean("x" * 10**6)) == judge.LONGEST
