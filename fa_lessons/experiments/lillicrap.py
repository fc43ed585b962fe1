"""The setting of Lillicrap et al. 2016 on MNIST: 784-1000-10, sigmoid units, squared error, one digit a step.

Weight decay is theirs, (1 - 1e-6) W in each step. Of their learning rate, 0.001, and their search by hand for the
starting weights and B nothing more is known here, so each rule has its learning rate, FA the length of B and `gain`,
backprop with that second number, the length of its hidden signal chosen: 25,000 digits, one seed, judged on 10,000
held out. Then fresh seeds with that choice pass through all digits, and are judged on the test digits. On the CPU,
whatever the device: a step of one digit is too short for another.
"""

import time
from itertools import product

import numpy as np
import torch
from torch.nn.functional import embedding_bag

from fa_lessons import MLP, load_mnist, losses, require
from fa_lessons.draws import generator
from fa_lessons.experiments.grid import Cell, Experiment, plain
from fa_lessons.experiments.one_hidden_layer import NAMES, RULES
from fa_lessons.experiments.runs import at_edge, percent
from fa_lessons.experiments.table1 import chosen

PAPER = {"bp": 2.4, "fa": 2.1}  # test error, percent, as usually quoted
GRIDS = {
    "bp": ([0.03, 0.1, 0.3, 1.0], [1.0]),
    "gain": ([0.003, 0.01, 0.03, 0.1, 0.3], [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0]),
    "fa": ([0.003, 0.01, 0.03, 0.1], [4.0, 16.0, 64.0, 256.0]),
    "shallow": ([0.003, 0.01, 0.03, 0.1], [1.0]),
}


def cells(rules=None, seeds=5, epochs=15):
    """One cell a rule.

    rules: such as bp,fa; bp, gain, fa and shallow when left out
    seeds: independent networks that are judged
    epochs: 60,000 digits, and as many steps, each

    Raises ValueError for an unknown rule, and for seeds or epochs below 1.
    """
    rules = chosen("rules", rules, GRIDS)
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    return [
        Cell(
            f"{rule}-{epochs}epochs-{seeds}seeds",
            {
                "rule": rule,
                "seeds": seeds,
                "epochs": epochs,
                "sizes": [784, 1000, 10],
                "initial_scale": 6.0,
                "learning_rates": GRIDS[rule][0],
                "feedback_scales": GRIDS[rule][1],
                "weight_decay": 1e-6,
                "digits": 25_000,
                "held_out": 10_000,
                "seed": 17,
            },
        )
        for rule in rules
    ]


class OneDigit:
    """A network of one hidden sigmoid layer, and a step on one digit.

    W1 is kept as `shrunk` times another matrix, so that a step touches only the rows of pixels that are not dark:
    decay changes the factor alone. `settle` multiplies it in.
    """

    def __init__(self, s, rule, seed):
        self.network = MLP(s["sizes"], "sigmoid", "sigmoid", seed=seed, initial_scale=s["initial_scale"])
        self.decay, self.shrunk = s["weight_decay"], 1.0
        self.rule = rule.attach(self.network)

    def step(self, pixels, values, target, learning_rate):
        """pixels: the numbers of those that are not dark; values: theirs; target: (n_out,)."""
        (W1, W2), (b1, b2) = self.network.weights, self.network.biases
        lit = embedding_bag(pixels[None], W1[0], mode="sum", per_sample_weights=values[None])
        h = torch.sigmoid(self.shrunk * lit + b1)
        y = torch.sigmoid(h @ W2 + b2)
        error = (y - target) * y * (1 - y)  # the slope of half the squared error
        below, error = self.rule.deltas(self.network, [None, h, y], error)
        keep = 1 - self.decay
        self.shrunk *= keep
        W2.mul_(keep).baddbmm_(h.mT, error, alpha=-learning_rate)
        b2.sub_(error, alpha=learning_rate)
        if below is not None:
            W1[0].index_add_(0, pixels, torch.outer(values, below[0, 0]), alpha=-learning_rate / self.shrunk)
            b1.sub_(below, alpha=learning_rate)

    def settle(self):
        self.network.weights[0].mul_(self.shrunk)
        self.shrunk = 1.0

    def parameters(self):
        return self.network.weights + self.network.biases

    def error(self, images, target):
        return losses.percent_wrong(self.network, images, target).item()


class Passes:
    """A run whose first epoch is the choice on held-out digits; then fresh seeds pass through all digits."""

    def __init__(self, cell, device="cpu", data=None):
        self.settings, self.data = cell.settings, data or load_mnist()
        self.epochs, self.epoch, self.choice, self.seeds, self.errors = 1 + cell.settings["epochs"], 0, None, [], []

    @property
    def tried(self):
        return list(product(self.settings["learning_rates"], self.settings["feedback_scales"]))

    @property
    def steps(self):
        return self._choosing + self.settings["epochs"] * self._passing

    @property
    def done(self):
        return min(self.epoch, 1) * self._choosing + max(self.epoch - 1, 0) * self._passing

    @property
    def _choosing(self):
        return len(self.tried) * self.settings["digits"]

    @property
    def _passing(self):
        return self.settings["seeds"] * len(self.data.train_images)

    def finished(self):
        return self.epoch >= self.epochs

    @torch.no_grad()
    def run_epoch(self, on_step=lambda: None):
        if self.choice is None:
            self._choose(on_step)
            self.seeds = [self._network(self.choice["feedback_scale"], seed) for seed in self._fresh]
        else:
            for network in self.seeds:
                self._pass(network, self.data, len(self.data.train_images), self.choice["learning_rate"], on_step)
            self.errors.append([self._error(network, self.data) for network in self.seeds])
        self.epoch += 1

    @property
    def _fresh(self):
        return [self.settings["seed"] + 1 + seed for seed in range(self.settings["seeds"])]

    def _network(self, scale, seed):
        return OneDigit(self.settings, RULES[self.settings["rule"]](feedback_scale=scale), seed)

    def _choose(self, on_step):
        s = self.settings
        split, errors = self.data.validation_split(s["held_out"]), []
        for rate, scale in self.tried:
            network = self._network(scale, s["seed"])
            self._pass(network, split, s["digits"], rate, on_step)
            errors.append(self._error(network, split))
        rate, scale = self.tried[int(np.nanargmin(errors))]
        shape = len(s["learning_rates"]), len(s["feedback_scales"])
        self.choice = {"learning_rate": rate, "feedback_scale": scale, "errors": plain(np.reshape(errors, shape), 2)}

    def _pass(self, network, data, count, rate, on_step):
        order = torch.randperm(len(data.train_images), generator=generator(self.settings["seed"], "order", self.epoch))
        targets = torch.eye(10)
        for index in order[:count].tolist():
            image = torch.from_numpy(data.train_images[index])
            pixels = image.nonzero().flatten()
            network.step(pixels, image[pixels], targets[data.train_labels[index]], rate)
            on_step()
        network.settle()

    def _error(self, network, data):
        return network.error(*losses.prepare(network.network, data.test_images, data.test_labels))

    def seconds_per_epoch(self):
        """About how long a pass of all seeds through the digits takes. The run is of no use afterwards."""
        network, count = self._network(1.0, 0), 300
        start = time.perf_counter()
        with torch.no_grad():
            self._pass(network, self.data, count, self.settings["learning_rates"][0], lambda: None)
        return (time.perf_counter() - start) / count * self._passing

    def state(self):
        parameters = [network.parameters() for network in self.seeds]
        return {"epoch": self.epoch, "choice": self.choice, "errors": self.errors, "parameters": parameters}

    def restore(self, state):
        self.epoch, self.choice, self.errors = state["epoch"], state["choice"], state["errors"]
        self.seeds = [self._network(self.choice["feedback_scale"], seed) for seed in self._fresh if self.choice]
        for network, parameters in zip(self.seeds, state["parameters"], strict=True):
            for own, kept in zip(network.parameters(), parameters, strict=True):
                own.copy_(kept)

    def result(self):
        """Test errors in percent, (epochs, seeds), and the choice: learning rate, scale, the errors of the grid."""
        return {"epochs_run": len(self.errors), "test_error": plain(np.array(self.errors), 2), "choice": self.choice}


def report(results):
    """Markdown: a row a rule, the paper's number beside ours, and the passes that ours is after."""
    lines = [
        "| rule | learning rate | B or gain | test error, last pass (%) | lowest of all passes | digits seen | paper |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in sorted(results, key=lambda r: (list(GRIDS).index(r["settings"]["rule"]), r["name"])):
        s, choice, curves = result["settings"], result["choice"], np.array(result["test_error"], dtype=float)
        edge = "".join(f" ({name.replace('_', ' ')} on the edge of its grid)" for name in at_edge(result))
        columns = (
            NAMES[s["rule"]],
            f"{choice['learning_rate']:g}{edge}",
            f"× {choice['feedback_scale']:g}" if len(s["feedback_scales"]) > 1 else "",
            percent(curves[-1]),
            percent(curves.min(0)),
            f"{result['epochs_run']} × 60,000",
            f"{PAPER[s['rule']]} %" if s["rule"] in PAPER else "",
        )
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("lillicrap", cells, Passes, report)
