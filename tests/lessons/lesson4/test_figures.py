"""The figures of lesson 4: what their artists show, in which look, on data made up here."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from fa_lessons import MLP, plots
from fa_lessons.lessons.lesson4 import figures
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, assert_rule, history, ticks, words

rng = np.random.default_rng(4)
RATES, SCALES = [0.05, 0.5, 5], [0, 1, 6, 30]


def assert_heat(ax, values, columns, title):
    """The field of each value has its colour, its number and its place."""
    np.testing.assert_allclose(ax.images[0].get_array(), values)
    said = {text.get_position()[::-1]: text.get_text() for text in ax.texts}
    assert said == {place: f"{value:.0f}" for place, value in np.ndenumerate(values)}
    assert list(ticks(ax.xaxis).values()) == [f"{c:g}" for c in columns]
    assert list(ticks(ax.yaxis).values()) == [f"{r:g}" for r in RATES]
    assert ax.get_ylim()[0] < ax.get_ylim()[1] and ax.get_title() == title and ax.get_ylabel() == "learning rate"


def test_one_of_each_shows_the_first_digit_of_each_class():
    labels = np.array([3, 3, *range(9, -1, -1), 5])
    data = SimpleNamespace(train_labels=labels, train_images=rng.uniform(size=(len(labels), 784)))
    axes = figures.one_of_each(data).axes
    for digit, ax in enumerate(axes):
        first = 0 if digit == 3 else 11 - digit
        np.testing.assert_array_equal(ax.images[0].get_array(), data.train_images[first].reshape(28, 28))
        assert ax.get_title() == str(digit)


def test_tuning_valleys_show_the_last_error_of_each_rate():
    tuning = {rule: SimpleNamespace(test_error=rng.uniform(size=(2, 4))) for rule in ("bp", "fa", "shallow")}
    (ax,) = figures.tuning_valleys(tuning, [0.1, 0.3, 1, 3]).axes
    for line, (rule, found) in zip(ax.lines, tuning.items(), strict=True):
        assert_rule(line, rule, [0.1, 0.3, 1, 3], found.test_error[1])
    assert ax.get_xscale() == "log" and words(ax) == ["BP", "FA", "shallow"]


@pytest.mark.parametrize(("figure", "title"), [("main_result", "784-100-10"), ("thousand_units", "784-1000-10")])
def test_errors_stand_beside_the_signal_angle_of_fa(figure, title):
    runs = {rule: history(rng, epochs=4) for rule in ("bp", "fa", "shallow")}
    left, right = getattr(figures, figure)(runs).axes
    for line, (rule, run) in zip(left.lines, runs.items(), strict=False):
        assert_rule(line, rule, range(1, 5), run.test_error.mean(1))
    assert_bands(left, *((range(1, 5), run.test_error.min(1), run.test_error.max(1)) for run in runs.values()))
    angle = runs["fa"].alignment[:, 0]
    assert_line(right.lines[0], runs["fa"].record_steps, angle.mean(1))
    assert title in left.get_title() and left.get_yscale() == "log"


def test_watched_has_one_line_a_width_and_the_mark_of_chance():
    names = ("error (%)", "signal angle (degrees)", "weight angle (degrees)", "share of digits (%)")
    found = {hidden: {name: rng.uniform(5, 95, 6) for name in names} for hidden in (10, 30, 100, 300, 1000)}
    moments = 2 ** np.arange(6)
    axes = figures.watched(found, moments).axes
    for ax, name in zip(axes, names, strict=True):
        *lines, mark = ax.lines
        for line, (hidden, values) in zip(lines, found.items(), strict=True):
            assert_line(line, moments, values[name], label=f"{hidden} hidden units")
        assert_own_looks(lines)
        assert ax.get_ylabel() == name and set(mark.get_ydata()) == {50 if "digits" in name else 90}


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


def test_forms_of_feedback_have_two_draws_a_row():
    forms = ["dense", "rank 1", "dense × 0"]
    error, angle = ({form: rng.uniform(5, 80, 2) for form in forms} for _ in range(2))
    left, right = figures.forms_of_feedback(dict.fromkeys(forms), error, angle).axes
    for ax, values in ((left, error), (right, angle)):
        for seed in (0, 1):
            assert_line(ax.lines[seed], [values[form][seed] for form in forms], range(3), plots.BLUE)
    shallow = plots.RULE_STYLE["shallow"]
    assert_line(left.lines[2], [error["dense × 0"].mean()] * 2, [0, 1], shallow["color"], label="no feedback")
    assert list(ticks(left.yaxis).values()) == forms and set(right.lines[2].get_xdata()) == {90}


def test_sensitivity_maps_are_means_of_the_seeds_and_shares_refused():
    shape = (3, 4, 2, 2)
    maps = {rule: {name: rng.uniform(1, 100, shape) for name in ("error", "angle")} for rule in ("bp", "fa", "shallow")}
    axes = figures.sensitivity_maps(maps, RATES, SCALES).axes
    for ax, (rule, name) in zip(axes, (("bp", "BP"), ("fa", "FA"), ("shallow", "shallow")), strict=False):
        assert_heat(ax, maps[rule]["error"][:, :, 0].mean(-1), SCALES, f"{name}: error (%)")
    assert_heat(axes[3], maps["fa"]["angle"][:, :, 0].mean(-1), SCALES, "FA: signal angle (degrees)")
    for ax, rule in zip(axes[4:], ("bp", "fa"), strict=True):
        refused = np.count_nonzero(maps[rule]["error"][:, :, 0] > 80, axis=-1) * 50
        assert_heat(ax, refused, SCALES, f"{rule.upper()}: refused (% of seeds)")


def test_decay_maps_take_the_one_scale_and_the_second_decay():
    dfa = {name: rng.uniform(1, 90, (3, 1, 4, 2)) for name in ("error", "angle")}
    fa = {"error": rng.uniform(1, 90, (3, 4, 2, 2))}
    one, two, three = figures.decay_maps(dfa, [0, 1e-4, 1e-3, 0.01], fa, RATES, SCALES).axes
    assert_heat(one, dfa["error"][:, 0].mean(-1), [0, 1e-4, 1e-3, 0.01], "DFA: error (%)")
    assert_heat(two, dfa["angle"][:, 0].mean(-1), [0, 1e-4, 1e-3, 0.01], "DFA: angle, first layer (degrees)")
    assert_heat(three, fa["error"][:, :, 1].mean(-1), SCALES, "FA, decay 0.01: error (%)")


def test_constant_decay_tells_none_from_decay_from_the_constant():
    constant = {rule: {"error": rng.uniform(2, 90, (5, 2))} for rule in ("fa", "dfa")}
    true_decay = {"error": rng.uniform(2, 90, (5, 1))}
    left, right = figures.constant_decay(constant, true_decay).axes
    none, decay, slides = left.lines
    assert_line(none, range(1, 6), constant["dfa"]["error"][:, 0], label="DFA, none")
    assert_line(decay, range(1, 6), true_decay["error"][:, 0], label="DFA, L2 1e-3")
    assert_line(slides, range(1, 6), constant["dfa"]["error"][:, 1], label="DFA, constant 1e-4")
    assert_own_looks(left.lines)
    for line, rule in zip(right.lines, ("fa", "dfa"), strict=False):
        assert_rule(line, rule, range(1, 6), constant[rule]["error"][:, 1])
    assert_line(right.lines[2], range(1, 6), constant["fa"]["error"][:, 0], plots.SKY, "-", "FA, no constant")


def test_accuracy_lost_shows_each_loss_beside_its_mend_and_nan_as_guessing():
    naive = rng.uniform(5, 80, 26)
    naive[20:] = np.nan
    too_large, exact, frozen, both = (rng.uniform(5, 80, shape) for shape in ((26, 2), 26, (51, 3), (51, 3)))
    axes = figures.accuracy_lost(too_large, naive, exact, frozen, both).axes
    short, long = np.arange(0, 501, 20), np.arange(0, 1001, 20)
    guessing = [*naive[:20], *[90.2] * 6]  # the share of digits that are no zeros
    shown = [(short, too_large[:, 0], too_large[:, 1]), (short, guessing, exact), (long, frozen.mean(1), both.mean(1))]
    for ax, (steps, lost, mended) in zip(axes, shown, strict=True):
        assert_line(ax.lines[0], steps, lost, plots.VERMILION, "-")
        assert_line(ax.lines[1], steps, mended, plots.BLUE, "--")
    assert words(axes[1]) == ["naive loss, by argmax", r"$\hat y-y$"]
    assert to_hex(axes[0].lines[0].get_color()) != to_hex(axes[0].lines[1].get_color())
