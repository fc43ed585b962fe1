"""Is it depth that silences backprop, or the start? Every rule from three starts, each tuned, at up to 100 layers.

Networks of 64 tanh units a layer with a softmax output, RMSprop, batches of 64, 10,000 digits, all for one length of
training. The starts: "default", uniform in ± 1/sqrt(n_in); "wide", in ± sqrt(3/n_in); "orthogonal", hidden matrices
that keep every length. Learning rate and length of B are chosen on held-out digits with one seed; then fresh seeds are
trained with that choice, and judged on the test digits. Beside the rules the shallow network, whose readout alone
learns.
"""

from dataclasses import replace

import numpy as np
import torch

from fa_lessons import MLP, load_mnist, require, rules
from fa_lessons.experiments.grid import Cell, Experiment, plain
from fa_lessons.experiments.recorded import trainer_on
from fa_lessons.experiments.runs import Run, at_edge, last, percent
from fa_lessons.experiments.table1 import chosen
from fa_lessons.tuning import EdgeOfGrid, tune

RULES = ("bp", "fa", "dfa", "shallow")
DEPTHS = (1, 2, 4, 7, 20, 100)
STARTS = ("default", "wide", "orthogonal")
RATES = [3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2]
READOUT_RATES = [1e-4, 1e-3, 1e-2, 1e-1]
SCALES = [1.0, 3**0.5, 3.0]  # of FA's chain; DFA passes one B, and RMSprop divides its length out


def cells(rules=None, depths=None, starts=None, seeds=5, epochs=3):
    """One cell for each rule and depth from the default start, and at 20 layers from each start.

    rules: such as bp,dfa; bp, fa, dfa and shallow when left out
    depths: such as 7,20; 1, 2, 4, 7, 20 and 100 when left out
    starts: such as orthogonal; all three when left out
    seeds: independent networks that are judged
    epochs: of the choice, and of every network

    Raises ValueError for an unknown rule, depth or start, and for seeds or epochs below 1.
    """
    names, starts = chosen("rules", rules, RULES), chosen("starts", starts, STARTS)
    depths = [str(depth) for depth in depths] if isinstance(depths, list | tuple) else depths
    depths = map(int, chosen("depths", depths, [str(depth) for depth in DEPTHS]))
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    return [
        Cell(
            f"{depth}x64-{start}-{rule}-{epochs}epochs-{seeds}seeds",
            {
                "rule": rule,
                "depth": depth,
                "start": start,
                "seeds": seeds,
                "epochs": epochs,
                "sizes": [784, *[64] * depth, 10],
                "activation": "tanh",
                "output": "softmax",
                "optimizer": "rmsprop",
                "learning_rates": READOUT_RATES if rule == "shallow" else RATES,
                "feedback_scales": SCALES if rule == "fa" else [1.0],
                "batch_size": 64,
                "digits": 10_000,
                "held_out": 10_000,
                "seed": 13,
            },
        )
        for depth in depths
        for start in starts
        if start == "default" or depth == 20
        for rule in names
    ]


def network(s, seeds, seed, device="cpu"):
    """`seeds` networks of the sizes in `s` from its start."""
    scale = 3**0.5 if s["start"] == "wide" else 1.0
    found = MLP(s["sizes"], s["activation"], s["output"], seeds, seed, scale, device=device)
    source = torch.Generator().manual_seed(seed)
    for weight in found.weights[1:-1] if s["start"] == "orthogonal" else ():
        for replica in weight:
            square = torch.empty(replica.shape)
            replica.copy_(torch.nn.init.orthogonal_(square, generator=source))
    return found


class Chosen:
    """A run whose first epoch is the choice on held-out digits; then fresh seeds train, on test digits judged."""

    def __init__(self, cell, device="cpu", data=None):
        self.settings = s = cell.settings
        self.data, self.device, self.epochs = data or load_mnist(), device, 1 + s["epochs"]
        self.choice, self.run = None, None

    @property
    def epoch(self):
        return 0 if self.run is None else 1 + self.run.epoch

    @property
    def steps(self):
        s = self.settings
        return self.epochs * -(-s["digits"] // s["batch_size"])

    @property
    def done(self):
        return self.epoch * self.steps // self.epochs

    def finished(self):
        return self.epoch >= self.epochs

    def run_epoch(self, on_step=lambda: None):
        if self.run is not None:
            return self.run.run_epoch(on_step)
        self.choice = self._choose()
        self.run = self._start()

    def _choose(self):
        s = self.settings
        split = self.data.validation_split(s["held_out"])
        few = replace(split, test_images=split.test_images[:2000], test_labels=split.test_labels[:2000])
        options = {name: s[name] for name in ("optimizer", "batch_size", "seed")}
        grid = s["learning_rates"], s["feedback_scales"], s["epochs"]
        one = network(s, 1, s["seed"] + 1, self.device)
        try:
            tuned, edge = (
                tune(s["rule"], one, _first(few, s), *grid, progress=False, records_per_epoch=1, **options),
                "",
            )
        except EdgeOfGrid as error:
            tuned, edge = error.tuned, str(error)
        errors = plain(tuned.errors[..., 0], 2)
        rate, scale = tuned.learning_rate, tuned.feedback_scale
        return {"learning_rate": rate, "feedback_scale": scale, "errors": errors, "edge": edge}

    def _start(self):
        s, rate = self.settings, self.choice["learning_rate"]
        judged = network(s, s["seeds"], s["seed"], self.device)
        options = {name: s[name] for name in ("optimizer", "batch_size", "seed")}
        trainer = trainer_on(self.device)(
            judged,
            _first(self.data, s),
            rules.RULES[s["rule"]](feedback_scale=self.choice["feedback_scale"]),
            learning_rate=rate,
            records_per_epoch=1,
            **options,
        )
        return Run(trainer, s["epochs"])

    def seconds_per_epoch(self):
        """About how long one epoch of the judged networks takes. The run is of no use afterwards."""
        self.choice = {"learning_rate": self.settings["learning_rates"][0], "feedback_scale": 1.0}
        return self._start().seconds_per_epoch()

    def state(self):
        return {"choice": self.choice, "run": self.run and self.run.state()}

    def restore(self, state):
        self.choice = state["choice"]
        if self.choice:
            self.run = self._start()
            self.run.restore(state["run"])

    def result(self):
        """`Run`'s, and the choice: learning rate, feedback scale, the grid's held-out errors, a note for an edge."""
        return {**self.run.result(), "choice": self.choice}


def _first(data, s):
    count = s["digits"]
    return replace(data, train_images=data.train_images[:count], train_labels=data.train_labels[:count])


def report(results):
    """Markdown: test error for each depth, start and rule, and the choice that it was reached with."""
    lines = [
        "| hidden layers | start | rule | test error (%) | each seed | learning rate | scale of B | epochs |",
        "|---|---|---|---|---|---|---|---|",
    ]

    def place(result):
        s = result["settings"]
        return s["depth"], STARTS.index(s["start"]), RULES.index(s["rule"])

    for result in sorted(results, key=place):
        s, choice, errors = result["settings"], result["choice"], last(result["test_error"])
        columns = (
            str(s["depth"]),
            s["start"],
            s["rule"].upper(),
            percent(errors),
            ", ".join(f"{error:.0f}" for error in np.sort(errors)),
            f"{choice['learning_rate']:g}{' (edge of the grid)' if 'learning_rate' in at_edge(result) else ''}",
            f"{choice['feedback_scale']:.2g}" if s["rule"] == "fa" else "–",
            str(s["epochs"]),
        )
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("starts", cells, Chosen, report)
