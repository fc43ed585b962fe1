"""The figures of lesson 6: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots
from fa_lessons.lessons.lesson6 import explorer

LAYER_STYLE = [(plots.BLACK, "-"), (plots.BLUE, "--"), (plots.VERMILION, "-."), (plots.ORANGE, ":")]


def settling(early):
    """Signal angle of each hidden layer against the step, a panel a rule."""
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.2), sharey=True)
    for ax, (rule, (angles, steps)) in zip(axes, early.items(), strict=True):
        for layer, (color, line) in enumerate(LAYER_STYLE):
            mean = angles[:, layer].mean((1, 2))
            ax.plot(steps, mean, color=color, linestyle=line, label=f"hidden layer {layer + 1}")
        ax.axhline(60, color=plots.GREY, linewidth=1)
        ax.set(title=rule.upper(), xlabel="training step", xlim=(0, 400), ylim=(35, 95))
    axes[0].set_ylabel("signal angle to backprop (degrees)")
    axes[1].legend(title="from the input up")
    return figure


def staged_protocols(hidden, readout, everything, stages, protocols):
    """Test error after each stage, a line a protocol."""
    figure, ax = plt.subplots(figsize=(10.5, 4))
    looks = [
        (plots.BLUE, "s", "-"),
        (plots.VERMILION, "^", "--"),
        (plots.GREY, "x", ":"),
        (plots.ORANGE, "D", "-."),
    ]
    names = {hidden: "hidden", readout: "readout", everything: "all"}
    for (name, (errors, _)), (color, marker, line) in zip(stages.items(), looks, strict=True):
        plan = " → ".join(names[layers] for layers in protocols[name])
        label = f"{name}: {plan}"
        ax.plot(
            range(1, len(errors) + 1),
            errors.mean(1),
            color=color,
            marker=marker,
            linestyle=line,
            markersize=8,
            label=label,
        )
    ax.set(
        xlabel="stage (one epoch each)",
        ylabel="test error (%)",
        xticks=range(1, 5),
        ylim=(0, 102),
        xlim=(0.9, 4.1),
    )
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def late_errors(two_rates, late, delays):
    """Test error against the delay, a panel a learning rate."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
    for column, (ax, eta) in enumerate(zip(axes, two_rates, strict=True)):
        for rule, errors in late.items():
            ax.plot(range(len(delays)), errors[column].mean(1), **plots.RULE_STYLE[rule])
            ax.fill_between(
                range(len(delays)),
                *np.sort(errors[column]).T,
                color=plots.RULE_STYLE[rule]["color"],
                alpha=0.15,
            )
        ax.set(title=f"learning rate {eta}", xlabel="delay of the error (steps)", ylim=(0, 100))
        ax.set_xticks(range(len(delays)), delays)
    axes[0].set_ylabel("test error after one epoch (%)")
    axes[0].legend(loc="upper left")
    return figure


def unstored_delays(fresh, shown):
    """Error against the delay when the late error meets today's digits."""
    figure, ax = plt.subplots(figsize=(7, 3.8))
    ax.plot(
        [0, 1, 2],
        [fresh[0], fresh[1:3].mean(), fresh[3:].mean()],
        "^--",
        color=plots.VERMILION,
        label="fresh digits every step",
    )
    ax.plot(range(5), shown, "s-", color=plots.BLUE, label="each batch on show for four steps")
    ax.axhline(90, color=plots.GREY, linewidth=1)
    ax.annotate("guessing", (2.6, 90.5), ha="center", va="bottom", color=plots.GREY)
    ax.set(xlabel="delay of the error (steps)", ylabel="test error (%)", ylim=(0, 102), xticks=range(5))
    ax.legend(loc="center left", bbox_to_anchor=(0.22, 0.55))
    return figure


def injuries(panels, coarse, doses, ends, readout_error):
    """Test error against the dose of each injury of the feedback path."""
    figure, axes = plt.subplots(2, 3, figsize=(10.5, 6.4), sharey=True)
    for ax, (injury, label) in zip(axes.ravel(), panels.items(), strict=False):
        marks = (
            ["all", "signs\nof B", "e in 3\nlevels", "signs\nof eB", "signs\nof e"]
            if injury is coarse
            else doses[injury]
        )
        ax.fill_between(range(len(marks)), *np.sort(ends[injury]).T, color=plots.VERMILION, alpha=0.2)
        ax.plot(ends[injury].mean(1), "^-.", color=plots.VERMILION, label="DFA, injured")
        ax.axhline(readout_error.mean(), **plots.RULE_STYLE["shallow"] | {"marker": ""})
        ax.set(xlabel=label, ylim=(0, 100))
        ax.set_xticks(range(len(marks)), marks)
        ax.set_ylabel("test error (%)" if ax in axes[:, 0] else "")
    axes[1, 2].axis("off")
    axes[1, 2].legend(*axes[0, 0].get_legend_handles_labels(), loc="center", title="after one epoch")
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


def optimisation(runs, fit):
    """Training loss against epochs, and test error at equal training error."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2))
    plots.error_curves(runs, left, which="train_loss")
    left.set(ylabel="training loss", title="Equal steps", xticks=range(1, 6))
    plots.log_percent(left, [0.05, 0.1, 0.2, 0.3])
    for rule in runs:
        right.plot(fit[rule].mean(1), runs[rule].test_error.mean(1), **plots.RULE_STYLE[rule])
    right.axvline(3, color=plots.GREY, linewidth=1)
    right.set(
        xlabel="training error (%)",
        ylabel="test error (%)",
        title="Equal training error",
        xlim=(8, 1),
        ylim=(2, 8),
    )
    right.legend()
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


# In the order of `gallery.CANDIDATES`.
BUG_LABELS = (
    "sound DFA",
    "error not divided",
    "one B, sliced",
    "B never initialised",
    "relu' as h > 1",
    "wrong sign of e",
    "B drawn in every step",
    "really backprop",
    "weights never move",
)


def bug_bars(symptoms):
    """Test error of every rule that says it is DFA."""
    figure, ax = plt.subplots(figsize=(8.6, 4.4))
    for row, errors in enumerate(symptoms.values()):
        color = plots.VERMILION if row in (0, 2, 7) else plots.BLUE
        ax.barh(row, np.nan_to_num(errors.mean()), color=color, alpha=0.85)
        ax.plot(errors, [row] * 3, "|", color=plots.BLACK, markersize=12)
    ax.text(1, 3, "NaN from step 2 on", va="center")
    ax.set_yticks(range(len(BUG_LABELS)), BUG_LABELS)
    ax.invert_yaxis()
    ax.set(xlabel="test error after one epoch (%), bars: mean, ticks: seeds", xlim=(0, 100))
    return figure
