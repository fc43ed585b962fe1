"""Lesson 6's explorer: harm the feedback path of a small network, and see how long learning bears it."""

from dataclasses import dataclass

import numpy as np

from fa_lessons import plots, require
from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import ten_to, view

SIDE = 7  # the digits are shrunk to 7 × 7 grey values
TRAINED, HELD_OUT = 6000, 250  # digits
HIDDEN, CLASSES, BATCH, STEPS, EVERY, SEEDS = 24, 10, 25, 200, 10, 2
BOUNDS = 1 / SIDE, 1 / HIDDEN**0.5, 1.0  # of W1, W2 and B
RULES = ("bp", "fa", "shallow")
DELAYS = range(41)


def small_task(data):
    """(images, targets, held-out images, held-out labels): 6000 and 250 of the training digits, shrunk.

    data: `Digits`. Images are (count, 49) with mean 0, targets (count, 10), all float32.
    Raises ValueError for fewer training digits.
    """
    count = TRAINED + HELD_OUT
    if len(data.train_images) < count:
        raise ValueError(f"data must have at least {count} training digits, got {len(data.train_images)}")
    images = data.train_images[:count].reshape(-1, SIDE, 28 // SIDE, SIDE, 28 // SIDE).mean((2, 4))
    images = images.reshape(-1, SIDE**2).astype(np.float32)
    images -= images[:TRAINED].mean(0)
    targets = np.eye(CLASSES, dtype=np.float32)[data.train_labels[:TRAINED]]
    return images[:TRAINED], targets, images[TRAINED:], data.train_labels[TRAINED:count]


@dataclass(frozen=True)
class DamagedCurves:
    """steps: (records,); errors: {rule: percent of held-out digits, (records, SEEDS)}, NaN once numbers overflow."""

    steps: np.ndarray
    errors: dict


def damaged_curves(task, delay=0, noise=0.0, drop=0.0, learning_rate=0.5, current=False, seed=0):
    """Train 49-24-10 tanh networks by BP, FA and shallow, for STEPS steps of one harmed feedback path.

    task: of `small_task`. delay: steps by which the error comes late. current: whether it meets today's activations
    and not the stored ones of its own digits. noise: standard deviation of the noise on the hidden units' signal,
    in units of that signal's root mean square. drop: the probability with which each feedback line, one entry of
    Wᵀ or B, is silent in a step.
    Raises ValueError for a delay, noise, drop or learning rate out of range.
    """
    delay = require.count("delay", delay, maximum=DELAYS[-1], minimum=0)
    noise, drop = require.number("noise", noise), require.number("drop", drop, maximum=1)
    learning_rate = require.number("learning_rate", learning_rate, open_minimum=True)
    images, targets, held_out, labels = task
    rng = np.random.default_rng(require.seed("seed", seed))
    nets, bp = len(RULES) * SEEDS, slice(0, SEEDS)
    shapes = (SIDE**2, HIDDEN), (HIDDEN, CLASSES), (CLASSES, HIDDEN)
    draws = [rng.uniform(-bound, bound, (SEEDS, *shape)) for shape, bound in zip(shapes, BOUNDS, strict=True)]
    W1, W2, B = (_for_each_rule(draw).astype(np.float32) for draw in draws)
    B[-SEEDS:] = 0  # the control: nothing comes down, so only the readout learns
    rows = rng.integers(0, len(images), (STEPS, BATCH))
    past, errors = [], np.full((STEPS // EVERY + 1, nets), np.nan)
    with np.errstate(all="ignore"):
        for step in range(STEPS + 1):
            if step % EVERY == 0:
                output = np.tanh(held_out @ W1) @ W2
                errors[step // EVERY] = 100 * (output.argmax(-1) != labels).mean(-1)
                errors[step // EVERY, ~np.isfinite(output).all((1, 2))] = np.nan
            if step == STEPS:
                break
            x = images[rows[step]]
            h = np.tanh(x @ W1)
            e = (_softmax(h @ W2) - targets[rows[step]]) / BATCH
            past.append((x, h, e))
            x_late, h_late, e = past[max(0, step - delay)]
            if not current:
                x, h = x_late, h_late
            B[bp] = W2[bp].transpose(0, 2, 1)
            path = B * _for_each_rule(rng.random((SEEDS, *shapes[2]), np.float32) >= drop) if drop else B
            signal = e @ path
            if noise:
                size = np.sqrt((signal**2).mean((1, 2), keepdims=True))
                signal += noise * size * _for_each_rule(rng.standard_normal((SEEDS, BATCH, HIDDEN), np.float32))
            W2 -= learning_rate * (h.transpose(0, 2, 1) @ e)
            W1 -= learning_rate * (x.T @ (signal * (1 - h * h)))
    split = errors.reshape(-1, len(RULES), SEEDS).transpose(1, 0, 2)
    return DamagedCurves(np.arange(0, STEPS + 1, EVERY), dict(zip(RULES, split, strict=True)))


def _for_each_rule(draws):
    """The same draws for every rule: (SEEDS, ...) → (rules · SEEDS, ...)."""
    return np.tile(draws, (len(RULES), 1, 1))


def _softmax(a):
    powers = np.exp(a - a.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def draw_curves(curves, ax):
    """Held-out error against steps: a thick line for the mean, thin lines for the seeds. {rule: [lines]}."""
    lines = {}
    for rule, errors in curves.errors.items():
        style = plots.RULE_STYLE[rule] | {"markevery": 4}
        thin = [ax.plot(curves.steps, e, color=style["color"], linewidth=0.8, alpha=0.5)[0] for e in errors.T]
        lines[rule] = [ax.plot(curves.steps, errors.mean(1), **style)[0], *thin]
    ax.set(xlabel="step", ylabel="error on held-out digits (%)", ylim=(0, 100), xlim=(0, STEPS))
    return lines


class Picture(MovingPicture):
    """The learning curves; `update` moves the lines."""

    def __init__(self, curves):
        super().__init__(figsize=(7.6, 4.2), dpi=80)
        with self.style():
            self.ax = self.figure.add_subplot()
            self.lines = draw_curves(curves, self.ax)
            self.ax.legend(loc="upper right")
        self.figure.subplots_adjust(left=0.11, right=0.98, bottom=0.14, top=0.96)
        self.move([line for lines in self.lines.values() for line in lines])

    def update(self, curves):
        """Show other `DamagedCurves`."""
        for rule, (mean, *thin) in self.lines.items():
            mean.set_ydata(curves.errors[rule].mean(1))
            for line, errors in zip(thin, curves.errors[rule].T, strict=True):
                line.set_ydata(errors)


def verdict(curves):
    """One line: where each rule ends."""
    ends = {rule: errors[-1].mean() for rule, errors in curves.errors.items()}
    said = (
        f"{plots.RULE_STYLE[rule]['label']} {'overflows' if np.isnan(end) else f'{end:.0f} %'}"
        for rule, end in ends.items()
    )
    return f"error after {STEPS} steps: " + ", ".join(said)


def explore(data):
    """The widget: sliders for delay, noise, drop and learning rate, and a switch for what the late error meets."""
    import ipywidgets as widgets

    task = small_task(data)
    delay = widgets.IntSlider(16, min=0, max=DELAYS[-1], description="delay (steps)")
    noise = widgets.FloatSlider(0, min=0, max=20, step=0.5, description="noise")
    drop = widgets.FloatSlider(0, min=0, max=1, step=0.05, description="drop")
    rate = widgets.FloatSlider(-0.3, min=-1.5, max=1, step=0.1, description="rate 10^")
    current = widgets.Dropdown(
        options=[("its own digits", False), ("today's digits", True)], description="late e meets"
    )
    picture = Picture(damaged_curves(task, delay.value, learning_rate=ten_to(rate)))

    def show():
        curves = damaged_curves(task, delay.value, noise.value, drop.value, ten_to(rate), current.value)
        picture.update(curves)
        return verdict(curves)

    return view(picture, [[delay, current, rate], [noise, drop]], show)
