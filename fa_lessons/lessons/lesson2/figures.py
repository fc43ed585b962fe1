"""The figures of lesson 2: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from fa_lessons import plots
from fa_lessons.lessons.lesson2.explorer import draw_plane, shade_basin

BP, FA = ({**plots.RULE_STYLE[rule], "marker": ""} for rule in ("bp", "fa"))
TIME = "time (steps × learning rate)"
THIN = {"colors": plots.GREY, "linestyles": "-"}
THICK = {"colors": plots.VERMILION, "linestyles": "-."}


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


def solutions(ax):
    """The two branches of w₀ w₁ = 1, on which the error is zero."""
    for branch in (np.geomspace(0.25, 4), -np.geomspace(0.25, 4)):
        ax.plot(branch, 1 / branch, color=plots.GREEN, linewidth=3)
    ax.set(xlabel="first weight $w_0$", ylabel="second weight $w_1$", aspect="equal")


def two_flows(paths, starts):
    """FA's and BP's flow. paths: {"fa", "bp": (records, 2, starts)} from the same starts (2, starts)."""
    figure, axes = plt.subplots(1, 2, figsize=(12, 6))
    for ax, rule, style in zip(axes, ("fa", "bp"), (FA, BP), strict=True):
        draw_plane(ax, rule)
        path = paths[rule]
        ax.plot(path[:, 0], path[:, 1], color=style["color"], linestyle=style["linestyle"], linewidth=1.3)
        ax.plot(*starts, ".", color=style["color"], markersize=8)
        ax.set_title(f"{style['label']}: the flow, and {starts.shape[1]} starts")
    return figure


def conserved(fa_path, bp_path, plane, kept):
    """Contours of what each flow keeps, and computed paths on them."""
    figure, axes = plt.subplots(1, 2, figsize=(12, 5.6))
    for ax, path, style, edge in zip(axes, (fa_path, bp_path), (FA, BP), (-1.5, 0.0), strict=True):
        ax.contour(*plane, kept[style["label"]], levels=np.arange(-15, 16, 1.0), linewidths=0.8, **THIN)
        ax.contour(*plane, kept[style["label"]], levels=[edge], linewidths=2.5, **THICK)
        solutions(ax)
        ax.plot(path[:, 0, :14], path[:, 1, :14], color=style["color"], linewidth=3)
    repelling = np.linspace(-1, -0.25)
    axes[0].plot(repelling, 1 / repelling, ":", color="white", linewidth=3.5)
    axes[0].set_title("FA moves on parabolas")
    axes[1].set_title("BP moves on hyperbolas")
    return figure


def cubics(roots):
    """f(w₀) along parabolas, zeros filled where they attract. roots: {c: its zeros}."""
    figure, axes = plt.subplots(1, 3, figsize=(12.5, 4), sharey=True)
    grid = np.linspace(-3.2, 3.2, 300)
    for ax, (c, zeros) in zip(axes, roots.items(), strict=True):
        ax.plot(grid, 1 - c * grid - grid**3 / 2, color=plots.BLUE)
        ax.axhline(0, color=plots.GREY, linewidth=1)
        for root in zeros:
            slope = -c - 1.5 * root**2
            face = plots.BLUE if slope < -1e-3 else "white"
            ax.plot(root, 0, "o", color=plots.BLUE, markersize=11, markerfacecolor=face, markeredgewidth=2)
        ax.set(ylim=(-6, 6), xlabel="first weight $w_0$", title=f"$c = {c:g}$")
    axes[0].set_ylabel(r"$\dot w_0=f(w_0)=e$")
    return figure


def basin(starts, ends):
    """The starts that end anti-aligned: the closed form shaded, simulated ends as points. Both (2, starts)."""
    figure, ax = plt.subplots(figsize=(7.5, 6.6))
    draw_plane(ax)
    shade_basin(ax)
    bad = ends[1] < 0
    ax.plot(*starts[:, ~bad], "o", color=plots.BLUE, markersize=4, label="ends aligned")
    ax.plot(*starts[:, bad], "^", color=plots.VERMILION, markersize=6, label="ends anti-aligned")
    ax.plot(-2, -2, "*", color=plots.BLACK, markersize=16, label="the start of section 2.0")
    ax.set_title("Shaded: the closed form. Points: simulated ends")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=3)
    return figure


def courses_of_the_error(at_once, later, side, times, e_path, three):
    """Where the error rises, and three courses of it in time."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 5.4))
    draw_plane(left)
    kind = np.where(at_once, 2, np.where(later, 1, 0))
    left.contourf(
        side,
        side,
        kind,
        levels=[0.5, 1.5, 2.5],
        colors=[plots.YELLOW, plots.ORANGE],
        alpha=0.6,
        zorder=0,
    )
    left.set_title("The error rises at once (dark) or later (light)")
    names = ["rises at once", "falls, rises, falls", "falls all the way"]
    for i, (name, line, marker) in enumerate(zip(names, ["-", "--", "-."], "sov", strict=True)):
        right.plot(times, np.abs(e_path[:, i]), linestyle=line, marker=marker, markevery=40 + 7 * i, label=name)
        left.plot(*three[:, i], marker, color=f"C{i}", markersize=11, markeredgecolor="black", zorder=5)
    right.set(
        xlabel="time (steps × learning rate)",
        ylabel="|e|",
        xlim=(0, 6),
        title="Three courses of the error",
    )
    right.legend()
    return figure


def planes_of_b(paths, starts):
    """The flow of FA and its anti-aligned basin. paths: {b: (records, 2, starts)} from the same starts (2, starts)."""
    figure, axes = plt.subplots(1, len(paths), figsize=(13, 4.8))
    for ax, (b, path) in zip(axes, paths.items(), strict=True):
        draw_plane(ax, b=b)
        shade_basin(ax, b)
        ax.plot(path[:, 0], path[:, 1], color=FA["color"], linestyle="--", linewidth=1.6)
        ax.plot(*starts, ".", color=FA["color"], markersize=9)
        ax.set_title(f"$b = {b:g}$")
    return figure


def fates(found, side, grid):
    """Maps of what becomes of each start of `grid`. found: {(rule, rate): 0 learned, 1 unsettled, 2 diverged}."""
    figure, axes = plt.subplots(2, 3, figsize=(12, 8.2), sharex=True, sharey=True)
    colors = ["white", plots.ORANGE, plots.GREY]
    for ax, ((rule, eta), verdict) in zip(axes.flat, found.items(), strict=True):
        ax.pcolormesh(side, side, verdict, cmap=ListedColormap(colors), vmin=0, vmax=2, rasterized=True)
        solutions(ax)
        ax.label_outer()
        ax.set_title(f"{rule.upper()}, learning rate {eta}")
        if rule == "bp":
            room = 4 / eta - eta - (grid[0] ** 2 + grid[1] ** 2 - eta * grid[0] * grid[1])
            ax.contour(side, side, room, levels=[0], colors=plots.VERMILION, linestyles="--", linewidths=2.5)
    names = ["learned", "neither after 300 steps", "diverged"]
    keys = [Patch(facecolor=f, edgecolor="black", label=n) for f, n in zip(colors, names, strict=True)]
    figure.legend(handles=keys, loc="outside lower center", ncol=3)
    return figure
