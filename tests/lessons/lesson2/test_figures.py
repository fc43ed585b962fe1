import numpy as np
import pytest
from matplotlib.colors import to_hex

from fa_lessons import plots
from fa_lessons.lessons.lesson2 import figures
from tests.lessons.drawn import words

COLOR = {rule: plots.RULE_STYLE[rule]["color"] for rule in ("bp", "fa")}
LINE = {rule: plots.RULE_STYLE[rule]["linestyle"] for rule in ("bp", "fa")}


def looks(line):
    return to_hex(line.get_color()).upper(), line.get_linestyle()


def test_each_rule_goes_back_in_its_own_look_under_the_weight_it_carries():
    (ax,) = figures.two_ways_back().axes
    bp, fa = ax.lines
    assert looks(bp) == (COLOR["bp"], LINE["bp"]) and looks(fa) == (COLOR["fa"], LINE["fa"])
    words = {t.get_text(): (t.get_color(), t.get_position()[1]) for t in ax.texts if ":" in t.get_text()}
    assert words["BP: $w_1$"] == (COLOR["bp"], pytest.approx(bp.get_ydata()[-1] + 0.08))
    assert words["FA: $b$"] == (COLOR["fa"], pytest.approx(fa.get_ydata()[-1] + 0.08))


def test_small_starts_shows_every_second_course_and_all_times():
    times, epsilons = np.arange(4.0), np.array([0.1, 0.01, 0.001])
    courses = {"FA": np.arange(12.0).reshape(4, 3), "BP": -np.arange(12.0).reshape(4, 3)}
    measured = {"FA": np.array([1.0, 2.0, 3.0]), "BP": np.array([4.0, 5.0, 7.0])}
    left, right = figures.small_starts(times, courses, epsilons, measured, np.array([4.5, 5.5, 7.5]), 2.5).axes
    shown = [("fa", 0), ("bp", 0), ("fa", 2), ("bp", 2)]
    for line, (rule, start) in zip(left.lines, shown, strict=True):
        assert looks(line) == (COLOR[rule], LINE[rule])
        np.testing.assert_array_equal(line.get_xdata(), times)
        np.testing.assert_array_equal(line.get_ydata(), courses[rule.upper()][:, start])
    assert words(left) == ["FA", "BP"] and left.get_xlabel() == figures.TIME and left.get_ylabel() == "error e"
    heights = [measured["FA"], measured["BP"], [4.5, 5.5, 7.5], [2.5, 2.5]]
    for line, rule, height in zip(right.lines, ("fa", "bp", "bp", "fa"), heights, strict=True):
        assert to_hex(line.get_color()).upper() == COLOR[rule]
        np.testing.assert_array_equal(line.get_ydata(), height)
    assert words(right) == ["FA, measured", "BP, measured", "BP, formula", "FA from 0, formula"]
    assert right.get_xscale() == "log" and right.get_ylim() == (0, 17)


def test_learning_rate_limits_shows_limits_and_steps_as_given():
    etas, limit = np.array([0.1, 0.4, 0.9]), np.array([0.8, 0.7, np.nan])
    steps = [(figures.FA, "FA here", np.array([30.0, 9.0, np.nan])), (figures.BP, "BP there", np.array([40.0, 8, 3]))]
    left, right = figures.learning_rate_limits(etas, 0.84, limit, steps).axes
    expected = [([0.84, 0.84], plots.BLUE, ":"), (limit, plots.VERMILION, "-."), (etas, plots.GREY, "-")]
    for line, (height, color, style) in zip(left.lines, expected, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), height)
        assert looks(line) == (color, style)
    assert words(left)[:2] == ["safe limit where the flow ends", "safe limit where the steps land"]
    for line, rule, (_, _, count) in zip(right.lines, ("fa", "bp"), steps, strict=True):
        assert looks(line) == (COLOR[rule], LINE[rule])
        np.testing.assert_array_equal(line.get_xdata(), etas)
        np.testing.assert_array_equal(line.get_ydata(), count)
    assert words(right) == ["FA here", "BP there"] and right.get_yscale() == "log"
