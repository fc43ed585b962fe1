"""Lesson 8's convolutional network by each rule, with filters shared by all places or a filter for every place.

Once through 60,000 images of MNIST or Fashion-MNIST. Each rule's learning rate is chosen first, by a network of another
seed, trained for a few steps and judged on 10,000 images held out. On the CPU, whatever the device.
"""

import numpy as np
import torch

from fa_lessons import data, require, rules
from fa_lessons.experiments.grid import Cell, Experiment, plain
from fa_lessons.experiments.runs import at_edge, percent
from fa_lessons.experiments.table1 import chosen
from fa_lessons.lessons.lesson8 import convolution, feedback

IMAGES = {"MNIST": data.load_mnist, "Fashion-MNIST": data.load_fashion_mnist}
RULES = {
    "bp": rules.Backpropagation,
    "kp": feedback.KolenPollack,
    "sign": feedback.SignSymmetry,
    "dfa": rules.DirectFeedbackAlignment,
    "fa": rules.FeedbackAlignment,
    "frozen": lambda: None,  # the readout alone learns
}
NAMES = {"bp": "BP", "kp": "Kolen–Pollack", "sign": "sign-symmetry", "dfa": "DFA", "fa": "FA", "frozen": "frozen"}
SHARED_RATES, FROZEN_RATES = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6], [0.4, 1.6, 6.4, 12.8, 25.6, 51.2]
OWN_RATES = {  # of the rules that also train a filter for every place
    "bp": [8.0, 16.0, 32.0, 64.0, 128.0, 256.0],
    "dfa": [2.0, 4.0, 8.0, 16.0, 32.0, 64.0],
    "fa": [2.0, 4.0, 8.0, 16.0, 32.0, 64.0],
}


def cells(images=None, rules=None, seeds=3):
    """One cell for each set of images, rule, and kind of filters.

    images: MNIST, Fashion-MNIST; both when left out
    rules: such as bp,fa; bp, kp, sign, dfa, fa and frozen when left out
    seeds: independent networks that are judged

    Raises ValueError for unknown images or rules, and for seeds below 1.
    """
    images, rules = chosen("images", images, IMAGES), chosen("rules", rules, RULES)
    seeds = require.count("seeds", seeds)
    return [
        Cell(
            f"{which}-{'own' if own else 'shared'}-{rule}-{seeds}seeds",
            {
                "images": which,
                "own": own,
                "rule": rule,
                "seeds": seeds,
                "channels": [8, 16],
                "learning_rates": OWN_RATES[rule] if own else FROZEN_RATES if rule == "frozen" else SHARED_RATES,
                "readout_rate": 0.2 if own else None,
                "weight_decay": 1e-3 if rule == "kp" else 0.0,
                "tried_steps": 200,
                "held_out": 10_000,
                "batch": 64,
                "seed": 0,
            },
        )
        for which in images
        for own in (False, True)
        for rule in rules
        if rule in OWN_RATES or not own
    ]


class OnePass:
    """A run whose first epoch is the choice of the learning rate, and the second the pass through all images."""

    epochs = 2

    def __init__(self, cell, device="cpu", images=None):
        self.settings, self.images = cell.settings, images or IMAGES[cell.settings["images"]]()
        self.epoch, self.choice, self.found = 0, None, None

    @property
    def steps(self):
        return self._choosing + self._passing

    @property
    def done(self):
        return (0, self._choosing, self.steps)[self.epoch]

    @property
    def _choosing(self):
        return len(self.settings["learning_rates"]) * self.settings["tried_steps"]

    @property
    def _passing(self):
        return -(-len(self.images.train_images) // self.settings["batch"])

    def finished(self):
        return self.epoch == self.epochs

    @torch.no_grad()
    def run_epoch(self, on_step=lambda: None):
        s = self.settings
        if self.choice is None:
            rates, split = s["learning_rates"], self.images.validation_split(s["held_out"])
            errors = [self._train(split, rate, 1, s["seed"] + 9, s["tried_steps"], on_step)[2][0] for rate in rates]
            self.choice = {"learning_rate": rates[int(np.argmin(errors))], "errors": plain(np.array(errors), 2)}
        else:
            rate = self.choice["learning_rate"]
            steps, angles, error = self._train(self.images, rate, s["seeds"], s["seed"], None, on_step)
            angles = None if angles is None else plain(angles, 1)
            self.found = {"test_error": plain(error, 2), "records": steps, "angles": angles}
        self.epoch += 1

    def _train(self, images, rate, seeds, seed, steps, on_step):
        s = self.settings
        network, rule = convolution.ConvNet(seeds, s["channels"], s["own"], seed), RULES[s["rule"]]()
        if rule:
            network.attach(rule)
        given = s["readout_rate"], s["weight_decay"], steps
        return convolution.train(network, images, rule, rate, *given, batch=s["batch"], on_step=on_step)

    def state(self):
        return {"epoch": self.epoch, "choice": self.choice, "found": self.found}

    def restore(self, state):
        self.epoch, self.choice, self.found = state["epoch"], state["choice"], state["found"]

    def result(self):
        """Test error in percent, (seeds,); angles in degrees, (records, 2 convolutions, seeds), None for `frozen`."""
        return {**self.found, "choice": self.choice}


def by_cell(results):
    """{(images, own filters, rule): result}, in the order of `cells`."""
    found = {tuple(r["settings"][name] for name in ("images", "own", "rule")): r for r in results}
    order = [(which, own, rule) for which in IMAGES for own in (False, True) for rule in RULES]
    return {key: found[key] for key in order if key in found}


def report(results):
    """Markdown: a row a cell, with the angles of both convolutions' signals to backprop's at the end."""
    lines = [
        "| images | filters | rule | learning rate | test error (%) | angle, 1st (°) | angle, 2nd (°) | seeds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (which, own, rule), result in by_cell(results).items():
        angles = [percent(layer) for layer in result["angles"][-1]] if result["angles"] else ["", ""]
        rate = f"{result['choice']['learning_rate']:g}{' (on the edge of its grid)' if at_edge(result) else ''}"
        columns = which, "own" if own else "shared", NAMES[rule], rate, percent(result["test_error"]), *angles
        lines.append(f"| {' | '.join(columns)} | {result['settings']['seeds']} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("convolutions", cells, OnePass, report)
