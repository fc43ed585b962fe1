"""Diagrams of networks: who sends what to whom."""

from matplotlib.patches import FancyArrowPatch

from fa_lessons import plots

FORWARD = ("$x$", "$h_1$", "$h_2$", r"$\hat y$")
SIGNALS = (None, r"$\delta a_1$", r"$\delta a_2$", "$e$")
# The feedback arrows of each rule in a network with two hidden layers: from layer, to layer, through which matrix.
ROADS = {
    "bp": [(3, 2, "$W_3^T$"), (2, 1, "$W_2^T$")],
    "fa": [(3, 2, "$B_2$"), (2, 1, "$B_1$")],
    "dfa": [(3, 2, "$B_2$"), (3, 1, "$B_1$")],
    "ifa": [(3, 1, "$B_1$"), (1, 2, "$W_2$")],
}


def roads(rule, ax):
    """Left column: the forward path, grey. Right column: the error signals, with the arrows of `rule` in its colour.

    Returns the list of feedback arrows. Raises ValueError for a rule without a road here.
    """
    if rule not in ROADS:
        raise ValueError(f"rule must be one of {', '.join(ROADS)}, got {rule!r}")
    color = plots.RULE_STYLE[rule]["color"]
    ax.set(xlim=(-0.45, 2.6), ylim=(-0.3, 3.35), title=plots.RULE_STYLE[rule]["label"])
    ax.axis("off")
    for level, (name, signal) in enumerate(zip(FORWARD, SIGNALS, strict=True)):
        _node(ax, 0, level, name, plots.GREY)
        if level:
            _arrow(ax, (0, level - 0.73), (0, level - 0.27), plots.GREY)
            ax.text(-0.12, level - 0.5, f"$W_{level}$", ha="right", va="center", color=plots.GREY)
            _node(ax, 1, level, signal, color)
    return [_road(ax, *road, color) for road in ROADS[rule]]


def _road(ax, start, end, label, color):
    if abs(start - end) == 1:
        gap = 0.27 if start > end else -0.27
        ax.text(0.88, (start + end) / 2, label, ha="right", va="center", color=color)
        return _arrow(ax, (1, start - gap), (1, end + gap), color)
    ax.text(2.2, (start + end) / 2, label, ha="left", va="center", color=color)
    return _arrow(ax, (1.2, start), (1.3, end), color, connectionstyle="arc3,rad=-0.6")


def _node(ax, x, y, name, color):
    box = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": color}
    ax.text(x, y, name, ha="center", va="center", fontsize=14, bbox=box, zorder=3)


def _arrow(ax, begin, finish, color, **style):
    arrow = FancyArrowPatch(begin, finish, arrowstyle="-|>", mutation_scale=16, color=color, linewidth=2, **style)
    return ax.add_patch(arrow)
