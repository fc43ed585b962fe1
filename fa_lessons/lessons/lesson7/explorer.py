"""Lesson 7's explorer: how far contrastive Hebbian learning is from backprop, by feedback, precision and settling."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fa_lessons import plots, require
from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import view

SIZES, BATCH = (30, 20, 15, 5), 20
GAMMAS = np.logspace(-7, 0, 29)
PRECISIONS = {"16 bits": np.float16, "32 bits": np.float32, "64 bits": np.float64}
LEAST, MOST = 1e-6, 180.0  # degrees shown
LAYER_STYLE = [(plots.BLACK, "-"), (plots.BLUE, "--"), (plots.VERMILION, "-.")]


@dataclass(frozen=True)
class LawCurves:
    """gammas: (n,); angles: degrees to backprop's change, (n, layers), NaN where there is no change or no number."""

    gammas: np.ndarray
    angles: np.ndarray


def law_curves(precision="32 bits", sweeps=3, size=1.0, same_start=True, gammas=GAMMAS, seed=0):
    """Angles of the change that a tanh network with linear outputs learns from two phases, to backprop's.

    precision: in which states and weights are stored, one of PRECISIONS; angles are taken in 64 bits. sweeps: how
    often each phase goes through the layers, from the top down. size: of the weights, standard deviation times √n_in.
    same_start: whether both phases start from the forward pass; else the clamped phase goes on from where the free
    one ended.
    Raises ValueError for an unknown precision, sweeps that are not from 1 to 50, and a size that is not positive.
    """
    kind = PRECISIONS[require.one_of("precision", precision, PRECISIONS)]
    sweeps = require.count("sweeps", sweeps, maximum=50)
    size = require.number("size", size, open_minimum=True)
    rng = np.random.default_rng(require.seed("seed", seed))
    weights = [(rng.normal(size=pair) * size / pair[0] ** 0.5) for pair in pairwise(SIZES)]
    images, target = rng.normal(size=(BATCH, SIZES[0])), rng.normal(size=(BATCH, SIZES[-1]))
    truth = _backprop(images, target, weights)
    gammas, (W, x, t) = np.asarray(gammas, dtype=float), _rounded(kind, weights, images, target)
    with np.errstate(all="ignore"):
        start = _forward(np.broadcast_to(x, (len(gammas), *x.shape)), W, kind)
        feedback = gammas.astype(x.dtype)[:, None, None]
        free = _settle(start, W, feedback, sweeps, kind)
        clamped = _settle(start if same_start else free, W, feedback, sweeps, kind, t)
        angles = [
            _angle(f.transpose(0, 2, 1) @ g - c.transpose(0, 2, 1) @ d, true)
            for (f, g), (c, d), true in zip(*_pairs(free, clamped), truth, strict=True)
        ]
    return LawCurves(gammas, np.stack(angles, 1))


def _pairs(free, clamped):
    return list(pairwise([f.astype(float) for f in free])), list(pairwise([c.astype(float) for c in clamped]))


def _rounded(kind, weights, *arrays):
    """Weights and arrays as they are stored; 16-bit numbers are held in 32 bits, in which a processor computes."""
    held = np.float32 if kind is np.float16 else kind
    weights, *arrays = [w.astype(kind).astype(held) for w in weights], *(a.astype(kind).astype(held) for a in arrays)
    return weights, *arrays


def _stored(a, kind):
    return a.astype(kind).astype(a.dtype) if kind is np.float16 else a


def _forward(x, weights, kind=np.float64):
    state = [x]
    for W in weights[:-1]:
        state.append(_stored(np.tanh(state[-1] @ W), kind))
    return [*state, _stored(state[-1] @ weights[-1], kind)]


def _settle(state, weights, gamma, sweeps, kind, target=None):
    state = list(state)
    drive = state[0] @ weights[0]
    if target is not None:
        state[-1] = np.broadcast_to(target, state[-1].shape)
    for _ in range(sweeps):
        for layer in range(len(weights) - 1, 0, -1):
            below = drive if layer == 1 else state[layer - 1] @ weights[layer - 1]
            state[layer] = _stored(np.tanh(below + gamma * (state[layer + 1] @ weights[layer].T)), kind)
        if target is None:
            state[-1] = _stored(state[-2] @ weights[-1], kind)
    return state


def _backprop(x, target, weights):
    """The gradient of half the squared error, for each matrix."""
    h = _forward(x, weights)
    deltas = [h[-1] - target]
    for W, hidden in zip(weights[:0:-1], h[-2:0:-1], strict=True):
        deltas.insert(0, deltas[0] @ W.T * (1 - hidden**2))
    return [below.T @ delta for below, delta in zip(h, deltas, strict=False)]


def _angle(changes, truth):
    """Degrees between each of `changes`, (n, ...), and `truth`; exact for small angles, where arccos is not."""
    norms = np.sqrt((changes**2).sum((1, 2), keepdims=True))
    one, other = changes / norms, truth / np.sqrt((truth**2).sum())
    apart, together = (np.sqrt(((one + sign * other) ** 2).sum((1, 2))) for sign in (-1, 1))
    return np.degrees(2 * np.arctan2(apart, together))


def draw_curves(curves, ax):
    """Angle of each layer against γ, on log axes. Returns the lines, layer 1's first."""
    lines = []
    for layer, (color, style) in enumerate(LAYER_STYLE):
        shown = np.maximum(curves.angles[:, layer], LEAST)
        (line,) = ax.plot(curves.gammas, shown, color=color, linestyle=style, label=f"layer {layer + 1}")
        lines.append(line)
    ax.axhline(90, color=plots.GREY, linewidth=1)
    ax.set(xscale="log", yscale="log", xlim=(GAMMAS[0], 1), ylim=(LEAST, MOST))
    ax.set(xlabel="feedback strength γ", ylabel="update angle to backprop (degrees)")
    return lines


class Picture(MovingPicture):
    """The three curves; `update` moves them."""

    def __init__(self, curves):
        super().__init__(figsize=(7.6, 4.4), dpi=80)
        with self.style():
            self.ax = self.figure.add_subplot()
            self.lines = draw_curves(curves, self.ax)
            self.ax.legend(loc="lower right")
        self.figure.subplots_adjust(left=0.12, right=0.98, bottom=0.14, top=0.96)
        self.move(self.lines)

    def update(self, curves):
        """Show other `LawCurves`."""
        for line, angles in zip(self.lines, curves.angles.T, strict=True):
            line.set_ydata(np.maximum(angles, LEAST))


def verdict(curves):
    """One line: the γ at which layer 1 is nearest to backprop, and how near."""
    first = curves.angles[:, 0]
    if not np.isfinite(first).any():
        return "layer 1 has no change at any γ"
    best = np.nanargmin(first)
    return f"layer 1 is nearest to backprop at γ = {curves.gammas[best]:.1g}: {first[best]:.2g}°"


def explore():
    """The widget: precision, sweeps, size of the weights, and where the clamped phase starts."""
    import ipywidgets as widgets

    precision = widgets.Dropdown(options=list(PRECISIONS), value="32 bits", description="precision")
    sweeps = widgets.IntSlider(3, min=1, max=30, description="sweeps")
    size = widgets.FloatSlider(1.0, min=0.25, max=3, step=0.25, description="size of W")
    start = widgets.Dropdown(
        options=[("the forward pass", True), ("the free state", False)], description="clamped from"
    )
    picture = Picture(law_curves())

    def show():
        curves = law_curves(precision.value, sweeps.value, size.value, start.value)
        picture.update(curves)
        return verdict(curves)

    return view(picture, [[precision, sweeps], [size, start]], show)
