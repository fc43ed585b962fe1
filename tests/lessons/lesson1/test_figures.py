"""The figures of lesson 1: what their artists show, in which look, on data made up here."""

import numpy as np
import pytest

from fa_lessons import plots
from fa_lessons.lessons.lesson1 import figures
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, assert_rule, ticks, words

rng = np.random.default_rng(1)


def test_the_chain_bears_each_factor_over_its_step_and_no_arrow_where_there_is_none():
    (ax,) = figures.chain(["a", "b", "", "d", "e"], ["", "q", "r", "s", "t"]).axes
    said = {text.get_text(): (text.get_position(), text.get_color()) for text in ax.texts if text.get_text()}
    for i, factor in enumerate("ab de"):
        assert factor == " " or said[factor] == ((i + 0.5, 0.42), plots.BLACK)
    for i, factor in enumerate(" qrst"):
        assert factor == " " or said[factor] == ((i + 0.5, -0.45), plots.VERMILION)
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    ways = [(round(a.xyann[0] - a.xy[0], 6), a.xy[1], a.arrow_patch.get_linestyle()) for a in arrows]
    assert ways == [(-0.6, 0.12, "solid")] * 4 + [(0.6, -0.12, "--")] * 4


def test_by_hand_bears_every_number_at_its_unit_or_on_its_arrow():
    (ax,) = figures.by_hand((1, 2), [[2, -4], [-1, 5]], "ab", [[3], [-6]], "c", ("p", "q"), "r").axes
    at = {text.get_text(): text.get_position() for text in ax.texts if text.get_text()}
    units = {
        "$x_1$ = 1": (0, 1),
        "$x_2$ = 2": (0, -1),
        "$h_1$ = a": (1.5, 1),
        "$h_2$ = b": (1.5, -1),
        "$y$ = c": (3, 0),
    }
    assert {name: at[name] for name in units} == units
    lower, upper = np.array([[0, 1], [0, -1]]), np.array([[1.5, 1], [1.5, -1]])
    for i, j, weight in [(0, 0, "2"), (0, 1, "−4"), (1, 0, "−1"), (1, 1, "5")]:
        np.testing.assert_allclose(at[weight], lower[i] + 0.35 * (upper[j] - lower[i]))
    for i, weight in enumerate(("3", "−6")):
        np.testing.assert_allclose(at[weight], upper[i] + 0.35 * (np.array([3, 0]) - upper[i]))
    signals = [
        ("$\\delta_{1,1}$ = p", "$h_1$ = a"),
        ("$\\delta_{1,2}$ = q", "$h_2$ = b"),
        ("$\\delta_2$ = r", "$y$ = c"),
    ]
    for signal, unit in signals:
        assert at[signal][0] == at[unit][0] and 0.5 < abs(at[signal][1] - at[unit][1]) < 0.6
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 6 and all(arrow.xy[0] > arrow.xyann[0] for arrow in arrows)


def test_two_descents_stand_on_the_loss():
    slow_path, fast_path = np.array([3.0, 2.5, 2.2]), np.array([3.0, -4.0, 6.0])
    (ax,) = figures.two_descents({2: slow_path, 30: fast_path}, lambda w: w**2).axes
    loss, slow, fast = ax.lines
    assert loss.get_xdata()[[0, -1]] == pytest.approx([-5, 7])
    assert_line(loss, loss.get_xdata(), loss.get_xdata() ** 2, plots.GREY)
    assert_line(slow, slow_path, slow_path**2, plots.BLUE, "-", "learning rate 2")
    assert_line(fast, fast_path, fast_path**2, plots.VERMILION, "--", "learning rate 30")


def test_difference_errors_mark_the_best_step_of_each_precision():
    steps, steps32, curves = [1e-8, 1e-4], [1e-4, 1e-2], rng.uniform(1e-9, 1e-2, (3, 2))
    (ax,) = figures.difference_errors(steps, curves[0], curves[1], steps32, curves[2]).axes
    one, two, single, *best = ax.lines
    assert_line(one, steps, curves[0], plots.VERMILION, "--", "forward difference, float64")
    assert_line(two, steps, curves[1], plots.BLUE, "-", "central difference, float64")
    assert_line(single, steps32, curves[2], plots.GREEN, "-.", "central difference, float32")
    for line, epsilon, color in zip(best, (2.0**-52, 2.0**-23), (plots.BLUE, plots.GREEN), strict=True):
        assert_line(line, [epsilon ** (1 / 3)] * 2, [0, 1], color, ":")
    assert ax.get_xscale() == ax.get_yscale() == "log"
    said = " ".join(text.get_text() for text in ax.texts).replace("\n", " ")
    assert "the two float64 curves nearly coincide" in said and "both precisions coincide" in said


def test_answers_show_right_ones_above_and_wrong_ones_below():
    images, said, right = rng.uniform(size=(20, 784)), rng.integers(0, 10, 20), np.arange(20) % 3 > 0
    axes = figures.answers(images, said, right).axes
    wanted = [("right", k) for k in (1, 2, 4, 5, 7, 8)] + [("wrong", k) for k in (0, 3, 6, 9, 12, 15)]
    for ax, (word, k) in zip(axes, wanted, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), images[k].reshape(28, 28))
        assert ax.get_title() == f"{word}: {said[k]}"
        assert ax.title.get_color() == {"right": plots.BLACK, "wrong": plots.VERMILION}[word]


def test_who_notices_marks_what_changed():
    notices = {rule: rng.integers(0, 2, (5, 15)) * 0.3 for rule in ("one", "other")}
    axes = figures.who_notices(notices).axes
    for ax, (title, changes) in zip(axes, notices.items(), strict=True):
        assert ax.get_title() == title
        np.testing.assert_array_equal(ax.collections[0].get_array(), changes > 0)
        assert ax.get_ylim()[0] > ax.get_ylim()[1]  # unit 0 on top
        assert not ax.texts
    *_, last = figures.who_notices({"one": np.ones((5, 15)), "other": np.zeros((5, 15))}).axes
    assert [text.get_text() for text in last.texts] == ["none"]


def test_wrong_digits_are_what_is_left_of_the_accuracy():
    runs = {rule: rng.uniform(50, 95, (3, 4)) for rule in ("bp", "fa", "shallow", "tuned shallow")}
    (ax,) = figures.wrong_digits(runs).axes
    for line, (rule, right) in zip(ax.lines, runs.items(), strict=True):
        if rule in plots.RULE_STYLE:
            assert_rule(line, rule, range(4), 100 - right.mean(0))
        else:
            assert_line(line, range(4), 100 - right.mean(0), plots.ORANGE, None, "shallow, tuned")
    assert_bands(ax, *((range(4), 100 - right.max(0), 100 - right.min(0)) for right in runs.values()))
    assert ax.get_yscale() == "log" and ticks(ax.yaxis)[3] == "3" and len(words(ax)) == 4
    assert_own_looks(ax.lines)
    assert len({line.get_linestyle() + line.get_marker() for line in ax.lines}) == 4  # told apart without colour
    assert len({str(line._unscaled_dash_pattern) for line in ax.lines}) == 4


def tip(arrow):
    return np.array(arrow.xy)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("seed", range(5))
def test_ninety_degrees_draws_the_angle_and_the_sign_of_the_product(size, seed):
    first, second = np.random.default_rng(seed).normal(size=(2, size))
    figure, ax = plots.plt.subplots()
    drawn = figures.ninety_degrees(ax, first, 3 * second)
    product = first @ second
    angle = np.degrees(np.arccos(np.clip(product / np.linalg.norm(first) / np.linalg.norm(second), -1, 1)))
    assert drawn["angle"] == pytest.approx(angle, abs=1e-5)
    tips = tip(drawn["weights"]), tip(drawn["feedback"])
    assert tips[0] @ tips[1] == pytest.approx(np.cos(np.radians(angle)), abs=1e-9)
    assert ax.get_title() == ("$e^TWBe > 0$" if product > 0 else "$e^TWBe < 0$")
    assert f"{angle:.0f}°" in [text.get_text() for text in ax.texts]
    shaded = drawn["half-plane"].get_path()
    assert shaded.contains_point(0.9 * tips[1]) == (product > 0) and shaded.contains_point(0.9 * tips[0])
    ends = drawn["border"].get_xydata()
    np.testing.assert_allclose(ends @ tips[0], 0, atol=1e-9)
    if size == 2:
        np.testing.assert_allclose(tips, [v / np.linalg.norm(v) for v in (first, second)], atol=1e-9)
    plots.plt.close(figure)


def test_ninety_degrees_tells_the_arrows_apart_without_colour_and_its_legend_says_what_is_shaded():
    figure, ax = plots.plt.subplots()
    drawn = figures.ninety_degrees(ax, [1, 0], [0, 1])
    styles = [drawn[name].arrow_patch.get_linestyle() for name in ("weights", "feedback")]
    assert styles == ["-", "--"] and ax.get_title() == "$e^TWBe = 0$"
    _, labels = ax.get_legend_handles_labels()
    assert labels == ["$e^TWBe>0$: the loss falls", "90°: no first-order change"]
    plots.plt.close(figure)


@pytest.mark.parametrize("signals", [([0, 0], [1, 2]), ([1, 2], [1, 2, 3]), ([1, 2], [np.nan, 1])])
def test_ninety_degrees_refuses_signals_without_an_angle(signals):
    with pytest.raises(ValueError, match="two vectors of one length, neither of them 0"):
        figures.ninety_degrees(None, *signals)


def test_half_planes_have_a_panel_for_each_pair_and_one_legend():
    pairs = {"first": ([1, 0], [1, 1]), "second": ([1, 0], [-1, 1])}
    figure = figures.half_planes(pairs)
    assert [ax.get_title() for ax in figure.axes] == ["first: $e^TWBe > 0$", "second: $e^TWBe < 0$"]
    (legend,) = figure.legends
    assert len(legend.get_texts()) == 2


def test_the_whole_lesson_shows_both_pairs_and_the_runs():
    runs = {rule: rng.uniform(50, 95, (3, 4)) for rule in ("bp", "fa", "shallow", "tuned shallow")}
    figure = figures.whole_lesson({"before": ([1, 0], [-1, 1]), "after": ([1, 0], [1, 1])}, runs)
    *planes, errors = figure.axes
    assert [ax.get_title() for ax in planes] == ["before: $e^TWBe < 0$", "after: $e^TWBe > 0$"]
    for line, right in zip(errors.lines, runs.values(), strict=True):
        assert_line(line, range(4), 100 - right.mean(0))
    (legend,) = figure.legends
    assert len(legend.get_texts()) == 2 and len(words(errors)) == 4
