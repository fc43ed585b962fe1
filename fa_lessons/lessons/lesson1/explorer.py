"""Lesson 1's explorer: catch a wrong backward pass by finite differences, and see where their step must lie."""

from dataclasses import dataclass

import numpy as np

from fa_lessons import plots, require
from fa_lessons.lessons.lesson1.theory import BUGS, FORMULAS, difference, gradient, loss, relative_error, sizes_of
from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import ten_to, view

SIZES = (4, 3, 3)  # as many outputs as hidden units, so that every bug runs
BATCH = 8
PRECISIONS = ("float64", "float32")
EXPONENTS = np.arange(-15, 0.01, 0.25)  # of 10: the steps of the curves
PART_STYLE = {
    "W1": (plots.BLUE, "o"),
    "b1": (plots.SKY, "s"),
    "W2": (plots.VERMILION, "^"),
    "b2": (plots.ORANGE, "D"),
}
FORMULA_STYLE = {"central": (plots.BLUE, "-"), "forward": (plots.VERMILION, "--")}
FLOOR = 1e-13  # errors below are drawn here


@dataclass(frozen=True)
class GradientCheck:
    """by_hand, by_difference: {part: its gradient, flat}; curves: {formula: relative error at 10**EXPONENTS}.

    relative_error: the gap between the two at the chosen step, over all parameters, by the right gradient's length.
    """

    step: float
    by_hand: dict
    by_difference: dict
    curves: dict
    relative_error: float
    setting: str = ""  # the bug, the precision and the weights' scale, in words

    @property
    def title(self):
        """The whole state in one line."""
        return f"{self.setting}, step {self.step:.1e}: relative error {self.relative_error:.1e}"

    @property
    def coincidence(self):
        """Up to which step the two curves run together, in words; nothing where they do not."""
        central, forward = (np.log10(np.maximum(self.curves[f], FLOOR)) for f in FORMULAS)
        together = np.append(np.abs(central - forward) < 0.5, False).argmin()
        if together > 0.9 * len(central):
            return "the two curves coincide"
        return f"the two curves coincide\nup to $10^{{{EXPONENTS[together - 1]:.0f}}}$" if together > 8 else ""


def gradient_check(step=1e-5, scale=1.0, precision="float64", bug="none", seed=0):
    """Check the (possibly wrong) backward pass of a fixed 4-3-3 network on 8 random examples.

    step: of the central difference that is compared entry by entry; scale: of the standard normal parameters;
    precision: "float64" or "float32", of the loss in the finite differences; bug: one of `BUGS`.
    Raises ValueError for a step or scale that is not positive and finite, and for unknown names.
    """
    step = require.number("step", step, open_minimum=True)
    scale = require.number("scale", scale, open_minimum=True)
    require.one_of("precision", precision, PRECISIONS)
    counts = sizes_of(SIZES)
    rng = np.random.default_rng(require.seed("seed", seed))
    x, target = rng.normal(size=(BATCH, SIZES[0])), np.eye(SIZES[2])[rng.integers(0, SIZES[2], BATCH)]
    w = scale * rng.normal(size=sum(counts.values()))
    by_hand, right = (gradient(w, SIZES, x, target, choice) for choice in (bug, "none"))
    w, x, target = (array.astype(precision) for array in (w, x, target))
    steps = np.append(10**EXPONENTS, step)
    found = {f: difference(lambda p: loss(p, SIZES, x, target), w, steps, f) for f in FORMULAS}
    errors = {f: relative_error(rows.astype(float), by_hand, right) for f, rows in found.items()}
    ends = np.cumsum(list(counts.values()))[:-1]
    return GradientCheck(
        step=step,
        by_hand=dict(zip(counts, np.split(by_hand, ends), strict=True)),
        by_difference=dict(zip(counts, np.split(found["central"][-1].astype(float), ends), strict=True)),
        curves={f: error[:-1] for f, error in errors.items()},
        relative_error=float(errors["central"][-1]),
        setting=f"bug: {bug}, {precision}, weights × {scale:.2g}",
    )


class Picture(MovingPicture):
    """Left, the error against the step; right, each gradient by hand against its finite difference."""

    def __init__(self, check):
        super().__init__(figsize=(10.4, 4.6), dpi=80)
        with self.style():
            self.curves_ax, self.scatter_ax = self.figure.subplots(1, 2)
        self.figure.subplots_adjust(left=0.085, right=0.985, bottom=0.15, top=0.84, wspace=0.26)
        self._draw_curves_ax()
        self._draw_scatter_ax()
        self.move([*self.curves.values(), self.marker, self.point, *self.parts.values(), self.title, self.note])
        self.update(check)

    def _draw_curves_ax(self):
        ax = self.curves_ax  # logarithms on plain axes: they redraw faster than logarithmic axes
        self.curves = {
            f: ax.plot(EXPONENTS, EXPONENTS, color=color, linestyle=line, label=f"{f} difference")[0]
            for f, (color, line) in FORMULA_STYLE.items()
        }
        self.marker = ax.axvline(0, color=plots.BLACK, linestyle=":")
        (self.point,) = ax.plot([0], [0], "ko", markersize=8, label="your step (central)")
        ax.set(xlim=(-15, 0), ylim=(-13.3, 2.3), xlabel="step", ylabel="relative error of the gradient")
        ax.set_title("Hand against finite differences, by step")
        middle = {"ha": "center", "va": "center", "fontsize": 13, "transform": self.figure.transFigure}
        self.title = ax.text(0.5, 0.955, "", clip_on=False, **middle)
        self.note = ax.text(-14.7, 1.9, "", ha="left", va="top", fontsize=12)
        ax.set_xticks(range(-15, 1, 3), [f"$10^{{{k}}}$" for k in range(-15, 1, 3)])
        ax.set_yticks(range(-12, 3, 2), [f"$10^{{{k}}}$" for k in range(-12, 3, 2)])
        ax.legend(loc="lower left", fontsize=12)

    def _draw_scatter_ax(self):
        ax = self.scatter_ax
        ax.plot([-2, 2], [-2, 2], color=plots.GREY, linewidth=1)
        self.parts = {
            part: ax.plot([], [], marker, color=color, markersize=8, alpha=0.8, label=f"${part[0]}_{part[1]}$")[0]
            for part, (color, marker) in PART_STYLE.items()
        }
        ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), xlabel="gradient by hand", ylabel="by central difference")
        ax.set_title("One mark a parameter (layer's largest = 1)")
        ax.legend(loc="lower right", fontsize=12)

    def update(self, check):
        """Show another `GradientCheck`; the gradients of a layer are divided by its largest."""
        for formula, curve in self.curves.items():
            curve.set_ydata(np.log10(np.maximum(check.curves[formula], FLOOR)))
        self.title.set_text(check.title)
        self.note.set_text(check.coincidence)
        position = np.log10(check.step)
        self.marker.set_xdata([position, position])
        self.point.set_data([position], [np.log10(max(check.relative_error, FLOOR))])
        for layer in ("W1", "b1"), ("W2", "b2"):
            both = [gradient[part] for gradient in (check.by_hand, check.by_difference) for part in layer]
            largest = max(np.abs(part).max() for part in both) or 1.0
            for part in layer:
                self.parts[part].set_data(check.by_hand[part] / largest, check.by_difference[part] / largest)


def explore():
    """The widget: sliders for the step and the weights' scale, menus for precision and bug; opens on the misprint."""
    import ipywidgets as widgets

    step = widgets.FloatSlider(-5, min=-15, max=0, step=0.5, description="step 10^")
    scale = widgets.FloatSlider(0, min=-2, max=1.5, step=0.25, description="weights 10^")
    precision = widgets.Dropdown(options=PRECISIONS, description="precision")
    bug = widgets.Dropdown(options=BUGS, value=BUGS[1], description="bug")
    picture = Picture(gradient_check(bug=BUGS[1]))

    def show():
        check = gradient_check(ten_to(step), ten_to(scale), precision.value, bug.value)
        picture.update(check)
        return f"relative error of the whole gradient: {check.relative_error:.1e}"

    return view(picture, [[step, scale], [precision, bug]], show)
