"""Backprop, feedback alignment and the shallow control on one hidden layer of 10, 100 and 1000 units, each tuned.

Grids choose the learning rate and the length of the hidden signal on 10,000 training digits held out; the test that
follows has fresh seeds, all training digits, and the test digits. The length is that of B for feedback alignment, and
a gain for backprop, so that both have the same two numbers; `bp` and `default` have the learning rate alone. Tanh
units, softmax and cross-entropy, plain SGD. The learning rate falls linearly to zero over the run: at a constant one
the last epoch's error is good or bad by luck, and a grid picks the lucky.
"""

from itertools import product

import numpy as np

from fa_lessons import MLP, load_mnist, require, rules
from fa_lessons.experiments.grid import Cell, Experiment, plain
from fa_lessons.experiments.recorded import trainer_on
from fa_lessons.experiments.runs import Run

WIDTHS = (10, 100, 1000)
NAMES = {"bp": "BP", "gain": "BP with a gain", "fa": "FA", "default": "FA, default B", "shallow": "shallow"}
# Learning rates and lengths tried; `TUNED` is the best cell of each grid.
GRIDS = {
    (10, "bp"): ([0.1, 0.3, 1.0, 3.0], [1.0]),
    (10, "gain"): ([1.0, 3.0, 9.0, 27.0], [0.03, 0.1, 0.3, 1.0]),
    (10, "fa"): ([0.3, 1.0, 3.0, 9.0], [0.1, 0.3, 1.0, 3.0]),
    (10, "default"): ([0.3, 1.0, 3.0, 9.0], [1.0]),
    (10, "shallow"): ([3.0, 9.0, 27.0, 81.0], [1.0]),
    (100, "bp"): ([0.1, 0.3, 1.0, 3.0], [1.0]),
    (100, "gain"): ([0.1, 0.3, 1.0, 3.0], [0.3, 1.0, 3.0, 10.0]),
    (100, "fa"): ([0.1, 0.3, 1.0, 3.0], [1.0, 3.0, 10.0, 30.0]),
    (100, "default"): ([0.1, 0.3, 1.0, 3.0], [1.0]),
    (100, "shallow"): ([3.0, 9.0, 27.0, 81.0], [1.0]),
    (1000, "bp"): ([0.1, 0.3, 0.9, 2.7], [1.0]),
    (1000, "gain"): ([0.03, 0.1, 0.3], [32.0, 128.0, 512.0]),
    (1000, "fa"): ([0.017, 0.05, 0.15], [54.0, 162.0, 486.0]),
    (1000, "default"): ([0.1, 0.3, 0.9], [1.0]),
    (1000, "shallow"): ([1.8, 5.4, 16.0, 48.0], [1.0]),
}
TUNED = {
    (10, "bp"): (1.0, 1.0),
    (10, "gain"): (3.0, 0.1),
    (10, "fa"): (3.0, 0.3),
    (10, "default"): (3.0, 1.0),
    (10, "shallow"): (9.0, 1.0),
    (100, "bp"): (1.0, 1.0),
    (100, "gain"): (1.0, 1.0),
    (100, "fa"): (0.3, 10.0),
    (100, "default"): (1.0, 1.0),
    (100, "shallow"): (27.0, 1.0),
    (1000, "bp"): (0.9, 1.0),
    (1000, "gain"): (0.1, 128.0),
    (1000, "fa"): (0.05, 162.0),
    (1000, "default"): (0.3, 1.0),
    (1000, "shallow"): (5.4, 1.0),
}


class Gain(rules.Backpropagation):
    """Backprop whose hidden signal is `feedback_scale` times as long: the second number, which FA has in B."""

    name = "gain"

    def feedback_shapes(self, sizes):
        return [(1, 1)] * (len(sizes) - 2)

    def attach(self, network):
        known = self.feedback is not None
        super().attach(network)
        for gain in [] if known else self.feedback:
            gain.fill_(self.feedback_scale)
        return self

    def feedback_path(self, network):
        return [gain * W.mT for gain, W in zip(self.feedback, network.weights[1:], strict=True)]


RULES = {**rules.RULES, "default": rules.FeedbackAlignment, "gain": Gain}


def cells(seeds=3):
    """For each width and rule, the grid that tunes it, and the test of its best cell.

    seeds: independent networks in each test

    Raises ValueError for seeds below 1.
    """
    seeds = require.count("seeds", seeds)
    return [
        Cell(
            f"{width}-{rule}-{stage}-{count}seeds",
            {
                "rule": rule,
                "sizes": [784, width, 10],
                "activation": "tanh",
                "output": "softmax",
                "learning_rates": rates,
                "feedback_scales": scales,
                "seeds": count,
                "epochs": 2,
                "batch_size": 100,
                "held_out": held_out,
                "seed": seed,
            },
        )
        for (width, rule), tried in GRIDS.items()
        for stage, (rates, scales), count, held_out, seed in (
            ("tuning", tried, 1 if width == 1000 else 2, 10_000, 1),
            ("test", ([value] for value in TUNED[width, rule]), seeds, 0, 100),
        )
    ]


class Tried(Run):
    """A run whose replicas are learning rates × lengths × seeds, the seeds changing fastest."""

    def __init__(self, cell, device="cpu", data=None):
        self.settings = s = cell.settings
        self.shape = len(s["learning_rates"]), len(s["feedback_scales"]), s["seeds"]
        rate, scale, seed = np.array(list(product(s["learning_rates"], s["feedback_scales"], range(s["seeds"])))).T
        one = MLP(s["sizes"], s["activation"], s["output"], s["seeds"], s["seed"], device=device)
        rule = RULES[s["rule"]]().attach(one)
        one.rules = {rule.name: rule}
        network = one.select(seed.astype(int).tolist())
        (rule,) = network.rules.values()
        for B in rule.feedback:
            B.mul_(B.new_tensor(scale).view(-1, 1, 1))
        data, held_out = data or load_mnist(), s["held_out"]
        trainer = trainer_on(device)(
            network,
            data.validation_split(held_out) if held_out else data,
            rule,
            batch_size=s["batch_size"],
            learning_rate=rate.tolist(),
            seed=s["seed"],
        )
        super().__init__(trainer, s["epochs"])
        self.rate, self.first = trainer.optimizer.learning_rate, trainer.optimizer.learning_rate.clone()
        self.run_epoch = self._with_falling_rate

    def _with_falling_rate(self, on_step=lambda: None):
        done = self.done

        def fall():
            nonlocal done
            self.rate.copy_(self.first * (1 - done / self.steps))
            done += 1

        def step():
            fall()
            on_step()

        fall()
        self.trainer.run_epoch(step)

    def result(self):
        """Errors in percent, (epochs, rates, lengths, seeds), of the digits held out or the test digits, and the last
        signal angle, (rates, lengths, seeds), in degrees."""
        history = self.trainer.history
        return {
            "epochs_run": self.epoch,
            "error": plain(history.test_error.reshape(-1, *self.shape), 2),
            "angle": plain(history.alignment[-1, 0].reshape(self.shape), 1),
        }


def report(results):
    """Markdown: for each network and rule the best cell of its grid, and the errors of the test."""
    lines = [
        "| network | rule | learning rate | B or gain | test error, mean (range) (%) | angle | seeds | epochs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    tests = [result for result in results if not result["settings"]["held_out"]]
    for result in sorted(tests, key=lambda r: (r["settings"]["sizes"], list(NAMES).index(r["settings"]["rule"]))):
        s, error = result["settings"], np.array(result["error"][-1], dtype=float)
        angle = np.mean(np.array(result["angle"], dtype=float))
        columns = (
            "-".join(map(str, s["sizes"])),
            NAMES[s["rule"]],
            f"{s['learning_rates'][0]:g}",
            "" if s["rule"] in ("bp", "shallow") else f"× {s['feedback_scales'][0]:g}",
            f"{error.mean():.3g} ({error.min():.3g} to {error.max():.3g})",
            f"{angle:.0f}°" if s["rule"] in ("fa", "default") else "",
            str(s["seeds"]),
            str(result["epochs_run"]),
        )
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


def best(result):
    """The learning rate and the length of the best cell of a grid, by the mean over its seeds."""
    error = np.nan_to_num(np.array(result["error"][-1], dtype=float).mean(-1), nan=np.inf)
    row, column = np.unravel_index(error.argmin(), error.shape)
    return result["settings"]["learning_rates"][row], result["settings"]["feedback_scales"][column]


EXPERIMENT = Experiment("one-hidden-layer", cells, Tried, report)
