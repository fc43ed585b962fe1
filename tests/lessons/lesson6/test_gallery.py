"""The gallery of failures: each rule runs, says it is DFA, and is caught by the test that lesson 6 names."""

import numpy as np
import pytest
import torch

from fa_lessons import MLP, check_rule, verify_rule
from fa_lessons.lessons.lesson6 import gallery
from fa_lessons.rules import RULES, DirectFeedbackAlignment


@pytest.fixture
def network():
    return MLP((20, 12, 8, 3), activation="relu", initial_scale=4, seed=0)


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return rng.normal(size=(16, 20)).astype(np.float32), rng.integers(0, 3, 16)


def test_the_first_is_sound_and_no_other_replaces_a_rule_of_the_package(network, batch):
    assert gallery.CANDIDATES == (DirectFeedbackAlignment, *gallery.BUGS)
    assert verify_rule(network, gallery.CANDIDATES[0](), batch).ok and DirectFeedbackAlignment is RULES["dfa"]
    assert not any(verify_rule(network, bug(), batch).ok for bug in gallery.BUGS)
    assert len({bug.name for bug in gallery.CANDIDATES}) == 9 and not {bug.name for bug in gallery.BUGS} & set(RULES)


@pytest.mark.parametrize("bug", gallery.BUGS)
def test_only_two_bugs_break_the_contract_of_a_rule(bug):
    broken = {gallery.Uninitialised: "finite signals", gallery.Redrawn: "pure deltas"}
    if bug not in broken:
        check_rule(bug())
        return
    with pytest.raises(AssertionError) as caught:
        check_rule(bug())
    assert caught.value.property == broken[bug]


def test_the_undivided_error_is_as_many_times_too_long_as_the_batch_is_large(network, batch):
    verdict = verify_rule(network, gallery.Undivided(), batch)
    assert verdict.found == ()
    np.testing.assert_allclose(verdict.scales["dfa"], 16, rtol=1e-4)


def test_the_wrong_sign_has_scale_minus_one(network, batch):
    verdict = verify_rule(network, gallery.WrongSign(), batch)
    assert verdict.found == ()
    np.testing.assert_allclose(verdict.scales["dfa"], -1, rtol=1e-4)


@pytest.mark.parametrize(
    ("bug", "found"),
    [
        (gallery.ShiftedSlope, ()),
        (gallery.Disguised, ("bp",)),
        (gallery.Stuck, ("shallow",)),
        (gallery.Sliced, ("dfa",)),
    ],
)
def test_verify_rule_names_what_it_is(network, batch, bug, found):
    assert verify_rule(network, bug(), batch).found == found


def test_the_sliced_feedback_is_one_matrix(network):
    first, second = gallery.Sliced().attach(network).feedback
    assert torch.equal(first[..., :8], second)
    first, second = DirectFeedbackAlignment().attach(network).feedback
    assert not torch.equal(first[..., :8], second)


def test_the_uninitialised_feedback_is_wild_and_the_same_every_time(network):
    one, other = (gallery.Uninitialised().attach(network).feedback for _ in range(2))
    wild = one[0].isnan() | (one[0].abs() > 1e6)
    assert wild.any()
    for a, b in zip(one, other, strict=True):
        assert torch.equal(a.nan_to_num(), b.nan_to_num())


def test_the_redrawn_feedback_changes_in_every_step(network, batch):
    rule = gallery.Redrawn()
    verify_rule(network, rule, batch)
    before = [B.clone() for B in rule.feedback]
    assert verify_rule(network, rule, batch).found == ("dfa",)
    assert not any(torch.equal(old, new) for old, new in zip(before, rule.feedback, strict=True))


def test_the_suspects_are_fresh_and_the_exercise_knows_them():
    from fa_lessons.lessons.lesson6.exercises import EXERCISES

    types = tuple(gallery.CANDIDATES.index(type(gallery.suspect(letter))) for letter in "ABCDEF")
    assert types == EXERCISES["suspects"].reference()
    assert gallery.suspect("A") is not gallery.suspect("A")


def test_an_unknown_suspect_is_named():
    with pytest.raises(ValueError, match="letter must be one of A, B, C, D, E, F, got 'G'"):
        gallery.suspect("G")
