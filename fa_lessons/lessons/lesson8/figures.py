"""The figures of lesson 8: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots
from fa_lessons.lessons.lesson8 import explorer

LOOKS = plots.RULE_STYLE | {
    "gain": {"color": plots.BLACK, "linestyle": "--", "marker": "D", "label": "BP with a gain"},
    "sign": {"color": plots.ORANGE, "linestyle": "-", "marker": "v", "label": "sign-symmetry"},
    "kp": {"color": plots.PURPLE, "linestyle": "-", "marker": "P", "label": "Kolen–Pollack"},
    "kp-decay": {"color": plots.PURPLE, "linestyle": ":", "marker": "p", "label": "Kolen–Pollack, λ = 0.01"},
    "wm": {"color": plots.SKY, "linestyle": "-", "marker": "*", "label": "weight mirror"},
    "drtp": {"color": plots.GREEN, "linestyle": "-.", "marker": "<", "label": "DRTP"},
    "frozen": {"color": plots.GREY, "linestyle": ":", "marker": "x", "label": "frozen"},
    "control": {"color": plots.SKY, "linestyle": "-", "marker": "*", "label": "B = the head's weights"},
}

ORDER = ("bp", "gain", "fa", "dfa", "sign", "kp", "kp-decay", "wm", "drtp", "shallow")


def mirror_law(vectors, angles, predicted):
    """Angle of the mirror's estimate to Wᵀ against the number of noise vectors. angles: (vectors, seeds); predicted:
    (vectors,)."""
    figure, ax = plt.subplots()
    ax.plot(vectors, predicted, color=plots.BLACK, label=r"$\arctan\sqrt{(n+1)/T}$")
    for seed in angles.T:
        ax.plot(vectors, seed, linestyle="", marker="*", markersize=9, color=plots.SKY)
    ax.plot([], [], linestyle="", marker="*", markersize=9, color=plots.SKY, label="measured, a mark a seed")
    ax.set(xscale="log", xlabel="noise vectors T", ylabel="angle to Wᵀ (degrees)", ylim=(0, 90))
    ax.legend()
    return figure


def angles_in_time(histories):
    """Signal angle against steps, a panel a hidden layer, a line a rule: mean over seeds, with the band from least to
    most. histories: {rule: History}."""
    layers = next(iter(histories.values())).alignment.shape[1]
    figure, axes = plt.subplots(1, layers, figsize=(11.5, 4.6), sharey=True)
    for layer, ax in enumerate(axes):
        for rule, history in histories.items():
            every = max(1, len(history.record_steps) // 6)
            plots.mean_and_range(history.record_steps, history.alignment[:, layer], ax, **LOOKS[rule], markevery=every)
        ax.axhline(90, color=plots.GREY, linewidth=1)
        ax.set(xlabel="training step", title=f"hidden layer {layer + 1}", ylim=(0, 100))
    axes[0].set_ylabel("signal angle to backprop (degrees)")
    axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def equal_and_tuned(equal, tuned):
    """Error in percent, a row a rule, a mark a seed: hollow at one learning rate for all, filled where each is tuned.

    equal, tuned: {rule: (seeds,)}; a rule may be in one of them alone.
    """
    rows = [rule for rule in ORDER if rule in equal or rule in tuned]
    figure, ax = plt.subplots(figsize=(9, 4.6))
    for row, rule in enumerate(rows):
        look = {"color": LOOKS[rule]["color"], "marker": LOOKS[rule]["marker"], "linestyle": "", "markersize": 8}
        for errors, shift, fill in ((equal, -0.15, "none"), (tuned, 0.15, "full")):
            found = errors.get(rule, np.array([]))
            ax.plot(found, np.full(len(found), row + shift), fillstyle=fill, **look)
    for fill, label in (("none", "rate 0.1, B as it comes"), ("full", "tuned")):
        ax.plot([], [], linestyle="", marker="o", color=plots.BLACK, fillstyle=fill, markersize=8, label=label)
    ax.set_yticks(range(len(rows)), [LOOKS[rule]["label"] for rule in rows])
    ax.set(xlabel="test error (%)", xlim=(0, None))
    ax.invert_yaxis()
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def convolutions(shared, own, errors):
    """Left and middle: signal angle of the first convolution against steps, filters shared, and own. Right: error.

    shared, own: {rule: (steps, angles (records, 2, seeds))}; errors: {"shared": {rule: (seeds,)}, "own": …}.
    """
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4.4), width_ratios=(1, 1, 1.1))
    for ax, runs, title in ((left, shared, "filters shared by all places"), (middle, own, "own filters at each place")):
        for rule, (steps, angles) in runs.items():
            plots.mean_and_range(steps, angles[:, 0], ax, **LOOKS[rule])
        ax.axhline(90, color=plots.GREY, linewidth=1)
        ax.set(xlabel="training step", title=title, ylim=(0, 100))
    left.set_ylabel("signal angle, first convolution (degrees)")
    left.legend(loc="lower left", ncols=2)
    middle.legend(loc="lower left")
    rows = [(kind, rule) for kind, found in errors.items() for rule in found]
    for row, (kind, rule) in enumerate(rows):
        look = {"color": LOOKS[rule]["color"], "marker": LOOKS[rule]["marker"], "linestyle": ""}
        right.plot(errors[kind][rule], np.full(len(errors[kind][rule]), row), **look)
    right.set_yticks(range(len(rows)), [f"{LOOKS[rule]['label']}, {kind}" for kind, rule in rows])
    right.set(xlabel="error on validation digits (%)", xlim=(0, None))
    right.invert_yaxis()
    return figure


def stored_convolutions(errors, angles):
    """Test error, left, and angle of the first convolution at the end, right: a row a rule, two sets of images.

    errors, angles: {images: {row label: (rule, (seeds,))}}.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), sharey=True)
    for ax, found, label in zip(
        axes, (errors, angles), ("test error (%)", "angle, first convolution (°)"), strict=True
    ):
        for shift, rows in zip((-0.16, 0.16), found.values(), strict=True):
            for row, (rule, values) in enumerate(rows.values()):
                fill = "full" if shift < 0 else "none"
                look = {"color": LOOKS[rule]["color"], "marker": LOOKS[rule]["marker"], "fillstyle": fill}
                ax.plot(values, np.full(len(values), row + shift), linestyle="", **look)
        ax.set_xlabel(label)
    for images, fill in zip(errors, ("full", "none"), strict=True):
        axes[1].plot([], [], linestyle="", marker="o", color=plots.BLACK, fillstyle=fill, label=images)
    axes[0].set_yticks(range(len(rows)), list(rows))
    axes[0].set_xlim(0, None)
    axes[1].set_xlim(-4, 95)
    axes[0].invert_yaxis()
    axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def transformers(losses, floors, sizes):
    """Left: validation loss by rule, from two starts, a mark a seed. Right: against the number of channels.

    losses: {start: {rule: (seeds,)}}; floors: {label: loss}; sizes: {rule: {width: (seeds,)}}.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.4), sharey=True)
    for place, found in enumerate(losses.values()):
        for shift, (rule, values) in zip(np.linspace(-0.25, 0.25, len(found)), found.items(), strict=True):
            look = {"color": LOOKS[rule]["color"], "marker": LOOKS[rule]["marker"], "markersize": 8, "linestyle": ""}
            label = "blocks frozen" if rule == "frozen" else LOOKS[rule]["label"]
            left.plot(np.full(len(values), place + shift), values, **look, label=label if place == 0 else None)
    left.set_xticks(range(len(losses)), [f"embedding starts\nat {start:g}" for start in losses])
    for rule, found in sizes.items():
        look = LOOKS[rule] | {"label": None}
        right.plot(list(found), [np.mean(values) for values in found.values()], **look)
        for width, values in found.items():
            right.plot(np.full(len(values), width), values, ".", color=look["color"], alpha=0.6)
    for ax in (left, right):
        for value in floors.values():
            ax.axhline(value, color=plots.GREY, linewidth=1)
    for label, value in floors.items():
        left.annotate(
            label, (0.99, value), xycoords=("axes fraction", "data"), ha="right", va="bottom", color=plots.GREY
        )
    left.set(ylabel="validation loss (nats a character)", xlim=(-0.6, len(losses) - 0.4))
    left.legend(loc="upper left", fontsize=10)
    right.set(xlabel="channels", xscale="log")
    right.set_xticks(list(next(iter(sizes.values()))), list(next(iter(sizes.values()))))
    right.xaxis.set_minor_formatter(plt.NullFormatter())
    return figure


def align_then_memorise(runs):
    """Signal angle of each hidden layer and loss against steps, log scale; a column a start, bands over seeds.

    runs: {title: (steps, angles (records, layers, seeds), loss (records, seeds))}.
    """
    figure, axes = plt.subplots(1, len(runs), figsize=(11.5, 4.4), sharey=True)
    for ax, (title, (steps, angles, loss)) in zip(axes, runs.items(), strict=True):
        other = ax.twinx()
        for layer, (color, line) in enumerate([(plots.BLUE, "-"), (plots.VERMILION, "--")]):
            plots.mean_and_range(
                steps, angles[:, layer], ax, color=color, linestyle=line, label=f"angle, layer {layer + 1}"
            )
        plots.mean_and_range(steps, loss, other, color=plots.BLACK, linestyle=":", label="loss (right)")
        ax.set(title=title, xscale="log", xlabel="training step", ylim=(0, 100))
        other.set_ylim(0, 2.5)
        other.set_ylabel("training loss (nats)")
        other.grid(False)
    axes[0].set_ylabel("signal angle to backprop (degrees)")
    axes[0].legend(handles=[*axes[0].lines, *other.lines], loc="lower left")
    return figure


def patterns(solved):
    """Share of runs that solve the task, in percent, by the signs of B: a panel an activation function, bars by rule.

    solved: {activation: {rule: {pattern: share}}}.
    """
    figure, axes = plt.subplots(1, len(solved), figsize=(11, 3.8), sharey=True)
    for ax, (activation, found) in zip(axes, solved.items(), strict=True):
        for shift, (rule, shares) in zip((-0.2, 0.2), found.items(), strict=True):
            look = {"color": LOOKS[rule]["color"], "label": LOOKS[rule]["label"]}
            look |= {"hatch": "//", "edgecolor": "white"} if rule == "fa" else {}
            ax.bar(np.arange(len(shares)) + shift, [100 * share for share in shares.values()], width=0.38, **look)
        ax.set_xticks(range(len(shares)), list(shares))
        ax.set(title=f"{activation} units", xlabel="signs of B")
    axes[0].set_ylabel("runs that solve the task (%)")
    axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def settings(runs):
    """The explorer's picture for some settings, a column each. runs: {title: FeedbackRun}."""
    figure, axes = plt.subplots(2, len(runs), figsize=(10.5, 5.6), sharex=True, sharey="row")
    for column, (title, run) in zip(axes.T, runs.items(), strict=True):
        explorer.draw_run(run, column)
        column[0].set_title(title)
        column[1].legend(loc="upper right", fontsize=10)
    for ax in axes.flat:
        ax.label_outer()
    axes[0, 0].set_ylabel("signal angle (degrees)")
    return figure
