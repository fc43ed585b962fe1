"""Lesson 3's explorer: the four curves of the proof, for steps of any size from any start, with B of any rank."""

import itertools
from dataclasses import dataclass

import numpy as np

from fa_lessons import plots, require
from fa_lessons.lessons.lesson3 import theory as linear
from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import ten_to, view

STEPS = 400
FLOOR = 1e-9  # smaller values are not drawn
NAMES = ("error", "V", "L", "drift")


@dataclass(frozen=True)
class ProofCurves:
    """Four curves over STEPS + 1 steps, each (STEPS + 1,); NaN from the step on at which the numbers overflow.

    error: ‖E‖ / ‖T‖. V: V / V(0). L: (L - least L) / (L(0) - least L), 1 at the start and 0 at its lowest.
    drift: ‖B W + WᵀBᵀ - A Aᵀ - C(0)‖ / ‖B T‖, 0 for the flow.
    left_over: ‖E‖ / ‖T‖ that the flow from zero would leave, 0 for B of full column rank.
    state: the settings, in words.
    """

    error: np.ndarray
    V: np.ndarray
    L: np.ndarray
    drift: np.ndarray
    left_over: float
    state: str = ""

    @property
    def diverged(self):
        return not np.isfinite(self.error).all()


def proof_curves(p=3, m=5, n=4, rank=3, start=0.0, learning_rate=0.02, seed=0):
    """Train a fixed random n-m-p linear network by feedback alignment, with white inputs, for STEPS steps.

    rank: of B. start: the first weights are A = 0 and W = start · B⁺, so that C = 2 start · B B⁺: with B where
        start is positive, against it where it is negative.
    Raises ValueError for sizes below 1, a rank above min(m, p), or a start or learning rate out of range.
    """
    for name, value in {"p": p, "m": m, "n": n}.items():
        require.count(name, value)
    require.number("start", start, minimum=-np.inf)
    _, A, B, T, _ = linear.random_system(np.random.default_rng(require.seed("seed", seed)), p, m, n, rank)
    Ws, As = linear.steps(start * np.linalg.pinv(B), 0 * A, B, T, learning_rate, STEPS)
    with np.errstate(all="ignore"):
        error, V = linear.norm(T - Ws @ As) / linear.norm(T), linear.V(Ws, As, B, T)
        C, L = linear.constant(Ws, As, B), linear.lyapunov(Ws, As, B, T)
        curves = np.stack([error, V / (V[0] or 1), L, linear.norm(C - C[0]) / (linear.norm(B @ T) or 1)])
        alive = np.logical_and.accumulate(np.isfinite(curves).all(0) & (np.abs(curves) < 1e12).all(0))
        least = L[alive].min(initial=np.inf)
        curves[2] = (L - least) / ((L[0] - least) or 1)
        curves[:, ~alive] = np.nan
    rank = min(p, m) if rank is None else rank
    begins = f"start {f'W = {start:g} B⁺, A = 0' if start else 'at zero'}".replace("-", "−")
    state = f"{begins} · {n}-{m}-{p} · rank of B: {rank} of {p} · learning rate {learning_rate:.2g}"
    return ProofCurves(*curves, float(linear.norm(linear.limit_error(B, T)) / linear.norm(T)), state)


class Picture(MovingPicture):
    """Four panels under a title that says the state, drawn once; `update` moves the four lines and changes the title.

    A panel on a logarithmic axis that holds nothing but zeros says so.
    """

    TITLES = ("Error ‖E‖ / ‖T‖", "V = ‖BE‖², start = 1", "L, start = 1, lowest = 0", "Drift of the invariant")
    LIMITS = ((-6.3, 1.3), (-9.3, 2.3), (-0.1, 1.6), (-6.3, 1.3))
    COLORS = (plots.BLACK, plots.BLUE, plots.VERMILION, plots.GREEN)

    def __init__(self, curves):
        super().__init__(figsize=(10.4, 5.6), dpi=75)
        with self.style():
            self.axes = self.figure.subplots(2, 2, sharex=True).ravel()
        self.figure.subplots_adjust(left=0.07, right=0.985, bottom=0.1, top=0.87, wspace=0.16, hspace=0.28)
        self.lines = [
            self._panel(*panel) for panel in zip(self.axes, self.TITLES, self.LIMITS, self.COLORS, strict=True)
        ]
        self.left_over = self.axes[0].axhline(-99, color=plots.ORANGE, linestyle="--", label="left over, from zero")
        self.legend = self.axes[0].legend(loc="lower left", fontsize=12)
        place = {"transform": self.figure.transFigure, "ha": "center", "va": "top", "fontsize": 13}
        self.title = self.axes[0].text(0.5, 0.985, "", **place)
        self.nothing = [
            ax.text(0.5, 0.5, "none: 0 throughout", transform=ax.transAxes, ha="center", color=plots.GREY, fontsize=12)
            for ax in self.axes
        ]
        self.move([*self.lines, self.left_over, self.legend, self.title, *self.nothing])
        self.update(curves)

    def _panel(self, ax, title, limits, color):
        (line,) = ax.plot(np.arange(STEPS + 1), np.zeros(STEPS + 1), color=color)
        ax.set(title=title, ylim=limits, xlim=(0, STEPS))
        if title.startswith("L,"):
            ax.axhline(1, color=plots.GREY, linewidth=1)
        else:  # logarithms on a plain axis: they redraw faster than a logarithmic axis
            ticks = np.arange(np.ceil(limits[0]), limits[1], 2).astype(int)
            ax.set_yticks(ticks, [f"$10^{{{k}}}$" for k in ticks])
        if ax in self.axes[2:]:
            ax.set_xlabel("step")
        return line

    def update(self, curves):
        """Show other `ProofCurves`."""
        for name, line in zip(NAMES, self.lines, strict=True):
            values = getattr(curves, name)
            line.set_ydata(values if name == "L" else _log10(values))
        for line, text in zip(self.lines, self.nothing, strict=True):
            text.set_visible(bool(np.isnan(line.get_ydata()).all()))
        self.title.set_text(curves.state)
        self.left_over.set_ydata(2 * [_log10(curves.left_over)])
        self.legend.set_visible(curves.left_over > FLOOR)


def _log10(values):
    return np.log10(np.where(np.asarray(values) > FLOOR, values, np.nan))


def verdict(curves, rank, p):
    """One line: what happened."""
    text = f"rank of B: {rank} of {p}. "
    if curves.diverged:
        return text + f"The steps are too large: the numbers overflow after {np.isfinite(curves.error).sum()} steps."
    rises = any(b > a + 1e-6 for a, b in itertools.pairwise(curves.V))
    return text + f"‖E‖/‖T‖ ends at {curves.error[-1]:.1e}. V {'rises on its way' if rises else 'never rises'}."


def explore():
    """The widget: sliders for the sizes, the rank of B, the start (its scale, with a sign) and the learning rate."""
    import ipywidgets as widgets

    p, m, n = (
        widgets.IntSlider(v, min=1, max=8, description=d) for v, d in [(3, "outputs"), (5, "hidden"), (4, "inputs")]
    )
    rank = widgets.IntSlider(3, min=0, max=8, description="rank of B")
    start = widgets.FloatSlider(-2, min=-3, max=3, step=0.25, description="start")
    rate = widgets.FloatSlider(-2, min=-3, max=0, step=0.1, description="rate 10^")
    picture = Picture(proof_curves(start=start.value, learning_rate=ten_to(rate)))

    def show():
        effective = min(rank.value, p.value, m.value)  # a matrix has no higher rank
        curves = proof_curves(p.value, m.value, n.value, effective, start.value, ten_to(rate))
        picture.update(curves)
        return verdict(curves, effective, p.value)

    return view(picture, [[p, m, n], [rank, start, rate]], show)
