"""The claims are stated once, and a lesson's box tells the truth or fails."""

import numpy as np
import pytest
import torch

from fa_lessons.claims import (
    CONDITIONAL,
    MIME,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    DoesNotHold,
    LessonClaims,
    stated,
)

ENTRY = '- id: {}\n  sentence: "It learns."\n  source: "a paper"\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "claims.yml"
    quoted = '  quoted: [9]\n  verdict: not testable here\n  because: "history"\n'
    text = ENTRY.format("learns") + '  measured:\n    8: "3 %"\n    9: "2 %"\n' + ENTRY.format("first") + quoted
    path.write_text(text, encoding="utf-8")
    return path


def test_a_measurement_is_printed_and_carried_by_the_box(file, capsys):
    claims = LessonClaims(9, file)
    claims.measured("learns", REPRODUCED, np.bool_(True))
    assert capsys.readouterr().out == "reproduced: 2 %\n"
    bundle = claims._repr_mimebundle_()
    assert "| It learns. | a paper | **reproduced** | 2 % |" in bundle["text/markdown"]
    assert "| It learns. | a paper | **not testable here** | history |" in bundle["text/markdown"]
    assert [(row["id"], row["lesson"], row["verdict"]) for row in bundle[MIME]] == [
        ("learns", 9, REPRODUCED),
        ("first", 9, NOT_TESTABLE),
    ]


def test_a_cell_run_twice_leaves_one_row(file):
    claims = LessonClaims(9, file)
    claims.measured("learns", REPRODUCED, True)
    claims.measured("learns", CONDITIONAL, True)
    assert [row["verdict"] for row in claims.rows] == [CONDITIONAL, NOT_TESTABLE]


def test_a_measurement_that_does_not_hold_fails(file):
    with pytest.raises(DoesNotHold, match="learns: this run does not confirm “2 %”"):
        LessonClaims(9, file).measured("learns", REPRODUCED, False)


def test_a_verdict_that_a_later_run_refutes_is_no_row(file):
    claims = LessonClaims(9, file)
    claims.measured("learns", REPRODUCED, True)
    with pytest.raises(DoesNotHold):
        claims.measured("learns", REPRODUCED, False)
    with pytest.raises(ValueError, match="must measure the claim 'learns'"):
        _ = claims.rows


@pytest.mark.parametrize("holds", [np.bool_(True), np.array(True), torch.tensor(True)], ids=repr)
def test_a_truth_value_of_every_kind_is_judged(file, holds):
    LessonClaims(9, file).measured("learns", REPRODUCED, holds)
    with pytest.raises(DoesNotHold):
        LessonClaims(9, file).measured("learns", REPRODUCED, ~holds)


class TwoFaced:
    def __array__(self, *arguments, **named):
        return np.array(False)

    def __bool__(self):
        return True


NO_TRUTH = [
    *(1, "no", None, float("nan"), np.array([True]).any, np.array([True]), [[True], [True, False]], TwoFaced()),
    *(np.ma.array(True, mask=True), np.ma.masked, np.array(1), np.array(True, dtype=object), np.float64(1)),
    *(torch.tensor([True]), torch.tensor(1.0, requires_grad=True), torch.tensor(True, device="meta")),
]


@pytest.mark.parametrize("holds", NO_TRUTH, ids=lambda holds: type(holds).__name__)
def test_only_a_truth_value_can_hold(file, holds):
    with pytest.raises(ValueError, match="holds must be True or False"):
        LessonClaims(9, file).measured("learns", REPRODUCED, holds)


def test_a_claim_of_another_lesson_or_of_none_is_refused(file):
    for name in ("first", "flies", ["learns"], np.array(["learns", "first"]), None):
        with pytest.raises(ValueError, match="name must be a claim of lesson 9"):
            LessonClaims(9, file).measured(name, REPRODUCED, True)


@pytest.mark.parametrize("verdict", ["true", True, np.array([REPRODUCED]), [REPRODUCED]])
def test_an_unknown_verdict_is_refused(file, verdict):
    with pytest.raises(ValueError, match="verdict must be one of"):
        LessonClaims(9, file).measured("learns", verdict, True)


@pytest.mark.parametrize("lesson", ["9", None, 99, True, 9.0, [9], np.array([8, 9])])
def test_a_lesson_without_claims_is_refused(file, lesson):
    with pytest.raises(ValueError, match="lesson must be one of 8, 9, got"):
        LessonClaims(lesson, file)
    assert LessonClaims(np.int64(9), str(file)).lesson == 9


def test_what_is_no_path_is_refused():
    with pytest.raises(ValueError, match="path must be a file's name"):
        LessonClaims(9, ["a"])


def test_a_box_misses_what_was_not_measured(file):
    with pytest.raises(ValueError, match="must measure the claim 'learns'"):
        _ = LessonClaims(9, file).rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.format("one") * 2, "got 'one' twice"),
        (ENTRY.format("one") + "  verdict: so\n  because: so\n", "verdict must be one of"),
        (ENTRY.format("one") + f"  verdict: {NOT_REPRODUCED}\n", "go together"),
        (ENTRY.format("one") + "  because: so\n", "go together"),
        ("", "must be a list of claims, got None"),
        ("id: one\n", "must be a list of claims"),
        ("- one\n", "must have id, sentence, source"),
        ("- id: one\n", "must have id, sentence, source"),
        (ENTRY.format("one") + "  seen: 4\n", "must have id, sentence, source"),
        (ENTRY.format("one") + "  quoted: 4\n", "quoted must be a list of lessons in .* got 4 for one"),
        (ENTRY.format("one") + "  measured: [4]\n", "measured must be numbers by lesson"),
        (ENTRY.format("[one]"), "id must be text"),
        ("- {\n", "must be YAML, and cannot be read"),
        ("- {id: a, sentence: b, source: c, measured: {1: d, e: f}}\n", "measured must be numbers by lesson"),
        ("- {id: a, sentence: b, source: c, quoted: [[1]]}\n", "quoted must be a list of lessons"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path, text, message):
    path = tmp_path / "claims.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        stated(path)


def test_no_sentence_is_stated_twice():
    sentences = [claim.sentence for claim in stated().values()]
    assert len(set(sentences)) == len(sentences)


def test_every_claim_is_measured_or_says_why_not():
    for claim in stated().values():
        assert claim.measured or (claim.quoted and claim.verdict and claim.because), claim.id
