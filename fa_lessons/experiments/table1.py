"""Nøkland 2016, Table 1: ten architectures on MNIST, trained by BP, FA and DFA (and IFA, which the table leaves out).

Settings follow the author's own code (anokland/dfa-torch): RMSprop at 1e-4, batches of 64, logistic outputs with
binary cross-entropy, no weight decay, 300 epochs or until the training error is at most 0.01 % (there each seed by
itself, here all seeds together). Weights start uniform in ± 1/sqrt(n_in). DFA starts tanh and logistic networks from
zero weights; FA starts with a random first layer and zeros above, and its feedback is a copy of the weights that the
zeros replace; BP, IFA and all ReLU networks, whose units have no slope at zero, start random. Other feedback is drawn
by itself, DFA's uniform in ± 1/sqrt(units). Biases start at zero. Dropout silences 10 % of the inputs and half of the
hidden units. The adversarial row trains on the fast gradient sign's images alone, ε = 0.08, whose input gradient is
backprop's for every rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from fa_lessons import MLP, load_mnist, require, rules
from fa_lessons.claims import INCONCLUSIVE, NOT_REPRODUCED, NOT_RUN, NOT_TESTABLE, REPRODUCED
from fa_lessons.experiments.grid import Cell, Experiment
from fa_lessons.experiments.recorded import trainer_on
from fa_lessons.experiments.runs import Run, last, mean_and_sd, percent

RULES = ("bp", "fa", "dfa", "ifa")
EPOCHS = 300  # the paper's
STOP_AT = 0.01  # percent training error
MARGIN = 0.15  # points of test error: two numbers that differ by less are taken for the same

ROWS = {
    "7x240-tanh": {"hidden": [240] * 7},
    "100x240-tanh": {"hidden": [240] * 100},
    "1x800-tanh": {"hidden": [800]},
    "2x800-tanh": {"hidden": [800] * 2},
    "3x800-tanh": {"hidden": [800] * 3},
    "4x800-tanh": {"hidden": [800] * 4},
    "2x800-logistic": {"hidden": [800] * 2, "activation": "sigmoid"},
    "2x800-relu": {"hidden": [800] * 2, "activation": "relu"},
    "2x800-tanh-dropout": {"hidden": [800] * 2, "dropout": [0.1, 0.5]},
    "2x800-tanh-adversarial": {"hidden": [800] * 2, "adversarial": 0.08},
}

# Test error in percent, mean and spread, as the slides quote the paper; no entry: training did not converge.
PAPER = {
    "7x240-tanh": {"bp": (2.16, 0.13), "fa": (2.20, 0.13), "dfa": (2.32, 0.15)},
    "100x240-tanh": {"dfa": (3.92, 0.09)},
    "1x800-tanh": {"bp": (1.59, 0.04), "fa": (1.68, 0.05), "dfa": (1.68, 0.05)},
    "2x800-tanh": {"bp": (1.60, 0.06), "fa": (1.64, 0.03), "dfa": (1.74, 0.08)},
    "3x800-tanh": {"bp": (1.75, 0.05), "fa": (1.66, 0.09), "dfa": (1.70, 0.04)},
    "4x800-tanh": {"bp": (1.92, 0.11), "fa": (1.70, 0.04), "dfa": (1.83, 0.07)},
    "2x800-logistic": {"bp": (1.67, 0.03), "fa": (1.82, 0.10), "dfa": (1.75, 0.04)},
    "2x800-relu": {"bp": (1.48, 0.06), "fa": (1.74, 0.10), "dfa": (1.70, 0.06)},
    "2x800-tanh-dropout": {"bp": (1.26, 0.03), "fa": (1.53, 0.03), "dfa": (1.45, 0.07)},
    "2x800-tanh-adversarial": {"bp": (1.01, 0.08), "fa": (1.14, 0.03), "dfa": (1.02, 0.05)},
}


RANDOM, ZERO, ZERO_ABOVE = "random", "zero", "zero above the first layer"
REPLACED, OWN, DIRECT = "the initial weights", "uniform ± 1/sqrt(units above)", "uniform ± 1/sqrt(units)"


def cells(rows=None, rules=None, seeds=5, epochs=EPOCHS):
    """The grid's cells for some rows and rules.

    rows: of the table, such as 2x800-tanh,2x800-relu; all when left out
    rules: such as bp,dfa; the paper's three when left out
    seeds: independent networks in each cell
    epochs: at most; a cell stops where its training error does

    Raises ValueError for an unknown row or rule, listing the known ones, and for seeds or epochs below 1.
    """
    rows, rules = chosen("rows", rows, ROWS), chosen("rules", rules, RULES, RULES[:3])
    seeds, epochs = require.count("seeds", seeds), require.count("epochs", epochs)
    return [
        Cell(f"{row}-{rule}-{epochs}epochs-{seeds}seeds", settings(row, rule, seeds, epochs))
        for row in rows
        for rule in rules
    ]


def chosen(name, items, known, default=None):
    """`items` without repetitions; where left out, `default`, or all that are known.

    Raises ValueError for what is no list of known names, and for an empty one.
    """
    if items is None:
        return list(default or known)
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise ValueError(f"{name} must be a list of some of {', '.join(known)}, got {items!r}")
    items = list(items)
    for item in items:
        if not isinstance(item, str) or item not in known:
            raise ValueError(f"{name} must be among {', '.join(known)}, got {item!r}")
    if not items:
        raise ValueError(f"{name} must be one or more of {', '.join(known)}, got none")
    return list(dict.fromkeys(items))


def settings(row, rule, seeds, epochs):
    """All that decides a cell's result, as plain values."""
    activation = ROWS[row].get("activation", "tanh")
    relu = activation == "relu"
    start = RANDOM if relu else {"fa": ZERO_ABOVE, "dfa": ZERO}.get(rule, RANDOM)
    return {
        "row": row,
        "rule": rule,
        "seeds": seeds,
        "epochs": epochs,
        "sizes": [784, *ROWS[row]["hidden"], 10],
        "activation": activation,
        "start": start,
        "feedback": {"fa": OWN if relu else REPLACED, "dfa": DIRECT, "ifa": DIRECT}.get(rule),
        "dropout": ROWS[row].get("dropout"),
        "adversarial": ROWS[row].get("adversarial", 0.0),
        **TRAINING,
    }


# What all rows share.
TRAINING = {"output": "sigmoid", "optimizer": "rmsprop", "learning_rate": 1e-4, "batch_size": 64, "seed": 2016}


def start(cell, device="cpu", data=None):
    """A run of one cell; the seeds are replicas of one network."""
    return Run(start_trainer(cell.settings, device, data), cell.settings["epochs"], STOP_AT)


def start_trainer(s, device="cpu", data=None):
    """A trainer with the settings `s`, on MNIST where no other data is given."""
    return trainer_on(device)(
        start_network(s, device),
        data or load_mnist(),
        s["rule"],
        batch_size=s["batch_size"],
        learning_rate=s["learning_rate"],
        optimizer=s["optimizer"],
        seed=s["seed"],
        records_per_epoch=1,
        dropout=s.get("dropout"),
        adversarial=s.get("adversarial", 0.0),
    )


def start_network(s, device="cpu"):
    """The network that the settings `s` describe, with the feedback of the author's code for its rule."""
    network = MLP(s["sizes"], s["activation"], s["output"], s["seeds"], s["seed"], device=device)
    rule = rules.RULES[s["rule"]]()
    if s["feedback"] == REPLACED:
        rule.feedback = [weight.mT.clone() for weight in network.weights[1:]]
    elif s["feedback"] == DIRECT:
        rule.feedback_scale = (s["sizes"][-1] / s["sizes"][1]) ** 0.5  # hidden layers are of one size
    network.rules[s["rule"]] = rule.attach(network)
    for weight in {RANDOM: [], ZERO: network.weights, ZERO_ABOVE: network.weights[1:]}[s["start"]]:
        weight.zero_()
    return network


def report(results):
    """The table as Markdown: the paper's number beside ours, the difference in standard errors, and a verdict.

    A verdict's interval is the 95 % confidence interval of ours minus the paper's, in points.
    """
    best = longest(results)
    lines = [
        "| row | rule | paper (test error, %) | ours, mean ± sd (%) | seeds | epochs "
        "| difference (standard errors) | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row, rule, best[row, rule]) for row in ROWS for rule in RULES if (row, rule) in best]
    return "\n".join(lines)


def longest(results):
    """{(row, rule): result}, of several runs of a cell the one with the most epochs, then with the most seeds."""
    best = {}
    for result in sorted(results, key=lambda r: (r["settings"]["epochs"], r["settings"]["seeds"])):
        best[result["settings"]["row"], result["settings"]["rule"]] = result
    return best


def claims(results):
    """One row of the ledger for every cell of the paper's table that was run, by the longest run."""
    found = longest(results)
    return [_claim(row, rule, found[row, rule]) for row in ROWS for rule in RULES[:3] if (row, rule) in found]


def _claim(row, rule, result):
    s, paper, ours = result["settings"], PAPER[row].get(rule), verdict(result)
    number = f"{paper[0]:.2f} ± {paper[1]:.2f} % test error" if paper else "training does not converge"
    return {
        "id": f"table1-{row}-{rule}",
        "sentence": f"{row}, {rule.upper()}: {number}.",
        "source": "Nøkland 2016, Table 1, as the slides quote it",
        "verdict": ours.status,
        "because": "",
        "unseen": None,
        "measured": [
            (
                f"{percent(last(result['test_error']))} %, seeds: {s['seeds']}; {ours.text}",
                f"fa-lessons reproduce table1 --rows {row} --rules {rule} --seeds {s['seeds']} --epochs {s['epochs']}",
            )
        ],
    }


def _line(row, rule, result):
    final, paper, s = last(result["test_error"]), PAPER[row].get(rule), result["settings"]
    said = verdict(result)
    distance = None if said.status == NOT_RUN else difference(final, paper)
    columns = (
        row,
        rule.upper(),
        "not in the table" if rule == "ifa" else f"{paper[0]:.2f} ± {paper[1]:.2f}" if paper else "no convergence",
        percent(final),
        str(s["seeds"]),
        f"{result['epochs_run']} of {s['epochs']}",
        "–" if distance is None else f"{distance[0]:+.1f}",
        str(said),
    )
    return f"| {' | '.join(columns)} |"


def difference(final, paper):
    """(ours minus the paper's mean in standard errors, half the 95 % confidence interval of it in points).

    By Student's t test, for the runs are of one kind; it takes the paper's spread for a standard deviation over as
    many runs as ours. None where one of them has no spread.
    """
    mean, sd = mean_and_sd(final)
    if paper is None or not np.isfinite(sd):
        return None
    error = np.sqrt((sd**2 + paper[1] ** 2) / len(final))
    return (mean - paper[0]) / error, stats.t.ppf(0.975, 2 * len(final) - 2) * error


@dataclass(frozen=True)
class Verdict:
    """What a run says of the paper's number: `status`, one of the ledger's verdicts, and `text`, the numbers."""

    status: str
    text: str

    def __str__(self):
        return f"{self.status}: {self.text}"


def verdict(result):
    """The `Verdict` on the paper's number: "not run" where the run is shorter than the paper's or has one seed.

    An equivalence test on the 95 % confidence interval of ours minus the paper's: "reproduced" where all of it lies
    within ± `MARGIN` points, even if it leaves zero out (then the difference is real, and small); "not reproduced"
    where it leaves out zero and is not within the margin; "inconclusive" where it holds zero and is too wide.
    """
    s, final = result["settings"], last(result["test_error"])
    paper = PAPER[s["row"]].get(s["rule"])
    at_stop = np.all(last(result["train_error"]) <= STOP_AT)
    if result["epochs_run"] < EPOCHS and not at_stop and np.isfinite(final).all():
        return Verdict(NOT_RUN, f"{result['epochs_run']} of {EPOCHS} epochs")
    if s["rule"] == "ifa":
        return Verdict(NOT_TESTABLE, "the paper gives no number")
    if paper is None:
        # The paper's blank: training did not converge, on any seed.
        trains = np.flatnonzero(final < 50)
        return Verdict(NOT_REPRODUCED if len(trains) else REPRODUCED, f"{len(trains)} of {len(final)} seeds train")
    if not np.isfinite(final).all():
        return Verdict(NOT_REPRODUCED, "diverged")
    distance = difference(final, paper)
    if distance is None:
        return Verdict(NOT_RUN, "one seed")
    points, interval = final.mean() - paper[0], distance[1]
    low, high, apart = points - interval, points + interval, abs(points) > interval
    if max(-low, high) <= MARGIN:
        real = f"; {abs(points):.2f} {'higher' if points > 0 else 'lower'}, beyond chance" if apart else ""
        return Verdict(REPRODUCED, f"within ± {MARGIN:g} points{real}")
    return Verdict(NOT_REPRODUCED if apart else INCONCLUSIVE, f"{low:+.2f} to {high:+.2f} points")


EXPERIMENT = Experiment("table1", cells, start, report)
