"""A tiny experiment on tiny data, whose run can be stopped half-way through an epoch."""

import os
import signal
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from fa_lessons import MLP
from fa_lessons.experiments import grid
from fa_lessons.experiments.grid import Cell, Experiment, run_grid
from fa_lessons.experiments.runs import Run
from fa_lessons.training import Trainer

grid.SAVE_AFTER = 0
NAMES = ("one", "two", "three")
STOP_IN_EPOCH, STOP_AT_STEP = 2, 3


def data():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=200)
    images = (rng.uniform(0, 1, (3, 12))[labels] + 0.1 * rng.normal(size=(200, 12))).astype(np.float32)
    return SimpleNamespace(train_images=images, train_labels=labels, test_images=images[:50], test_labels=labels[:50])


def cells(names=NAMES, epochs=4, seeds=2):
    """The grid.

    names: of its cells
    epochs: of each
    seeds: networks in each
    """
    return [
        Cell(name, {"rule": rule, "epochs": epochs, "seeds": seeds})
        for name, rule in zip(NAMES, ("bp", "fa", "dfa"), strict=True)
        if name in names
    ]


def start(cell, device="cpu"):
    s = cell.settings
    network = MLP((12, 9, 8, 3), replicas=s["seeds"], seed=2, device=device)
    options = {"batch_size": 30, "learning_rate": 0.01, "optimizer": "rmsprop", "dropout": (0.1, 0.5), "seed": 3}
    return Run(Trainer(network, data(), s["rule"], **options), s["epochs"])


def start_logged(log, halt, cell, device="cpu"):
    """As `start`; writes a line to the file `log` before every epoch, and calls `halt(cell, log)` in one of them."""
    run = start(cell, device)
    whole = run.run_epoch

    def run_epoch(on_step=lambda: None):
        with log.open("a") as file:
            file.write(f"{cell.name} {run.epoch}\n")
        left = [STOP_AT_STEP]

        def step():
            left[0] -= 1
            if run.epoch == STOP_IN_EPOCH and left[0] == 0:
                halt(cell, log)
            on_step()

        whole(step)

    run.run_epoch = run_epoch
    return run


def go_on(cell, log):
    pass


def wait_to_be_killed(cell, log):
    if cell.name == "two":
        print("half-way", flush=True)
        sys.stdin.read()


def kill_own_process(cell, log):
    if cell.name == "two":
        os.kill(os.getpid(), signal.SIGKILL)


def kill_own_process_once(cell, log):
    killed = log.with_suffix(".killed")
    if cell.name == "two" and not killed.exists():
        killed.touch()
        kill_own_process(cell, log)


def report(results):
    return ", ".join(result["name"] for result in results)


def experiment(log=None, halt=go_on):
    return Experiment("tiny", cells, start if log is None else partial(start_logged, Path(log), halt), report)


if __name__ == "__main__":
    results, log = sys.argv[1:]
    run_grid(experiment(log, wait_to_be_killed), cells(), results)
