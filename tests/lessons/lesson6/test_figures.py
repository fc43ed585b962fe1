"""The figures of lesson 6: what their artists show, in which look, on data made up here."""

import numpy as np
import pytest

from fa_lessons import plots
from fa_lessons.lessons.lesson6 import explorer, figures, gallery
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, assert_rule, history, ticks, words

rng = np.random.default_rng(6)
STEPS = np.arange(0, 401, 50)
LAYERS = [(plots.BLACK, "-"), (plots.BLUE, "--"), (plots.VERMILION, "-."), (plots.ORANGE, ":")]


def angles_in_time():
    return {rule: (rng.uniform(20, 130, (len(STEPS), 4, 3, 50)), STEPS) for rule in ("fa", "dfa")}


def marks(ax, rule):
    """(x, y) of the marks without a line in a rule's colour, seeds of it, labels for the legend left out."""
    color = plots.RULE_STYLE[rule]["color"]
    found = [line for line in ax.lines if line.get_linestyle() == "None" and line.get_color() == color]
    return [(np.ravel(line.get_xdata()), np.ravel(line.get_ydata())) for line in found if len(line.get_xdata())]


def thick(ax):
    """The lines that go through means: those with a line style and a label."""
    return [line for line in ax.lines if line.get_linestyle() != "None" and not line.get_label().startswith("_")]


def test_settling_has_one_line_a_layer_one_column_a_rule_and_a_mark_a_seed():
    early, limits = angles_in_time(), [80, 60]
    settled = {rule: rng.uniform(10, 390, (2, 3, 4)) for rule in early}
    settled["fa"][1, 0, 2] = np.nan  # layer 3 never settles below 60° in one seed
    axes = figures.settling(early, settled, limits).axes
    for column, (rule, (angles, steps)) in enumerate(early.items()):
        above, below = axes[column], axes[2 + column]
        for layer, look in enumerate(LAYERS):
            assert_line(above.lines[layer], steps, angles[:, layer].mean((1, 2)), *look, f"layer {layer + 1}")
        assert [set(line.get_ydata()) for line in above.lines[4:]] == [{80}, {60}]
        assert above.get_title() == rule.upper() and below.get_xlim() == (86, 44)
        medians = [line for line in below.lines if line.get_linestyle() != "None"]
        for layer, line in enumerate(medians):
            known = np.isfinite(settled[rule][:, :, layer]).all(1)
            np.testing.assert_allclose(line.get_ydata(), np.median(settled[rule][known][:, :, layer], 1))
            assert np.abs(line.get_xdata() - np.array(limits)[known]).max() < 2
        assert len(medians) == 4 and len(below.lines) == 4 * (1 + 3)
    assert len([line for line in axes[2].lines if line.get_linestyle() != "None"][2].get_xdata()) == 1


def test_staged_protocols_name_the_layers_of_each_stage():
    plans = {name: ["hidden", "readout"] for name in ("one", "two", "three", "four")}
    stages = {name: rng.uniform(5, 90, (2, 3)) for name in plans}
    with pytest.raises(ValueError, match="zip"):  # five protocols, each in its own look
        figures.staged_protocols(stages, plans)
    plans["five"], stages["five"] = ["hidden", "readout", "all"], rng.uniform(5, 90, (3, 3))
    (ax,) = figures.staged_protocols(stages, plans).axes
    lines = thick(ax)
    for line, errors in zip(lines, stages.values(), strict=True):
        assert_line(line, range(1, len(errors) + 1), errors.mean(1))
    assert_own_looks(lines)
    assert words(ax)[0] == "one:\nhidden → readout" and words(ax)[4] == "five:\nhidden → readout → all"
    assert sum(line.get_marker() == "." for line in ax.lines) == 5 * 3
    assert any(set(line.get_ydata()) == {90} for line in ax.lines)


def test_late_errors_show_the_best_error_and_its_rate():
    delays = [0, 2, 8]
    best = {rule: rng.uniform(5, 50, (3, 2)) for rule in ("bp", "fa", "shallow")}
    rates = {rule: np.array([0.4, 0.2, 0.05]) for rule in best}
    left, right = figures.late_errors(delays, best, rates).axes
    for line, (rule, errors) in zip(thick(left), best.items(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), errors.mean(1))
        assert np.abs(line.get_xdata() - np.arange(3)).max() < 0.2
        assert (
            line.get_color() == plots.RULE_STYLE[rule]["color"] and line.get_label() == plots.RULE_STYLE[rule]["label"]
        )
        assert sorted(y for _, ys in marks(left, rule) for y in ys) == sorted(errors.ravel())
    *lines, theory = right.lines
    for line in lines:
        np.testing.assert_allclose(line.get_ydata(), rates["bp"], rtol=0.1)
    np.testing.assert_allclose(theory.get_ydata() / theory.get_ydata()[0], [1, np.sin(np.pi / 10), np.sin(np.pi / 34)])
    assert list(ticks(left.xaxis).values()) == ["0", "2", "8"] and words(right) == ["limit of one valley,\nscaled"]


def test_mispaired_runs_are_marks_and_shallow_stands_at_the_readout():
    parts = ["all", "hidden layers", "readout"]
    unpaired = {rule: rng.uniform(5, 95, (3, 2, 2)) for rule in ("bp", "fa", "dfa")}
    unpaired["shallow"] = rng.uniform(80, 95, (1, 2, 2))
    shown = {rule: rng.uniform(5, 95, (5, 2)) for rule in ("bp", "dfa")}
    left, right = figures.mispaired(unpaired, parts, shown).axes
    for rule, errors in unpaired.items():
        found = marks(left, rule)
        assert sorted(y for _, ys in found for y in ys) == sorted(errors.ravel())
        for x, y in found:
            for place, value in zip(x, y, strict=True):
                part = round(place) if rule != "shallow" else 0
                assert value in errors[part] and (rule != "shallow" or round(place) == 2)
    for line, (rule, errors) in zip(thick(right), shown.items(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), errors.mean(1))
        assert line.get_color() == plots.RULE_STYLE[rule]["color"]
    assert any(set(line.get_ydata()) == {90} for line in left.lines)
    assert list(ticks(left.xaxis).values()) == ["all\nlate", "hidden layers\nlate", "readout\nlate"]


def test_injuries_have_a_row_each_and_the_controls():
    dfa = {name: rng.uniform(5, 90, 2) for name in ("sound", "noise", "rank 2")}
    bp = {"noise": rng.uniform(5, 90, 2)}
    (ax,) = figures.injuries(dfa, bp, np.array([20.0, 22])).axes
    rows = {round(float(y[0])): x for x, y in marks(ax, "dfa")}
    for row, errors in enumerate(dfa.values()):
        np.testing.assert_array_equal(rows[row], errors)
    (((x, y),),) = (marks(ax, "bp"),)
    np.testing.assert_array_equal(x, bp["noise"])
    assert round(float(y[0])) == 1 and ax.get_ylim()[0] > ax.get_ylim()[1]
    assert list(ticks(ax.yaxis).values()) == list(dfa)
    assert words(ax) == ["DFA, a seed", "BP, a seed", "shallow", "guessing"]
    assert {21.0, 90.0} == {float(line.get_xdata()[0]) for line in ax.lines if line.get_label() in words(ax)[2:]}


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


def test_equal_terms_show_tuned_and_default_and_table_1s_seeds():
    tuned = {rule: history(rng, epochs=4) for rule in ("bp", "shallow", "fa", "dfa")}
    default = {rule: history(rng, epochs=4) for rule in ("fa", "dfa")}
    at_zero = {
        row: {rule: rng.uniform(1, 2, 5) for rule in ("bp", "fa", "dfa")} for row in ("1x800-tanh", "2x800-relu")
    }
    names = {rule: f"{rule} tuned" for rule in tuned}
    left, right = figures.equal_terms(tuned, default, at_zero, names).axes
    lines = thick(left)
    for line, (rule, run) in zip(lines, [*tuned.items(), *default.items()], strict=True):
        assert_line(line, range(1, 5), run.train_loss.mean(1), plots.RULE_STYLE[rule]["color"])
    assert [line.get_markerfacecolor() for line in lines[4:]] == ["white", "white"]
    assert words(left) == [*names.values(), "FA, B as it comes", "DFA, B as it comes"]
    assert list(ticks(right.yaxis).values()) == ["1x800\ntanh", "2x800\nrelu"]
    for rule in ("bp", "fa", "dfa"):
        found = {round(float(y[0])): x for x, y in marks(right, rule) if len(x) == 5}
        strokes = {round(float(y[0])): x[0] for x, y in marks(right, rule) if len(x) == 1}
        for row, errors in enumerate(at_zero.values()):
            np.testing.assert_array_equal(found[row], errors[rule])
            assert strokes[row] == pytest.approx(errors[rule].mean())


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


def test_bug_points_stand_in_the_order_of_the_candidates_with_the_sound_band():
    symptoms = [rng.uniform(2, 90, 3) for _ in gallery.CANDIDATES]
    symptoms[2] = np.full(3, np.nan)
    (ax,) = figures.bug_points(symptoms, gallery.LABELS, np.array([55.0, 57])).axes
    rows = {round(float(line.get_ydata()[0])): line for line in ax.lines if line.get_marker() == "^"}
    for row, errors in enumerate(symptoms):
        if row == 2:
            assert row not in rows and ax.texts[0].get_position()[1] == 2
        else:
            np.testing.assert_array_equal(rows[row].get_xdata(), errors)
    named = list(ticks(ax.yaxis).values())
    assert named[4] == "wrong sign of e  4" and named[14] == "B from W's seed  14"
    assert gallery.CANDIDATES[4] is gallery.WrongSign and gallery.CANDIDATES[14] is gallery.BorrowedSeed
    (band,) = ax.patches
    low, high = symptoms[0].min() - 1, symptoms[0].max() + 1
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((low, high))
    assert words(ax) == ["sound rule, ± 1 point", "shallow"]
