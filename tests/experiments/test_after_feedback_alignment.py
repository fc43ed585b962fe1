"""Lesson 8's stored runs: convolutional networks and miniature transformers, resumed, repeated, reported."""

import numpy as np
import pytest
import torch

from fa_lessons.experiments import convolutions, grid, transformers
from tests.experiments import patterns


@pytest.fixture(scope="module")
def digits():
    return patterns.digits(300, 100, flipped=0.05)


@pytest.mark.parametrize(("rule", "own"), [("bp", False), ("kp", False), ("frozen", False), ("fa", True)])
def test_a_convolutional_network_chooses_its_rate_and_passes_once(rule, own, digits):
    (cell,) = (c for c in convolutions.cells(images=["MNIST"], rules=[rule], seeds=2) if c.settings["own"] == own)
    small = {"channels": [2, 3], "learning_rates": [1e-6, 0.5, 1e9], "tried_steps": 3, "held_out": 100, "batch": 50}
    cell = patterns.shrunk(cell, **small)
    result = patterns.whole_and_resumed(lambda: convolutions.OnePass(cell, images=digits)).result()
    errors = result["choice"]["errors"]
    assert result["choice"]["learning_rate"] == [1e-6, 0.5, 1e9][int(np.argmin(errors))]
    assert np.shape(result["test_error"]) == (2,)
    assert (result["angles"] is None) == (rule == "frozen")
    if rule == "fa":
        assert np.shape(result["angles"]) == (len(result["records"]), 2, 2)
    row = convolutions.report([{"settings": cell.settings, **result}]).splitlines()[2]
    assert row.startswith(f"| MNIST | {'own' if own else 'shared'} | {convolutions.NAMES[rule]} |")
    edge = {"settings": cell.settings, **result, "choice": {"learning_rate": 1e9}}
    assert convolutions.at_edge(edge) and "on the edge" in convolutions.report([edge])


def test_a_transformer_trains_seed_after_seed():
    numbers = torch.from_numpy(np.random.default_rng(2).integers(5, size=600))
    cell = patterns.shrunk(transformers.cells(rules=["dfa"], seeds=2)[0], width=4, steps=4, record=2)
    text = numbers[:400], numbers[400:], 5
    result = patterns.whole_and_resumed(lambda: transformers.Seeds(cell, text=text)).result()
    assert result["records"] == [0, 2, 4]
    losses = np.array(result["losses"])
    assert losses.shape == (2, 3) and (losses[0] != losses[1]).any() and np.shape(result["angles"]) == (2, 2)
    assert transformers.report([{"name": cell.name, "settings": cell.settings, **result}]).count("\n") == 2


def test_all_stored_runs_are_there_and_chosen_inside_their_grids():
    for module in (convolutions, transformers):
        stored = {result["name"]: result["settings"] for result in grid.read_all(module.EXPERIMENT)}
        assert stored == {cell.name: cell.settings for cell in module.cells()}
    runs = grid.read_all(convolutions.EXPERIMENT)
    assert [r["name"] for r in runs if convolutions.at_edge(r)] == []
    assert len(convolutions.report(runs).splitlines()) == 2 + len(runs)
    assert list(convolutions.by_cell(runs[::-1])) == list(convolutions.by_cell(runs))
