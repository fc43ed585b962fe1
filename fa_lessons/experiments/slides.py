"""The slides' own reproduction again: 784-100-10 and 784-200-100-10 with the settings of their code, and a control.

The code is xuexue/randombp: sigmoid units, softmax and cross-entropy, W and B normal with standard deviation 0.2, cut
at two of them, biases 0, learning rate 0.5, batches of 1000, 50 passes; FA with one hidden layer has a constant of 1e-5
subtracted from every weight and bias in each step, the others nothing. The slides' curves exist as pictures only; PAPER
holds where they end, read off by eye, to about half a point. They trained on 55,000 digits, here it is all 60,000.
"""

import torch

from fa_lessons import MLP, inputs, load_mnist, optimizers, require, rules
from fa_lessons.draws import generator
from fa_lessons.experiments.grid import Cell, Experiment
from fa_lessons.experiments.recorded import trainer_on
from fa_lessons.experiments.runs import Run, last, percent
from fa_lessons.experiments.table1 import chosen

NETWORKS = {"100": ("bp", "fa", "shallow"), "200-100": ("bp", "fa", "dfa", "shallow")}
# Accuracy, percent, at the end of the slides' curves. DFA's is that of the training digits, the others' of the test's.
PAPER = {
    ("100", "bp"): 95.9,
    ("100", "fa"): 93.9,
    ("200-100", "bp"): 96.2,
    ("200-100", "fa"): 92.7,
    ("200-100", "dfa"): 94.5,
}
DECAYS = {("100", "fa"): 1e-5}


def cells(networks=None, seeds=2, epochs=50):
    """One cell for each network and rule.

    networks: such as 100; 100 and 200-100, the hidden layers, when left out
    seeds: independent networks in each cell
    epochs: of every cell

    Raises ValueError for an unknown network, and for seeds or epochs below 1.
    """
    networks = chosen("networks", networks, NETWORKS)
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    return [
        Cell(
            f"{hidden}-{rule}-{epochs}epochs-{seeds}seeds",
            {
                "hidden": hidden,
                "rule": rule,
                "seeds": seeds,
                "epochs": epochs,
                "sizes": [784, *map(int, hidden.split("-")), 10],
                "activation": "sigmoid",
                "output": "softmax",
                "learning_rate": 0.5,
                "constant": DECAYS.get((hidden, rule), 0.0),
                "batch_size": 1000,
                "seed": 19,
            },
        )
        for hidden in networks
        for rule in NETWORKS[hidden]
    ]


class Constant(optimizers.SGD):
    """The slides' update: beside the gradient's part, `weight_decay` itself is subtracted from every parameter."""

    name = "constant"

    def __init__(self, *settings):
        super().__init__(*settings)
        self.decays = False

    def update(self, layer, below, delta):
        super().update(layer, below, delta)
        for parameter in (self.network.weights[layer], self.network.biases[layer]):
            parameter.sub_(self.weight_decay)


def start(cell, device="cpu", data=None):
    """A run of one cell; the seeds are replicas of one network."""
    s = cell.settings
    network = MLP(s["sizes"], s["activation"], s["output"], s["seeds"], s["seed"], device=device)
    rule = rules.RULES[s["rule"]]().attach(network)
    for layer, matrix in enumerate(network.weights + rule.feedback):
        for replica, values in enumerate(matrix):
            draws, source = torch.empty(values.shape), generator(s["seed"], layer, replica)
            values.copy_(torch.nn.init.trunc_normal_(draws, std=0.2, a=-0.4, b=0.4, generator=source))
    trainer = trainer_on(device)(
        network,
        data or load_mnist(),
        rule,
        batch_size=s["batch_size"],
        learning_rate=s["learning_rate"],
        seed=s["seed"],
        records_per_epoch=1,
    )
    pair = (inputs.per_replica(name, s[name], s["seeds"]) for name in ("learning_rate", "constant"))
    trainer.optimizer = Constant(network, *pair)
    return Run(trainer, s["epochs"])


def report(results):
    """Markdown: a row a network and rule, ours and where the slides' curve ends."""
    lines = [
        "| hidden layers | rule | test accuracy (%) | training accuracy (%) | slides | seeds | passes |",
        "|---|---|---|---|---|---|---|",
    ]

    def place(result):
        hidden, rule = result["settings"]["hidden"], result["settings"]["rule"]
        return list(NETWORKS).index(hidden), NETWORKS[hidden].index(rule), result["name"]

    for result in sorted(results, key=place):
        s = result["settings"]
        read = PAPER.get((s["hidden"], s["rule"]))
        columns = (
            s["hidden"],
            s["rule"].upper(),
            percent(100 - last(result["test_error"])),
            percent(100 - last(result["train_error"])),
            "" if read is None else f"{read:.1f}" + (" (training digits)" if s["rule"] == "dfa" else ""),
            str(s["seeds"]),
            f"{result['epochs_run']} of {s['epochs']}",
        )
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("slides", cells, start, report)
