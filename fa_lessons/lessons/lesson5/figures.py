"""The figures of lesson 5: each takes data, decides none, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots
from fa_lessons.lessons.lesson5.roads import ROADS, roads


def four_roads():
    """Who sends what to whom, one diagram for each rule of `ROADS`."""
    figure, axes = plt.subplots(1, 4, figsize=(10, 4.2))
    for rule, ax in zip(ROADS, axes, strict=True):
        roads(rule, ax)
    return figure


def errors_and_angles(histories):
    """Test error by rule, and the signal angle of FA, DFA and IFA in both hidden layers. histories: {rule: History}."""
    figure, axes = plt.subplots(1, 3, figsize=(11.5, 4.1), width_ratios=[1.1, 1, 1])
    plots.error_curves(histories, axes[0])
    plots.log_percent(axes[0], [4, 5, 7, 10, 15, 20])
    axes[0].set(title="784-200-100-10, tuned, five seeds", xticks=[1, 2])
    for layer, ax in enumerate(axes[1:]):
        plots.angle_curves({rule: histories[rule] for rule in ("fa", "dfa", "ifa")}, layer, ax)
        ax.set_title(f"Hidden layer {layer + 1}")
    axes[2].set_ylabel("")
    return figure


def paper_beside_ours(paper, ours):
    """Test errors by architecture, the paper's open, ours filled and a little below, each with standard deviations.

    Of fewer than three seeds each is a point, without a bar. paper: {row: {rule: (mean, spread)}}, one place each,
    from the top; ours: {(row, rule): (seeds,)}.
    """
    figure, ax = plt.subplots(figsize=(9, 5.6))
    for rule, shift in (("bp", -0.27), ("fa", 0), ("dfa", 0.27)):
        look = plots.RULE_STYLE[rule]
        style = {"color": look["color"], "fmt": look["marker"], "capsize": 3}
        for place, (row, said) in enumerate(paper.items()):
            (mean, spread), found, name = said[rule], ours[row, rule], look["label"] if place == 0 else None
            ax.errorbar(mean, place + shift - 0.06, xerr=spread, markerfacecolor="white", **style)
            if len(found) < 3:
                ax.plot(found, [place + shift + 0.06] * len(found), look["marker"], color=look["color"], label=name)
            else:
                ax.errorbar(found.mean(), place + shift + 0.06, xerr=found.std(ddof=1), label=name, **style)
    ax.set(xlabel="test error (%); open: the paper, filled: here; bars: standard deviations")
    ax.set(ylim=(len(paper) - 0.4, -0.6))
    counts = {row: len(ours[row, "bp"]) for row in paper}
    ax.set_yticks(range(len(paper)), [f"{row}  (n = {count})" for row, count in counts.items()])
    ax.legend(loc="lower right")
    return figure


def examples_within_90(counts, shares):
    """Percent of the examples within 90° against their number. shares: {(kind of signals, units): (counts,)}."""
    figure, ax = plt.subplots(figsize=(10, 4))
    looks = {
        "unrelated": (plots.ORANGE, "o", "unrelated signals"),
        "one error": (plots.VERMILION, "^", "one error, two $B$ (DFA)"),
        "two errors": (plots.BLUE, "s", "another error for each layer"),
    }
    for (kind, units), share in shares.items():
        (color, marker, label), line = looks[kind], "-" if units == 300 else ":"
        ax.plot(counts, share, marker=marker, color=color, linestyle=line, label=f"{label}, {units} units")
    ax.axhline(50, color=plots.GREY, linewidth=1)
    ax.set(xscale="log", xlabel="examples learned together", ylabel="examples within 90° (%)", ylim=(20, 103))
    ax.set_xticks(counts, counts)
    ax.minorticks_off()
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="the two lines of DFA coincide")
    return figure


def directions_kept(turns):
    """Histograms of the degrees by which each signal turned in training. turns: {rule: (layers, …)}, two layers."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True)
    for layer, ax in enumerate(axes):
        for rule, degrees in turns.items():
            look = {key: plots.RULE_STYLE[rule][key] for key in ("color", "linestyle", "label")}
            values = np.ravel(degrees[layer])
            ax.hist(values, np.linspace(0, 180, 61), histtype="step", linewidth=2, density=True, **look)
        ax.set(xlabel="turn of δh in training (degrees)", title=f"Hidden layer {layer + 1}", xlim=(0, 180))
        ax.set_xticks(range(0, 181, 30))
    axes[0].set_ylabel("density")
    axes[1].legend(loc="upper right")
    return figure


def lengths_by_layer(lengths):
    """Lengths of signals and activations in each layer. lengths: {(scale of the start, rule or "h"): (layers,)}.

    "fa, longer B" is FA with B as long as the start's weights; it is drawn where it is given.
    """
    figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.6), sharey=True)
    titles = {1: r"start in $\pm1/\sqrt{n}$", 3**0.5: r"start in $\pm\sqrt{3/n}$"}
    for ax, (scale, title) in zip(axes, titles.items(), strict=True):
        layers = np.arange(1, len(lengths[scale, "h"]) + 1)
        ax.plot(layers, lengths[scale, "h"], color=plots.ORANGE, label="activation $h$")
        for rule in ROADS:
            ax.plot(layers, lengths[scale, rule], **plots.RULE_STYLE[rule], markevery=(10, 20))
        if (scale, "fa, longer B") in lengths:
            look = {"color": plots.PURPLE, "linestyle": ":", "marker": "v", "label": r"FA, $B\times\sqrt{3}$"}
            ax.plot(layers, lengths[scale, "fa, longer B"], **look, markevery=(20, 20))
        ax.set(yscale="log", xlabel="hidden layer", title=title, ylim=(1e-30, 1e3))
    axes[0].set_ylabel("length at the start")
    axes[1].legend(loc="lower right", ncols=2, fontsize=11, bbox_to_anchor=(1, 0.02))
    return figure


def error_at_depth(reached):
    """Test error against the number of hidden layers: each seed a point, a line through the means.

    reached: {(rule, depth): (seeds,)}.
    """
    figure, ax = plt.subplots(figsize=(9, 4.4))
    depths = sorted({depth for _, depth in reached})
    known = {rule for rule, _ in reached}
    for place, rule in enumerate(rule for rule in ("bp", "fa", "dfa", "shallow") if rule in known):
        look, shift = plots.RULE_STYLE[rule], 1.05 ** (place - 1.5)
        means = [np.mean(reached[rule, depth]) for depth in depths]
        ax.plot(
            np.multiply(depths, shift), means, color=look["color"], linestyle=look["linestyle"], label=look["label"]
        )
        for depth in depths:
            errors = reached[rule, depth]
            ax.plot([depth * shift] * len(errors), errors, look["marker"], color=look["color"], alpha=0.6)
    ax.axhline(90, color=plots.GREY, linewidth=1)
    ax.annotate("chance", (1, 91), xycoords=("axes fraction", "data"), ha="right", color=plots.GREY)
    ax.set(xscale="log", xlabel="hidden layers of 64 units", ylabel="test error (%)", ylim=(0, 100))
    ax.set_xticks(depths, depths)
    ax.minorticks_off()
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def starts_and_rules(reached):
    """Test error at one depth from each start: seeds are points, a bar the mean. reached: {(start, rule): (seeds,)}."""
    figure, ax = plt.subplots(figsize=(10, 4.8))
    starts, rules = (list(dict.fromkeys(key[part] for key in reached)) for part in (0, 1))
    for place, rule in enumerate(rules):
        look = plots.RULE_STYLE[rule]
        for group, start in enumerate(starts):
            x, errors = group + 0.2 * (place - (len(rules) - 1) / 2), reached[start, rule]
            spread = x + np.linspace(-0.04, 0.04, len(errors))
            name = look["label"] if group == 0 else None
            ax.plot(spread, np.sort(errors), look["marker"], color=look["color"], label=name)
            ax.plot([x - 0.08, x + 0.08], [np.mean(errors)] * 2, "-", color=look["color"])
            ax.annotate(f"{np.mean(errors):.0f}", (x, np.max(errors) + 2), ha="center", color=look["color"])
    ax.axhline(90, color=plots.GREY, linewidth=1)
    ax.annotate("chance", (1, 91), xycoords=("axes fraction", "data"), ha="right", color=plots.GREY)
    ax.set(ylabel="test error (%)", ylim=(0, 100), title="20 hidden layers: each seed a point, bar and number the mean")
    ax.set_xticks(range(len(starts)), [f"{start} start" for start in starts])
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def frozen_and_full(frozen, full):
    """Training error by rule, {rule: History}: left with the first layer frozen, right with all layers learning."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
    for ax, runs, title in zip(axes, (frozen, full), ("first layer frozen", "all layers learn"), strict=True):
        plots.error_curves(runs, ax, "train_error")
        plots.log_percent(ax, [5, 10, 20, 30])
        ax.set(title=title, xticks=range(1, len(next(iter(runs.values())).train_error) + 1))
    axes[1].set_ylabel("")
    return figure


def maps_of_digits(maps, labels):
    """Each digit written at its place on four maps. maps: {(rule, layer): (digits, 2)}; labels: (digits,)."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 6.8))
    for ax, ((rule, layer), points) in zip(axes.ravel(), maps.items(), strict=True):
        for digit in range(10):
            mine, color = points[labels == digit], plt.cm.tab10(digit)
            ax.scatter(*mine.T, s=22, marker=f"${digit}$", color=color, linewidths=0.4)
        ax.set(title=f"{rule.upper()}, hidden layer {layer}", xticks=[], yticks=[])
    return figure


def probe_errors(probes):
    """A linear probe's error on the pixels and both hidden layers. probes: {rule: (3, seeds)}; "shallow": untrained."""
    figure, ax = plt.subplots(figsize=(7, 3.8))
    for rule, errors in probes.items():
        name = {"label": "random layers"} if rule == "shallow" else {}
        plots.mean_and_range(range(3), errors, ax, **plots.RULE_STYLE[rule] | name)
    ax.set(ylabel="probe's test error (%)", ylim=(0, 40), title="A linear readout of every layer")
    ax.set_xticks(range(3), ["pixels", "hidden layer 1", "hidden layer 2"])
    ax.legend(loc="upper left")
    return figure


def four_stages(runs):
    """Accuracy and the angle of hidden layer 2 against iterations, one look a run; all runs end with the last stage.

    runs: {name: (accuracy, angle)}, each (records, seeds), a record every ten iterations. A run without an angle, or
    with backprop's, 0, is left out on the right.
    """
    figure, axes = plt.subplots(1, 2, figsize=(11.5, 5.2))
    looks = [(plots.BLUE, "--"), (plots.VERMILION, "-."), (plots.PURPLE, "-"), (plots.BLACK, "-"), (plots.GREY, ":")]
    for panel, ax in enumerate(axes):
        for (name, run), (color, line) in zip(runs.items(), looks, strict=True):
            steps = 180 - 10 * np.arange(len(run[panel]))[::-1]
            if panel == 0 or np.max(np.nan_to_num(run[1])) > 1:
                plots.mean_and_range(steps, run[panel], ax, color=color, linestyle=line, label=name)
        for edge, text in {0: "layers 1–2", 90: "layer 3", 120: "1–2", 150: "all"}.items():
            ax.axvline(edge, color=plots.GREY, linewidth=1)
            ax.text(edge + 2, 103, text, color=plots.GREY, va="bottom", fontsize=11)
        ax.set(xlabel="iteration", ylim=(0, 112), xlim=(0, 180), yticks=range(0, 101, 20))
    axes[0].set_ylabel("test accuracy (%)")
    axes[1].set_ylabel("signal angle, hidden layer 2 (degrees)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def forms_of_feedback(errors, names):
    """Error of each case: each seed a point, cases from the top. errors: {case: (seeds,)}.

    names: {case: what is written beside it}. A rule, or a pair that begins with one, has the rule's look.
    """
    figure, ax = plt.subplots(figsize=(9.5, 1 + 0.42 * len(errors)))
    for place, (case, found) in enumerate(errors.items()):
        rule = case[0] if isinstance(case, tuple) else case
        look = plots.RULE_STYLE.get(rule, {"color": plots.PURPLE, "marker": "v"})
        ax.plot(found, [place] * len(found), look["marker"], color=look["color"], alpha=0.7)
    ax.set(xlabel="error (%), each seed a point", ylim=(len(errors) - 0.5, -0.5), xlim=(0, None))
    ax.set_yticks(range(len(errors)), [names[case] for case in errors])
    return figure


def error_against_scale(scales, errors):
    """Test error against the scale of B, a panel a depth. errors: {(depth, rule): (scales,)} for two depths."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True)
    for ax, depth in zip(axes, sorted({depth for depth, _ in errors}), strict=True):
        for rule in ROADS:
            ax.plot(scales, errors[depth, rule], **plots.RULE_STYLE[rule])
        layers = "hidden layers" if depth > 1 else "hidden layer"
        ax.set(xscale="log", xlabel="scale of B", title=f"{depth} {layers}", ylim=(0, 100))
    axes[0].set_ylabel("test error (%)")
    axes[0].legend(loc="upper left")
    return figure
