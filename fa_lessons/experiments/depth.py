"""At which depth does each rule stop learning? Networks of 1 to 100 layers of 240 tanh units, trained briefly.

All weights start uniform in ± 1/sqrt(n_in). RMSprop, batches of 64, logistic outputs with binary cross-entropy. The
step sizes are groups of replicas that start alike, and a rule is judged at each depth by its better step size, on
10,000 training digits held out.
"""

from dataclasses import replace

import numpy as np

from fa_lessons import MLP, load_mnist, require
from fa_lessons.experiments.grid import Cell, Experiment
from fa_lessons.experiments.recorded import trainer_on
from fa_lessons.experiments.runs import Run, last, percent, repeated
from fa_lessons.experiments.table1 import chosen

RULES = ("bp", "fa", "dfa")
DEPTHS = (1, 2, 4, 7, 20, 100)
LEARNING_RATES = [3e-4, 1e-3]


def cells(rules=None, seeds=2, epochs=3, hidden=240):
    """One cell for each rule and depth, both step sizes in it.

    rules: such as bp,dfa; bp, fa and dfa when left out
    seeds: independent networks for each step size
    epochs: of every cell
    hidden: units in each hidden layer

    Raises ValueError for an unknown rule, and for seeds, epochs or hidden units below 1.
    """
    rules = chosen("rules", rules, RULES)
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    hidden = require.count("hidden", hidden)
    return [
        Cell(
            f"{depth}x{hidden}-{rule}-{epochs}epochs-{seeds}seeds",
            {
                "rule": rule,
                "depth": depth,
                "seeds": seeds,
                "epochs": epochs,
                "sizes": [784, *[hidden] * depth, 10],
                "activation": "tanh",
                "output": "sigmoid",
                "optimizer": "rmsprop",
                "learning_rates": LEARNING_RATES,
                "batch_size": 64,
                "digits": 20_000,
                "held_out": 10_000,
                "seed": 5,
            },
        )
        for depth in DEPTHS
        for rule in rules
    ]


def start(cell, device="cpu", data=None):
    """A run whose replicas are step sizes × seeds, the seeds changing fastest."""
    s = cell.settings
    one = MLP(s["sizes"], s["activation"], s["output"], s["seeds"], s["seed"], device=device)
    split = (data or load_mnist()).validation_split(s["held_out"])
    trainer = trainer_on(device)(
        repeated(one, s["rule"], len(s["learning_rates"])),
        replace(split, train_images=split.train_images[: s["digits"]], train_labels=split.train_labels[: s["digits"]]),
        s["rule"],
        batch_size=s["batch_size"],
        learning_rate=np.repeat(s["learning_rates"], s["seeds"]).tolist(),
        optimizer=s["optimizer"],
        seed=s["seed"],
        records_per_epoch=1,
    )
    return Run(trainer, s["epochs"])


def best(result):
    """(errors in percent at the end, one a seed, that step size) of the step size with the lowest mean error."""
    errors = last(result["test_error"]).reshape(-1, result["settings"]["seeds"])
    chosen = np.argmin(np.nan_to_num(errors.mean(1), nan=np.inf))
    return errors[chosen], result["settings"]["learning_rates"][chosen]


def report(results):
    """Markdown: error on held-out digits for each rule and depth, and the step size it was reached with."""
    lines = ["| hidden layers | rule | error (%) | step size | seeds | epochs |", "|---|---|---|---|---|---|"]
    order = sorted(
        results, key=lambda r: (r["settings"]["sizes"][1], r["settings"]["depth"], RULES.index(r["settings"]["rule"]))
    )
    for result in order:
        s, (errors, rate) = result["settings"], best(result)
        layers = f"{s['depth']} × {s['sizes'][1]}"
        columns = (layers, s["rule"].upper(), percent(errors), f"{rate:g}", str(s["seeds"]), str(result["epochs_run"]))
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("depth", cells, start, report)
