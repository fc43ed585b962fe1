"""The figures of lesson 6: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots
from fa_lessons.lessons.lesson6 import explorer

LAYER_STYLE = [(plots.BLACK, "-"), (plots.BLUE, "--"), (plots.VERMILION, "-."), (plots.ORANGE, ":")]


def settling(early, settled, limits):
    """Above: signal angle of each hidden layer against the step, a panel a rule. Below: the step from which on it
    stays below a limit, against the limit; points are seeds, lines their medians, and what never settles is left out.

    early: {rule: (angles (records, layers, seeds, digits), steps)}; settled: {rule: (limits, seeds, layers)}, NaN
    for never.
    """
    figure, axes = plt.subplots(2, 2, figsize=(10.5, 6.4), sharey="row")
    for column, (rule, (angles, steps)) in enumerate(early.items()):
        above, below = axes[:, column]
        for layer, (color, line) in enumerate(LAYER_STYLE):
            above.plot(steps, angles[:, layer].mean((1, 2)), color=color, linestyle=line, label=f"layer {layer + 1}")
            when = settled[rule][:, :, layer]
            place = np.array(limits) + 1.2 * (layer - 1.5)
            for seed in when.T:
                below.plot(place, seed, ".", color=color, alpha=0.6)
            known = np.isfinite(when).all(1)
            below.plot(place[known], np.median(when[known], 1), color=color, linestyle=line)
        for limit in limits:
            above.axhline(limit, color=plots.GREY, linewidth=0.8)
        above.set(title=rule.upper(), xlabel="training step", xlim=(0, 400), ylim=(35, 95))
        below.set(xlabel="limit (degrees)", xticks=limits, xlim=(86, 44), ylim=(0, 410))
    axes[0, 0].set_ylabel("signal angle\nto backprop (degrees)")
    axes[1, 0].set_ylabel("step from which on\nthe angle stays below")
    axes[0, 1].legend(title="hidden layers, from\nthe input up")
    return figure


def staged_protocols(stages, plans):
    """Test error after each stage, a line a protocol, the mean over seeds, and a point for each seed.

    stages: {protocol: (stages, seeds)}; plans: {protocol: what learns, a word a stage}.
    """
    figure, ax = plt.subplots(figsize=(10.5, 4.4))
    looks = [
        (plots.BLUE, "s", "-"),
        (plots.BLACK, "o", "-"),
        (plots.VERMILION, "^", "--"),
        (plots.GREY, "x", ":"),
        (plots.ORANGE, "D", "-."),
    ]
    for (name, errors), (color, marker, line) in zip(stages.items(), looks, strict=True):
        steps = np.arange(1, len(errors) + 1)
        label = f"{name}:\n{' → '.join(plans[name])}"
        ax.plot(steps, errors.mean(1), color=color, linestyle=line, marker=marker, markersize=7, label=label)
        for seed in errors.T:
            ax.plot(steps, seed, ".", color=color, alpha=0.6)
    ax.axhline(90, color=plots.GREY, linewidth=1)
    ax.annotate("guessing", (2.5, 91), ha="center", va="bottom", color=plots.GREY)
    ax.set(
        xlabel="stage (one epoch each)",
        ylabel="error on validation digits (%)",
        xticks=range(1, 5),
        ylim=(0, 102),
        xlim=(0.9, 4.1),
    )
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _seeds(ax, x, values, style):
    """A mark of its own for each seed at every x. values: (len(x), seeds)."""
    for seed in values.T:
        ax.plot(x, seed, linestyle="", marker=".", color=style["color"], alpha=0.6)


def late_errors(delays, best, rates):
    """Left, error at each delay with the rate that suits it best; right, that rate, beside the theory's limit.

    best: {rule: (delays, seeds)}; rates: {rule: (delays,)}.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4))
    place = np.arange(len(delays))
    for shift, (rule, errors) in zip(np.linspace(-0.09, 0.09, len(best)), best.items(), strict=True):
        style = plots.RULE_STYLE[rule]
        left.plot(place + shift, errors.mean(1), **style)
        _seeds(left, place + shift, errors, style)
        right.plot(place + shift, rates[rule] * 1.06 ** (shift / 0.06), **style)
    limit = 2 * np.sin(np.pi / (4 * np.array(delays) + 2))
    scale = next(iter(rates.values()))[0] / limit[0]
    right.plot(place, scale * limit, color=plots.PURPLE, linewidth=4, alpha=0.35, label="limit of one valley,\nscaled")
    for ax in (left, right):
        ax.set_xticks(place, delays)
        ax.set_xlabel("delay of every layer (steps)")
    left.set(ylabel="error on validation digits (%)", ylim=(0, 32), title="At the best of five rates")
    right.set(ylabel="learning rate", yscale="log", title="That rate")
    ticks = sorted({rate for values in rates.values() for rate in values})
    right.set_yticks(ticks, [f"{tick:.2g}" for tick in ticks])
    right.yaxis.set_minor_formatter(plt.NullFormatter())
    left.legend(ncols=2)
    right.legend(handles=right.lines[-1:], loc="upper right")
    return figure


def mispaired(unpaired, parts, shown):
    """Left, error with one step of delay, unstored, by what is late; right, against the delay while digits stay.

    unpaired: {rule: (parts, rates, seeds)}, the last part alone for shallow; shown: {rule: (delays, seeds)}.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.4), sharey=True)
    for shift, (rule, errors) in zip(np.linspace(-0.24, 0.24, len(unpaired)), unpaired.items(), strict=True):
        style = plots.RULE_STYLE[rule]
        rows = errors.reshape(len(errors), -1)
        place = np.arange(len(parts))[-len(rows) :] + shift
        for run in rows.T:
            left.plot(place, run, linestyle="", marker=style["marker"], color=style["color"], alpha=0.8)
        left.plot([], [], linestyle="", marker=style["marker"], color=style["color"], label=style["label"])
    left.set_xticks(range(len(parts)), [f"{part}\nlate" for part in parts])
    left.set(ylabel="error on validation digits (%)", ylim=(0, 102), title="Fresh digits, one step late")
    left.legend(title="a mark a run:\ntwo rates, two seeds", loc="lower left")
    for shift, (rule, errors) in zip((-0.06, 0.06), shown.items(), strict=True):
        style = plots.RULE_STYLE[rule]
        place = np.arange(len(errors)) + shift
        right.plot(place, errors.mean(1), **style)
        _seeds(right, place, errors, style)
    right.set(xlabel="delay of every layer (steps)", title="Each batch on show for four steps")
    right.set_xticks(range(len(errors)))
    right.legend(loc="upper left", bbox_to_anchor=(0.02, 0.85))
    for ax in (left, right):
        ax.axhline(90, color=plots.GREY, linewidth=1)
    right.annotate("guessing", (1, 91), ha="center", va="bottom", color=plots.GREY)
    return figure


def injuries(dfa, bp, shallow):
    """Error under each injury of the feedback path, a row each; marks are seeds.

    dfa, bp: {name: (seeds,)}, bp for some of the names; shallow: (seeds,).
    """
    figure, ax = plt.subplots(figsize=(10.5, 5.6))
    names = list(dfa)
    for ends, rule, shift in ((dfa, "dfa", -0.13), (bp, "bp", 0.13)):
        style = plots.RULE_STYLE[rule]
        for name, errors in ends.items():
            row = names.index(name) + shift
            ax.plot(errors, [row] * len(errors), linestyle="", marker=style["marker"], color=style["color"])
        ax.plot([], [], linestyle="", marker=style["marker"], color=style["color"], label=f"{style['label']}, a seed")
    ax.axvline(shallow.mean(), **plots.RULE_STYLE["shallow"] | {"marker": ""})
    ax.axvline(90, color=plots.GREY, linewidth=1, label="guessing")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set(xlabel="error on validation digits after one epoch, best of three rates (%)", xlim=(0, 100))
    ax.legend(loc="center right", bbox_to_anchor=(0.88, 0.5))
    return figure


def six_settings(small):
    """Learning curves of the small network in six settings."""
    figure, axes = plt.subplots(2, 3, figsize=(10.5, 5.6), sharex=True, sharey=True)
    for i, (ax, (title, curves)) in enumerate(zip(axes.ravel(), small.items(), strict=True)):
        explorer.draw_curves(curves, ax)
        ax.set_title(title)
        if i < 3:
            ax.set_xlabel("")
        ax.set_ylabel("held-out error (%)" if i % 3 == 0 else "")
    axes[0, 0].legend()
    return figure


def equal_terms(tuned, default, at_zero, names):
    """Left, training loss at equal steps, tuned and not; right, test error where nothing is left to fit.

    tuned, default: {rule: History}; at_zero: {row of Table 1: {rule: (seeds,)}}; names: {rule: words for the legend}.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.8))
    for rule, history in tuned.items():
        style, epochs = plots.RULE_STYLE[rule], np.arange(1, len(history.train_loss) + 1)
        left.plot(epochs, history.train_loss.mean(1), **style | {"label": names[rule]})
        _seeds(left, epochs, history.train_loss, style)
    for rule, history in default.items():
        style = plots.RULE_STYLE[rule] | {"markerfacecolor": "white", "linewidth": 1, "alpha": 0.9}
        left.plot(epochs, history.train_loss.mean(1), **style | {"label": f"{style['label']}, B as it comes"})
        _seeds(left, epochs, history.train_loss, style)
    left.set(xlabel="epoch", ylabel="training loss", title="Equal steps", xticks=epochs)
    plots.log_percent(left, [0.1, 0.2, 0.4, 0.8])
    left.legend(loc="upper right", bbox_to_anchor=(1.0, 0.8), fontsize=11)
    for row, errors in enumerate(at_zero.values()):
        for shift, (rule, seeds) in zip((-0.22, 0, 0.22), errors.items(), strict=True):
            style = plots.RULE_STYLE[rule]
            right.plot(seeds, [row + shift] * len(seeds), linestyle="", marker=style["marker"], color=style["color"])
            right.plot([seeds.mean()], [row + shift], linestyle="", marker="|", markersize=13, color=style["color"])
    right.set_yticks(range(len(at_zero)), [name.replace("-", "\n") for name in at_zero])
    right.invert_yaxis()
    right.set(xlabel="test error (%); marks: seeds, strokes: means", title="Training error 0 (Table 1's networks)")
    return figure


def descending_shares(early):
    """Share of digits with a descending signal, and its step."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2))
    for rule, (angles, steps) in early.items():
        worst = (angles < 90).mean(-1).min(1).mean(1)  # over digits; the worst layer; mean over seeds
        left.plot(steps, 100 * worst, **plots.RULE_STYLE[rule] | {"markevery": 5})
    left.set(
        xlabel="training step",
        ylabel="digits that descend, worst layer (%)",
        xlim=(0, 400),
        ylim=(30, 102),
    )
    left.legend()
    angles, steps = early["fa"]
    for layer, (color, line) in list(enumerate(LAYER_STYLE))[1::2]:
        low, middle, high = np.percentile(angles[:, layer], [5, 50, 95], axis=(1, 2))
        right.fill_between(steps, low, high, color=color, alpha=0.2)
        right.plot(steps, middle, color=color, linestyle=line, label=f"FA, hidden layer {layer + 1}")
    right.axhline(90, color=plots.GREY, linewidth=1)
    right.set(
        xlabel="training step",
        ylabel="signal angle of each digit (degrees)",
        xlim=(0, 400),
        ylim=(30, 120),
    )
    right.legend()
    return figure


def bug_points(symptoms, labels, shallow):
    """Test error of every rule that says it is DFA, a row each; marks are seeds, and the band is the sound rule's.

    symptoms: [(seeds,)], the sound rule's first, NaN where numbers overflow; shallow: (seeds,), the control.
    """
    figure, ax = plt.subplots(figsize=(9.6, 5.8))
    low, high = symptoms[0].min(), symptoms[0].max()
    ax.axvspan(low - 1, high + 1, color=plots.BLUE, alpha=0.12, label="sound rule, ± 1 point")
    ax.axvline(shallow.mean(), **plots.RULE_STYLE["shallow"] | {"marker": ""})
    for row, errors in enumerate(symptoms):
        if np.isnan(errors).any():
            ax.text(high + 2, row, "NaN: numbers overflow", va="center")
        else:
            ax.plot(errors, [row] * len(errors), "^", color=plots.VERMILION)
    ax.set_yticks(range(len(labels)), [f"{label}  {number}" for number, label in enumerate(labels)])
    ax.invert_yaxis()
    ax.set(xlabel="error on validation digits after one epoch (%); marks: seeds", xlim=(0, 100))
    ax.legend(loc="lower right")
    return figure
