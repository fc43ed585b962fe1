"""The figures of lesson 5: what their artists show, in which look, on data made up here."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.markers import MarkerStyle

from fa_lessons import plots
from fa_lessons.lessons.lesson5 import figures
from tests.lessons.drawn import ticks, words
from tests.test_plots import assert_looks_like, band

RULES, DEPTHS = ("bp", "fa", "dfa"), (1, 4, 20)
rng = np.random.default_rng(5)


def history(epochs, layers=2, records=4, seeds=3):
    errors = rng.uniform(5, 30, (2, epochs, seeds))
    return SimpleNamespace(
        test_error=errors[0],
        train_error=errors[1],
        record_steps=np.arange(records) * 50,
        alignment=rng.uniform(20, 90, (records, layers, seeds)),
    )


def assert_shows(ax, rule, x, values):
    """The line of `rule`, in its look, at the means of `values`, (x, seeds), in the band of their range."""
    (line,) = [line for line in ax.lines if line.get_label() == plots.RULE_STYLE[rule]["label"]]
    np.testing.assert_allclose(line.get_xydata(), np.c_[x, values.mean(1)])
    assert_looks_like(line, rule)
    np.testing.assert_allclose(band(ax, line.get_color()), [x, values.min(1), values.max(1)])


def test_four_roads_are_in_the_order_of_the_table():
    assert [ax.get_title() for ax in figures.four_roads().axes] == ["BP", "FA", "DFA", "IFA"]


def test_errors_and_angles_have_one_panel_for_the_errors_and_one_for_each_layer():
    runs = {rule: history(2) for rule in (*RULES, "ifa", "shallow")}
    left, *panels = figures.errors_and_angles(runs).axes
    for rule, run in runs.items():
        assert_shows(left, rule, [1, 2], run.test_error)
    assert len(panels) == 2
    for layer, ax in enumerate(panels):
        for rule in ("fa", "dfa", "ifa"):
            assert_shows(ax, rule, runs[rule].record_steps, runs[rule].alignment[:, layer])
        assert words(ax) == ["FA", "DFA", "IFA"] and ax.get_title() == f"Hidden layer {layer + 1}"


def test_the_papers_numbers_are_open_and_ours_filled_each_with_its_spread_in_the_rows_place():
    paper = {row: {rule: tuple(rng.uniform(1, 2, 2)) for rule in RULES} for row in ("wide", "deep")}
    ours = {(row, rule): rng.uniform(1, 2, 3) for row in paper for rule in RULES}
    (ax,) = figures.paper_beside_ours(paper, ours).axes
    marks = iter(ax.containers)
    for rule, shift in zip(RULES, (-0.27, 0, 0.27), strict=True):
        for place, row in enumerate(paper):
            found = ours[row, rule]
            wanted = [(*paper[row][rule], -0.06, "white"), (found.mean(), found.std(ddof=1), 0.06, None)]
            for (mean, spread, lower, face), (mark, _, (bar,)) in zip(wanted, marks, strict=False):
                assert mark.get_xydata() == pytest.approx(np.array([[mean, place + shift + lower]]))
                np.testing.assert_allclose(bar.get_segments()[0][:, 0], [mean - spread, mean + spread])
                style = plots.RULE_STYLE[rule]
                assert (mark.get_color(), mark.get_marker()) == (style["color"], style["marker"])
                assert mark.get_markerfacecolor() == (face or style["color"])
    assert next(marks, None) is None and words(ax) == ["BP", "FA", "DFA"]
    assert ticks(ax.yaxis) == {0: "wide", 1: "deep"} and ax.get_ylim() == (1.6, -0.6)
    assert "open: the paper, filled: here" in ax.get_xlabel()


def test_each_kind_of_signal_has_its_colour_and_narrow_layers_are_dotted():
    counts, kinds = [1, 10, 1000], {"unrelated": plots.ORANGE, "one error": plots.VERMILION, "two errors": plots.BLUE}
    shares = {(kind, units): rng.uniform(40, 100, 3) for kind in kinds for units in (15, 300)}
    (ax,) = figures.examples_within_90(counts, shares).axes
    *lines, half = ax.lines
    for line, ((kind, units), share) in zip(lines, shares.items(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.c_[counts, share])
        assert (line.get_color(), line.get_linestyle()) == (kinds[kind], {15: ":", 300: "-"}[units])
    said = [(label.split()[0].strip(","), label.split(", ")[-1]) for label in words(ax)]
    assert said == [(first, f"{units} units") for first in ("unrelated", "one", "another") for units in (15, 300)]
    assert set(half.get_ydata()) == {50} and ax.get_ylim() == (20, 103)
    assert ax.get_xscale() == "log" and ticks(ax.xaxis) == {1: "1", 10: "10", 1000: "1000"}


def test_the_cosines_of_each_layer_are_counted_by_rule():
    kept = {rule: rng.uniform(-1, 1, (2, 3, 50)) for rule in ("fa", "dfa", "ifa")}
    axes = figures.directions_kept(kept).axes
    for layer, ax in enumerate(axes):
        drawn = {patch.get_label(): patch for patch in ax.patches}
        assert list(drawn) == ["FA", "DFA", "IFA"]
        for rule, cosines in kept.items():
            style, patch = plots.RULE_STYLE[rule], drawn[plots.RULE_STYLE[rule]["label"]]
            heights, _ = np.histogram(cosines[layer], np.linspace(-1, 1, 41), density=True)
            np.testing.assert_allclose(patch.get_xy()[1:-1, 1], np.repeat(heights, 2))
            assert to_hex(patch.get_edgecolor()).upper() == style["color"]
            (line,) = ax.plot([], [], linestyle=style["linestyle"], linewidth=2)
            assert patch._dash_pattern == line._dash_pattern
        assert ax.get_title() == f"Hidden layer {layer + 1}" and ax.get_xlim() == (-1, 1.02)
    assert words(axes[0]) == ["FA", "DFA", "IFA"]


def test_lengths_are_drawn_from_layer_1_on_for_both_starts():
    names = ("h", *RULES, "ifa")
    lengths = {(scale, name): 10.0 ** rng.uniform(-20, 2, 30) for scale in (1, 3**0.5) for name in names}
    axes = figures.lengths_by_layer(lengths).axes
    for ax, scale, start in zip(axes, (1, 3**0.5), (r"\pm1/\sqrt{n}", r"\pm\sqrt{3/n}"), strict=True):
        activation, *signals = ax.lines
        np.testing.assert_array_equal(activation.get_xydata(), np.c_[1:31, lengths[scale, "h"]])
        assert activation.get_color() == plots.ORANGE and activation.get_label() == "activation $h$"
        for line, rule in zip(signals, (*RULES, "ifa"), strict=True):
            np.testing.assert_array_equal(line.get_xydata(), np.c_[1:31, lengths[scale, rule]])
            assert_looks_like(line, rule)
        assert start in ax.get_title() and ax.get_yscale() == "log"
        low, high = ax.get_ylim()
        assert low < 1e-20 and high > 100
    assert words(axes[1]) == ["activation $h$", "BP", "FA", "DFA", "IFA"]


def assert_shows_depths(ax, reached):
    for rule in RULES:
        assert_shows(ax, rule, DEPTHS, np.stack([np.atleast_1d(reached[rule, depth]) for depth in DEPTHS]))
    assert ax.get_xscale() == "log" and ticks(ax.xaxis) == {1: "1", 4: "4", 20: "20"} and ax.get_ylim() == (0, 100)
    assert words(ax) == ["BP", "FA", "DFA"] and ax.get_ylabel() == "validation error (%)"


def test_one_error_for_each_depth_stands_beside_the_epochs_at_a_hundred_layers():
    reached = {(rule, depth): rng.uniform(5, 90) for depth in DEPTHS[::-1] for rule in RULES}
    hundred = {rule: history(4) for rule in RULES}
    left, right = figures.trained_at_depth(reached, hundred).axes
    assert_shows_depths(left, reached)
    for rule in RULES:
        assert_shows(right, rule, range(1, 5), hundred[rule].test_error)
    assert (left.get_xlabel(), right.get_title()) == ("hidden layers", "100 hidden layers")
    assert right.get_ylabel() == "validation error (%)" and right.get_ylim() == (0, 100)


def test_wide_layers_are_shown_with_the_range_of_their_seeds():
    reached = {(rule, depth): rng.uniform(5, 90, 2) for rule in RULES for depth in DEPTHS}
    (ax,) = figures.wide_at_depth(reached).axes
    assert_shows_depths(ax, reached)
    assert ax.get_xlabel() == "hidden layers of 240 units"


def test_times_are_drawn_from_zero_in_the_look_of_their_rule():
    times = {rule: rng.uniform(1, 9, 3) for rule in RULES}
    (ax,) = figures.backward_times(DEPTHS, times).axes
    for line, (rule, taken) in zip(ax.lines, times.items(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.c_[DEPTHS, taken])
        assert_looks_like(line, rule)
    assert ax.get_ylim()[0] == 0 and words(ax) == ["BP", "FA", "DFA"] and "(ms)" in ax.get_ylabel()


def test_the_frozen_first_layer_is_left_and_training_errors_are_shown():
    frozen, full = ({rule: history(3) for rule in RULES} for _ in range(2))
    axes = figures.frozen_and_full(frozen, full).axes
    for ax, runs, title in zip(axes, (frozen, full), ("first layer frozen", "all layers learn"), strict=True):
        for rule, run in runs.items():
            assert_shows(ax, rule, [1, 2, 3], run.train_error)
        assert ax.get_title() == title and ax.get_yscale() == "log" and words(ax) == ["BP", "FA", "DFA"]
    assert axes[0].get_ylabel() == "train error (%)"


def test_every_digit_is_written_at_its_place():
    labels = np.arange(30) % 10
    maps = {(rule, layer): rng.normal(size=(30, 2)) for rule in ("bp", "dfa") for layer in (1, 2)}
    for ax, ((rule, layer), points) in zip(figures.maps_of_digits(maps, labels).axes, maps.items(), strict=True):
        assert ax.get_title() == f"{rule.upper()}, hidden layer {layer}"
        for digit, written in zip(range(10), ax.collections, strict=True):
            np.testing.assert_array_equal(written.get_offsets(), points[labels == digit])
            mark = MarkerStyle(f"${digit}$")
            shape = mark.get_path().transformed(mark.get_transform())
            np.testing.assert_array_equal(written.get_paths()[0].vertices, shape.vertices)
        assert len({to_hex(written.get_facecolor()[0]) for written in ax.collections}) == 10


def test_probes_go_from_the_pixels_up_and_untrained_layers_say_so():
    probes = {rule: rng.uniform(2, 38, (3, 4)) for rule in (*RULES, "shallow")}
    (ax,) = figures.probe_errors(probes).axes
    assert words(ax) == ["BP", "FA", "DFA", "random layers"]
    ax.lines[3].set_label("shallow")
    for rule, errors in probes.items():
        assert_shows(ax, rule, range(3), errors)
    assert ticks(ax.xaxis) == {0: "pixels", 1: "hidden layer 1", 2: "hidden layer 2"} and ax.get_ylim() == (0, 40)


def test_runs_of_four_stages_end_together_and_each_has_its_look_in_both_panels():
    runs = {f"run {length}": rng.uniform(1, 99, (2, length, 3)) for length in (19, 17, 10, 4)}
    looks = [(plots.BLUE, "--"), (plots.VERMILION, "-."), (plots.PURPLE, "-"), (plots.GREY, ":")]
    axes = figures.four_stages(runs).axes
    for panel, ax in enumerate(axes):
        for line, (name, run), look in zip(ax.lines, runs.items(), looks, strict=False):
            steps = np.arange(190 - 10 * run.shape[1], 181, 10)
            np.testing.assert_allclose(line.get_xydata(), np.c_[steps, run[panel].mean(1)])
            assert (line.get_color(), line.get_linestyle(), line.get_label()) == (*look, name)
            np.testing.assert_allclose(band(ax, look[0]), [steps, run[panel].min(1), run[panel].max(1)])
        edges = {text.get_position()[0] - 2: text.get_text() for text in ax.texts}
        assert edges == {0: "layers 1–2", 90: "layer 3", 120: "1–2", 150: "all"}
        assert {line.get_xdata()[0] for line in ax.lines[4:]} == set(edges)
        assert ax.get_xlim() == (0, 180) and ax.get_ylim() == (0, 120)
    assert words(axes[0]) == list(runs) and axes[0].get_ylabel() == "test accuracy (%)"
    assert axes[1].get_ylabel() == "signal angle, hidden layer 2 (degrees)"


def test_the_scale_of_B_has_a_panel_for_each_depth_the_shallower_first():
    scales = [0.1, 1, 10]
    errors = {(depth, rule): rng.uniform(2, 90, 3) for depth in (8, 1) for rule in ("ifa", *RULES)}
    axes = figures.error_against_scale(scales, errors).axes
    for ax, depth, title in zip(axes, (1, 8), ("1 hidden layer", "8 hidden layers"), strict=True):
        for line, rule in zip(ax.lines, (*RULES, "ifa"), strict=True):
            np.testing.assert_array_equal(line.get_xydata(), np.c_[scales, errors[depth, rule]])
            assert_looks_like(line, rule)
        assert ax.get_title() == title and ax.get_xscale() == "log" and ax.get_ylim() == (0, 100)
    assert words(axes[0]) == ["BP", "FA", "DFA", "IFA"]
