"""Training the layers of 784-200-100-10 in stages, with the controls that the demonstration lacks.

The stages of the slides' demonstration, in batches of 500: 90 iterations of layers 1–2 under a readout that does not
learn, 30 of the readout (layer 3), 30 of layers 1–2 again, 30 of all. Two controls tell what the first stage is for:
skip it, or let the readout alone learn, on random hidden layers (shallow). tanh, softmax and cross-entropy, SGD at
0.5; weights and feedback uniform with standard deviation 0.2, the demonstration's, biases zero.
"""

from fa_lessons import MLP, load_mnist, losses, measures, require, rules
from fa_lessons.experiments.grid import Cell, Experiment, plain
from fa_lessons.experiments.runs import percent
from fa_lessons.experiments.table1 import chosen
from fa_lessons.stages import staged
from fa_lessons.training import Trainer

HIDDEN, READOUT, ALL = [0, 1], [2], [0, 1, 2]
# Per stage, the layers that learn and the iterations.
STAGES = [[HIDDEN, 90], [READOUT, 30], [HIDDEN, 30], [ALL, 30]]
SKIPPED = [[HIDDEN, 0], *STAGES[1:]]
READOUT_ONLY = [[READOUT, 0], *([READOUT, 30] for _ in range(3))]
RULES = ("bp", "fa", "dfa")
NAMES = ("1–2", "3", "1–2", "all")


def cells(rules=None, seeds=5):
    """For each rule all four stages, and the first skipped; and the readout alone.

    rules: such as bp,dfa; bp, fa and dfa when left out
    seeds: independent networks in each cell

    Raises ValueError for an unknown rule or seeds below 1.
    """
    rules, seeds = chosen("rules", rules, RULES), require.count("seeds", seeds)
    runs = [(rule, *run) for rule in rules for run in (("all stages", STAGES), ("first stage skipped", SKIPPED))]
    return [
        Cell(
            f"{rule}-{variant.replace(' ', '-')}-{seeds}seeds",
            {
                "rule": rule,
                "variant": variant,
                "seeds": seeds,
                "sizes": [784, 200, 100, 10],
                "activation": "tanh",
                "output": "softmax",
                "deviation": 0.2,
                "stages": stages,
                "learning_rate": 0.5,
                "batch_size": 500,
                "seed": 9,
            },
        )
        for rule, variant, stages in [*runs, ("shallow", "readout only", READOUT_ONLY)]
    ]


class Staged:
    """A run whose epochs are stages; each stage draws its own batches."""

    def __init__(self, cell, device="cpu", data=None):
        self.settings = s = cell.settings
        network = MLP(s["sizes"], s["activation"], s["output"], s["seeds"], s["seed"], device=device)
        rule = rules.resolve(s["rule"], network)
        for weight in [*network.weights, *rule.feedback]:
            weight.mul_(s["deviation"] * (3 * weight.shape[1]) ** 0.5)
        options = {"batch_size": s["batch_size"], "learning_rate": s["learning_rate"], "seed": s["seed"]}
        self.trainer = Trainer(network, data or load_mnist(), rule, **options)
        self.epochs, self.accuracy, self.angle = len(s["stages"]), [], []

    @property
    def epoch(self):
        return self.trainer.epoch

    @property
    def steps(self):
        return sum(steps for _, steps in self.settings["stages"])

    @property
    def done(self):
        return sum(steps for _, steps in self.settings["stages"][: self.epoch])

    def finished(self):
        return self.epoch >= self.epochs

    def run_epoch(self, on_step=lambda: None):
        """One stage, and what it leaves: accuracy, and each hidden layer's signal angle under the run's own rule."""
        trainer = self.trainer
        for _ in staged(trainer, self.settings["stages"][: self.epoch + 1]):
            on_step()
        error = losses.percent_wrong(trainer.network, trainer.test_images, trainer.test_targets)
        angle = measures.alignment_angles(trainer.network, trainer.rule, trainer.images[:256], trainer.targets[:256])
        self.accuracy.append(plain(100 - error, 2))
        self.angle.append(plain(angle.nanmean(-1), 1))

    def state(self):
        return {"trainer": self.trainer.state(), "accuracy": self.accuracy, "angle": self.angle}

    def restore(self, state):
        self.trainer.restore(state["trainer"])
        self.accuracy, self.angle = state["accuracy"], state["angle"]

    def result(self):
        """After each stage: accuracy (stages, seeds) in percent, angle (stages, hidden layers, seeds) in degrees."""
        diverged_at = self.trainer.history.diverged_at.tolist()
        return {"accuracy": self.accuracy, "angle": self.angle, "diverged_at": diverged_at}


def report(results):
    """Markdown: accuracy after each stage, and the last signal angles, mean over seeds."""
    lines = [
        f"| rule | run | {' | '.join(f'after {name}' for name in NAMES)} | angle h1 | angle h2 | seeds |",
        "|" + "---|" * (len(NAMES) + 5),
    ]
    order = ["all stages", "first stage skipped", "readout only"]
    for result in sorted(
        results, key=lambda r: ((*RULES, "shallow").index(r["settings"]["rule"]), order.index(r["settings"]["variant"]))
    ):
        s = result["settings"]
        stages = [percent(stage) for stage in result["accuracy"]]
        angles = ["–" if None in layer else f"{sum(layer) / len(layer):.0f}°" for layer in result["angle"][-1]]
        lines.append(f"| {s['rule'].upper()} | {s['variant']} | {' | '.join([*stages, *angles])} | {s['seeds']} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("layerwise", cells, Staged, report)
