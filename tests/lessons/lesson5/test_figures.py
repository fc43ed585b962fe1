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


def test_the_papers_numbers_are_open_and_ours_filled_and_two_seeds_are_points_without_a_bar():
    paper = {row: {rule: tuple(rng.uniform(1, 2, 2)) for rule in RULES} for row in ("wide", "deep")}
    ours = {(row, rule): rng.uniform(1, 2, 3 if row == "wide" else 2) for row in paper for rule in RULES}
    (ax,) = figures.paper_beside_ours(paper, ours).axes
    bars, points = iter(ax.containers), [line for line in ax.lines if len(line.get_xdata()) == 2]
    for rule, shift in zip(RULES, (-0.27, 0, 0.27), strict=True):
        for place, row in enumerate(paper):
            found = ours[row, rule]
            wanted = [(*paper[row][rule], -0.06, "white")]
            wanted += [(found.mean(), found.std(ddof=1), 0.06, None)] if row == "wide" else []
            style = plots.RULE_STYLE[rule]
            for mean, spread, lower, face in wanted:
                mark, _, (bar,) = next(bars)
                assert mark.get_xydata() == pytest.approx(np.array([[mean, place + shift + lower]]))
                np.testing.assert_allclose(bar.get_segments()[0][:, 0], [mean - spread, mean + spread])
                assert (mark.get_color(), mark.get_marker()) == (style["color"], style["marker"])
                assert mark.get_markerfacecolor() == (face or style["color"])
        (seeds,) = [
            line for line in points if line.get_color() == style["color"] and line.get_marker() == style["marker"]
        ]
        np.testing.assert_allclose(seeds.get_xydata(), [[x, 1 + shift + 0.06] for x in ours["deep", rule]])
        assert seeds.get_linestyle() == "None"
    assert next(bars, None) is None and words(ax) == ["BP", "FA", "DFA"]
    assert ticks(ax.yaxis) == {0: "wide  (n = 3)", 1: "deep  (n = 2)"} and ax.get_ylim() == (1.6, -0.6)
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


def test_the_turns_of_each_layer_are_counted_by_rule():
    turns = {rule: rng.uniform(0, 180, (2, 3, 50)) for rule in ("fa", "dfa", "ifa")}
    axes = figures.directions_kept(turns).axes
    for layer, ax in enumerate(axes):
        drawn = {patch.get_label(): patch for patch in ax.patches}
        assert list(drawn) == ["FA", "DFA", "IFA"]
        for rule, degrees in turns.items():
            style, patch = plots.RULE_STYLE[rule], drawn[plots.RULE_STYLE[rule]["label"]]
            heights, _ = np.histogram(degrees[layer], np.linspace(0, 180, 61), density=True)
            np.testing.assert_allclose(patch.get_xy()[1:-1, 1], np.repeat(heights, 2))
            assert to_hex(patch.get_edgecolor()).upper() == style["color"]
            (line,) = ax.plot([], [], linestyle=style["linestyle"], linewidth=2)
            assert patch._dash_pattern == line._dash_pattern
        assert ax.get_title() == f"Hidden layer {layer + 1}" and ax.get_xlim() == (0, 180)
        assert "degrees" in ax.get_xlabel()
    assert words(axes[1]) == ["FA", "DFA", "IFA"]


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


def test_a_longer_B_is_drawn_where_it_is_given():
    lengths = {(scale, name): 10.0 ** rng.uniform(-20, 2, 30) for scale in (1, 3**0.5) for name in ("h", *RULES, "ifa")}
    lengths[3**0.5, "fa, longer B"] = 10.0 ** rng.uniform(-2, 0, 30)
    left, right = figures.lengths_by_layer(lengths).axes
    assert len(left.lines) == 5 and len(right.lines) == 6
    np.testing.assert_array_equal(right.lines[-1].get_xydata(), np.c_[1:31, lengths[3**0.5, "fa, longer B"]])
    assert words(right)[-1] == r"FA, $B\times\sqrt{3}$"
    assert right.lines[-1].get_color() not in {plots.RULE_STYLE[rule]["color"] for rule in (*RULES, "ifa")}


def test_each_depth_has_the_points_of_its_seeds_and_a_line_through_their_means():
    rules = (*RULES, "shallow")
    reached = {(rule, depth): rng.uniform(5, 90, 5) for depth in DEPTHS[::-1] for rule in rules}
    (ax,) = figures.error_at_depth(reached).axes
    for place, rule in enumerate(rules):
        shift = 1.05 ** (place - 1.5)
        style = plots.RULE_STYLE[rule]
        (line,) = [line for line in ax.lines if line.get_label() == style["label"]]
        means = [reached[rule, depth].mean() for depth in DEPTHS]
        np.testing.assert_allclose(line.get_xydata(), np.c_[np.multiply(DEPTHS, shift), means])
        seeds = [line for line in ax.lines if line.get_marker() == style["marker"] and len(line.get_xdata()) == 5]
        for points, depth in zip(seeds, DEPTHS, strict=True):
            np.testing.assert_allclose(points.get_xydata(), [[depth * shift, error] for error in reached[rule, depth]])
            assert points.get_color() == style["color"] and points.get_linestyle() == "None"
    assert ax.get_xscale() == "log" and ticks(ax.xaxis) == {1: "1", 4: "4", 20: "20"} and ax.get_ylim() == (0, 100)
    assert words(ax) == ["BP", "FA", "DFA", "shallow"] and ax.get_ylabel() == "test error (%)"
    assert "chance" in [text.get_text() for text in ax.texts]


def test_every_start_has_a_group_and_every_rule_its_seeds_mean_and_number():
    rules, starts = (*RULES, "shallow"), ("default", "wide", "orthogonal")
    reached = {(start, rule): rng.uniform(5, 90, 5) for start in starts for rule in rules}
    (ax,) = figures.starts_and_rules(reached).axes
    said = [text for text in ax.texts if text.get_text() != "chance"]
    assert len(said) == 12
    for place, rule in enumerate(rules):
        style = plots.RULE_STYLE[rule]
        seeds = [line for line in ax.lines if line.get_marker() == style["marker"] and len(line.get_xdata()) == 5]
        bars = [line for line in ax.lines if line.get_color() == style["color"] and len(line.get_xdata()) == 2]
        for group, (start, points) in enumerate(zip(starts, seeds, strict=True)):
            errors, x = reached[start, rule], group + 0.2 * (place - 1.5)
            np.testing.assert_allclose(points.get_ydata(), np.sort(errors))
            assert np.abs(points.get_xdata() - x).max() < 0.05 and points.get_color() == style["color"]
            (bar,) = [bar for bar in bars if abs(np.mean(bar.get_xdata()) - x) < 0.01 and bar.get_linestyle() == "-"]
            np.testing.assert_allclose(bar.get_ydata(), errors.mean())
            (number,) = [text for text in said if abs(text.xy[0] - x) < 0.01]
            assert number.get_text() == f"{errors.mean():.0f}" and number.xy[1] > errors.max()
    assert list(ticks(ax.xaxis).values()) == [f"{start} start" for start in starts]
    assert words(ax) == ["BP", "FA", "DFA", "shallow"] and ax.get_ylim() == (0, 100)


def test_forms_of_feedback_stand_in_order_with_their_names():
    errors = {form: rng.uniform(5, 20, 4) for form in ("enters at 1", "dfa", ("shallow", 1))}
    names = {"enters at 1": "IFA", "dfa": "DFA", ("shallow", 1): "none"}
    (ax,) = figures.forms_of_feedback(errors, names).axes
    for place, (line, (form, found)) in enumerate(zip(ax.lines, errors.items(), strict=True)):
        np.testing.assert_allclose(line.get_xydata(), [[error, place] for error in found])
        look = {"dfa": "dfa", ("shallow", 1): "shallow"}.get(form)
        if look:
            assert line.get_marker() == plots.RULE_STYLE[look]["marker"]
    assert ticks(ax.yaxis) == {0: "IFA", 1: "DFA", 2: "none"} and ax.get_ylim() == (2.5, -0.5)


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
    names, records = ("FA", "DFA", "skipped", "BP", "shallow"), (19, 19, 10, 10, 10)
    runs = {name: rng.uniform(10, 90, (2, count, 3)) for name, count in zip(names, records, strict=True)}
    runs["BP"][1], runs["shallow"][1] = 0, np.nan
    looks = [(plots.BLUE, "--"), (plots.VERMILION, "-."), (plots.PURPLE, "-"), (plots.BLACK, "-"), (plots.GREY, ":")]
    figure = figures.four_stages(runs)
    axes = figure.axes
    for panel, ax in enumerate(axes):
        shown = list(runs)[:3] if panel else list(runs)
        for line, name, look in zip(ax.lines, shown, looks, strict=False):
            run = runs[name]
            steps = np.arange(190 - 10 * run.shape[1], 181, 10)
            np.testing.assert_allclose(line.get_xydata(), np.c_[steps, run[panel].mean(1)])
            assert (line.get_color(), line.get_linestyle(), line.get_label()) == (*look, name)
            np.testing.assert_allclose(band(ax, look[0]), [steps, run[panel].min(1), run[panel].max(1)])
        edges = {text.get_position()[0] - 2: text.get_text() for text in ax.texts}
        assert edges == {0: "layers 1–2", 90: "layer 3", 120: "1–2", 150: "all"}
        assert {line.get_xdata()[0] for line in ax.lines[len(shown) :]} == set(edges)
        assert ax.get_xlim() == (0, 180) and ax.get_ylim() == (0, 112)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(runs)
    assert axes[0].get_ylabel() == "test accuracy (%)"
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
