"""The figures of lesson 7: each takes its data, draws it in the house style, and returns the figure."""

import matplotlib.pyplot as plt
import numpy as np

from fa_lessons import plots
from fa_lessons.lessons.lesson7 import explorer

PRECISION_LOOK = {
    "64 bits": (plots.BLACK, "-", "o"),
    "32 bits": (plots.VERMILION, "--", "s"),
}
LAYER_LOOK = [(plots.BLACK, "o"), (plots.BLUE, "s"), (plots.VERMILION, "^")]


def precision_trap(gammas, angles, gamma_best):
    """Update angle of layer 1 to backprop against γ, on log axes: a line a precision, with a mark for each seed.

    angles: {precision: (gammas, seeds)}; gamma_best: where 32 bits should be best.
    """
    figure, ax = plt.subplots(figsize=(8.4, 4.8))
    for name, values in angles.items():
        color, line, marker = PRECISION_LOOK[name]
        ax.plot(gammas, values.mean(1), color=color, linestyle=line, marker=marker, markersize=7, label=name)
        for seed in values.T:
            ax.plot(gammas, seed, linestyle="", marker=".", color=color, alpha=0.5)
    ax.axhline(90, color=plots.GREY, linewidth=1)
    ax.annotate("90°: nothing in common", (gammas.min(), 100), va="bottom", color=plots.GREY)
    ax.axvline(gamma_best, color=plots.PURPLE, linewidth=4, alpha=0.35, label="best γ for 32 bits,\nby exercise 7.2")
    ax.set(xscale="log", yscale="log", xlabel="feedback strength γ", ylim=(1e-4, 300))
    ax.set_ylabel("update angle to backprop,\nlayer 1 (degrees)")
    ax.legend(loc="lower right")
    return figure


def four_settings(settings):
    """The explorer's picture in four settings. settings: {title: LawCurves}."""
    figure, axes = plt.subplots(2, 2, figsize=(10.5, 7.2), sharex=True, sharey=True)
    for ax, (title, curves) in zip(axes.flat, settings.items(), strict=True):
        explorer.draw_curves(curves, ax)
        ax.set_title(title)
        ax.label_outer()
    axes[0, 0].legend()
    return figure


def errors_and_angles(errors, angles, names):
    """Left, test error of each rule, a mark a seed; right, its update angle to backprop, a mark a layer and seed.

    errors: {rule: (seeds,)}; angles: {rule: (layers, seeds)}, NaN where a layer does not learn; names: {rule: words}.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.6), sharey=True)
    for row, rule in enumerate(errors):
        left.plot(errors[rule], np.full(len(errors[rule]), row), "o", color=plots.BLACK, alpha=0.7)
        for layer, (color, marker) in enumerate(LAYER_LOOK):
            place = np.full(angles[rule].shape[1], row + 0.22 * (layer - 1))
            right.plot(angles[rule][layer], place, marker, color=color, alpha=0.7)
    for layer, (color, marker) in enumerate(LAYER_LOOK):
        right.plot([], [], marker, color=color, label=f"layer {layer + 1}")
    right.axvline(90, color=plots.GREY, linewidth=1)
    left.set_yticks(range(len(errors)), [names[rule] for rule in errors])
    left.invert_yaxis()
    left.set(xlabel="test error after two epochs (%)", xscale="log")
    ticks = [3, 4, 5, 7, 10, 15, 20]
    left.set_xticks(ticks, [str(tick) for tick in ticks])
    left.xaxis.set_minor_formatter(plt.NullFormatter())
    right.set(xlabel="update angle to backprop (degrees)", xlim=(-4, 94))
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return figure


def features(weights, dreams, errors, names):
    """Left, what 24 hidden units look for; middle, one-step dreams; right, the error of a readout, a mark a seed.

    weights: (784, units); dreams: (16, 784), a digit and its dream in turns; errors: {which: (seeds,)}.
    """
    figure = plt.figure(figsize=(10.5, 3.5))
    left, middle, right = figure.subfigures(1, 3, width_ratios=(1.3, 0.9, 1.2))
    for part, rows, columns, pictures, limits in (
        (left, 4, 6, weights[:, :24].T, np.abs(weights[:, :24]).max()),
        (middle, 4, 4, dreams, None),
    ):
        axes = part.subplots(rows, columns, gridspec_kw={"wspace": 0, "hspace": 0})
        for ax, picture in zip(axes.flat, pictures, strict=True):
            bounds = {"vmin": -limits, "vmax": limits, "cmap": plots.DIVERGING} if limits else {"vmin": 0, "vmax": 1}
            ax.imshow(picture.reshape(28, 28), **bounds)
            ax.set_axis_off()
    left.suptitle("weights of 24 hidden units")
    middle.suptitle("digits, and dreams")
    ax = right.subplots()
    for row, values in enumerate(errors.values()):
        ax.plot(values, np.full(len(values), row), "o", color=plots.BLACK, alpha=0.7)
    ax.set_yticks(range(len(errors)), [names[which] for which in errors])
    ax.invert_yaxis()
    ax.set(xlabel="test error of a readout (%)", xlim=(0, None))
    return figure


def dreaming_stops(steps, likelihood, angles, most):
    """Left, mean log-likelihood against the step; right, the angle of CD-1's mean change to the exact gradient.

    likelihood: {method: (records, seeds)}; angles: (records, seeds) for CD-1; most: what no model can exceed.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2))
    looks = {"CD-1": (plots.BLUE, "--"), "exact gradient": (plots.BLACK, "-")}
    for name, values in likelihood.items():
        color, line = looks[name]
        plots.mean_and_range(steps, values, left, color=color, linestyle=line, label=name)
    left.axhline(most, color=plots.GREY, linewidth=1)
    left.annotate("as probable as the data can be", (steps[-1], most), ha="right", va="bottom", color=plots.GREY)
    left.set(xlabel="step", ylabel="mean log-likelihood\nof the data (nats)", ylim=(None, most + 0.6))
    left.legend(loc="lower right")
    plots.mean_and_range(steps, angles, right, color=plots.BLUE, linestyle="--")
    right.axhline(90, color=plots.GREY, linewidth=1)
    right.set(xlabel="step", ylabel="CD-1 to the exact gradient (degrees)", ylim=(0, 180), yticks=range(0, 181, 30))
    return figure


def two_limits(betas, of_beta, variances, of_variance):
    """Left, deviation of EP's change from the gradient against β; right, of PC's from backprop's against the variance.

    of_beta: {how: (betas, seeds)}; of_variance: (variances, seeds). Relative to the length of the gradient.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.2), sharey=True)
    looks = {"β against 0": (plots.BLUE, "--", "s"), "β against −β": (plots.BLACK, "-", "o")}
    for name, values in of_beta.items():
        color, line, marker = looks[name]
        plots.mean_and_range(betas, values, left, color=color, linestyle=line, marker=marker, label=name)
    plots.mean_and_range(variances, of_variance, right, color=plots.BLACK, marker="o")
    left.set(xscale="log", yscale="log", xlabel="nudge β", title="Equilibrium propagation")
    left.set_ylabel("deviation from the gradient,\nover its length")
    left.invert_xaxis()
    right.set(xscale="log", xlabel="variance v of the output", title="Predictive coding")
    left.legend()
    return figure
