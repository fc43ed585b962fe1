"""Lesson 5's explorer: depth, rule and scale of B against the angle of every layer and the error.

`depth_run` trains all scales of one rule at one depth as replicas of one small network, on the 8 × 8 digits that
scikit-learn carries; `Picture` draws the axes once and moves their lines; `explore` is the widget.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from fa_lessons import MLP, plots, require, rules, train
from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import view

DEPTHS = (1, 2, 3, 5, 8)
SCALES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
RULES = ("bp", "fa", "dfa", "ifa")
UNITS, EPOCHS, BATCH, RATE = 32, 12, 60, 0.3


@dataclass(frozen=True)
class DepthRun:
    """What one rule does at one depth, for every scale of B in `SCALES`.

    angles: (hidden layers, scales), final signal angle in degrees; error: (scales,), final test error in percent,
    NaN for a scale at which the network diverged.
    """

    angles: np.ndarray
    error: np.ndarray


@dataclass(frozen=True)
class SmallDigits:
    """scikit-learn's 1797 digits, 8 × 8 grey values from 0 to 1: 1437 to train and 360 to test."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


@cache
def small_digits():
    """`SmallDigits`, in one fixed random order."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    images, labels = (digits.data[order] / 16).astype(np.float32), digits.target[order].astype(np.int64)
    return SmallDigits(images[:1437], labels[:1437], images[1437:], labels[1437:])


@cache
def depth_run(rule, depth):
    """Train 64-32-…-32-10 tanh with `depth` hidden layers by `rule`, once for every scale of B; return a `DepthRun`.

    Plain steps of 0.3, batches of 60, twelve epochs, one seed. Raises ValueError for an unknown rule or a depth that
    is not a whole number from 1 to 20.
    """
    require.one_of("rule", rule, RULES)
    depth = require.count("depth", depth, maximum=20)
    network = MLP((64, *[UNITS] * depth, 10), replicas=len(SCALES), initial_scale=3**0.5)
    history = train(
        network,
        small_digits(),
        rules.RULES[rule](feedback_scale=list(SCALES)),
        epochs=EPOCHS,
        batch_size=BATCH,
        learning_rate=RATE,
        records_per_epoch=1,
        progress=False,
    )
    return DepthRun(history.alignment[-1], history.test_error[-1])


class Picture(MovingPicture):
    """Two panels, drawn once; `update` moves the lines."""

    def __init__(self, rule="dfa", depth=3, scale=1.0):
        super().__init__(figsize=(10.4, 4.2), dpi=75)
        with self.style():
            left, right = self.figure.subplots(1, 2)
        self.figure.subplots_adjust(left=0.07, right=0.985, bottom=0.15, top=0.91, wspace=0.2)
        left.set(xlim=(0.5, max(DEPTHS) + 0.5), ylim=(0, 125), title="Angle by layer", xlabel="hidden layer")
        left.set(ylabel="signal angle to backprop (degrees)", yticks=range(0, 121, 30))
        left.axhline(90, color=plots.GREY, linewidth=1)
        right.set(xlim=(-2.2, 2.2), ylim=(0, 100), title="Test error, all four rules", xlabel="scale of B")
        right.set(ylabel="test error (%)")
        right.set_xticks(range(-2, 3), ["0.01", "0.1", "1", "10", "100"])
        (self.angles,) = left.plot([], [], "o-", markersize=8, color=plots.BLACK)
        x, nothing = np.log10(SCALES), np.full(len(SCALES), np.nan)
        self.errors = {name: right.plot(x, nothing, **plots.RULE_STYLE[name])[0] for name in RULES}
        (self.chosen,) = right.plot([0], [0], "o", markersize=15, fillstyle="none", color=plots.BLACK)
        right.legend(loc="upper left", ncols=2)
        self.move([self.angles, *self.errors.values(), self.chosen])
        self.update(rule, depth, scale)

    def update(self, rule, depth, scale):
        """Show `rule` at `depth` and `scale`. Raises ValueError for a scale that is not one of `SCALES`."""
        if scale not in SCALES:
            raise ValueError(f"scale must be one of {', '.join(f'{known:g}' for known in SCALES)}, got {scale!r}")
        index = SCALES.index(scale)
        run = depth_run(rule, depth)
        self.angles.set_data(np.arange(1, depth + 1), run.angles[:, index])
        self.angles.set(color=plots.RULE_STYLE[rule]["color"], linestyle=plots.RULE_STYLE[rule]["linestyle"])
        for name, line in self.errors.items():
            line.set_ydata(depth_run(name, depth).error)
        self.chosen.set_data([np.log10(scale)], [run.error[index]])


def verdict(rule, depth, scale):
    """One line: the error and the angles of this choice."""
    run = depth_run(rule, depth)
    index = SCALES.index(scale)
    if np.isnan(run.error[index]):
        return "The numbers overflow: the steps are too large."
    angles = run.angles[:, index]
    known = angles[np.isfinite(angles)]
    text = "no signal arrives" if not len(known) else f"angles from {known.min():.0f}° to {known.max():.0f}°"
    return f"Test error {run.error[index]:.0f} %; {text}."


def explore():
    """The widget: the rule, the number of hidden layers and the scale of B. Trains everything first (seconds)."""
    import ipywidgets as widgets

    for depth in DEPTHS:
        for name in RULES:
            depth_run(name, depth)
    rule = widgets.Dropdown(options=[(name.upper(), name) for name in RULES], value="dfa", description="rule")
    depth = widgets.SelectionSlider(options=DEPTHS, value=3, description="layers")
    scale = widgets.SelectionSlider(options=SCALES, value=1.0, description="scale of B")
    picture = Picture()

    def show():
        chosen = rule.value, depth.value, scale.value
        picture.update(*chosen)
        return verdict(*chosen)

    return view(picture, [[rule], [depth], [scale]], show)
