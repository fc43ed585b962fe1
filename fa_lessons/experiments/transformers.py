"""Lesson 8's transformer in miniature by each rule: two blocks, Python's own help texts, character by character.

bp; dfa; control, which is DFA with B the readout's own weights; frozen, where norm and readout alone learn. From two
starts of the embedding, with two smaller widths, and longer. On the CPU, whatever the device.
"""

import numpy as np

from fa_lessons import require
from fa_lessons.experiments.grid import Cell, Experiment, plain
from fa_lessons.experiments.runs import percent
from fa_lessons.experiments.table1 import chosen
from fa_lessons.lessons.lesson8 import charlm

PLANS = [  # (width, start of the embedding, steps, rules, seeds at most)
    (64, 1.0, 400, charlm.RULES, None),
    (64, 0.02, 400, charlm.RULES, None),
    (16, 1.0, 400, ("bp", "dfa", "frozen"), None),
    (32, 1.0, 400, ("bp", "dfa", "frozen"), None),
    (64, 1.0, 1500, charlm.RULES, 1),
]


def cells(rules=None, seeds=3):
    """One cell for each rule, width, start, and number of steps.

    rules: such as bp,dfa; bp, dfa, control and frozen when left out
    seeds: independent networks in each cell; one in the long runs

    Raises ValueError for an unknown rule, and for seeds below 1.
    """
    rules, seeds = chosen("rules", rules, charlm.RULES), require.count("seeds", seeds)
    return [
        Cell(
            f"{rule}-{width}channels-start{start:g}-{steps}steps-{most or seeds}seeds",
            {
                **{"rule": rule, "width": width, "start": start, "steps": steps, "seeds": most or seeds},
                **{"learning_rate": 3e-3, "record": 100, "seed": 0},
            },
        )
        for width, start, steps, among, most in PLANS
        for rule in among
        if rule in rules
    ]


class Seeds:
    """A run whose epochs are its seeds, one network after another."""

    def __init__(self, cell, device="cpu", text=None):
        self.settings, self.text = cell.settings, text or charlm.characters()
        self.epochs, self.found = cell.settings["seeds"], []

    @property
    def epoch(self):
        return len(self.found)

    @property
    def steps(self):
        return self.epochs * (self.settings["steps"] + 1)

    @property
    def done(self):
        return self.epoch * (self.settings["steps"] + 1)

    def finished(self):
        return self.epoch >= self.epochs

    def run_epoch(self, on_step=lambda: None):
        s = {name: self.settings[name] for name in ("width", "steps", "learning_rate", "start", "record")}
        seed = self.settings["seed"] + self.epoch
        self.found.append(charlm.run(self.settings["rule"], self.text, **s, seed=seed, on_step=on_step))

    def state(self):
        return {"found": self.found}

    def restore(self, state):
        self.found = state["found"]

    def result(self):
        """Validation losses in nats, (seeds, records), and the angles at both blocks at the end, (seeds, 0 or 2)."""
        records, losses, angles = zip(*self.found, strict=True)
        return {"records": records[0], "losses": plain(np.array(losses), 4), "angles": plain(np.array(angles), 1)}


def report(results):
    """Markdown: a row a cell, the validation loss at the end."""
    lines = ["| channels | embedding | steps | rule | nats a character | seeds |", "|---|---|---|---|---|---|"]
    order = {cell.name.rpartition("-")[0]: place for place, cell in enumerate(cells())}
    for result in sorted(results, key=lambda r: order.get(r["name"].rpartition("-")[0], len(order))):
        s, ends = result["settings"], [losses[-1] for losses in result["losses"]]
        columns = s["width"], f"{s['start']:g}", s["steps"], s["rule"], percent(ends), s["seeds"]
        lines.append(f"| {' | '.join(map(str, columns))} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("transformers", cells, Seeds, report)
