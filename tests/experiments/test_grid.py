"""Runs that resume: what a kill leaves behind, and that nothing is computed twice or mixed up."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fa_lessons.experiments import EXPERIMENTS, find, grid
from fa_lessons.experiments.grid import Cell, ResultsError, epochs_within, read_all, run_cell, run_grid
from tests.experiments import tiny

ROOT = Path(__file__).resolve().parents[2]


def without_seconds(results):
    return [{name: value for name, value in result.items() if name != "seconds"} for result in results]


def epochs_logged(log):
    return [tuple(line.split()) for line in log.read_text(encoding="utf-8").splitlines()]


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path):
    whole = run_grid(tiny.experiment(), tiny.cells(), tmp_path / "whole")
    command = [sys.executable, "-m", "tests.experiments.tiny", str(tmp_path / "killed"), str(tmp_path / "log")]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "half-way\n"
        process.kill()
    assert process.returncode == -9
    folder = tmp_path / "killed" / "tiny"
    assert sorted(path.name for path in folder.iterdir()) == ["one.json", "unfinished"]
    assert not list(folder.glob("*/one/*")) and len(list(folder.glob("*/two/checkpoint.pt"))) == 1

    resumed = run_grid(tiny.experiment(tmp_path / "log"), tiny.cells(), tmp_path / "killed")
    assert without_seconds(resumed) == without_seconds(whole)
    assert sorted(path.name for path in folder.iterdir()) == ["one.json", "three.json", "two.json"]
    for path in folder.glob("*.json"):
        lines, other = (
            path.read_text(encoding="utf-8").splitlines(),
            (tmp_path / "whole" / "tiny" / path.name).read_text(encoding="utf-8").splitlines(),
        )
        assert [a for a in lines if "seconds" not in a] == [b for b in other if "seconds" not in b]
    # Only the epoch that was cut off is computed twice.
    logged = epochs_logged(tmp_path / "log")
    assert len(logged) == 13 and {entry for entry in logged if logged.count(entry) == 2} == {("two", "2")}


def test_a_finished_cell_is_not_run_twice_unless_asked(tmp_path):
    experiment = tiny.experiment(tmp_path / "log")
    first = run_grid(experiment, tiny.cells(), tmp_path)
    assert run_grid(experiment, tiny.cells(), tmp_path) == first == sorted_like(first, read_all(experiment, tmp_path))
    assert len(epochs_logged(tmp_path / "log")) == 12
    again = run_grid(experiment, tiny.cells(["two"]), tmp_path, again=True)
    assert epochs_logged(tmp_path / "log")[12:] == [("two", str(epoch)) for epoch in range(4)]
    assert without_seconds(again) == without_seconds(first[1:2])


def sorted_like(first, results):
    return sorted(results, key=lambda result: [r["name"] for r in first].index(result["name"]))


def test_a_result_is_plain_and_says_how_it_came_about(tmp_path):
    (result,) = run_grid(tiny.experiment(), tiny.cells(["one"]), tmp_path)
    assert result == json.loads((tmp_path / "tiny" / "one.json").read_text(encoding="utf-8"))
    assert result["settings"] == {"rule": "bp", "epochs": 4, "seeds": 2}
    assert result["device"].startswith("cpu, ") and set(result["versions"]) == {"python", "torch", "fa_lessons"}
    assert len(result["test_error"]) == result["epochs_run"] == 4 and len(result["test_error"][0]) == 2


def test_files_of_other_settings_are_refused_before_anything_runs(tmp_path):
    run_grid(tiny.experiment(), tiny.cells(["two"]), tmp_path)
    with pytest.raises(ResultsError, match=r"two\.json holds other settings \(epochs 4 instead of 5\)"):
        run_grid(tiny.experiment(tmp_path / "log"), tiny.cells(epochs=5), tmp_path)
    assert not (tmp_path / "log").exists()
    run_grid(tiny.experiment(), tiny.cells(["two"], epochs=5), tmp_path, again=True)


class PowerCut(Exception):
    pass


def cut(cell, log):
    raise PowerCut


def one_bit_off(checkpoint):
    """With one bit changed in the largest tensor."""
    with zipfile.ZipFile(io.BytesIO(checkpoint)) as archive:
        tensors = [entry for entry in archive.infolist() if "/data/" in entry.filename]
        content = archive.read(max(tensors, key=lambda entry: entry.file_size))
    return checkpoint.replace(content, bytes([content[0] ^ 1]) + content[1:])


def test_checkpoints_of_other_settings_and_damaged_ones_are_refused(tmp_path):
    cell, other = tiny.cells(["one"])[0], tiny.cells(["one"], seeds=3)[0]
    with pytest.raises(PowerCut):
        run_cell(tiny.experiment(tmp_path / "log", cut), cell, tmp_path)
    with pytest.raises(ResultsError, match=r"checkpoint\.pt holds other settings \(seeds 2 instead of 3\)"):
        run_cell(tiny.experiment(), other, tmp_path)
    (path,) = tmp_path.glob("unfinished/one/checkpoint.pt")
    whole = path.read_bytes()
    saved = torch.load(path, weights_only=True)
    names = ("settings", "run", "seconds", "devices", "threads")
    others = [[1], {"a": 1}, *(saved | {name: None} for name in names), saved | {"run": {"a": 1}}]
    for content in (whole[:100], b"", one_bit_off(whole), *others):
        path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
        with pytest.raises(ResultsError, match=r"checkpoint\.pt (is no checkpoint .*remove it|holds other settings)"):
            run_cell(tiny.experiment(), cell, tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ResultsError, match=r"checkpoint\.pt is no checkpoint .*remove it"):
        run_cell(tiny.experiment(), cell, tmp_path)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([Cell("one", {"epochs": np.int64(5)})], "settings of one must be plain values"),
        ([Cell("one", {"rates": [0.1, float("nan")]})], "settings of one must be plain values"),
        ([Cell("one", {"rule": "bp"}), Cell("one", {"rule": "fa"})], "a name of its own, got 'one' twice"),
        ([Cell("one", {}), Cell("One", {})], "a name of its own, got 'One' twice"),
        *(
            ([Cell(name, {})], "a cell's name must be a plain file's")
            for name in ("budgets", "../evil", "/evil", "a/b", "a\\b", "", ".", "..", "one two", "a" * 300, 3)
        ),
    ],
)
def test_a_cell_whose_result_could_not_be_written_is_refused_before_anything_runs(tmp_path, cells, message):
    experiment = replace(tiny.experiment(), start=None)
    for again in (False, True):
        with pytest.raises(ResultsError, match=message):
            run_grid(experiment, [*tiny.cells(["two"]), *cells], tmp_path / "results", again=again)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"name": "one"}',
        '{"name": "two", "settings": {"a": 1}}',
        '{"name": "one", "settings": {}}',
        "\xff",
    ],
)
def test_a_broken_result_is_named(tmp_path, content):
    path = tmp_path / "tiny" / "one.json"
    path.parent.mkdir()
    path.write_bytes(content.encode("latin-1"))
    for action in (
        lambda: run_grid(tiny.experiment(), tiny.cells(), tmp_path),
        lambda: read_all(tiny.experiment(), tmp_path),
    ):
        with pytest.raises(ResultsError, match=r"one\.json is no result .*move it away"):
            action()


@pytest.mark.parametrize("name", ["results", "results/tiny", "results/tiny/one.json"])
@pytest.mark.parametrize("kind", ["a file", "a folder", "a circle"])
def test_what_stands_where_results_should_lie_is_named(tmp_path, name, kind):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "a file":
        path.write_text("x", encoding="utf-8")
    elif kind == "a folder":
        path.mkdir()
    else:
        path.symlink_to(path.name)
    if kind == "a folder" and path.name != "one.json":
        assert read_all(tiny.experiment(), tmp_path / "results") == []
        return
    with pytest.raises((ResultsError, OSError), match=path.name):
        read_all(tiny.experiment(), tmp_path / "results")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_result_that_lacks_what_is_shown_is_named(name):
    experiment = find(name)
    results = read_all(experiment)
    assert grid.understood(experiment.report, results) == experiment.report(results)
    broken = {**{field: [] for field in results[-1]}, "name": "broken", "settings": {"a": 1}}
    with pytest.raises(ResultsError, match=r"broken\.json lacks what is shown"):
        grid.understood(experiment.report, [*results, broken])


def test_a_run_that_went_on_elsewhere_says_so(tmp_path, monkeypatch):
    cell = tiny.cells(["one"])[0]
    with pytest.raises(PowerCut):
        run_cell(tiny.experiment(tmp_path / "log", cut), cell, tmp_path)
    first = grid._device("cpu")
    monkeypatch.setattr(grid, "_device", lambda device: "another")
    assert run_cell(tiny.experiment(), cell, tmp_path)["device"] == f"{first}; then another"


def test_a_budget_chooses_fewer_epochs_and_keeps_its_choice(tmp_path, monkeypatch):
    options = {"names": ["one", "two"]}
    monkeypatch.setattr(grid, "seconds_per_epoch", lambda experiment, cell, device: {"one": 10, "two": 20}[cell.name])
    epochs, said = epochs_within(1.1, tiny.experiment(), options, tmp_path)
    assert epochs == 2 and "2 of 4 epochs for a budget of 1.1 minutes" in said and "0.5 minutes" in said
    assert epochs_within(0.1, tiny.experiment(), options, tmp_path)[0] == 1
    assert epochs_within(100, tiny.experiment(), options, tmp_path)[0] == 4
    monkeypatch.setattr(grid, "seconds_per_epoch", lambda *arguments: 0.001)
    epochs, said = epochs_within(1.1, tiny.experiment(), options, tmp_path)
    assert epochs == 2 and "as chosen before" in said
    assert epochs_within(1.1, tiny.experiment(), options, tmp_path, again=True)[0] == 4
    assert read_all(tiny.experiment(), tmp_path) == []


@pytest.mark.parametrize(
    "content", ["", "[]", "null", "3", "{{}: 3}", "{%s: -3}", "{%s: 2.5}", '{%s: "abc"}', "{%s: true}"]
)
def test_damaged_choices_of_a_budget_are_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(grid, "seconds_per_epoch", lambda *arguments: 10)
    path = tmp_path / "tiny" / "budgets.json"
    epochs_within(1.0, tiny.experiment(), {}, tmp_path)
    (key,) = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(content.replace("%s", json.dumps(key)), encoding="utf-8")
    with pytest.raises(ResultsError, match=r"budgets\.json is damaged .*remove it"):
        epochs_within(1.0, tiny.experiment(), {}, tmp_path)
    path.write_text(json.dumps({key: 1000}), encoding="utf-8")
    assert epochs_within(1.0, tiny.experiment(), {}, tmp_path)[0] == 4


@pytest.mark.parametrize("minutes", [float("nan"), -5, 0, float("inf"), "5", None, True])
def test_a_budget_is_a_time(tmp_path, minutes):
    with pytest.raises(ValueError, match="minutes must be positive and finite, got"):
        epochs_within(minutes, tiny.experiment(), {}, tmp_path)


def test_timing_a_cell_leaves_no_trace(tmp_path):
    assert grid.seconds_per_epoch(tiny.experiment(), tiny.cells()[0]) > 0
    assert list(tmp_path.iterdir()) == []


def test_the_experiments_are_found_by_name():
    for name in EXPERIMENTS:
        experiment = find(name)
        names = [cell.name for cell in experiment.cells()]
        assert experiment.name == name and len(set(names)) == len(names)
    with pytest.raises(ValueError, match=r"one of table1, .* got 'table2'"):
        find("table2")
