"""The figures of lesson 2: each takes data, decides none, and returns the figure."""

import matplotlib.pyplot as plt

from fa_lessons import plots

BP, FA = ({**plots.RULE_STYLE[rule], "marker": ""} for rule in ("bp", "fa"))
TIME = "time (steps × learning rate)"


def two_ways_back():
    """The chain x, h, y, e, and the error's two ways to h: BP's through w1, FA's through b."""
    figure, ax = plt.subplots(figsize=(8, 2.2))
    circle = {"boxstyle": "circle", "facecolor": "white", "edgecolor": "black"}
    for i, name in enumerate(["$x$", "$h$", "$y$", "$e$"]):
        ax.text(i, 0, name, ha="center", va="center", fontsize=18, bbox=circle)
    for i, name in enumerate(["$w_0$", "$w_1$", "$x-y$"]):
        ax.annotate("", (i + 0.82, 0), (i + 0.18, 0), arrowprops={"arrowstyle": "->", "lw": 2})
        ax.text(i + 0.5, 0.22, name, ha="center", fontsize=15)
    for height, shift, style, name in [(-0.6, 0.05, BP, "BP: $w_1$"), (-1.1, -0.05, FA, "FA: $b$")]:
        color, line = style["color"], style["linestyle"]
        ax.plot([3 - shift, 3 - shift, 1 + shift], [-0.3, height, height], color=color, linestyle=line)
        arrow = {"arrowstyle": "->", "lw": 2, "color": color, "linestyle": line}
        ax.annotate("", (1 + shift, -0.3), (1 + shift, height - 0.02), arrowprops=arrow)
        ax.text(2, height + 0.08, name, ha="center", fontsize=13, color=color)
    ax.set(xlim=(-0.3, 3.3), ylim=(-1.3, 0.6))
    ax.axis("off")
    return figure


def small_starts(times, courses, epsilons, measured, bp_formula, fa_formula):
    """Every second course of the error, and the time until it is small against the size of the start.

    times: (T,); courses: {"FA", "BP": (T, starts)}; epsilons, measured["FA"], measured["BP"], bp_formula: (starts,);
    fa_formula: FA's time from the origin.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.4))
    for i in range(0, len(epsilons), 2):
        for style in (FA, BP):
            left.plot(times, courses[style["label"]][:, i], **{**style, "label": style["label"] if i == 0 else None})
    left.set(xlim=(0, 16), xlabel=TIME, ylabel="error e", title="from 0.1, 0.001 and 0.00001")
    left.legend(loc="center right")
    right.semilogx(epsilons, measured["FA"], "s--", color=FA["color"], label="FA, measured")
    right.semilogx(epsilons, measured["BP"], "o", color=BP["color"], label="BP, measured")
    right.semilogx(epsilons, bp_formula, color=BP["color"], linewidth=1, label="BP, formula")
    right.axhline(fa_formula, color=FA["color"], linewidth=1, linestyle=":", label="FA from 0, formula")
    right.set(xlabel="both weights at the start", ylabel="time until e = 0.01", ylim=(0, 17))
    right.legend()
    return figure


def learning_rate_limits(etas, flow_end_limit, landing_limit, steps):
    """Left, the safe limit where FA's steps land against the rate; right, steps to learn.

    etas, landing_limit: (rates,); flow_end_limit: the limit where the flow ends;
    steps: [(style, label, (rates,))], NaN where the rule does not learn.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.6))
    left.axhline(flow_end_limit, color=plots.BLUE, linestyle=":", label="safe limit where the flow ends")
    left.plot(etas, landing_limit, "-.", color=plots.VERMILION, label="safe limit where the steps land")
    left.plot(etas, etas, color=plots.GREY, linewidth=1, label="the learning rate itself")
    left.set(xlabel="learning rate", ylabel="learning rate", xlim=(0, 1), ylim=(0, 1), title="FA from the origin")
    left.legend(loc="lower right")
    for style, label, count in steps:
        right.plot(etas, count, **{**style, "label": label})
    right.set(xlabel="learning rate", ylabel="steps until |e| < 0.01", yscale="log")
    right.set(title="Steps to learn", xlim=(0, 1.05))
    right.legend()
    return figure
