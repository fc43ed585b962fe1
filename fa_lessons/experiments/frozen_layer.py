"""Nøkland 2016, error curves of two tanh layers: once with the first layer frozen, once with all layers learning.

A first layer that does not learn hands random features to the layers above; what full training gains over it is what
the rule teaches the first layer. Settings are Table 1's, except that FA and DFA start alike in both runs: a random
first layer, zeros above. BP starts random.
"""

from fa_lessons import require
from fa_lessons.experiments import table1
from fa_lessons.experiments.grid import Cell, Experiment
from fa_lessons.experiments.runs import Run, last, percent

RULES = ("bp", "fa", "dfa")


def cells(rules=None, seeds=5, epochs=table1.EPOCHS, hidden=800):
    """Two cells a rule: the first layer frozen, and all layers learning.

    rules: such as bp,dfa; bp, fa and dfa when left out
    seeds: independent networks in each cell
    epochs: at most; a cell stops where its training error does
    hidden: units in each of the two hidden layers

    Raises ValueError for an unknown rule, and for seeds, epochs or hidden units below 1.
    """
    rules = table1.chosen("rules", rules, RULES)
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    hidden = require.count("hidden", hidden)
    return [
        Cell(
            f"2x{hidden}-{rule}-{'frozen' if frozen else 'full'}-{epochs}epochs-{seeds}seeds",
            {
                "rule": rule,
                "frozen": frozen,
                "seeds": seeds,
                "epochs": epochs,
                "sizes": [784, hidden, hidden, 10],
                "activation": "tanh",
                "start": table1.RANDOM if rule == "bp" else table1.ZERO_ABOVE,
                "feedback": {"fa": table1.REPLACED, "dfa": table1.DIRECT}.get(rule),
                **table1.TRAINING,
            },
        )
        for rule in rules
        for frozen in (True, False)
    ]


def start(cell, device="cpu", data=None):
    """A run of one cell; the seeds are replicas of one network."""
    s = cell.settings
    trainer = table1.start_trainer(s, device, data)
    if s["frozen"]:
        trainer.layers = range(1, len(s["sizes"]) - 1)
    return Run(trainer, s["epochs"], table1.STOP_AT)


def report(results):
    """Markdown: the last point of every error curve; the curves themselves are in the result files."""
    lines = [
        "| hidden layers | rule | first layer | test error (%) | training error (%) | seeds | epochs |",
        "|---|---|---|---|---|---|---|",
    ]
    order = sorted(results, key=lambda r: (r["settings"]["sizes"], RULES.index(r["settings"]["rule"]), r["name"]))
    for result in order:
        s = result["settings"]
        curves = (percent(last(result[name])) for name in ("test_error", "train_error"))
        layer = "frozen" if s["frozen"] else "learns"
        shape = f"2 × {s['sizes'][1]}"
        columns = (
            shape,
            s["rule"].upper(),
            layer,
            *curves,
            str(s["seeds"]),
            f"{result['epochs_run']} of {s['epochs']}",
        )
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("frozen-layer", cells, start, report)
