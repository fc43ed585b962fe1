"""The figures of lesson 6: what their artists show, in which look, on data made up here."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from fa_lessons import plots
from fa_lessons.lessons.lesson6 import explorer, figures, gallery
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, assert_rule, history, ticks, words

rng = np.random.default_rng(6)
STEPS = np.arange(0, 401, 50)
LAYERS = [(plots.BLACK, "-"), (plots.BLUE, "--"), (plots.VERMILION, "-."), (plots.ORANGE, ":")]


def angles_in_time():
    return {rule: (rng.uniform(20, 130, (len(STEPS), 4, 3, 50)), STEPS) for rule in ("fa", "dfa")}


def test_settling_has_one_line_a_layer_and_one_panel_a_rule():
    early = angles_in_time()
    axes = figures.settling(early).axes
    for ax, (rule, (angles, steps)) in zip(axes, early.items(), strict=True):
        *lines, mark = ax.lines
        for layer, (line, look) in enumerate(zip(lines, LAYERS, strict=True)):
            assert_line(line, steps, angles[:, layer].mean((1, 2)), *look, f"hidden layer {layer + 1}")
        assert set(mark.get_ydata()) == {60} and ax.get_title() == rule.upper()


def test_staged_protocols_name_the_layers_of_each_stage():
    hidden, readout, everything = (0, 1), (2,), (0, 1, 2)
    protocols = {"one": [hidden, readout], "two": [readout, hidden, everything]}
    stages = {name: (rng.uniform(5, 90, (len(plan), 3)), []) for name, plan in protocols.items()}
    looks = [(plots.BLUE, "-"), (plots.VERMILION, "--")]
    with pytest.raises(ValueError, match="zip"):  # four protocols, each in its own look
        figures.staged_protocols(hidden, readout, everything, stages, protocols)
    for name in ("three", "four"):
        protocols[name], stages[name] = [everything], (rng.uniform(5, 90, (1, 3)), [])
    (ax,) = figures.staged_protocols(hidden, readout, everything, stages, protocols).axes
    for line, (errors, _), look in zip(ax.lines, stages.values(), looks, strict=False):
        assert_line(line, range(1, len(errors) + 1), errors.mean(1), *look)
    assert_own_looks(ax.lines)
    assert words(ax)[:3] == ["one: hidden → readout", "two: readout → hidden → all", "three: all"]


def test_late_errors_show_mean_and_range_at_each_rate():
    late = {rule: rng.uniform(5, 90, (2, 4, 2)) for rule in ("bp", "fa", "shallow")}
    axes = figures.late_errors((0.05, 0.2), late, [0, 1, 8, 32]).axes
    for column, (ax, rate) in enumerate(zip(axes, (0.05, 0.2), strict=True)):
        for line, (rule, errors) in zip(ax.lines, late.items(), strict=True):
            assert_rule(line, rule, range(4), errors[column].mean(1))
        assert_bands(ax, *((range(4), e[column].min(1), e[column].max(1)) for e in late.values()))
        assert ax.get_title() == f"learning rate {rate}"
        assert list(ticks(ax.xaxis).values()) == ["0", "1", "8", "32"]


def test_unstored_delays_are_means_of_the_runs_of_each_delay():
    (ax,) = figures.unstored_delays(np.array([5.0, 80, 90, 85, 95]), [5, 6, 7, 8, 60]).axes
    fresh, shown, guess = ax.lines
    assert_line(fresh, range(3), [5, 85, 90], plots.VERMILION, "--", "fresh digits every step")
    assert_line(shown, range(5), [5, 6, 7, 8, 60], plots.BLUE, "-", "each batch on show for four steps")
    assert set(guess.get_ydata()) == {90}


def test_injuries_have_a_panel_each_in_the_look_of_the_control():
    panels, doses = {"coarse": "how coarse", "noise": "how noisy"}, {"noise": [0, 1, 4]}
    ends, control = {"coarse": rng.uniform(5, 90, (5, 2)), "noise": rng.uniform(5, 90, (3, 2))}, np.array([20.0, 22])
    axes = figures.injuries(panels, "coarse", doses, ends, control).axes
    for ax, injury in zip(axes, panels, strict=False):
        errors = ends[injury]
        assert_line(ax.lines[0], range(len(errors)), errors.mean(1), plots.VERMILION, "-.", "DFA, injured")
        assert_bands(ax, (range(len(errors)), errors.min(1), errors.max(1)))
        assert_line(ax.lines[1], [0, 1], [21, 21], plots.RULE_STYLE["shallow"]["color"], label="shallow")
        assert ax.get_xlabel() == panels[injury]
    assert list(ticks(axes[1].xaxis).values()) == ["0", "1", "4"]
    assert ticks(axes[0].xaxis)[0] == "all" and words(axes[5]) == ["DFA, injured", "shallow"]


def test_six_settings_show_the_mean_of_each_rule():
    steps = np.arange(0, 201, 10)
    small = {
        f"setting {i}": explorer.DamagedCurves(steps, {rule: rng.uniform(5, 90, (21, 2)) for rule in explorer.RULES})
        for i in range(6)
    }
    axes = figures.six_settings(small).axes
    for ax, (title, curves) in zip(axes, small.items(), strict=True):
        means = [line for line in ax.lines if not line.get_label().startswith("_")]
        for line, (rule, errors) in zip(means, curves.errors.items(), strict=True):
            assert_rule(line, rule, steps, errors.mean(1))
        assert ax.get_title() == title
    assert words(axes[0]) == ["BP", "FA", "shallow"]


def test_optimisation_stands_beside_the_test_error_at_equal_training_error():
    runs = {rule: history(rng, epochs=5) for rule in ("bp", "fa", "dfa")}
    fit = {rule: rng.uniform(1, 8, (5, 3)) for rule in runs}
    left, right = figures.optimisation(runs, fit).axes
    for line, (rule, run) in zip(left.lines, runs.items(), strict=False):
        assert_rule(line, rule, range(1, 6), run.train_loss.mean(1))
    for line, (rule, run) in zip(right.lines, runs.items(), strict=False):
        assert_rule(line, rule, fit[rule].mean(1), run.test_error.mean(1))
    assert set(right.lines[-1].get_xdata()) == {3} and right.get_xlim() == (8, 1)


def test_descending_shares_are_of_the_worst_layer_and_the_angles_of_every_second():
    early = angles_in_time()
    left, right = figures.descending_shares(early).axes
    for line, (rule, (angles, steps)) in zip(left.lines, early.items(), strict=True):
        shares = [[np.mean(a[seed] < 90) * 100 for a in at] for at in angles for seed in range(3)]
        worst = np.reshape(np.min(shares, 1), (-1, 3)).mean(1)
        assert_rule(line, rule, steps, worst)
    angles, steps = early["fa"]
    bands = []
    for line, layer in zip(right.lines, (1, 3), strict=False):
        low, middle, high = np.quantile(angles[:, layer].reshape(len(steps), -1), [0.05, 0.5, 0.95], axis=1)
        assert_line(line, steps, middle, *LAYERS[layer], f"FA, hidden layer {layer + 1}")
        bands.append((steps, low, high))
    assert_bands(right, *bands)
    assert set(right.lines[-1].get_ydata()) == {90}


def test_bug_bars_stand_in_the_order_of_the_candidates():
    symptoms = {rule: rng.uniform(2, 90, 3) for rule in gallery.CANDIDATES}
    symptoms[gallery.CANDIDATES[3]] = np.full(3, np.nan)
    (ax,) = figures.bug_bars(symptoms).axes
    for row, (bar, line, errors) in enumerate(zip(ax.patches, ax.lines, symptoms.values(), strict=True)):
        assert bar.get_width() == pytest.approx(np.nan_to_num(errors.mean()))
        assert bar.get_y() + bar.get_height() / 2 == pytest.approx(row)
        hidden_from_the_error = row in (0, 2, 7)
        assert to_hex(bar.get_facecolor()).upper() == (plots.VERMILION if hidden_from_the_error else plots.BLUE)
        np.testing.assert_array_equal(line.get_xdata(), errors)
    named = dict(zip(gallery.CANDIDATES, ticks(ax.yaxis).values(), strict=True))
    for rule, label in (
        ("Uninitialised", "B never initialised"),
        ("WrongSign", "wrong sign of e"),
        ("Stuck", "never move"),
    ):
        assert label in named[next(r for r in gallery.CANDIDATES if r.__name__ == rule)]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
