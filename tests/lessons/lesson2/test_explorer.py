"""Lesson 2's explorer: the browser's arithmetic against Python's and the theory, the page, and the plain twin."""

import json
import os
import re
import shutil
import subprocess
import tempfile

import numpy as np
import pytest
import traitlets

from fa_lessons import plots
from fa_lessons.lessons.lesson2 import explorer
from fa_lessons.lessons.lesson2 import theory as toy
from fa_lessons.playground import bundle

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")
SCRIPT = bundle.FOLDER / "toy.js"


def in_node(expression, **values):
    """The value of a JavaScript `expression` in which the script's functions and `values` are known."""
    names = [name for _, name in bundle.EXPORT.findall(SCRIPT.read_text(encoding="utf-8"))]
    code = f"""
import {{ {", ".join(names)} }} from "./script.mjs";
const {{ {", ".join(values)} }} = JSON.parse(process.env.VALUES);
process.stdout.write(JSON.stringify({expression}));
"""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(SCRIPT, f"{folder}/script.mjs")
        with open(f"{folder}/main.mjs", "w", encoding="utf-8") as file:
            file.write(code)
        run = subprocess.run(
            [NODE, f"{folder}/main.mjs"],
            env={**os.environ, "VALUES": json.dumps(values)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def cases(count=60):
    rng = np.random.default_rng(0)
    w0, w1, b = rng.uniform(-4, 4, (2, count)).tolist() + [rng.uniform(-3, 3, count).tolist()]
    return [
        (rule, bb, rate, x, y)
        for rule in toy.RULES
        for x, y, bb, rate in zip(w0, w1, b, rng.uniform(0.01, 0.6, count).tolist(), strict=True)
    ]


@needs_node
def test_the_browser_computes_what_python_computes():
    found = in_node(
        "cases.map(([rule, b, rate, w0, w1]) => [velocity(rule, b, w0, w1), flowPath(rule, b, w0, w1), "
        "stepPath(rule, b, rate, w0, w1), endsAntiAligned(b, w0, w1)])",
        cases=cases(),
    )
    verdicts = set()
    for (rule, b, rate, w0, w1), (velocity, flow, steps, anti) in zip(cases(), found, strict=True):
        here = explorer.paths(w0, w1, rule, b, rate)
        assert velocity == pytest.approx(toy.flow(w0, w1, rule, b), rel=1e-12)
        assert np.shape(flow) == here.flow.shape and np.allclose(flow, here.flow, rtol=1e-12, atol=1e-12)
        assert steps["verdict"] == here.verdict
        assert np.shape(steps["path"]) == here.steps.shape
        assert np.allclose(steps["path"], here.steps, rtol=1e-12, atol=1e-12) or here.verdict != "learned"
        assert anti == toy.ends_anti_aligned(w0, w1, b)
        verdicts.add(here.verdict)
    assert {"learned", "diverged"} <= verdicts


@needs_node
def test_the_browser_says_what_became_of_a_start():
    text = in_node(
        '[describe("fa", 1, 2, -4, -4), describe("fa", 1, 0.1, 0, 0), describe("bp", 1, 0.1, 1, -1), '
        'describe("fa", 0, 0.1, 0, 1), describe("fa", 1, 0.05, -2, -2)]'
    )
    assert "diverged" in text[0] and "anti-aligned" in text[0]
    assert "(1.26, 0.79), aligned; learned" in text[1]
    assert "left with error 1.00" in text[2] and "not settled" in text[2]
    assert "left with error 1.00" in text[3] and "anti-aligned" in text[4]
    assert not any("NaN" in line for line in text)


@pytest.mark.parametrize("rule", toy.RULES)
@pytest.mark.parametrize("b", [1.0, -2.0, 0.5])
def test_the_drawn_flow_ends_where_the_theory_says(rule, b):
    rng = np.random.default_rng(1)
    for w0, w1 in rng.uniform(-4, 4, (40, 2)):
        end = explorer.paths(w0, w1, rule, b).flow[-1]
        expected = toy.limit_fa(w0, w1, b) if rule == "fa" else toy.limit_bp(w0, w1)
        assert end == pytest.approx(expected, abs=2e-3)


def test_verdicts():
    assert explorer.paths(0, 0, learning_rate=0.1).verdict == "learned"
    assert explorer.paths(0, 0, learning_rate=0.8).verdict == "diverged"
    stuck = explorer.paths(0, 0, "bp")
    assert stuck.verdict == "not settled" and (stuck.flow == 0).all() and len(stuck.steps) == explorer.STEPS + 1
    with pytest.raises(ValueError, match="w0 must be finite"):
        explorer.paths(np.nan, 0)


@pytest.mark.parametrize("b", [1.0, -2.0, 0.0])
@pytest.mark.parametrize("start", [(0.3, -0.5), (-4, -4), (0, 0)])
def test_the_twin_draws_every_corner(b, start):
    figure = explorer.picture(*start, b=b, learning_rate=2.0)
    assert len(figure.axes) == 2
    figure.canvas.draw()


def test_the_twin_shows_each_rules_steps_and_flow_in_its_look():
    figure = explorer.picture(0.4, -0.9, b=1.5, learning_rate=0.2)
    for ax, rule in zip(figure.axes, ("fa", "bp"), strict=True):
        found, style = explorer.paths(0.4, -0.9, rule, 1.5, 0.2), plots.RULE_STYLE[rule]
        lines = {line.get_label(): line for line in ax.get_lines()}
        np.testing.assert_array_equal(lines["steps"].get_xydata(), found.steps)
        flow = lines[f"{style['label']}'s flow"]
        np.testing.assert_array_equal(flow.get_xydata(), found.flow)
        assert (flow.get_color(), flow.get_linestyle()) == (style["color"], style["linestyle"])
        (start,) = [line for line in ax.get_lines() if line.get_marker() == "s"]
        assert start.get_color() == style["color"] and start.get_xydata().tolist() == [[0.4, -0.9]]
        assert lines["steps"].get_color() != style["color"]
    fa, bp = (ax.get_title() for ax in figure.axes)
    assert fa == "FA from (0.4, -0.9), b = 1.5, learning rate 0.2\nflow ends right, aligned; steps: learned"
    assert bp == "BP from (0.4, -0.9), learning rate 0.2\nflow ends left; steps: learned"
    (legend,) = figure.legends
    shown = [text.get_text() for text in legend.get_texts()]
    solutions = "solutions, dotted where they repel"
    assert shown == ["steps", "FA's flow", "FA's start", solutions, "BP's flow", "BP's start"]


def test_the_basin_is_shaded_only_once_asked_for():
    for basin, patches in ((False, 1), (True, 2)):
        left, right = explorer.picture(basin=basin).axes
        assert (len(left.collections), len(right.collections)) == (patches, 1)
    assert explorer.START["basin"] is False and '"basin": false' in explorer.page()


def test_it_opens_where_the_two_rules_end_on_different_branches_and_fa_raises_the_error_on_its_way():
    w0, w1 = explorer.START["w0"], explorer.START["w1"]
    fa, bp = (explorer.paths(w0, w1, rule, 1.0, explorer.START["learning_rate"]) for rule in toy.RULES)
    assert fa.flow[-1][0] > 0 > bp.flow[-1][0] and fa.verdict == bp.verdict == "learned"
    assert np.diff(np.abs(toy.error(*fa.flow.T))).max() > 0


@needs_node
def test_the_head_of_a_panel_says_the_same_state_in_both_languages():
    picked = [*cases(20), ("bp", 1, 0.1, 1, -1), ("fa", 0, 0.1, 0, 1), ("fa", -1, 0.05, 2, 2), ("fa", 1, 2, -4, -4)]
    heads = in_node("picked.map(([rule, b, rate, w0, w1]) => summary(rule, b, rate, w0, w1))", picked=picked)
    for (rule, b, rate, w0, w1), head in zip(picked, heads, strict=True):
        assert head == explorer.state(explorer.paths(w0, w1, rule, b, rate), rule, b)
    assert heads[-4:] == [
        "flow leaves an error of 1.00; steps: not settled",
        "flow leaves an error of 1.00; steps: not settled",
        "flow ends right, anti-aligned; steps: learned",
        "flow ends left, anti-aligned; steps: diverged",
    ]


@pytest.mark.parametrize("rule", toy.RULES)
@pytest.mark.parametrize("b", [1.0, -2.0])
def test_the_arrows_point_where_a_short_flow_goes(rule, b):
    ax = explorer.Figure().subplots()
    explorer.draw_plane(ax, rule, b)
    (arrows,) = ax.collections
    w0, w1 = arrows.XY.T
    e = 1 - w0 * w1
    truth = np.array([(b if rule == "fa" else w1) * e, w0 * e])
    assert np.allclose(np.stack([arrows.U, arrows.V]), truth / np.hypot(*truth))


@pytest.mark.parametrize("b", [1.0, -2.0])
def test_the_shaded_starts_end_against_b(b):
    area = explorer.shade_basin(explorer.Figure().subplots(), b).get_paths()[0]
    w0, w1 = np.random.default_rng(3).uniform(-4, 4, (2, 400))
    ends = toy.solve(w0, w1, [0, 60], "fa", b)[1][-1]
    shaded = area.contains_points(np.c_[w0, w1])
    assert 0.05 < shaded.mean() < 0.6 and (shaded == (b * ends < 0)).mean() > 0.98


def test_the_dotted_piece_of_the_hyperbola_is_where_fa_leaves_it():
    ax = explorer.Figure().subplots()
    lines = explorer.draw_plane(ax, "fa", 1.0)
    dotted = [line for line in lines if line.get_linestyle() == ":"]
    drawn = np.concatenate([line.get_xdata()[np.isfinite(line.get_ydata())] for line in dotted])
    assert drawn.min() > -1.01 and drawn.max() < 0
    bp = explorer.draw_plane(ax, "bp", 1.0)
    assert not any(np.isfinite(line.get_ydata()).any() for line in bp if line.get_linestyle() == ":")


def test_the_widget_has_traits_that_refuse_nonsense():
    widget = explorer.explore(w0=-2, b=-1)
    assert (widget.w0, widget.w1, widget.b) == (-2, explorer.START["w1"], -1)
    for name, value in (("w0", 9), ("b", "x"), ("learning_rate", 0), ("basin", "yes")):
        with pytest.raises(traitlets.TraitError):
            setattr(widget, name, value)
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data and "srcdoc" in data["text/html"]


def test_the_page_stands_alone():
    page = explorer.page(w0=-2)
    assert '"w0": -2' in page and "new Toy(" in page and "export " not in page
    assert not re.search(r"https?://|<link|src=", page)
    with pytest.raises(ValueError, match="start must name w0, w1, b, learning_rate, basin, got speed"):
        explorer.page(speed=1)
    for state, message in [
        ({"w0": np.nan}, "w0 must be from -4 to 4, got nan"),
        ({"w1": 4.5}, "w1 must be from -4 to 4, got 4.5"),
        ({"b": "1"}, "b must be from -3 to 3, got '1'"),
        ({"learning_rate": 0}, "learning_rate must be from 0.01 to 2, got 0"),
        ({"basin": 1}, "basin must be True or False, got 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            explorer.page(**state)
