"""Table 1's cell FA, 2×800 tanh, whose number differs from the paper's beyond chance: one thing changed at a time.

What the author's code decides, and the paper does not say: the start above the first layer, where the feedback comes
from, RMSprop's smoothing and ε, the order of the digits. Each change alone; else as in `table1`.
"""

from fa_lessons import require
from fa_lessons.experiments import table1
from fa_lessons.experiments.grid import Cell, Experiment
from fa_lessons.experiments.runs import Run, last, percent

CHANGES = {
    "none": {},
    "own-feedback": {"feedback": table1.OWN},
    "random-start": {"feedback": table1.OWN, "start": table1.RANDOM},
    "smoothing-0.9": {"smoothing": 0.9},
    "epsilon-1e-4": {"epsilon": 1e-4},
    "other-order": {"order": 1},
}


def cells(changes=None, seeds=2, epochs=table1.EPOCHS, hidden=800):
    """One cell a change.

    changes: such as none,random-start; all when left out
    seeds: independent networks in each cell
    epochs: at most; a cell stops where its training error does
    hidden: units in each of the two hidden layers

    Raises ValueError for an unknown change, and for seeds, epochs or hidden units below 1.
    """
    changes = table1.chosen("changes", changes, CHANGES)
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    hidden = require.count("hidden", hidden)
    plain = table1.settings("2x800-tanh", "fa", seeds, epochs) | {"sizes": [784, hidden, hidden, 10]}
    return [
        Cell(f"2x{hidden}-{change}-{epochs}epochs-{seeds}seeds", plain | {"change": change} | changed)
        for change, changed in ((change, CHANGES[change]) for change in changes)
    ]


def start(cell, device="cpu", data=None):
    """A run of one cell; the seeds are replicas of one network."""
    s = cell.settings
    trainer = table1.start_trainer(s, device, data)
    trainer.seed += s.get("order", 0)
    trainer.optimizer.SMOOTHING = s.get("smoothing", trainer.optimizer.SMOOTHING)
    trainer.optimizer.EPSILON = s.get("epsilon", trainer.optimizer.EPSILON)
    return Run(trainer, s["epochs"], table1.STOP_AT)


def report(results):
    """Markdown: a row a change; beside the last epoch's error, the lowest of all epochs, chosen on the test set."""
    lines = [
        "| changed | test error, last epoch (%) | lowest of all epochs (%) | seeds | epochs |",
        "|---|---|---|---|---|",
    ]
    for result in sorted(results, key=lambda r: (list(CHANGES).index(r["settings"]["change"]), r["name"])):
        curves = [[row[seed] for row in result["test_error"]] for seed in range(result["settings"]["seeds"])]
        columns = (
            result["settings"]["change"],
            percent(last(result["test_error"])),
            percent([min(curve) for curve in curves]),
            str(result["settings"]["seeds"]),
            f"{result['epochs_run']} of {result['settings']['epochs']}",
        )
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


EXPERIMENT = Experiment("one-change", cells, start, report)
