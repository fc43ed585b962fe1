"""The figures of lesson 4: what their artists show, in which look, on data made up here."""

from types import SimpleNamespace

import numpy as np
import torch
from matplotlib.colors import to_hex

from fa_lessons import MLP, plots
from fa_lessons.lessons.lesson4 import figures
from fa_lessons.tuning import Tuned
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, assert_rule, history, ticks, words

rng = np.random.default_rng(4)
RATES, SCALES = [0.05, 0.5, 5], [0, 1, 6, 30]


def assert_heat(ax, values, title, sign=""):
    """The field of each value has its colour, its number and its place; the number is legible."""
    np.testing.assert_allclose(ax.images[0].get_array(), values)
    said = {text.get_position()[::-1]: text.get_text() for text in ax.texts}
    assert said == {place: f"{value:{sign}.0f}" for place, value in np.ndenumerate(values)}
    for text in ax.texts:
        column, row = text.get_position()
        light = np.dot(ax.images[0].cmap(ax.images[0].norm(values[row, column]))[:3], (0.3, 0.59, 0.11))
        assert (text.get_color() == "white") == (light < 0.5)
    assert list(ticks(ax.xaxis).values()) == [f"{c:g}" for c in SCALES]
    assert list(ticks(ax.yaxis).values()) == [f"{r:g}" for r in RATES]
    assert ax.get_ylim()[0] < ax.get_ylim()[1] and ax.get_title() == title and ax.get_ylabel() == "learning rate"


def marks(ax):
    """The lines that are marks alone."""
    return [line for line in ax.lines if line.get_linestyle() == "None"]


def test_one_of_each_shows_the_first_digit_of_each_class():
    labels = np.array([3, 3, *range(9, -1, -1), 5])
    data = SimpleNamespace(train_labels=labels, train_images=rng.uniform(size=(len(labels), 784)))
    axes = figures.one_of_each(data).axes
    for digit, ax in enumerate(axes):
        first = 0 if digit == 3 else 11 - digit
        np.testing.assert_array_equal(ax.images[0].get_array(), data.train_images[first].reshape(28, 28))
        assert ax.get_title() == str(digit)


def test_tuning_valleys_have_a_line_a_scale_a_mark_a_seed_and_a_ring_round_the_best():
    rates = np.array([0.1, 0.4, 1.6])
    grids = {"bp": [1.0], "fa": [1.0, 10.0, 100.0], "shallow": [1.0]}
    tuned = {
        rule: Tuned(None, rates, np.array(scales), rng.uniform(5, 50, (3, len(scales), 2)))
        for rule, scales in grids.items()
    }
    left, right = figures.tuning_valleys(tuned).axes
    lines = [line for line in left.lines if line.get_linestyle() != "None"]
    for line, rule in zip(lines, ("bp", "shallow"), strict=True):
        assert_rule(line, rule, rates, tuned[rule].errors.mean((1, 2)))
    fa = [line for line in right.lines if line.get_linestyle() != "None"]
    for line, errors, scale in zip(fa, tuned["fa"].errors.swapaxes(0, 1), grids["fa"], strict=True):
        assert_line(line, rates, errors.mean(-1), plots.BLUE, label=f"FA, B × {scale:g}")
    assert_own_looks(fa)
    seeds = [line.get_ydata() for line in marks(right) if len(line.get_xdata()) == 3]
    np.testing.assert_allclose(seeds, tuned["fa"].errors.transpose(1, 2, 0).reshape(6, 3))
    for ax, rules in ((left, ("bp", "shallow")), (right, ("fa",))):
        rings = [(*line.get_xdata(), *line.get_ydata()) for line in marks(ax) if len(line.get_xdata()) == 1]
        assert rings == [(tuned[rule].learning_rate, tuned[rule].error) for rule in rules]
        assert ax.get_xscale() == ax.get_yscale() == "log"


def test_errors_stand_beside_the_signal_angle_of_fa_with_their_last_means():
    runs = {rule: history(rng, epochs=4) for rule in ("bp", "fa", "shallow")}
    left, right = figures.main_result(runs, "a title").axes
    for line, (rule, run) in zip(left.lines, runs.items(), strict=False):
        assert_line(line, range(1, 5), run.test_error.mean(1), plots.RULE_STYLE[rule]["color"].upper())
    said = [f"{plots.RULE_STYLE[rule]['label']}: {run.test_error[-1].mean():.1f} %" for rule, run in runs.items()]
    assert words(left) == said
    assert_bands(left, *((range(1, 5), run.test_error.min(1), run.test_error.max(1)) for run in runs.values()))
    assert_line(right.lines[0], runs["fa"].record_steps, runs["fa"].alignment[:, 0].mean(1))
    assert left.get_title() == "a title" and left.get_yscale() == "log"


def test_turning_shows_angles_share_and_the_error_beside_both_controls():
    moments = 2 ** np.arange(6)
    watched = {name: rng.uniform(5, 95, (6, 3)) for name in ("signal angle", "weight angle", "served")}
    errors = {rule: rng.uniform(5, 95, (6, 3)) for rule in ("bp", "fa", "shallow")}
    left, middle, right = figures.turning(watched, errors, moments).axes
    for line, name in zip(left.lines, ("signal angle", "weight angle"), strict=False):
        assert_line(line, moments, watched[name].mean(1), label=name)
    assert_own_looks(left.lines[:2])
    assert_line(middle.lines[0], moments, watched["served"].mean(1))
    assert {*left.lines[2].get_ydata()} == {90} and {*middle.lines[1].get_ydata()} == {50}
    for line, (rule, values) in zip(right.lines, errors.items(), strict=True):
        look = plots.RULE_STYLE[rule]
        assert_line(line, moments, values.mean(1), to_hex(look["color"]).upper(), label=look["label"])
    assert_bands(right, *((moments, values.min(1), values.max(1)) for values in errors.values()))


def test_readout_first_marks_the_moment_and_names_every_run():
    runs = {name: (color, line, rng.uniform(5, 90, (51, 3))) for name, color, line in
            (("one", plots.BLUE, "--"), ("other", plots.VERMILION, "-"))}  # fmt: skip
    (ax,) = figures.readout_first(runs).axes
    for line, (name, (color, style, errors)) in zip(ax.lines, runs.items(), strict=False):
        assert_line(line, np.arange(0, 1001, 20), errors.mean(1), color, style, name)
    assert {*ax.lines[2].get_xdata()} == {500} and words(ax) == ["one", "other"]
    assert_bands(ax, *((np.arange(0, 1001, 20), e.min(1), e.max(1)) for _, _, e in runs.values()))


def test_the_summary_has_a_mark_a_seed_and_the_mean_in_numbers_and_full_marks_where_both_are_tuned():
    networks = {title: {rule: rng.uniform(2, 15, 3) for rule in figures.ROWS} for title in ("one", "two")}
    axes = figures.summary(networks).axes
    for ax, (title, found) in zip(axes, networks.items(), strict=True):
        for row, (line, text, rule) in enumerate(zip(ax.lines, ax.texts, figures.ROWS, strict=True)):
            assert_line(line, found[rule], [row] * 3)
            assert text.get_text() == f"{found[rule].mean():.1f} %" and text.get_position()[1] == row
            assert (to_hex(line.get_markerfacecolor()) == "#ffffff") == (rule in ("bp", "default"))
        assert ax.get_title() == title and ax.get_xscale() == "log" and ax.get_xlabel() == "test error (%)"
        low, high = ax.get_xlim()
        assert low < min(map(min, found.values())) and max(map(max, found.values())) < high
    assert list(ticks(axes[0].yaxis).values()) == [label for label, *_ in figures.ROWS.values()]


def test_added_weights_are_the_weights_less_their_start():
    networks = {rule: MLP((784, 12, 10), replicas=2, seed=seed) for seed, rule in enumerate(("bp", "fa"))}
    start = torch.rand(784, 12)
    axes = np.reshape(figures.added_weights(networks, start).axes, (2, 12))
    for row, rule in zip(axes, ("bp", "fa"), strict=True):
        assert row[0].get_ylabel() == rule.upper()
        for unit, ax in enumerate(row):
            added = (networks[rule].weights[0][0] - start)[:, unit].reshape(28, 28).numpy()
            np.testing.assert_array_equal(ax.images[0].get_array(), added)
            assert ax.images[0].get_clim() == (-abs(added).max(), abs(added).max())  # white is no change


def test_forms_of_feedback_stand_at_their_best_length_beside_both_controls():
    forms, lengths = ["dense", "rank 1"], [3, 10, 30]
    error = rng.uniform(5, 30, (2, 3, 2))
    controls = {"bp": np.array([5.0, 7.0]), "shallow": np.array([20.0, 22.0])}
    (ax,) = figures.forms_of_feedback(forms, lengths, error, controls).axes
    best = error.mean(-1).argmin(1)
    squares = [line for line in ax.lines if line.get_marker() == "s"]
    small = [line for line in ax.lines if line.get_marker() == "."]
    for row, (square, rest) in enumerate(zip(squares, small, strict=True)):
        assert_line(square, error[row, best[row]], [row, row], plots.BLUE)
        assert sorted(rest.get_xdata()) == sorted(np.delete(error[row], best[row], 0).ravel())
    assert [tick for tick in ticks(ax.yaxis).values()] == [
        f"{form} (× {lengths[column]})" for form, column in zip(forms, best, strict=True)
    ]
    upright = [line for line in ax.lines if line.get_label() in ("BP", "shallow")]
    assert [{*line.get_xdata()} for line in upright] == [{6.0}, {21.0}]
    assert words(ax) == ["at the other lengths", "at its best length", "BP", "shallow"]


def test_sensitivity_maps_end_with_what_feedback_gains_over_the_control():
    error = {rule: rng.uniform(1, 90, (3, 4)) for rule in ("bp", "fa", "long", "shallow")}
    axes = figures.sensitivity_maps(error, RATES, SCALES).axes
    titles = ("BP: error (%)", "FA, B × 1: error (%)", "FA, B × 10: error (%)")
    for ax, rule, title in zip(axes, error, titles, strict=False):
        assert_heat(ax, error[rule], title)
    assert_heat(axes[3], error["long"] - error["shallow"], "FA, B × 10, less shallow (points)", "+")
    assert axes[3].images[0].get_clim() == (-90, 90)  # white is no difference


def test_constant_decay_has_a_panel_a_rule_and_a_line_a_seed():
    runs = {name: [rng.uniform(2, 12, (5, 2)) for _ in range(2)] for name in ("BP", "FA")}
    for ax, (name, pair) in zip(figures.constant_decay(runs).axes, runs.items(), strict=True):
        for line, values in zip(ax.lines, np.concatenate(pair, 1).T, strict=True):
            assert_line(line, range(1, 6), values)
        assert ax.get_title() == name and words(ax) == ["no decay", "constant 1e-4"]
        assert_own_looks(ax.lines[::2])


def test_accuracy_lost_shows_both_rules_at_both_rates_and_nan_as_guessing():
    naive, exact = rng.uniform(5, 80, (2, 26))
    naive[20:] = np.nan
    steps = {rule: rng.uniform(5, 80, (26, 2, 3)) for rule in ("bp", "fa")}
    *panels, last = figures.accuracy_lost(steps, naive, exact).axes
    moments = np.arange(0, 501, 20)
    for ax, (rule, errors) in zip(panels, steps.items(), strict=True):
        for line, values in zip(ax.lines, errors.transpose(1, 2, 0).reshape(6, 26), strict=True):
            assert_line(line, moments, values)
        assert ax.get_title().endswith(plots.RULE_STYLE[rule]["label"]) and words(ax) == [
            "small rate",
            "8 times the rate",
        ]
        assert_own_looks(ax.lines[::3])
    guessing = [*naive[:20], *[90.2] * 6]  # the share of digits that are no zeros
    assert_line(last.lines[0], moments, guessing, plots.VERMILION, "-")
    assert_line(last.lines[1], moments, exact, plots.BLUE, "--")
