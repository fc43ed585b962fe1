import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.text import Annotation

from fa_lessons import plots
from fa_lessons.lessons.lesson2 import figures
from fa_lessons.lessons.lesson2 import theory as toy
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
    assert (
        words(left) == ["FA: three curves, two of them as one", "BP: three curves"]
        and left.get_xlabel() == figures.TIME
        and left.get_ylabel() == "error e"
    )
    heights = [measured["FA"], measured["BP"], [4.5, 5.5, 7.5], [2.5, 2.5]]
    for line, rule, height in zip(right.lines, ("fa", "bp", "bp", "fa"), heights, strict=True):
        assert to_hex(line.get_color()).upper() == COLOR[rule]
        np.testing.assert_array_equal(line.get_ydata(), height)
    assert words(right) == ["FA, measured", "BP, measured", "BP, formula", "FA from 0, formula (under the squares)"]
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
    assert (left.get_xlabel(), left.get_ylabel()) == ("learning rate of the run", "largest safe learning rate")
    for line, rule, (_, _, count) in zip(right.lines, ("fa", "bp"), steps, strict=True):
        assert looks(line) == (COLOR[rule], LINE[rule])
        np.testing.assert_array_equal(line.get_xdata(), etas)
        np.testing.assert_array_equal(line.get_ydata(), count)
    assert words(right) == ["FA here", "BP there"] and right.get_yscale() == "log"


def below(figure):
    (legend,) = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def heads(ax):
    return [text for text in ax.texts if isinstance(text, Annotation) and text.arrowprops]


def a_plane(count=41):
    side = np.linspace(-4, 4, count)
    return side, np.array(np.meshgrid(side, side))


def some_paths(rule="fa", b=1.0):
    """Eight starts and their flow: (records, 2, starts)."""
    starts = np.array([[-3, -2, -0.5, 0, 2, 3, -3, 1.0], [1, -2, 1, 0, 3, -2, -3, -3.0]])
    return np.stack(toy.solve(*starts, np.linspace(0, 5, 101), rule, b), axis=1), starts


def test_signals_on_a_line_are_0_or_180_degrees_apart():
    figure = figures.one_or_the_other({"same": (4.0, 0.5), "opposite": (6.0, -3.0)})
    assert [ax.get_title() for ax in figure.axes] == ["same: 0°", "opposite: 180°"]
    assert below(figure) == ["the hidden weight's step lowers the loss", "90°: it neither lowers nor raises it"]


def test_each_path_has_an_arrow_head_that_points_along_it():
    paths = {rule: some_paths(rule)[0] for rule in ("fa", "bp")}
    figure = figures.two_flows(paths, some_paths()[1])
    for ax, rule in zip(figure.axes, ("fa", "bp"), strict=True):
        found = heads(ax)
        assert len(found) >= 6
        for arrow in found:
            tip, tail = np.array(arrow.xy), np.array(arrow.xyann)
            flow = np.array(toy.flow(*tail, rule))
            assert (tip - tail) @ flow > 0.9 * np.linalg.norm(tip - tail) * np.linalg.norm(flow) > 0
    assert below(figure)[:2] == ["solutions that attract", "solutions that repel"]


def test_a_path_too_short_has_no_arrow_head():
    _, ax = figures.plt.subplots()
    assert figures.head(ax, np.array([[0.0, 0.0], [0.1, 0.0]]), "k") is None
    assert figures.head(ax, np.array([[9.0, 9.0], [8.0, 9.0]]), "k") is None


def test_what_is_kept_has_a_legend_for_each_line():
    _, plane = a_plane()
    kept = {"FA": plane[1] - plane[0] ** 2 / 2, "BP": plane[0] ** 2 - plane[1] ** 2}
    figure = figures.conserved(some_paths("fa")[0], some_paths("bp")[0], plane, kept)
    edge = figure.axes[0].collections[1].get_paths()[0].vertices
    assert np.allclose(edge[:, 1] - edge[:, 0] ** 2 / 2, -1.5, atol=0.02)
    assert set(below(figure)) == {
        "solutions that attract",
        "solutions that repel",
        "$c=-3/2$ (left), $k=0$ (right)",
        "one value of the constant",
        "FA, computed",
        "BP, computed",
    }


def rolled():
    grid = np.linspace(-4, 4, 801)
    grounds = {c: (grid, grid**4 / 8 + c * grid**2 / 2 - grid) for c in (0.0, -1.5, -3.0)}
    starts = {0.0: [-2.5], -1.5: [-2.8, -0.6], -3.0: [-3.2, -0.5, 0.0]}
    times = np.arange(0, 60, 0.05)
    balls = {
        c: toy.solve(np.array(w0), np.array(w0) ** 2 / 2 + c, times, tolerance=1e-9)[0] for c, w0 in starts.items()
    }
    return grounds, balls


def test_balls_start_hollow_and_end_filled_on_their_ground():
    grounds, balls = rolled()
    figure = figures.landscapes(grounds, balls)
    for ax, (c, ball) in zip(figure.axes, balls.items(), strict=True):
        np.testing.assert_array_equal(ax.lines[0].get_xydata(), np.column_stack(grounds[c]))
        big = [line for line in ax.lines if line.get_markersize() == 12]
        for i, (start, end) in enumerate(zip(big[::2], big[1::2], strict=True)):
            assert start.get_markerfacecolor() == "white" != end.get_markerfacecolor()
            for line, w0 in ((start, ball[0, i]), (end, ball[-1, i])):
                (x,), (y,) = line.get_data()
                assert x == w0 and y == pytest.approx(w0**4 / 8 + c * w0**2 / 2 - w0, abs=1e-3)
    assert below(figure) == ["start", "half a unit of time apart", "end"]
    looks = [(ax.lines[0].get_color(), ax.lines[0].get_linestyle()) for ax in figure.axes]
    assert len(set(looks)) == 3


def test_on_the_slide_the_balls_lie_on_parabolas_and_end_on_the_hyperbola():
    grounds, balls = rolled()
    figure = figures.one_slide(grounds, balls)
    left, right = figure.axes
    big = [line for line in left.lines if line.get_markersize() == 11]
    points = np.array([np.ravel(line.get_data()) for line in big])
    constants = np.round(points[:, 1] - points[:, 0] ** 2 / 2, 6)
    assert set(constants) == {0, -1.5, -3}
    assert np.allclose(points[1::2].prod(1), 1, atol=0.05) and len(points) == 12
    assert len(heads(left)) >= 5
    assert "FA ends anti-aligned" in below(figure) and "hollow: start" in below(figure)
    assert right.get_xlabel() and right.get_ylabel()


def test_a_zero_is_filled_on_the_sides_from_which_it_attracts():
    figure = figures.cubics({0.0: [2 ** (1 / 3)], -1.5: [-1.0, 2.0], -3.0: toy.equilibria(-3.0)})
    fills = [
        [
            (m.get_fillstyle(), to_rgba(m.get_markerfacecolor())[:3] == (1, 1, 1))
            for m in ax.lines
            if m.get_marker() == "o"
        ]
        for ax in figure.axes
    ]
    full, half, hollow = ("full", False), ("left", False), ("full", True)
    assert fills == [[full], [half, full], [full, hollow, full]]
    for ax, c in zip(figure.axes, (0.0, -1.5, -3.0), strict=True):
        for arrow in heads(ax):
            (tip, _), (tail, _) = arrow.xy, arrow.xyann
            middle = (tip + tail) / 2
            assert (tip - tail) * (1 - c * middle - middle**3 / 2) > 0
    assert below(figure) == ["attracts from both sides", "attracts from the left only", "repels"]


def test_the_basin_names_what_is_shaded_and_dashed():
    starts = np.random.default_rng(0).uniform(-4, 4, (2, 50))
    ends = np.array(toy.limit_fa(*starts))
    figure = figures.basin(starts, ends)
    (ax,) = figure.axes
    lines = {line.get_label(): line for line in ax.lines}
    bad = toy.ends_anti_aligned(*starts)
    np.testing.assert_array_equal(lines["ends anti-aligned"].get_xydata(), starts[:, bad].T)
    np.testing.assert_array_equal(lines["ends aligned"].get_xydata(), starts[:, ~bad].T)
    assert np.abs(lines["both weights within 1"].get_xydata()).max() == 1
    assert {"your closed form", "solutions that repel", "the start of section 2.0"} <= set(below(figure))


def test_where_the_error_rises_is_hatched_and_the_90_degree_line_is_named():
    side, plane = a_plane()
    at_once = plane[1] < -(plane[0] ** 2)
    later = (plane[1] > 2) & (plane[0] < -2)
    times = np.linspace(0, 6, 601)
    e_path = np.array([[3.0, -2, 1]]) * np.exp(-times)[:, None]
    figure = figures.courses_of_the_error(at_once, later, side, times, e_path, np.array([[0.5, -2, 1], [-2.5, 1, -1]]))
    left, right = figure.axes
    assert {"the error rises later", "the error rises at once", "solutions that repel"} <= set(below(figure))
    hatches = {tuple(area.hatches) for area in left.collections if getattr(area, "hatches", None)}
    assert {("..",), ("//",)} <= hatches
    (line,) = [line for line in left.lines if "90° condition" in str(line.get_label())]
    assert set(line.get_ydata()) == {0}
    for drawn, e in zip(right.lines, e_path.T, strict=True):
        np.testing.assert_array_equal(drawn.get_ydata(), np.abs(e))


def test_planes_of_b_show_each_its_paths():
    by_b = {b: some_paths(b=b)[0] for b in (1.0, -1.0)}
    figure = figures.planes_of_b(by_b, some_paths()[1])
    assert [ax.get_title() for ax in figure.axes] == ["$b = 1$", "$b = -1$"]
    assert "FA ends anti-aligned" in below(figure)
    assert all(len(heads(ax)) >= 5 for ax in figure.axes)


def test_a_map_says_how_many_learn_and_labels_an_empty_one():
    side, plane = a_plane(40)
    verdicts = {
        ("fa", 0.1): np.zeros((40, 40), int),
        ("fa", 0.3): (plane[0] > 0) * 2,
        ("fa", 1.03): np.full((40, 40), 2),
        ("bp", 0.1): np.zeros((40, 40), int),
        ("bp", 0.3): (plane[0] > 0) * 2,
        ("bp", 1.03): np.ones((40, 40), int),
    }
    figure = figures.fates(verdicts, side, plane)
    said = [ax.get_title().partition(":\n")[2] for ax in figure.axes]
    assert said == ["over 99% learn", "50% learn", "none learns"] * 2
    assert "BP's ellipse" in below(figure)
    room = figure.axes[4].collections[-1].get_paths()[0].vertices
    assert np.allclose(4 / 0.3 - 0.3 - (room**2).sum(1) + 0.3 * room.prod(1), 0, atol=0.2)
