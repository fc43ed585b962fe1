"""Lesson 4's explorer: how the learning rate, the scale of B and the hidden size decide angle and error."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from fa_lessons import losses, plots, require
from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import view
from fa_lessons.networks import MLP
from fa_lessons.rules import FeedbackAlignment
from fa_lessons.training import Trainer

HIDDEN = (10, 30, 100)
LEARNING_RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
FEEDBACK_SCALES = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class Grid:
    """Runs of feedback alignment at every combination of the settings, and when they were measured.

    hidden, learning_rates, feedback_scales: the settings. steps: (records,), the first is 0.
    error: (hidden, learning rates, scales, records) percent of the test images wrong.
    angle: the same shape, the mean signal angle to backprop in degrees; NaN where there is no signal.
    """

    hidden: tuple
    learning_rates: tuple
    feedback_scales: tuple
    steps: np.ndarray
    error: np.ndarray
    angle: np.ndarray


def alignment_grid(
    data, hidden=HIDDEN, learning_rates=LEARNING_RATES, feedback_scales=FEEDBACK_SCALES, records=10, seed=0
):
    """Train n-hidden-10 sigmoid networks for one epoch in batches of 100, as replicas of one run a hidden size.

    data: as for `train`. Returns a `Grid` with records + 1 moments.
    Raises ValueError as `MLP`, `Trainer` and `FeedbackAlignment` do, or for an empty list of settings.
    """
    for name, values in (("hidden", hidden), ("learning_rates", learning_rates), ("feedback_scales", feedback_scales)):
        if len(values) == 0:
            raise ValueError(f"{name} must have at least one value, got none")
    records = require.count("records", records)
    settings = list(product(learning_rates, feedback_scales))
    shape = len(learning_rates), len(feedback_scales), records + 1
    curves = [_curves(data, units, settings, records, seed) for units in hidden]
    error, angle = (np.stack([c[name].T.reshape(shape) for c in curves]) for name in ("error", "angle"))
    return Grid(tuple(hidden), tuple(learning_rates), tuple(feedback_scales), curves[0]["steps"], error, angle)


def _curves(data, units, settings, records, seed):
    """Error and angle of one run, each (records + 1, settings)."""
    rates, scales = zip(*settings, strict=True)
    sizes = data.train_images.shape[1], units, 10
    network = MLP(sizes, "sigmoid", initial_scale=6, replicas=len(settings), seed=seed)
    trainer = Trainer(
        network, data, FeedbackAlignment(scales, seed), batch_size=100, learning_rate=rates, records_per_epoch=records
    )
    test = trainer.test_images, trainer.test_targets
    errors = [losses.percent_wrong(network, *test)]
    count = trainer.steps_per_epoch
    if records > count:
        raise ValueError(f"records must be at most {count}, the steps of one epoch, got {records}")
    history = trainer.history

    def evaluate():
        if len(history.record_steps) > len(errors):  # an angle was just recorded
            errors.append(losses.percent_wrong(network, *test))

    trainer.run_epoch(evaluate)
    return {"error": np.stack(errors), "angle": history.alignment[:, 0], "steps": history.record_steps}


class Picture(MovingPicture):
    """Map of the final errors, error curve and angle curve, drawn once; `update` moves the marker and the lines."""

    def __init__(self, grid, hidden=1, rate=3, scale=3):
        self.grid = grid
        super().__init__(figsize=(10.8, 3.9), dpi=80)
        with self.style():
            self.axes = self.figure.subplots(1, 3)
            self._draw()
        self.figure.subplots_adjust(left=0.07, right=0.985, bottom=0.15, top=0.9, wspace=0.3)
        self.update(hidden, rate, scale)

    def _draw(self):
        grid, (left, middle, right) = self.grid, self.axes
        left.grid(False)
        self.image = left.imshow(grid.error[0, :, :, -1], origin="lower", vmin=0, vmax=90, cmap="cividis_r")
        left.set_xticks(range(len(grid.feedback_scales)), [f"{s:g}" for s in grid.feedback_scales])
        left.set_yticks(range(len(grid.learning_rates)), [f"{r:g}" for r in grid.learning_rates])
        left.set(xlabel="scale of B", ylabel="learning rate", title="Final error (%)")
        rates, scales = range(len(grid.learning_rates)), range(len(grid.feedback_scales))
        self.numbers = [left.text(j, i, "", ha="center", va="center", fontsize=10) for i in rates for j in scales]
        (self.marker,) = left.plot([0], [0], "s", markersize=26, markerfacecolor="none", markeredgewidth=3)
        self.marker.set_color(plots.VERMILION)
        (self.error,) = middle.plot(grid.steps, 0 * grid.steps, color=plots.BLUE, marker="s")
        middle.set(xlabel="training step", ylabel="error (%)", ylim=(0, 100), title="Error")
        (self.angle,) = right.plot(grid.steps, 0 * grid.steps, color=plots.BLUE, marker="s")
        right.axhline(90, color=plots.GREY, linewidth=1)
        right.set(xlabel="training step", ylabel="signal angle (degrees)", ylim=(0, 120), title="Angle to backprop")
        self.move([self.image, *self.numbers, self.marker, self.error, self.angle])

    def update(self, hidden, rate, scale):
        """Show the run with these indices into the grid's settings. Raises IndexError beyond them."""
        final = self.grid.error[hidden, :, :, -1]
        self.image.set_data(final)
        for text, value in zip(self.numbers, final.ravel(), strict=True):
            text.set_text(f"{value:.0f}")
            text.set_color("white" if value > 45 else "black")
        self.marker.set_data([scale], [rate])
        self.error.set_ydata(self.grid.error[hidden, rate, scale])
        self.angle.set_ydata(self.grid.angle[hidden, rate, scale])


def verdict(grid, hidden, rate, scale):
    """One line: where the run ended."""
    error, angle = grid.error[hidden, rate, scale, -1], grid.angle[hidden, rate, scale, -1]
    if not np.isfinite(error):
        return "The run diverged."
    best = np.nanmin(grid.error[hidden, ..., -1])
    return f"ends at {error:.0f} % error and {angle:.0f}°; the best of this map: {best:.0f} %"


def explore(grid, start=None):
    """The widget: hidden size, learning rate and scale of B, each one of the grid's settings.

    start: the indices that it opens on; the middle of each when left out.
    """
    import ipywidgets as widgets

    settings = {"hidden": grid.hidden, "rate": grid.learning_rates, "scale of B": grid.feedback_scales}
    start = start or [len(values) // 2 for values in settings.values()]
    controls = [
        widgets.SelectionSlider(options=[f"{v:g}" for v in values], index=index, description=name)
        for (name, values), index in zip(settings.items(), start, strict=True)
    ]
    picture = Picture(grid, *(control.index for control in controls))

    def show():
        chosen = [control.index for control in controls]
        picture.update(*chosen)
        return verdict(grid, *chosen)

    return view(picture, [[control] for control in controls], show)
