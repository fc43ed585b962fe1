"""How sensitive is each rule to learning rate, initial scale and weight decay? One batched run a rule.

Every setting is a group of replicas of one network. Replica s of every group has the same random numbers, in weights
and feedback, so that settings differ in nothing but themselves. Softmax and cross-entropy, plain SGD, batches of 64,
sigmoid units; accuracy is that of 10,000 training digits held out.
"""

from itertools import product

import numpy as np
import torch

from fa_lessons import MLP, load_mnist, require
from fa_lessons.experiments.grid import Cell, Experiment, plain
from fa_lessons.experiments.recorded import trainer_on
from fa_lessons.experiments.runs import Run, repeated
from fa_lessons.experiments.table1 import chosen

SIZES = {"bp": [784, 100, 10], "fa": [784, 100, 10], "shallow": [784, 100, 10], "dfa": [784, 200, 100, 10]}
LEARNING_RATES = [0.05, 0.5, 5.0, 20.0]
INITIAL_SCALES = [0.0, 0.1, 1.0, 10.0]  # times uniform ± 1/sqrt(n_in)
WEIGHT_DECAYS = [0.0, 1e-4, 1e-3]


def cells(rules=None, seeds=2, epochs=3):
    """One cell a rule, all settings in it.

    rules: such as bp,dfa; bp, fa, shallow and dfa when left out
    seeds: independent networks for each setting
    epochs: of every cell

    Raises ValueError for an unknown rule, and seeds or epochs below 1.
    """
    rules = chosen("rules", rules, SIZES)
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    return [
        Cell(
            f"{rule}-{epochs}epochs-{seeds}seeds",
            {
                "rule": rule,
                "seeds": seeds,
                "epochs": epochs,
                "sizes": SIZES[rule],
                "activation": "sigmoid",
                "output": "softmax",
                "learning_rates": LEARNING_RATES,
                "initial_scales": INITIAL_SCALES,
                "weight_decays": WEIGHT_DECAYS,
                "batch_size": 64,
                "held_out": 10_000,
                "seed": 7,
            },
        )
        for rule in rules
    ]


def grid(settings):
    """(settings, 3): every learning rate, initial scale and weight decay, the last changing fastest."""
    return np.array(list(product(settings["learning_rates"], settings["initial_scales"], settings["weight_decays"])))


class Map(Run):
    """A run whose replicas are settings × seeds, the seeds changing fastest."""

    def __init__(self, cell, device="cpu", data=None):
        s = cell.settings
        rate, scale, decay = np.repeat(grid(s), s["seeds"], axis=0).T
        one = MLP(s["sizes"], s["activation"], s["output"], s["seeds"], s["seed"], device=device)
        network = repeated(one, s["rule"], len(rate) // s["seeds"])
        for weight in network.weights:
            weight.mul_(torch.tensor(scale, dtype=weight.dtype, device=device).view(-1, 1, 1))
        trainer = trainer_on(device)(
            network,
            (data or load_mnist()).validation_split(s["held_out"]),
            s["rule"],
            batch_size=s["batch_size"],
            learning_rate=list(rate),
            weight_decay=list(decay),
            seed=s["seed"],
            records_per_epoch=1,
        )
        super().__init__(trainer, s["epochs"])
        self.settings = s

    def result(self):
        """Per setting, in the order of `grid`: (settings, seeds) accuracy in percent and step of divergence, and
        (settings, hidden layers) signal angle in degrees, averaged over seeds."""
        history, seeds = self.trainer.history, self.settings["seeds"]
        accuracy = 100 - history.test_error[-1].reshape(-1, seeds)
        angle = history.alignment[-1].reshape(history.hidden_layers, -1, seeds).mean(-1).T
        return {
            "epochs_run": self.epoch,
            "accuracy": plain(accuracy, 1),
            "angle": plain(angle, 0),
            "diverged_at": history.diverged_at.reshape(-1, seeds).tolist(),
        }


def report(results):
    """Markdown, one table a result: accuracy and signal angles for initial scale and decay against learning rate."""
    tables = []
    for result in sorted(results, key=lambda r: (list(SIZES).index(r["settings"]["rule"]), r["name"])):
        s = result["settings"]
        values = dict(zip(map(tuple, grid(s)), map(_entry, *_columns(result)), strict=True))
        shape = "-".join(map(str, s["sizes"]))
        lines = [
            f"{s['rule'].upper()}, {shape}, seeds: {s['seeds']}, epochs: {result['epochs_run']}; "
            "accuracy (%), signal angle of each hidden layer",
            "",
            f"| initial scale | weight decay | {' | '.join(f'lr {rate:g}' for rate in s['learning_rates'])} |",
            "|---|---|" + "---|" * len(s["learning_rates"]),
        ]
        for scale, decay in product(s["initial_scales"], s["weight_decays"]):
            row = (values[rate, scale, decay] for rate in s["learning_rates"])
            lines.append(f"| {scale:g} | {decay:g} | {' | '.join(row)} |")
        tables.append("\n".join(lines))
    return "\n\n".join(tables)


def _columns(result):
    return result["accuracy"], result["angle"], result["diverged_at"]


def _entry(accuracy, angles, diverged_at):
    """One setting: mean accuracy over seeds and the angles, or how many of its seeds diverged."""
    diverged = sum(step >= 0 for step in diverged_at)
    if diverged:
        return f"{diverged} of {len(diverged_at)} diverged"
    shown = [f"{angle:.0f}°" for angle in angles if angle is not None]
    return f"{np.mean(accuracy):.1f}" + (f" ({', '.join(shown)})" if shown else "")


EXPERIMENT = Experiment("sensitivity", cells, Map, report)
