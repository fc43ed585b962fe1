"""The figures of lesson 2: each takes its data, draws it in the house style, and returns the figure."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fa_lessons import plots
from fa_lessons.lessons.lesson1.figures import ninety_degrees
from fa_lessons.lessons.lesson2.explorer import BOX, draw_plane, draw_solutions, shade_basin

BP, FA = ({**plots.RULE_STYLE[rule], "marker": ""} for rule in ("bp", "fa"))
TIME = "time (steps × learning rate)"
THIN = {"colors": plots.GREY, "linestyles": "-"}
THICK = {"colors": plots.VERMILION, "linestyles": "-."}
# Keys for a legend: what green and shaded mean on every plane of this lesson.
SOLVES = Line2D([], [], color=plots.GREEN, linewidth=3, label="solutions $w_0w_1=1$")
ATTRACTS = Line2D([], [], color=plots.GREEN, linewidth=3, label="solutions that attract")
REPELS = Line2D([], [], color=plots.GREEN, linewidth=2, linestyle=":", label="solutions that repel")
BASIN = Patch(facecolor=plots.SKY, alpha=0.35, label="FA ends anti-aligned")
# The three landscapes: a constant has one colour, line style and marker in all figures.
VALLEYS = {0.0: (plots.BLUE, "-", "o"), -1.5: (plots.VERMILION, "--", "s"), -3.0: (plots.BLACK, "-.", "^")}


def key(style, label, **more):
    """A legend's key for a rule's paths."""
    return Line2D([], [], color=style["color"], linestyle=style["linestyle"], label=label, **more)


def legend_below(figure, *keys, columns=4):
    figure.legend(handles=keys, loc="outside lower center", ncol=columns)


def head(ax, path, color):
    """An arrow head half-way along the part of `path`, (points, 2), that lies in the box; None on a path too short."""
    inside = path[(np.abs(path) < 0.95 * BOX).all(1)]
    way = np.r_[0, np.cumsum(np.hypot(*np.diff(inside, axis=0).T))] if len(inside) > 1 else np.zeros(1)
    if way[-1] < 0.4:
        return None
    here = np.searchsorted(way, way[-1] / 2)
    tail = np.searchsorted(way, way[here] - 0.05)
    look = {"arrowstyle": "-|>", "color": color, "lw": 0, "mutation_scale": 15, "shrinkA": 0, "shrinkB": 0}
    return ax.annotate("", inside[here], inside[min(tail, here - 1)], arrowprops=look)


def travelled(ax, path, style, **more):
    """Paths (records, 2, starts) in the look of a rule: a dot at each start, an arrow head on each way."""
    lines = ax.plot(path[:, 0], path[:, 1], color=style["color"], linestyle=style["linestyle"], **more)
    ax.plot(*path[0], ".", color=style["color"], markersize=8)
    for i in range(path.shape[2]):
        head(ax, path[:, :, i], style["color"])
    return lines


def one_or_the_other(signals):
    """Lesson 1's picture of the 90° condition, on a line. signals: {title: (BP's hidden signal, FA's)}, numbers."""
    figure, axes = plt.subplots(1, len(signals), figsize=(9, 4.2))
    for ax, (title, (through_weights, through_feedback)) in zip(axes, signals.items(), strict=True):
        parts = ninety_degrees(ax, [through_weights], [through_feedback], names=("$w_1e$", "$b\\,e$"))
        ax.set_title(f"{title}: {parts['angle']:.0f}°")
    parts["half-plane"].set_label("the hidden weight's step lowers the loss")
    parts["border"].set_label("90°: it neither lowers nor raises it")
    legend_below(figure, parts["half-plane"], parts["border"])
    return figure


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
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.8))
    names = {"FA": "FA: three curves, two of them as one", "BP": "BP: three curves"}
    for i in range(0, len(epsilons), 2):
        for style in (FA, BP):
            left.plot(
                times, courses[style["label"]][:, i], **{**style, "label": names[style["label"]] if i == 0 else None}
            )
    left.set(xlim=(0, 16), xlabel=TIME, ylabel="error e", title="from 0.1, 0.001 and 0.00001")
    left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncol=2)
    right.semilogx(epsilons, measured["FA"], "s--", color=FA["color"], label="FA, measured")
    right.semilogx(epsilons, measured["BP"], "o", color=BP["color"], label="BP, measured")
    right.semilogx(epsilons, bp_formula, color=BP["color"], linewidth=1, label="BP, formula")
    right.axhline(
        fa_formula, color=FA["color"], linewidth=1, linestyle=":", label="FA from 0, formula (under the squares)"
    )
    right.set(xlabel="both weights at the start", ylabel="time until e = 0.01", ylim=(0, 17))
    right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncol=2)
    return figure


def learning_rate_limits(etas, flow_end_limit, landing_limit, steps):
    """Left, the safe limit where FA's steps land against the rate; right, steps to learn.

    etas, landing_limit: (rates,); flow_end_limit: the limit where the flow ends;
    steps: [(style, label, (rates,))], NaN where the rule does not learn.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 4.6))
    left.axhline(flow_end_limit, color=plots.BLUE, linestyle=":", label="safe limit where the flow ends")
    left.plot(etas, landing_limit, "-.", color=plots.VERMILION, label="safe limit where the steps land")
    left.plot(etas, etas, color=plots.GREY, linewidth=1, label="the learning rate itself, for comparison")
    left.set(xlabel="learning rate of the run", ylabel="largest safe learning rate", xlim=(0, 1), ylim=(0, 1))
    left.set_title("FA from the origin")
    left.legend(loc="lower right")
    for style, label, count in steps:
        right.plot(etas, count, **{**style, "label": label})
    right.set(xlabel="learning rate of the run", ylabel="steps until |e| < 0.01", yscale="log")
    right.set(title="Steps to learn", xlim=(0, 1.05))
    right.legend()
    return figure


def two_flows(paths, starts):
    """FA's and BP's flow. paths: {"fa", "bp": (records, 2, starts)} from the same starts (2, starts)."""
    figure, axes = plt.subplots(1, 2, figsize=(12, 6.5))
    for ax, rule, style in zip(axes, ("fa", "bp"), (FA, BP), strict=True):
        draw_plane(ax, rule)
        travelled(ax, paths[rule], style, linewidth=1.3)
        ax.set_title(f"{style['label']}: the flow, and {starts.shape[1]} starts")
    ways = [key(style, f"{style['label']}'s paths, from the dot", marker=".") for style in (FA, BP)]
    legend_below(figure, ATTRACTS, REPELS, *ways)
    return figure


def conserved(fa_path, bp_path, plane, kept):
    """Contours of what each flow keeps, and computed paths on them."""
    figure, axes = plt.subplots(1, 2, figsize=(12, 6.2))
    for ax, rule, path, style, edge in zip(axes, ("fa", "bp"), (fa_path, bp_path), (FA, BP), (-1.5, 0.0), strict=True):
        ax.contour(*plane, kept[style["label"]], levels=np.arange(-15, 16, 1.0), linewidths=0.8, **THIN)
        ax.contour(*plane, kept[style["label"]], levels=[edge], linewidths=2.5, **THICK)
        draw_solutions(ax, rule)
        ax.plot(path[:, 0, :14], path[:, 1, :14], color=style["color"], linestyle=style["linestyle"], linewidth=3)
    axes[0].set_title("FA moves on parabolas")
    axes[1].set_title("BP moves on hyperbolas")
    thin = Line2D([], [], color=plots.GREY, linewidth=0.8, label="one value of the constant")
    edge = Line2D([], [], color=plots.VERMILION, linestyle="-.", label="$c=-3/2$ (left), $k=0$ (right)")
    ways = [key(style, f"{style['label']}, computed", linewidth=3) for style in (FA, BP)]
    legend_below(figure, ATTRACTS, REPELS, edge, thin, *ways, columns=3)
    return figure


def roll(ax, c, ground, balls, where=None):
    """A landscape, and balls rolling on it. ground: (w0, height), each (points,); balls: (records, count), w0 in time.

    A ball starts hollow, leaves a small mark each half unit of time of its first three (records are 0.05 apart), and
    ends filled.
    """
    color, line, marker = VALLEYS[c]
    (curve,) = ax.plot(*ground, color=color, linestyle=line, label=f"$c={c:g}$")
    for ball in balls.T:
        on = np.interp(ball, *ground)
        ax.plot(ball[:61:10], on[:61:10], ".", color=color, markersize=9, zorder=3)
        ax.plot(
            ball[0], on[0], marker, color=color, markersize=12, markerfacecolor="white", markeredgewidth=2, zorder=4
        )
        ax.plot(ball[-1], on[-1], marker, color=color, markersize=12, zorder=5)
    ax.axvline(0, color=plots.GREY, linewidth=1)
    ax.set(xlabel="first weight $w_0$", xlim=(-3.6, 3.6))
    return curve


def landscapes(grounds, balls):
    """One panel a constant c. grounds: {c: (w0, height)}; balls: {c: (records, count)}, as in `roll`."""
    figure, axes = plt.subplots(1, len(grounds), figsize=(12.5, 4.8), sharey=True)
    for ax, (c, ground) in zip(axes, grounds.items(), strict=True):
        roll(ax, c, ground, balls[c])
        ax.set(title=f"on the parabola with $c={c:g}$", ylim=(-8, 8))
        for x, side in ((-1.1, "at rest here:\nanti-aligned"), (1.1, "at rest here:\naligned")):
            ax.text(x, 6.3, side, ha="center", fontsize=11)
    axes[0].set_ylabel("height: downhill is where FA goes")
    looks = {"color": plots.BLACK, "linestyle": ""}
    legend_below(
        figure,
        Line2D([], [], marker="o", markersize=12, markerfacecolor="white", markeredgewidth=2, label="start", **looks),
        Line2D([], [], marker=".", markersize=9, label="half a unit of time apart", **looks),
        Line2D([], [], marker="o", markersize=12, label="end", **looks),
    )
    return figure


def cubics(roots):
    """f(w₀) along parabolas; a zero is filled on the sides from which it attracts. roots: {c: its zeros}."""
    figure, axes = plt.subplots(1, 3, figsize=(12.5, 4.6), sharey=True)
    grid = np.linspace(-3.2, 3.2, 300)
    for ax, (c, zeros) in zip(axes, roots.items(), strict=True):
        ax.plot(grid, 1 - c * grid - grid**3 / 2, color=plots.BLUE)
        ax.axhline(0, color=plots.GREY, linewidth=1)
        for root in zeros:
            near = root + np.array([-0.02, 0.02])
            speed = 1 - c * near - near**3 / 2
            fill = {(1, -1): "full", (1, 1): "left", (-1, 1): "none"}[tuple(np.sign(speed).astype(int))]
            mark(ax, root, fill)
        edges = [-3.2, *sorted({round(float(z), 3) for z in zeros}), 3.2]
        for low, high in itertools.pairwise(edges):
            middle = (low + high) / 2
            way = min(0.3, (high - low) / 4) * np.sign(1 - c * middle - middle**3 / 2)
            look = {"arrowstyle": "-|>", "color": plots.GREY, "lw": 2, "mutation_scale": 18}
            ax.annotate("", (middle + way, 0), (middle - way, 0), arrowprops=look)
        ax.set(ylim=(-6, 6), xlabel="first weight $w_0$", title=f"$c = {c:g}$")
    axes[0].set_ylabel(r"$\dot w_0=f(w_0)=e$")
    kinds = {"full": "attracts from both sides", "left": "attracts from the left only", "none": "repels"}
    legend_below(figure, *(mark(None, 0, fill, label) for fill, label in kinds.items()))
    return figure


def mark(ax, root, fill, label=None):
    """A zero of f: filled, half filled or hollow. Without `ax`, the legend's key for it."""
    look = {"color": plots.BLUE, "markersize": 12, "markeredgewidth": 2, "markerfacecoloralt": "white"}
    look |= {"linestyle": "", "marker": "o", "fillstyle": "full" if fill == "none" else fill, "label": label}
    line = Line2D([root], [0], **look, **({"markerfacecolor": "white"} if fill == "none" else {}))
    return ax.add_line(line) if ax else line


def basin(starts, ends):
    """The starts that end anti-aligned: the closed form shaded, simulated ends as points. Both (2, starts)."""
    figure, ax = plt.subplots(figsize=(7.5, 7.2))
    draw_plane(ax)
    shade_basin(ax)
    bad = ends[1] < 0
    ax.plot(*starts[:, ~bad], "o", color=plots.BLUE, markersize=4, label="ends aligned")
    ax.plot(*starts[:, bad], "^", color=plots.VERMILION, markersize=6, label="ends anti-aligned")
    ax.plot(-2, -2, "*", color=plots.BLACK, markersize=16, label="the start of section 2.0")
    ax.plot(
        [-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1], "--", color=plots.BLACK, linewidth=1.5, label="both weights within 1"
    )
    ax.set_title("Where 500 starts end")
    closed = Patch(facecolor=plots.SKY, alpha=0.35, label="your closed form")
    legend_below(figure, *ax.get_legend_handles_labels()[0], closed, ATTRACTS, REPELS, columns=2)
    return figure


def courses_of_the_error(at_once, later, side, times, e_path, three):
    """Where the error rises, and three courses of it in time."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(12.5, 6.4))
    draw_plane(left)
    kinds = [(later, plots.YELLOW, "..", "rises later"), (at_once, plots.ORANGE, "//", "rises at once")]
    keys = []
    for where, color, hatch, label in kinds:
        area = {"levels": [0.5, 1.5], "colors": [color], "alpha": 0.6, "hatches": [hatch], "zorder": 0}
        left.contourf(side, side, where, **area)
        keys.append(Patch(facecolor=color, alpha=0.6, hatch=hatch, label=f"the error {label}"))
    condition = left.axhline(
        0, color=plots.PURPLE, linestyle="-.", label="above it $b\\,w_1>0$: the 90° condition holds"
    )
    left.set_title("Where the error rises")
    names = ["rises at once", "falls, rises, falls", "falls all the way"]
    for i, (name, line, marker) in enumerate(zip(names, ["-", "--", "-."], "sov", strict=True)):
        right.plot(times, np.abs(e_path[:, i]), linestyle=line, marker=marker, markevery=40 + 7 * i, label=name)
        left.plot(*three[:, i], marker, color=f"C{i}", markersize=11, markeredgecolor="black", zorder=5)
    right.set(xlabel=TIME, ylabel="size of the error, |e|", xlim=(0, 6), title="Three courses of the error")
    right.legend(title="marked in the left picture")
    legend_below(figure, *keys, condition, ATTRACTS, REPELS, columns=3)
    return figure


def planes_of_b(paths, starts):
    """The flow of FA and its anti-aligned basin. paths: {b: (records, 2, starts)} from the same starts (2, starts)."""
    figure, axes = plt.subplots(1, len(paths), figsize=(13, 5.2))
    for ax, (b, path) in zip(axes, paths.items(), strict=True):
        draw_plane(ax, b=b)
        shade_basin(ax, b)
        travelled(ax, path, FA, linewidth=1.6)
        ax.set_title(f"$b = {b:g}$")
    legend_below(figure, BASIN, ATTRACTS, REPELS, key(FA, "FA's paths, from the dot", marker="."))
    return figure


def one_slide(grounds, balls):
    """The lesson on one slide: the plane with its basin and three parabolas, and the landscapes along them.

    grounds, balls: as in `landscapes`.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 6.6))
    draw_plane(left)
    shade_basin(left)
    grid = np.linspace(-BOX, BOX, 400)
    for c, (color, line, marker) in VALLEYS.items():
        left.plot(grid, grid**2 / 2 + c, color=color, linestyle=line)
        for ball in balls[c].T:
            path = np.column_stack([ball, ball**2 / 2 + c])
            head(left, path, color)
            left.plot(*path[0], marker, color=color, markersize=11, markerfacecolor="white", markeredgewidth=2)
            left.plot(*path[-1], marker, color=color, markersize=11, zorder=5)
        roll(right, c, grounds[c], balls[c])
    left.set_title("FA runs along parabolas $w_1=w_0^2/2+c$ to $w_0w_1=1$ …")
    right.set(title="… which is downhill on this ground", ylabel="height", ylim=(-8, 8))
    for x, side in ((-1.0, "at rest here:\nanti-aligned"), (1.0, "at rest here:\naligned")):
        right.text(x, 6.6, side, ha="center")
    ways = [Line2D([], [], color=v[0], linestyle=v[1], marker=v[2], label=f"$c={c:g}$") for c, v in VALLEYS.items()]
    hollow = Line2D([], [], color=plots.BLACK, linestyle="", marker="o", markerfacecolor="white", label="hollow: start")
    legend_below(figure, *ways, hollow, BASIN, ATTRACTS, REPELS)
    return figure


def fates(found, side, grid):
    """Maps of what becomes of each start of `grid`. found: {(rule, rate): 0 learned, 1 unsettled, 2 diverged}."""
    figure, axes = plt.subplots(2, 3, figsize=(11, 7.2), sharex=True, sharey=True)
    colors = ["white", plots.ORANGE, plots.GREY]
    for ax, ((rule, eta), verdict) in zip(axes.flat, found.items(), strict=True):
        ax.pcolormesh(side, side, verdict, cmap=ListedColormap(colors), vmin=0, vmax=2, rasterized=True)
        if (verdict == 1).mean() > 0.01:
            ax.contourf(side, side, verdict == 1, levels=[0.5, 1.5], colors="none", hatches=["//"])
        for branch in (np.geomspace(1 / BOX, BOX), -np.geomspace(1 / BOX, BOX)):
            ax.plot(branch, 1 / branch, color=plots.GREEN, linewidth=3)
        ax.set(xlabel="first weight $w_0$", ylabel="second weight $w_1$", aspect="equal")
        ax.label_outer()
        learned = (verdict == 0).mean()
        share = "none learns" if learned == 0 else f"{learned:.0%} learn" if learned < 0.99 else "over 99% learn"
        ax.set_title(f"{rule.upper()}, learning rate {eta}:\n{share}")
        if rule == "bp":
            room = 4 / eta - eta - (grid[0] ** 2 + grid[1] ** 2 - eta * grid[0] * grid[1])
            ax.contour(side, side, room, levels=[0], colors=plots.VERMILION, linestyles="--", linewidths=2.5)
    names = [("learned", ""), ("neither after 300 steps", "//"), ("diverged", "")]
    keys = [Patch(facecolor=f, edgecolor="black", hatch=h, label=n) for f, (n, h) in zip(colors, names, strict=True)]
    ellipse = Line2D([], [], color=plots.VERMILION, linestyle="--", label="BP's ellipse")
    legend_below(figure, *keys, SOLVES, ellipse, columns=5)
    return figure
