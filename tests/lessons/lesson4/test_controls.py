"""What lesson 4 rests on besides its own runs: the tuned reference runs, backprop with a gain, and the cell that no
machine of ours runs, for want of its data."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fa_lessons import MLP, plots, rules, train
from fa_lessons.data import Digits, digits, verified
from fa_lessons.experiments import grid, one_hidden_layer
from fa_lessons.experiments.grid import Cell
from fa_lessons.lessons.lesson4 import figures
from fa_lessons.measures import signals
from fa_lessons.training import Trainer
from fa_lessons.tuning import tune

NOTEBOOK = Path(__file__).resolve().parents[3] / "notebooks" / "04_fa_on_mnist.ipynb"


def patterns(count, seed):
    """Ten patterns of 28 × 28 grey values with noise, as (images, labels)."""
    centres = 255 * (np.random.default_rng(0).random((10, 28, 28)) < 0.15)
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count)
    return np.clip(centres[labels] + random.normal(0, 40, (count, 28, 28)), 0, 255), labels


@pytest.fixture(scope="module")
def data():
    (images, labels), (test_images, test_labels) = patterns(1200, 1), patterns(200, 2)
    flat = (values.reshape(-1, 784).astype(np.float32) / 255 for values in (images, test_images))
    return Digits("patterns", next(flat), labels, next(flat), test_labels)


def test_backprop_with_a_gain_is_backprop_with_a_longer_hidden_signal(data):
    network = MLP((784, 12, 10), replicas=2)
    batch = data.train_images[:20], data.train_labels[:20]
    _, (hidden, output), (truth, error) = signals(network, one_hidden_layer.Gain(7.0), *batch)
    torch.testing.assert_close(hidden, 7 * truth)
    torch.testing.assert_close(output, error)


@pytest.mark.parametrize(("rule", "scales"), [("fa", [1.0, 10.0]), ("gain", [1.0, 3.0]), ("bp", [1.0])])
def test_a_cell_trains_every_rate_and_length_from_the_same_starts(data, rule, scales):
    (cell,) = (c for c in one_hidden_layer.cells() if c.name.startswith(f"100-{rule}-tuning"))
    settings = {"sizes": [784, 9, 10], "learning_rates": [0.1, 0.5], "feedback_scales": scales, "seeds": 2}
    cell = Cell(cell.name, {**cell.settings, **settings, "epochs": 2, "held_out": 200})
    run = one_hidden_layer.EXPERIMENT.start(cell, data=data)
    rates = []
    while not run.finished():
        run.run_epoch(lambda: rates.append(run.rate[-1].item()))
    found = np.array(run.result()["error"])
    assert found.shape == (2, 2, len(scales), 2)
    np.testing.assert_allclose(rates, 0.5 * (1 - np.arange(1, 21) / 20), atol=1e-7)
    network = MLP((784, 9, 10), replicas=2, seed=1)
    chosen = one_hidden_layer.RULES[rule](scales[-1])
    trainer = Trainer(network, data.validation_split(200), chosen, batch_size=100, learning_rate=0.5, seed=1)
    for epoch in range(2):
        left = iter(0.5 * (1 - (10 * epoch + np.arange(1, 11)) / 20))
        trainer.run_epoch(lambda left=left: trainer.optimizer.learning_rate.fill_(next(left)))
    np.testing.assert_allclose(found[:, 1, -1], trainer.history.test_error, atol=0.006)


def test_a_cell_goes_on_after_an_interruption(data):
    (cell,) = (c for c in one_hidden_layer.cells() if c.name.startswith("10-fa-tuning"))
    cell = Cell(cell.name, {**cell.settings, "learning_rates": [0.5], "feedback_scales": [2.0], "held_out": 200})
    whole, first, second = (one_hidden_layer.EXPERIMENT.start(cell, data=data) for _ in range(3))
    whole.run_epoch()
    whole.run_epoch()
    first.run_epoch()
    second.restore(first.state())
    second.run_epoch()
    assert second.result() == whole.result()


def test_the_reference_runs_use_the_best_of_their_grids_and_none_lies_on_an_edge():
    results = {r["name"]: r for r in grid.read_all(one_hidden_layer.EXPERIMENT)}
    cells = {cell.name: cell for cell in one_hidden_layer.cells()}
    assert {*results} == {*cells}
    for name, result in results.items():
        assert result["settings"] == json.loads(json.dumps(cells[name].settings))
        width, rule, stage, _ = name.split("-")
        if stage == "tuning":
            best = one_hidden_layer.best(result)
            assert one_hidden_layer.TUNED[int(width), rule] == best
            for value, tried in zip(best, one_hidden_layer.GRIDS[int(width), rule], strict=True):
                assert len(tried) == 1 or value in tried[1:-1], name
    text = one_hidden_layer.report(results.values()).splitlines()
    assert len(text) == 2 + len(cells) / 2
    assert text[2].startswith("| 784-10-10 | BP |") and text[-1].startswith("| 784-1000-10 | shallow |")


def test_with_a_frozen_readout_only_rate_times_length_counts(data):
    """Lesson 4, section 4.6: no rate and no length saves it, since the two are one number."""
    networks = [MLP((784, 12, 10), "sigmoid", initial_scale=6, replicas=2) for _ in range(2)]
    for network, (rate, scale) in zip(networks, ((0.5, 1.0), (0.0625, 8.0)), strict=True):
        train(network, data, rules.FeedbackAlignment(scale), learning_rate=rate, layers=[0])
    torch.testing.assert_close(networks[0].weights, networks[1].weights)


def idx(values):
    header = bytes([0, 0, 8, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape)
    return header + values.astype(np.uint8).tobytes()


@pytest.fixture
def clothing(monkeypatch, tmp_path):
    """Small stand-ins for Fashion-MNIST's files, where Debian's package puts the real ones."""
    contents = [idx(values) for count, seed in ((1200, 1), (200, 2)) for values in patterns(count, seed)]
    for name, content in zip(digits.FILES, contents, strict=True):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(digits, "FASHION_SHA256", [verified._checksum(content) for content in contents])
    monkeypatch.setattr(digits, "FASHION_FOLDER", tmp_path)
    monkeypatch.setattr(verified, "cache_folder", lambda: tmp_path / "cache")


def test_the_cell_on_another_data_set_runs_where_the_data_are(clothing, monkeypatch):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    (source,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "l4-fashion")
    shown = []
    monkeypatch.setattr(plots, "show", lambda figure, alt: shown.append((figure, alt)))
    lesson = {
        "figures": figures,
        "plots": plots,
        "train": train,
        "tune": tune,
        "grids": {"bp": ([0.25, 1, 4], [1]), "fa": ([0.1, 0.5, 2], [1, 10, 100]), "shallow": ([16], [1])},
        "short_run": {"epochs": 2, "batch_size": 100},
        "long_run": {"epochs": 4, "batch_size": 100},
        "slides_network": lambda replicas, seed: MLP((784, 9, 10), "sigmoid", replicas=replicas, seed=seed),
    }
    assert source.count("FASHION = False") == 1
    exec(compile(source.replace("FASHION = False", "FASHION = True"), "l4-fashion", "exec"), lesson)
    ((figure, alt),) = shown
    assert alt.strip() and "Fashion-MNIST" in figure.axes[0].get_title()
    assert {*lesson["runs"]} == {"bp", "fa", "shallow"}
    for history in lesson["runs"].values():
        assert history.test_error.shape == (4, 3) and np.isfinite(history.test_error).all()
