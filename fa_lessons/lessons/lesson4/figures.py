"""The figures of lesson 4: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots

PERCENT = [2, 3, 5, 10, 20, 50]  # ticks of the logarithmic axes


def heat(ax, values, title, rates, columns, name, limits=(0, 90), cmap="cividis_r", sign=""):
    """One map, (rates, columns): a number in every field, legible on its colour."""
    image = ax.imshow(values, origin="lower", vmin=limits[0], vmax=limits[1], cmap=cmap, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = image.cmap(image.norm(value))
        color = "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else "black"
        ax.text(column, row, f"{value:{sign}.0f}", ha="center", va="center", color=color)
    ax.set_xticks(range(len(columns)), [f"{c:g}" for c in columns])
    ax.set_yticks(range(len(rates)), [f"{r:g}" for r in rates])
    ax.set(title=title, xlabel=name, ylabel="learning rate")
    ax.grid(False)


def one_of_each(data):
    """The first digit of each class."""
    figure, axes = plt.subplots(1, 10, figsize=(9, 1.3))
    for digit, ax in enumerate(axes):
        first = np.flatnonzero(data.train_labels == digit)[0]
        ax.imshow(data.train_images[first].reshape(28, 28), cmap="gray_r")
        ax.set_title(digit)
        ax.axis("off")
    return figure


def tuning_valleys(tuned):
    """Validation error against the learning rate: a line a rule and scale, a mark a seed, a ring round the best."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
    for rule, found in tuned.items():
        ax, look = axes[int(rule == "fa")], plots.rule_style(rule)
        for column, scale in enumerate(found.feedback_scales):
            errors = found.errors[:, column]
            style = {**look, "linestyle": ("-", "--", ":", "-.")[column % 4], "marker": "ov^D"[column % 4]}
            name = f"FA, B × {scale:g}" if rule == "fa" else look["label"]
            style = {**style, "label": name} if rule == "fa" else look
            ax.plot(found.learning_rates, errors.mean(-1), **style)
            for seed in errors.T:
                ax.plot(
                    found.learning_rates, seed, color=look["color"], marker=style["marker"], linestyle="none", alpha=0.4
                )
        ring = {"marker": "o", "markersize": 15, "markerfacecolor": "none", "markeredgecolor": plots.VERMILION}
        ax.plot([found.learning_rate], [found.error], linestyle="none", markeredgewidth=2, **ring)
    for ax, title in zip(axes, ("Backprop and the readout alone", "Feedback alignment"), strict=True):
        ax.set(xscale="log", xlabel="learning rate", title=title)
        tried = np.unique([rate for line in ax.lines for rate in line.get_xdata()])
        ax.set_xticks(tried, [f"{rate:g}" for rate in tried])
        ax.minorticks_off()
        plots.log_percent(ax, PERCENT)
        ax.legend(loc="upper left")
    axes[0].set_ylabel("validation error (%)")
    return figure


def main_result(histories, title="784-100-10, each rule tuned, five seeds"):
    """Test errors of the rules, each with its last mean, and FA's signal angle."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    lines = plots.error_curves(histories, left)
    for rule, line in lines.items():
        line.set_label(f"{plots.rule_style(rule)['label']}: {histories[rule].test_error[-1].mean():.1f} %")
    left.legend(title="last epoch, mean")
    plots.log_percent(left, PERCENT)
    left.set_title(title)
    plots.angle_curves({"fa": histories["fa"]}, ax=right)
    right.set_title("FA's hidden signal turns towards backprop's")
    return figure


def turning(watched, errors, moments):
    """Angles, the share of digits that FA serves, and the error beside both controls; bands over the seeds."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 4))
    for name, color, line in (("signal angle", plots.BLUE, "--"), ("weight angle", plots.ORANGE, "-")):
        plots.mean_and_range(moments, watched[name], left, color=color, linestyle=line, label=name)
    left.set(ylabel="degrees", ylim=(0, 100), title="FA: the angles fall")
    plots.mean_and_range(moments, watched["served"], middle, color=plots.BLUE, linestyle="--", label="FA")
    middle.set(ylabel="digits with $e^TWBe>0$ (%)", ylim=(0, 105), title="FA: the share rises")
    left.axhline(90, color=plots.GREY, linewidth=1)
    middle.axhline(50, color=plots.GREY, linewidth=1)
    for rule, values in errors.items():
        look = {**plots.rule_style(rule), "marker": None}
        plots.mean_and_range(moments, values, right, **look)
    right.set(ylabel="training error (%)", ylim=(0, 100), title="The error, with both controls")
    for ax in (left, middle, right):
        ax.set(xscale="log", xlabel="training step")
        ax.legend(loc="lower left")
    return figure


def readout_first(runs, every=20):
    """Validation error while the readout learns alone, and then in each of `runs`: {label: (colour, line, errors)}."""
    figure, ax = plt.subplots(figsize=(8, 4.2))
    for label, (color, line, errors) in runs.items():
        plots.mean_and_range(every * np.arange(len(errors)), errors, ax, color=color, linestyle=line, label=label)
    middle = every * (len(errors) // 2)
    ax.axvline(middle, color=plots.GREY, linewidth=1)
    ax.text(middle - every, 97, "readout alone", ha="right", va="top")
    ax.text(middle + every, 97, "then …", va="top")
    ax.set(xlabel="training step", ylabel="validation error (%)", ylim=(0, 100))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


# The rows of the summary: label, whose look, and whether the mark is full: both numbers tuned.
ROWS = {
    "gain": ("backprop, both tuned", "bp", True),
    "fa": ("FA, both tuned", "fa", True),
    "bp": ("backprop, rate tuned", "bp", False),
    "default": ("FA, rate tuned", "fa", False),
    "shallow": ("readout only", "shallow", True),
}


def summary(networks):
    """{title: {rule: errors by seed}}: a panel a network, a row a rule, a mark a seed, the mean in numbers."""
    figure, axes = plt.subplots(1, len(networks), figsize=(12, 3.8), sharey=True)
    for ax, (title, found) in zip(axes, networks.items(), strict=True):
        for row, (rule, (_, name, full)) in enumerate(ROWS.items()):
            look, errors = plots.rule_style(name), found[rule]
            fill = {} if full else {"markerfacecolor": "white"}
            places = np.full(len(errors), row)
            ax.plot(errors, places, look["marker"], color=look["color"], markersize=8, **fill)
            ax.text(np.max(errors) * 1.12, row, f"{np.mean(errors):.1f} %", va="center", fontsize=13)
        least, most = (pick(np.concatenate([*found.values()])) for pick in (np.min, np.max))
        ax.set(title=title, xscale="log", xlabel="test error (%)", xlim=(least / 1.2, most * 2), ylim=(4.5, -0.5))
        ticks = [tick for tick in PERCENT if least / 1.2 < tick < most * 2]
        ax.set_xticks(ticks, [str(tick) for tick in ticks])
        ax.minorticks_off()
    axes[0].set_yticks(range(len(ROWS)), [label for label, *_ in ROWS.values()])
    return figure


def added_weights(networks, start):
    """What training added to hidden units' input weights, as pictures."""
    figure, axes = plt.subplots(2, 12, figsize=(11, 2.4))
    for row, rule in zip(axes, ("bp", "fa"), strict=True):
        added = (networks[rule].weights[0][0] - start).T.reshape(-1, 28, 28).numpy()
        for ax, picture in zip(row, added, strict=False):
            ax.imshow(picture, cmap=plots.DIVERGING, vmin=-abs(picture).max(), vmax=abs(picture).max())
            ax.set(xticks=[], yticks=[])
        row[0].set_ylabel(rule.upper(), rotation=0, ha="right", va="center")
    return figure


def forms_of_feedback(forms, lengths, error, controls):
    """Error for every form of B, (forms, lengths, draws): squares at its best length, points at others."""
    figure, ax = plt.subplots(figsize=(8.5, 4.4))
    best = error.mean(-1).argmin(1)
    for row, (found, column) in enumerate(zip(error, best, strict=True)):
        others = np.delete(found, column, axis=0).ravel()
        ax.plot(
            others, np.full(others.size, row), ".", color=plots.SKY, label="at the other lengths" if row == 0 else None
        )
        label = "at its best length" if row == 0 else None
        ax.plot(found[column], np.full(found.shape[1], row), "s", color=plots.BLUE, label=label)
    for rule, values in controls.items():
        look = plots.rule_style(rule)
        ax.axvline(values.mean(), color=look["color"], linestyle=look["linestyle"], label=look["label"])
    ax.set_yticks(range(len(forms)), [f"{f} (× {lengths[c]:g})" for f, c in zip(forms, best, strict=True)])
    ax.invert_yaxis()
    ax.set(xlabel="validation error (%)", xlim=(5, 30))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def sensitivity_maps(error, rates, scales):
    """Four maps over learning rate and starting scale; error: {"bp", "fa", "long", "shallow"}, each (rates, scales)."""
    figure, axes = plt.subplots(2, 2, figsize=(9, 6.6))
    titles = {"bp": "BP: error (%)", "fa": "FA, B × 1: error (%)", "long": "FA, B × 10: error (%)"}
    for ax, (rule, title) in zip(axes.flat, titles.items(), strict=False):
        heat(ax, error[rule], title, rates, scales, "starting scale")
    gain = error["long"] - error["shallow"]
    title = "FA, B × 10, less shallow (points)"
    heat(axes[1, 1], gain, title, rates, scales, "starting scale", (-90, 90), plots.DIVERGING, "+")
    return figure


def constant_decay(runs):
    """Test error without and with the constant, a panel a rule, a line a seed; {title: (without, with)}."""
    figure, axes = plt.subplots(1, len(runs), figsize=(11, 3.8), sharey=True)
    for ax, (title, pair) in zip(axes, runs.items(), strict=True):
        for errors, color, line, label in zip(
            pair, (plots.BLUE, plots.VERMILION), ("--", "-"), ("no decay", "constant 1e-4"), strict=True
        ):
            epochs = range(1, len(errors) + 1)
            for seed, values in enumerate(errors.T):
                ax.plot(epochs, values, line, marker="o", color=color, label=label if seed == 0 else None)
        ax.set(title=title, xlabel="epoch", xticks=epochs, ylim=(0, 13))
        ax.legend(loc="lower left")
    axes[0].set_ylabel("test error (%)")
    return figure


def accuracy_lost(steps, naive, exact):
    """Large steps, by rule: {rule: (records, [tuned, large], seeds)}; and a loss that divides by zero."""
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), sharey=True)
    for ax, (rule, errors) in zip(axes, steps.items(), strict=False):
        looks = (("small rate", plots.BLUE, "--"), ("8 times the rate", plots.VERMILION, "-"))
        for column, (label, color, line) in enumerate(looks):
            for seed, values in enumerate(errors[:, column].T):
                moments = np.linspace(0, 500, len(values))
                ax.plot(moments, values, line, color=color, linewidth=1.2, label=label if seed == 0 else None)
        ax.set_title(f"Steps too large: {plots.rule_style(rule)['label']}")
    moments = np.linspace(0, 500, len(naive))
    axes[2].plot(moments, np.nan_to_num(naive, nan=90.2), color=plots.VERMILION, label="naive loss, by argmax")
    axes[2].plot(moments, exact, "--", color=plots.BLUE, label=r"$\hat y-y$")
    axes[2].set_title("NaN")
    for ax in axes:
        ax.set(xlabel="training step", ylim=(0, 105))
        ax.legend(loc="upper right")
    axes[0].set_ylabel("validation error (%)")
    return figure


def slides_curves(ours, ends, title):
    """Test accuracy by rule, a line a seed; a bar at the right for each curve of the slides, where it ends.

    ours: {rule: (epochs, seeds), percent}. ends: {rule: percent}.
    """
    figure, ax = plt.subplots(figsize=(7.5, 4.2))
    for rule, accuracy in ours.items():
        look = {**plots.rule_style(rule), "markevery": 7, "linewidth": 1.5}
        for seed, values in enumerate(accuracy.T):
            label = f"{look['label']}: {accuracy[-1].mean():.1f} %"
            ax.plot(range(1, len(values) + 1), values, **{**look, "label": label if seed == 0 else None})
    last = max(len(accuracy) for accuracy in ours.values())
    for rule, end in ends.items():
        look = plots.rule_style(rule)
        ax.plot([last + 1, last + 5], [end, end], color=look["color"], linewidth=5, solid_capstyle="butt")
        ax.text(last + 5.5, end, f"{look['label']} {end:.1f}", color=look["color"], va="center")
    ax.text(last + 1, max(ends.values()) + 1, "slides, end", color=plots.GREY, va="bottom")
    ax.set(
        xlabel="pass through the digits", ylabel="test accuracy (%)", xlim=(0, last + 12), ylim=(70, 100), title=title
    )
    ax.set_xticks(range(0, last + 1, 10))
    ax.legend(loc="lower right", title="here, last pass, mean")
    return figure
