"""The figures of lesson 1: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots

LOOKS = plots.BLACK, plots.VERMILION


def arrows(ax, factors, tail, head, height, label_height, **style):
    for i, factor in enumerate(factors):
        if factor:
            ax.annotate("", (i + head, height), (i + tail, height), arrowprops={"arrowstyle": "->", "lw": 2, **style})
            ax.text(i + 0.5, label_height, factor, ha="center", va="center", fontsize=15, color=style["color"])


def chain(forward_factors, backward_factors):
    """The chain x, z₁, h, z₂, y, E with the factor of every step, forward and backward."""
    figure, ax = plt.subplots(figsize=(9.5, 2.4))
    circle = {"boxstyle": "circle", "facecolor": "white", "edgecolor": "black"}
    for i, name in enumerate(["$x$", "$z_1$", "$h$", "$z_2$", "$y$", "$E$"]):
        ax.text(i, 0, name, ha="center", va="center", fontsize=18, bbox=circle)
    arrows(ax, forward_factors, 0.2, 0.8, 0.12, 0.42, color=plots.BLACK)
    arrows(ax, backward_factors, 0.8, 0.2, -0.12, -0.45, color=plots.VERMILION, ls="--")
    ax.set(xlim=(-0.3, 5.3), ylim=(-0.7, 0.65), title="forward (solid) and backward (dashed)")
    ax.axis("off")
    return figure


def by_hand(x, W1, h, W2, y, delta_hidden, delta_output):
    """A network of two inputs, two hidden units and one output: each weight, each activity, each error signal."""
    figure, ax = plt.subplots(figsize=(9, 4.2))
    columns = {0.0: zip("12", x, strict=True), 1.5: zip("12", h, strict=True), 3.0: [("", y)]}
    letters = {0.0: "x", 1.5: "h", 3.0: "y"}
    heights = {0.0: (1.0, -1.0), 1.5: (1.0, -1.0), 3.0: (0.0,)}
    circle = {"boxstyle": "circle,pad=0.35", "facecolor": "white", "edgecolor": "black"}
    for left, right, weights in ((0.0, 1.5, W1), (1.5, 3.0, W2)):
        for i, low in enumerate(heights[left]):
            for j, high in enumerate(heights[right]):
                line = {"arrowstyle": "->", "lw": 1.5, "color": plots.BLACK, "shrinkA": 27, "shrinkB": 27}
                ax.annotate("", (right, high), (left, low), arrowprops=line)
                at = np.array([left, low]) + 0.35 * np.array([right - left, high - low])
                ax.text(
                    *at,
                    f"{weights[i][j]:g}".replace("-", "−"),
                    ha="center",
                    va="center",
                    bbox={"fc": "white", "ec": "none", "pad": 1},
                )
    for left, units in columns.items():
        for (index, value), height in zip(units, heights[left], strict=True):
            name = f"${letters[left]}_{index}$" if index else f"${letters[left]}$"
            ax.text(left, height, f"{name} = {value}", ha="center", va="center", fontsize=13, bbox=circle)
    signals = [*zip("12", (1.5, 1.5), heights[1.5], delta_hidden, strict=True), ("y", 3.0, 0.0, delta_output)]
    for index, at, height, signal in signals:
        below = -0.55 if height <= 0 else 0.55
        name = f"$\\delta_{{1,{index}}}$" if index != "y" else "$\\delta_2$"
        ax.text(at, height + below, f"{name} = {signal}", ha="center", va="center", fontsize=13, color=plots.VERMILION)
    ax.set(xlim=(-0.45, 3.45), ylim=(-1.8, 1.8))
    ax.set_title("activities in the circles, weights on the arrows, error signals δ beside the units")
    ax.axis("off")
    return figure


def two_descents(walks, loss_of_one):
    """The loss over one weight, and the way down at two learning rates; walks: {learning rate: weights}."""
    figure, ax = plt.subplots(figsize=(8, 4))
    every = np.concatenate([*walks.values()])
    grid = np.linspace(every.min() - 1, every.max() + 1, 300)
    ax.plot(grid, [loss_of_one(w) for w in grid], color=plots.GREY, linewidth=1.5, label="loss")
    for (rate, path), look, color in zip(walks.items(), ("o-", "^--"), (plots.BLUE, plots.VERMILION), strict=True):
        ax.plot(path, [loss_of_one(w) for w in path], look, color=color, label=f"learning rate {rate:.0f}")
    ax.set(xlabel="the bias $b_2[0]$", ylabel="loss", title="Gradient descent on one number")
    ax.legend()
    return figure


def difference_errors(steps, one_sided, central, steps32, central32):
    """Relative error of finite differences against their step."""
    figure, ax = plt.subplots(figsize=(9, 4.8))
    ax.loglog(steps, one_sided, "--", color=plots.VERMILION, label="forward difference, float64")
    ax.loglog(steps, central, "-", color=plots.BLUE, label="central difference, float64")
    ax.loglog(steps32, central32, "-.", color=plots.GREEN, label="central difference, float32")
    for precision, color in (("float64", plots.BLUE), ("float32", plots.GREEN)):
        best_by_theory = np.finfo(precision).eps ** (1 / 3)
        ax.axvline(best_by_theory, color=color, linestyle=":", linewidth=1.5)
        ax.text(best_by_theory, 3, r"$\epsilon^{1/3}$", color=color, ha="center", va="bottom", fontsize=14)
    ax.text(1e-9, 2e-7, "rounding $\\propto 1/s$:\nthe two float64 curves\nnearly coincide", ha="right", va="top")
    ax.text(2e-2, 1e-6, "truncation $\\propto s^2$:\nboth precisions\ncoincide", ha="left", va="top")
    ax.set(xlabel="step $s$", ylabel="relative error of $\\partial E/\\partial W_1$", ylim=(1e-12, 3))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 0.02), fontsize=12)
    return figure


def answers(images, said, right):
    """Digits answered rightly above, wrongly below, each with what the network said."""
    figure, axes = plt.subplots(2, 6, figsize=(9, 3.6))
    for row, chosen, word, color in zip(axes, (right, ~right), ("right", "wrong"), LOOKS, strict=True):
        for ax, k in zip(row, np.flatnonzero(chosen), strict=False):
            ax.imshow(images[k].reshape(28, 28), cmap="gray_r")
            ax.set_title(f"{word}: {said[k]}", fontsize=13, color=color)
            ax.axis("off")
    return figure


def who_notices(notices):
    """Which hidden unit's signal changes with which synapse, one panel a rule."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
    for ax, (title, changes) in zip(axes, notices.items(), strict=True):
        ax.pcolormesh(changes > 0, cmap="Greys", vmin=0, vmax=1.5, edgecolors=plots.GREY, linewidth=0.5)
        ax.set(title=title, xlabel="synapse of $W_2$ that is changed", yticks=np.arange(5) + 0.5, yticklabels=range(5))
        ax.set_xticks(np.arange(15) + 0.5, range(15))
        if not changes.any():
            ax.text(7.5, 2.5, "none", ha="center", va="center", fontsize=16, bbox={"fc": "white", "ec": "none"})
        ax.grid(False)
    axes[0].set_ylabel("hidden unit")
    axes[0].invert_yaxis()
    figure.supxlabel("filled: the unit's error signal changes with this synapse", fontsize=12)
    return figure


def wrong_digits(runs, ax=None):
    """Test digits wrong in percent against epochs, mean and range of the seeds."""
    figure, ax = plt.subplots(figsize=(8.5, 4.8)) if ax is None else (ax.figure, ax)
    styles = plots.RULE_STYLE | {
        "tuned shallow": {
            "color": plots.ORANGE,
            "linestyle": (0, (3, 1, 1, 1)),
            "marker": "v",
            "label": "shallow, tuned",
        }
    }
    for rule, curves in runs.items():
        wrong = 100 - curves
        ax.semilogy(range(4), wrong.mean(0), **styles[rule])
        ax.fill_between(range(4), wrong.min(0), wrong.max(0), color=styles[rule]["color"], alpha=0.15, linewidth=0)
    ax.set(xlabel="epoch", ylabel="test digits wrong (%), log scale", xticks=range(4), ylim=(2.5, 100))
    ax.set_yticks([3, 5, 10, 20, 50, 100], ["3", "5", "10", "20", "50", "100"])
    ax.set_title("MNIST, 784-100-10: mean and range of three seeds")
    ax.legend(loc="lower left")
    return figure


def half_planes(pairs):
    """A `ninety_degrees` for each {title: (signal through the weights, signal through B)}, with one legend."""
    figure, axes = plt.subplots(1, len(pairs), figsize=(4.5 * len(pairs), 4.4))
    for ax, (title, signals) in zip(axes, pairs.items(), strict=True):
        ninety_degrees(ax, *signals)
        ax.set_title(f"{title}: {ax.get_title()}")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def whole_lesson(pairs, runs):
    """The lesson on one page: a digit's two signals before and after training, and what the rules learn."""
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.6), width_ratios=(1, 1, 1.5))
    for ax, (title, signals) in zip(axes, pairs.items(), strict=False):
        ninety_degrees(ax, *signals)
        ax.set_title(f"{title}: {ax.get_title()}")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower left", ncols=2)
    wrong_digits(runs, axes[2])
    return figure


def ninety_degrees(ax, through_weights, through_feedback, names=("$W^Te$", "$Be$")):
    """Two hidden signals as arrows, the angle between them, and the half-plane where their product is positive.

    through_weights, through_feedback: Wᵀe and Be, vectors of one length. With two entries they are drawn as they are;
    with more, in the plane that both lie in, the first at 45°; with one, on a line. Both are drawn at length 1: the
    sign of eᵀWBe is a matter of direction. A legend is left to the caller.
    Returns {"weights": arrow, "feedback": arrow, "half-plane": patch, "border": line, "angle": degrees}.
    Raises ValueError for a signal that is 0 and for signals of different lengths.
    """
    pair = [np.asarray(signal, dtype=float).ravel() for signal in (through_weights, through_feedback)]
    lengths = [np.linalg.norm(signal) for signal in pair]
    if not np.prod(lengths) > 0 or len(pair[0]) != len(pair[1]):
        raise ValueError(f"the signals must be two vectors of one length, neither of them 0, got {pair}")
    first, second = (signal / length for signal, length in zip(pair, lengths, strict=True))
    angle = 2 * np.arctan2(np.linalg.norm(first - second), np.linalg.norm(first + second))  # accurate near 0 and π
    start, turn = _in_the_plane(first, second)
    rim = 1.3 * _points(start + np.pi / 2 * np.linspace(-1, 1, 61))
    (half,) = ax.fill(*rim, color=plots.GREEN, alpha=0.15, linewidth=0, label="$e^TWBe>0$: the loss falls")
    (border,) = ax.plot(*rim[:, [0, -1]], color=plots.GREEN, linestyle=":", label="90°: no first-order change")
    arrows = []
    for rule, name, towards, side in zip(
        ("bp", "fa"), names, (start, start + turn * angle), (-turn, turn), strict=True
    ):
        look = {key: plots.RULE_STYLE[rule][key] for key in ("color", "linestyle")}
        shape = {"arrowstyle": "-|>", "mutation_scale": 18, "lw": 2.5, "shrinkA": 0, "shrinkB": 0}
        arrows.append(ax.annotate("", _points(towards), (0, 0), arrowprops={**shape, **look}))
        place = 1.12 * _points(towards + 0.16 * side)
        ax.text(*place, name, ha="center", va="center", color=look["color"], fontsize=15)
    if angle > 0.1:
        ax.plot(*(0.33 * _points(start + turn * np.linspace(0, angle, 40))), color=plots.GREY, linewidth=1.5)
    beside = angle / 2 if angle > 0.5 else -0.3  # a narrow angle's number stands outside it
    ax.text(*(0.52 * _points(start + turn * beside)), f"{np.degrees(angle):.0f}°", ha="center", va="center")
    sign = "=" if abs(angle - np.pi / 2) < 1e-9 else ">" if angle < np.pi / 2 else "<"
    ax.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), aspect="equal", title=f"$e^TWBe {sign} 0$")
    ax.axis("off")
    return {
        "weights": arrows[0],
        "feedback": arrows[1],
        "half-plane": half,
        "border": border,
        "angle": float(np.degrees(angle)),
    }


def _points(directions):
    return np.array([np.cos(directions), np.sin(directions)])


def _in_the_plane(first, second):
    """The direction of the first vector in the drawing, in radians, and 1 or −1: on which side of it the other lies."""
    if len(first) == 2:
        return np.arctan2(first[1], first[0]), 1 if first[0] * second[1] >= first[1] * second[0] else -1
    return (0.0 if first[0] > 0 else np.pi, 1) if len(first) == 1 else (np.pi / 4, 1)
