"""Training in stages: which layers move when, on which examples, and how a run goes on."""

import pytest
import torch

from fa_lessons import MLP
from fa_lessons.stages import staged
from fa_lessons.training import Trainer
from tests.test_training import digits, parameters

PLAN = [([0, 1], 3), ([2], 2), ([1], 0), ([0, 1, 2], 4)]


def trainer(**options):
    return Trainer(MLP((12, 7, 5, 3), replicas=2), digits(), "dfa", batch_size=30, **options)


def test_only_the_chosen_layers_move_and_every_step_is_told():
    run, moved, steps = trainer(), [], []
    before = [weight.clone() for weight in run.network.weights]
    for step in staged(run, PLAN):
        steps.append(step)
        moved.append([not torch.equal(a, b) for a, b in zip(before, run.network.weights, strict=True)])
        before = [weight.clone() for weight in run.network.weights]
    assert steps == list(range(1, 10)) and run.epoch == 4
    assert moved == 3 * [[True, True, False]] + 2 * [[False, False, True]] + 4 * [3 * [True]]


def test_one_stage_of_all_layers_is_an_epoch_and_the_next_draws_another_order():
    plain, run = (trainer(dropout=(0.1, 0.5)) for _ in range(2))
    for _ in range(2):
        plain.run_epoch()
    assert list(staged(run, 2 * [([0, 1, 2], 7)]))[-1] == 14
    assert all(torch.equal(a, b) for a, b in zip(parameters(plain.network), parameters(run.network), strict=True))


def test_a_run_goes_on_after_the_stages_behind_it():
    whole, parts = (trainer(dropout=(0.1, 0.5)) for _ in range(2))
    assert list(staged(whole, PLAN)) == [*staged(parts, PLAN[:1]), *staged(parts, PLAN)] == list(range(1, 10))
    assert all(torch.equal(a, b) for a, b in zip(parameters(whole.network), parameters(parts.network), strict=True))
    assert list(staged(whole, PLAN)) == []


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (([0, 3], 2), "layers must list whole numbers from 0 to 2, got 3"),
        (([0], 8), "steps must be a whole number from 0 to 7, got 8"),
        (([0], -1), "steps must be a whole number from 0 to 7, got -1"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_anything_moves(stage, message):
    run = trainer()
    before = [parameter.clone() for parameter in parameters(run.network)]
    with pytest.raises(ValueError, match=message):
        list(staged(run, [([0], 2), stage]))
    assert all(torch.equal(a, b) for a, b in zip(before, parameters(run.network), strict=True))


@pytest.mark.parametrize("form", [iter, lambda plan: (pair for pair in plan), tuple])
def test_a_plan_and_its_layers_may_be_any_iterables(form):
    plain, other = trainer(), trainer()
    for _ in staged(plain, PLAN):
        pass
    for _ in staged(other, form([((layer for layer in layers), steps) for layers, steps in PLAN])):
        pass
    assert all(torch.equal(a, b) for a, b in zip(parameters(plain.network), parameters(other.network), strict=True))


@pytest.mark.parametrize("left_at", range(1, 9))
def test_a_run_that_is_left_within_a_stage_goes_on_from_there(left_at):
    whole, parts = (trainer(dropout=(0.1, 0.5)) for _ in range(2))
    for _ in staged(whole, PLAN):
        pass
    seen = []
    for step in staged(parts, PLAN):
        seen.append(step)
        if step == left_at:
            break
    assert [*seen, *staged(parts, PLAN)] == list(range(1, 10))
    assert all(torch.equal(a, b) for a, b in zip(parameters(whole.network), parameters(parts.network), strict=True))


@pytest.mark.parametrize(
    "stages", [3, None, [0, 1], [([0],)], [([0], 1, 2)], "ab", [([0], None)], [([0], 0.0)], [([0], "1")], [("0", 1)]]
)
def test_what_is_no_plan_is_named(stages):
    with pytest.raises(ValueError, match=r"(stages|steps|layers) must"):
        list(staged(trainer(), stages))


def test_a_stage_that_is_shorter_than_what_is_behind_it_is_over():
    run = trainer()
    for step in staged(run, [([0], 5), ([1], 2)]):
        if step == 4:
            break
    before = [weight.clone() for weight in run.network.weights]
    assert list(staged(run, [([0], 3), ([1], 2)])) == [4, 5]
    moved = [not torch.equal(a, b) for a, b in zip(before, run.network.weights, strict=True)]
    assert moved == [False, True, False]
