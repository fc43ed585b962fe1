"""The experiments themselves: their settings, their starts, their reports."""

import json
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import stats

from fa_lessons import measures
from fa_lessons.experiments import (
    EXPERIMENTS,
    depth,
    find,
    frozen_layer,
    layerwise,
    one_change,
    sensitivity,
    starts,
    table1,
)
from tests.experiments import patterns
from tests.experiments.patterns import shrunk


@pytest.fixture(scope="module")
def digits():
    return patterns.digits(1000, 200, flipped=0.1)


def run(experiment, cell, data):
    training = experiment.start(cell, data=data)
    while not training.finished():
        training.run_epoch()
    return {"name": cell.name, "settings": cell.settings, "seconds": 0.0, **training.result()}


# Table 1


def test_unknown_rows_and_rules_are_listed():
    with pytest.raises(ValueError, match=r"rows must be among 7x240-tanh, .*2x800-relu.*, got '2x80'"):
        table1.cells(rows=["2x80"])
    for experiment in map(find, EXPERIMENTS):
        if "rules" not in experiment.options:
            continue
        with pytest.raises(ValueError, match=r"rules must be among bp, .*, got 'hebb'"):
            experiment.cells(rules=["bp", "hebb"])
        with pytest.raises(ValueError, match="seeds must be a whole number at least 1, got 0"):
            experiment.cells(seeds=0)


LISTS = {"rows", "rules", "networks", "changes", "images", "depths", "starts"}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_part_of_a_grid_is_a_list_of_names_that_is_not_empty(name):
    experiment = find(name)
    for option in LISTS & set(experiment.options):
        for wrong in (0, 5, True, "bp", [], (), [["bp"]], [None]):
            with pytest.raises(ValueError, match=f"{option} must be"):
                experiment.cells(**{option: wrong})


def test_a_count_of_numpy_is_a_plain_number_in_the_settings():
    for experiment in map(find, EXPERIMENTS):
        counts = {name: np.int64(3) for name in {"seeds", "epochs", "hidden"} & set(experiment.options)}
        json.dumps([cell.settings for cell in experiment.cells(**counts)])


def test_the_grid_is_the_papers():
    cells = table1.cells()
    assert len(cells) == 30 and {cell.settings["epochs"] for cell in cells} == {300}
    assert set(table1.PAPER) == set(table1.ROWS)
    assert [c.settings["rule"] for c in table1.cells(["1x800-tanh"], ["ifa", "bp", "ifa"])] == ["ifa", "bp"]
    sizes = {cell.settings["row"]: cell.settings["sizes"] for cell in cells}
    assert sizes["7x240-tanh"] == [784, *[240] * 7, 10] and len(sizes["100x240-tanh"]) == 102


def test_each_rule_starts_as_in_the_authors_code():
    def network(row, rule):
        return table1.start_network(table1.cells([row], [rule], 2, 1)[0].settings)

    def bound(tensors):
        return [round(float(t.abs().max() * t.shape[1] ** 0.5), 2) for t in tensors]

    bp, fa, dfa, ifa, relu = (
        network(row, rule)
        for row, rule in [("2x800-tanh", r) for r in ("bp", "fa", "dfa", "ifa")] + [("2x800-relu", "dfa")]
    )
    assert bound(bp.weights) == bound(ifa.weights) == bound(relu.weights) == [1, 1, 1]
    assert bound(fa.weights) == [1, 0, 0] and bound(dfa.weights) == [0, 0, 0]
    pairs = zip(fa.rules["fa"].feedback, bp.weights[1:], strict=True)
    assert all(torch.equal(B, W.mT) for B, W in pairs)
    own = network("2x800-relu", "fa")
    angles = measures.weight_angles(own, "fa")
    assert bound(own.weights) == [1, 1, 1] and ((angles > 80) & (angles < 100)).all()
    for rule in (dfa.rules["dfa"], relu.rules["dfa"], ifa.rules["ifa"]):
        assert all(abs(float(B.abs().max()) * 800**0.5 - 1) < 0.01 for B in rule.feedback)


@pytest.mark.parametrize("row", table1.ROWS)
@pytest.mark.parametrize("rule", table1.RULES)
def test_every_cell_trains(row, rule, digits):
    (cell,) = table1.cells([row], [rule], seeds=2, epochs=2)
    depth = len(cell.settings["sizes"]) - 2
    cell = shrunk(cell, sizes=[784, *[20] * min(depth, 4), 10], learning_rate=3e-3)
    result = run(table1.EXPERIMENT, cell, digits)
    assert result["epochs_run"] == 2 and result["diverged_at"] == [-1, -1]
    assert np.shape(result["test_error"]) == (2, 2) and np.mean(result["test_error"][-1]) < 80
    assert row in table1.report([result])


def test_a_run_stops_at_the_training_error_or_when_all_have_diverged(digits):
    (cell,) = table1.cells(["1x800-tanh"], ["bp"], seeds=2, epochs=40)
    cell = shrunk(cell, sizes=[784, 50, 10], learning_rate=1e-2)
    result = run(table1.EXPERIMENT, cell, digits)
    assert result["epochs_run"] < 40 and max(result["train_error"][-1]) == 0 < max(result["train_error"][-2])
    broken = table1.EXPERIMENT.start(cell, data=digits)
    broken.trainer.network.weights[-1].fill_(torch.nan)
    broken.run_epoch()
    assert broken.finished() and broken.result()["diverged_at"] == [1, 1]
    assert broken.result()["test_error"] == [[None, None]]


def result(row="2x800-tanh", rule="bp", test=(1.5, 1.7), train=0.5, epochs=300, run=None):
    (cell,) = table1.cells([row], [rule], len(test), epochs)
    train = [[train] * len(test)] if train is not None else [[None] * len(test)]
    curves = {"test_error": [[50.0] * len(test), list(test)], "train_error": train}
    return {"name": cell.name, "settings": cell.settings, "epochs_run": run or epochs, **curves}


@pytest.mark.parametrize(
    ("verdict", "options"),
    [
        ("inconclusive: -0.47 to +0.47 points", {}),
        ("not reproduced: +0.40 to +0.60 points", {"test": (2.1, 2.1, 2.1)}),
        ("not reproduced: -0.50 to -0.30 points", {"test": (1.2, 1.2, 1.2)}),
        ("reproduced: within ± 0.15 points", {"test": (1.58, 1.60, 1.62, 1.64)}),
        # Another number, and nearly the same.
        ("reproduced: within ± 0.15 points; 0.07 higher, beyond chance", {"test": (1.67,) * 5}),
        ("reproduced: within ± 0.15 points; 0.07 lower, beyond chance", {"test": (1.53,) * 5}),
        ("not run: 3 of 300 epochs", {"epochs": 3}),
        ("not run: 3 of 300 epochs", {"epochs": 3, "test": (2.5, 2.5)}),
        ("not run: one seed", {"test": (1.6,)}),
        # Shorter, but at the paper's own stop.
        ("inconclusive: -0.47 to +0.47 points", {"run": 40, "train": 0.01}),
        ("inconclusive: -0.47 to +0.47 points", {"epochs": 60, "run": 60, "train": 0.0}),
        ("not reproduced: diverged", {"test": (None, 1.6), "train": None, "run": 20}),
        # The paper's blanks.
        ("reproduced: 0 of 2 seeds train", {"row": "100x240-tanh", "test": (90.0, 88.0)}),
        ("reproduced: 0 of 2 seeds train", {"row": "100x240-tanh", "test": (90.0, None)}),
        ("not reproduced: 1 of 2 seeds train", {"row": "100x240-tanh", "test": (90.0, 5.0)}),
        ("not run: 9 of 300 epochs", {"row": "100x240-tanh", "test": (90.0, 88.0), "epochs": 9}),
        ("not testable here: the paper gives no number", {"rule": "ifa"}),
        ("not run: 5 of 300 epochs", {"rule": "ifa", "epochs": 5}),
    ],
)
def test_verdicts(verdict, options):
    assert str(table1.verdict(result(**options))) == verdict


def test_the_verdict_is_an_equivalence_test():
    """Reproduced exactly where two one-sided t tests, at 2.5 % each, refuse a difference of the margin."""
    seen = set()
    for seeds, sd in product((2, 3, 5, 9), (0.01, 0.05, 0.2)):
        for mean in np.linspace(1.3, 1.9, 25):
            test = mean + sd * np.linspace(-1, 1, seeds) / np.linspace(-1, 1, seeds).std(ddof=1)
            least, most = (
                stats.ttest_ind_from_stats(mean, sd, seeds, 1.60 + shift, 0.06, seeds, alternative=side).pvalue
                for shift, side in ((-table1.MARGIN, "greater"), (table1.MARGIN, "less"))
            )
            apart = stats.ttest_ind_from_stats(mean, sd, seeds, 1.60, 0.06, seeds)
            wanted = "reproduced" if max(least, most) <= 0.025 else None
            wanted = wanted or ("not reproduced" if apart.pvalue < 0.05 else "inconclusive")
            said = table1.verdict(result(test=tuple(test)))
            assert said.status == wanted, (mean, sd, seeds)
            assert table1.difference(test, (1.60, 0.06))[0] == pytest.approx(apart.statistic)
            seen.add((said.status, "beyond chance" in said.text))
    assert len(seen) == 4


def test_the_report_shows_papers_number_ours_and_the_difference():
    text = table1.report([result(epochs=3), result(rule="dfa", test=(1.8, 1.9, 2.0)), result()])
    assert text.splitlines()[2:] == [
        "| 2x800-tanh | BP | 1.60 ± 0.06 | 1.60 ± 0.14 | 2 | 300 of 300 | +0.0 | inconclusive: -0.47 to +0.47 points |",
        "| 2x800-tanh | DFA | 1.74 ± 0.08 | 1.90 ± 0.10 | 3 | 300 of 300 | +2.2 "
        "| inconclusive: -0.05 to +0.37 points |",
    ]
    short = table1.report([result(epochs=3), result(row="100x240-tanh", rule="fa", test=(None, 9.0))])
    assert "| 1.60 ± 0.14 | 2 | 3 of 3 | – | not run: 3 of 300 epochs |" in short
    assert "| no convergence | diverged | 2 |" in short


# Frozen layer


def test_a_frozen_layer_stays_and_both_runs_start_alike(digits):
    cells = frozen_layer.cells(seeds=2, epochs=1, hidden=20)
    assert len(cells) == 6
    for frozen, full in zip(cells[::2], cells[1::2], strict=True):
        still, moving = (frozen_layer.start(cell, data=digits) for cell in (frozen, full))
        start = [weight.clone() for weight in still.trainer.network.weights]
        for one, other in zip(start, moving.trainer.network.weights, strict=True):
            assert torch.equal(one, other)
        still.run_epoch()
        moving.run_epoch()
        changed = [not torch.equal(a, b) for a, b in zip(start, still.trainer.network.weights, strict=True)]
        assert changed[0] is False and changed[2] and not still.trainer.network.biases[0].any()
        assert not torch.equal(start[0], moving.trainer.network.weights[0])
    results = [run(frozen_layer.EXPERIMENT, cell, digits) for cell in cells]
    text = frozen_layer.report(results).splitlines()
    assert len(text) == 8 and text[2].startswith("| 2 × 20 | BP | frozen |") and text[-1].endswith("| 2 | 1 of 1 |")


# Layerwise


def test_stages_train_their_layers_alone(digits):
    cells = {cell.name: cell for cell in layerwise.cells(seeds=2)}
    assert len(cells) == 7
    cell = shrunk(
        cells["dfa-all-stages-2seeds"], stages=[[[0, 1], 3], [[2], 2], [[0], 0], [[0, 1, 2], 1]], batch_size=100
    )
    training = layerwise.Staged(cell, data=digits)
    assert (training.steps, training.done) == (6, 0)
    changed = []
    for _ in range(4):
        before = [weight.clone() for weight in training.trainer.network.weights]
        training.run_epoch()
        pairs = zip(before, training.trainer.network.weights, strict=True)
        changed.append([not torch.equal(a, b) for a, b in pairs])
    assert changed == [[True, True, False], [False, False, True], [False] * 3, [True] * 3]
    assert training.finished() and training.done == 6


def test_stages_resume_and_report(digits, tmp_path):
    results = []
    for cell in layerwise.cells(["dfa"], seeds=2):
        stages = [[layers, min(steps, 4)] for layers, steps in cell.settings["stages"]]
        cell = shrunk(cell, stages=stages, batch_size=100)
        whole = run(layerwise.EXPERIMENT, cell, digits)
        first, second = layerwise.Staged(cell, data=digits), layerwise.Staged(cell, data=digits)
        first.run_epoch()
        first.run_epoch()
        torch.save(first.state(), tmp_path / "state.pt")
        second.restore(torch.load(tmp_path / "state.pt", weights_only=True))
        while not second.finished():
            second.run_epoch()
        assert second.result() == {name: whole[name] for name in second.result()}
        assert np.shape(whole["accuracy"]) == (4, 2) and np.shape(whole["angle"]) == (4, 2, 2)
        results.append(whole)
    lines = layerwise.report(results[::-1]).splitlines()
    assert [line.split(" | ")[1] for line in lines[2:]] == ["all stages", "first stage skipped", "readout only"]


def test_weights_and_feedback_have_the_demonstrations_deviation(digits):
    training = layerwise.Staged(layerwise.cells(["fa"], seeds=1)[0], data=digits)
    for weight in [*training.trainer.network.weights, *training.trainer.rule.feedback]:
        assert abs(weight.std() - 0.2) < 0.01


# One change


def test_each_change_alone_makes_another_run(digits):
    ends = {}
    for cell in one_change.cells(seeds=2, epochs=2, hidden=20):
        result = run(one_change.EXPERIMENT, shrunk(cell, learning_rate=3e-3), digits)
        ends[cell.settings["change"]] = result["test_error"]
        assert cell.settings["change"] in one_change.report([result])
    assert len({str(end) for end in ends.values()}) == len(one_change.CHANGES)
    plain = table1.settings("2x800-tanh", "fa", 2, 2) | {"change": "none"}
    assert one_change.cells(["none"], epochs=2)[0].settings == plain
    with pytest.raises(ValueError, match=r"changes must be among none, .*, got 'rate'"):
        one_change.cells(["rate"])
    with pytest.raises(ValueError, match="seeds must be a whole number at least 1, got 0"):
        one_change.cells(seeds=0)


# Sensitivity


@pytest.fixture
def small_map(monkeypatch):
    monkeypatch.setattr(sensitivity, "SIZES", {"bp": [784, 12, 10], "dfa": [784, 12, 12, 10]})
    monkeypatch.setattr(sensitivity, "LEARNING_RATES", [0.1, 1.0])
    monkeypatch.setattr(sensitivity, "INITIAL_SCALES", [0.0, 1.0])
    monkeypatch.setattr(sensitivity, "WEIGHT_DECAYS", [0.0, 1e-3])
    return [shrunk(cell, held_out=200) for cell in sensitivity.cells(seeds=3, epochs=1)]


def test_a_map_is_one_batched_run_of_settings_that_share_their_random_numbers(small_map, digits):
    training = sensitivity.Map(small_map[1], data=digits)
    network, rule = training.trainer.network, training.trainer.rule
    assert network.replicas == 8 * 3 and len(training.trainer.images) == 800
    scales = sensitivity.grid(small_map[1].settings)[:, 1]
    for tensor, factors in [(w, scales) for w in network.weights] + [(B, np.ones(8)) for B in rule.feedback]:
        groups = tensor.unflatten(0, (8, 3))
        for group, factor in zip(groups, factors, strict=True):
            assert torch.equal(group, factor * groups[-1])
        assert not torch.equal(groups[-1, 0], groups[-1, 1])


def test_a_setting_of_the_map_is_that_network_trained_alone(small_map, digits):
    whole = run(sensitivity.EXPERIMENT, small_map[0], digits)
    settings = {"learning_rates": [1.0], "initial_scales": [1.0], "weight_decays": [1e-3]}
    alone = run(sensitivity.EXPERIMENT, shrunk(small_map[0], **settings), digits)
    assert np.allclose(whole["accuracy"][-1], alone["accuracy"][0], atol=0.6)
    assert np.shape(whole["accuracy"]) == (8, 3) and np.shape(whole["angle"]) == (8, 1)


def test_the_map_reports_accuracy_angle_and_divergence(small_map, digits):
    results = [run(sensitivity.EXPERIMENT, cell, digits) for cell in small_map]
    results[1]["diverged_at"][0] = [-1, 5, 7]
    first, second = sensitivity.report(results[::-1]).split("\n\nDFA")
    assert first.startswith("BP, 784-12-10, seeds: 3, epochs: 1; accuracy") and "| 0 | 0 |" in first
    assert "2 of 3 diverged" in second and "°, " in second
    assert SimpleNamespace(**results[0]).diverged_at == [[-1] * 3] * 8


# Depth


@pytest.fixture
def shallow_and_deep(monkeypatch):
    monkeypatch.setattr(depth, "DEPTHS", (1, 12))
    return [shrunk(cell, held_out=200, digits=600) for cell in depth.cells(["bp", "dfa"], seeds=2, epochs=4, hidden=20)]


def test_step_sizes_start_alike_and_digits_are_held_out(shallow_and_deep, digits):
    trainer = depth.start(shallow_and_deep[-1], data=digits).trainer
    assert len(trainer.images) == 600 and len(trainer.test_images) == 200
    for tensor in [*trainer.network.weights, *trainer.rule.feedback]:
        small, large = tensor.unflatten(0, (2, 2))
        assert torch.equal(small, large) and not torch.equal(small[0], small[1])
    assert trainer.optimizer.learning_rate == pytest.approx([3e-4, 3e-4, 1e-3, 1e-3])


def test_each_depth_is_judged_by_its_better_step_size(shallow_and_deep, digits):
    cells = [shrunk(cell, learning_rates=[1e-7, 1e-2]) for cell in shallow_and_deep]
    results = [run(depth.EXPERIMENT, cell, digits) for cell in cells]
    for result in results:
        errors, _ = depth.best(result)
        groups = [result["test_error"][-1][:2], result["test_error"][-1][2:]]
        assert errors.tolist() in groups and errors.mean() == min(np.mean(group) for group in groups)
    assert depth.best(results[0])[1] == 1e-2
    lines = depth.report(results[::-1]).splitlines()[2:]
    assert [line.split(" | ")[:2] for line in lines] == [
        ["| 1 × 20", "BP"],
        ["| 1 × 20", "DFA"],
        ["| 12 × 20", "BP"],
        ["| 12 × 20", "DFA"],
    ]
    results[0]["test_error"][-1][3] = None
    assert depth.best(results[0])[1] == 1e-7  # a step size that diverged is not the better one


# Starts


def small_start(digits, rule="dfa", start="orthogonal", **settings):
    (cell,) = starts.cells([rule], [20], [start], seeds=2, epochs=1)
    few = {"sizes": [784, 16, 16, 16, 10], "digits": 600, "held_out": 200, "learning_rates": [1e-4, 3e-3, 1e-2]}
    return starts.Chosen(shrunk(cell, **few | settings), data=digits)


def test_every_start_stands_at_twenty_layers_and_the_default_one_at_all():
    cells = [cell.settings for cell in starts.cells()]
    assert len(cells) == 4 * (6 + 2)
    assert {s["start"] for s in cells if s["depth"] != 20} == {"default"}
    assert {(s["start"], s["rule"]) for s in cells if s["depth"] == 20} == set(product(starts.STARTS, starts.RULES))
    with pytest.raises(ValueError, match="depths must be among 1, 2, 4, 7, 20, 100, got '3'"):
        starts.cells(depths=["3"])
    assert {cell.settings["depth"] for cell in starts.cells(depths=[1, "7"])} == {1, 7}
    with pytest.raises(ValueError, match="starts must be among default, wide, orthogonal, got 'zero'"):
        starts.cells(starts=["zero"])


def test_the_starts_are_what_they_are_called():
    found = {}
    for start in starts.STARTS:
        (cell,) = starts.cells(["bp"], [20], [start], seeds=2)
        found[start] = starts.network(cell.settings, 2, 7).weights
        assert not torch.equal(found[start][1][0], found[start][1][1])
    assert torch.equal(found["default"][3] * 3**0.5, found["wide"][3])
    for weight in found["orthogonal"][1:-1]:
        torch.testing.assert_close(weight @ weight.mT, torch.eye(64).expand(2, 64, 64), atol=1e-5, rtol=0)
    assert torch.equal(found["orthogonal"][0], found["default"][0])


def test_a_rate_is_chosen_on_digits_held_out_and_fresh_seeds_are_judged(digits):
    training = small_start(digits)
    while not training.finished():
        training.run_epoch()
    found = training.result()
    assert training.done == training.steps and np.shape(found["test_error"]) == (1, 2)
    errors = np.array(found["choice"]["errors"])
    assert errors.shape == (3, 1) and found["choice"]["learning_rate"] == [1e-4, 3e-3, 1e-2][errors.argmin()]
    assert bool(found["choice"]["edge"]) == (errors.argmin() != 1)
    trainer = training.run.trainer
    assert torch.equal(trainer.test_images, torch.tensor(digits.test_images)) and len(trainer.images) == 600
    assert trainer.optimizer.learning_rate == pytest.approx([found["choice"]["learning_rate"]] * 2)


def test_starts_resume_and_report(digits):
    results = []
    for rule in ("shallow", "bp"):
        whole, second = small_start(digits, rule, epochs=2), small_start(digits, rule, epochs=2)
        whole.run_epoch()
        whole.run_epoch()
        second.restore(whole.state())
        for training in (whole, second):
            training.run_epoch()
            assert training.finished()
        assert whole.result() == second.result()
        results.append({"settings": whole.settings, **whole.result()})
    first, second = starts.report(results).splitlines()[2:]
    assert first.startswith("| 20 | orthogonal | BP |") and second.startswith("| 20 | orthogonal | SHALLOW |")
    assert small_start(digits).seconds_per_epoch() > 0
