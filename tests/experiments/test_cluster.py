"""Cells on a Dask cluster of two processes, one of them killed on the way."""

import os
import sys
from unittest import mock

import pytest

from fa_lessons.experiments.cluster import run_on_cluster
from fa_lessons.experiments.grid import ResultsError, run_grid
from tests.experiments import tiny
from tests.experiments.test_grid import epochs_logged, without_seconds


@pytest.fixture
def cluster():
    """A function that starts a cluster of worker processes here."""
    distributed = pytest.importorskip("distributed")
    options = {"processes": True, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "host": "127.0.0.1"}
    with mock.patch.dict(os.environ):  # distributed leaves settings of its own there, such as MKL's one thread
        yield lambda workers: distributed.LocalCluster(workers, env={"OMP_NUM_THREADS": "1"}, **options)


def test_a_killed_workers_cell_goes_on_elsewhere(tmp_path, cluster):
    alone = run_grid(tiny.experiment(), tiny.cells(), tmp_path / "alone")
    experiment = tiny.experiment(tmp_path / "log", tiny.kill_own_process_once)
    with cluster(2) as two:
        found = run_on_cluster(experiment, tiny.cells(), tmp_path / "cluster", two.scheduler_address)
        assert (tmp_path / "log.killed").exists()
        logged = epochs_logged(tmp_path / "log")
        assert run_on_cluster(experiment, tiny.cells(), tmp_path / "cluster", two.scheduler_address) == found
    assert epochs_logged(tmp_path / "log") == logged
    assert [result["name"] for result in found] == list(tiny.NAMES)
    assert measured(found) == measured(alone)
    # Only the epoch that was cut off is computed twice.
    assert len(logged) == 13 and logged.count(("two", "2")) == 2 and len(set(logged)) == 12
    assert sorted(path.name for path in (tmp_path / "cluster" / "tiny").iterdir()) == [
        "one.json",
        "three.json",
        "two.json",
    ]


def test_a_cell_that_kills_every_worker_is_given_up_and_the_others_are_finished(tmp_path, cluster):
    dask = pytest.importorskip("dask")
    experiment = tiny.experiment(tmp_path / "log", tiny.kill_own_process)
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), cluster(2) as two:
        with pytest.raises(ResultsError, match="two was given up"):
            run_on_cluster(experiment, tiny.cells(), tmp_path, two.scheduler_address)
    assert [path.name for path in sorted((tmp_path / "tiny").glob("*.json"))] == ["one.json", "three.json"]


def measured(results):
    return [{**result, "device": None} for result in without_seconds(results)]


def test_a_missing_package_and_a_missing_scheduler_are_named(tmp_path, monkeypatch):
    with pytest.raises(ResultsError, match=r"no Dask scheduler at 'tcp://127\.0\.0\.1:1'"):
        run_on_cluster(tiny.experiment(), tiny.cells(), tmp_path, "tcp://127.0.0.1:1", timeout=0.2)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ResultsError, match=r"pip install 'fa-lessons\[cluster\]'"):
        run_on_cluster(tiny.experiment(), tiny.cells(), tmp_path, "tcp://127.0.0.1:1")
