"""The figures of lesson 8: what their artists show, in which look, on data made up here."""

from types import SimpleNamespace

import numpy as np
from matplotlib.colors import to_hex

from fa_lessons import plots
from fa_lessons.lessons.lesson8 import explorer, figures
from tests.lessons.drawn import assert_bands, assert_line, assert_own_looks, history, ticks, words

rng = np.random.default_rng(8)


def labelled(ax):
    return [line for line in ax.lines if not line.get_label().startswith("_")]


def of_look(ax, rule, fill=None):
    """[(x, y)] of what is drawn in a rule's colour and marker."""
    look = figures.LOOKS[rule]
    return [
        (np.ravel(line.get_xdata()), np.ravel(line.get_ydata()))
        for line in ax.lines
        if line.get_color() == look["color"] and line.get_marker() == look["marker"] and len(line.get_xdata())
        if fill is None or line.get_fillstyle() == fill
    ]


def test_every_rule_has_a_look_of_its_own():
    drawn = [name for name in figures.LOOKS if name not in ("frozen", "control", "ifa")]
    looks = {(figures.LOOKS[n]["color"], str(figures.LOOKS[n]["linestyle"]), figures.LOOKS[n]["marker"]) for n in drawn}
    assert len(looks) == len(drawn)


def test_the_mirrors_marks_lie_beside_its_law():
    vectors, angles, predicted = np.array([10, 100]), rng.uniform(10, 80, (2, 3)), np.array([72.0, 45.0])
    (ax,) = figures.mirror_law(vectors, angles, predicted).axes
    law, *seeds = ax.lines
    assert_line(law, vectors, predicted, plots.BLACK)
    for line, seed in zip(seeds, angles.T, strict=False):
        assert_line(line, vectors, seed, plots.SKY)
    assert words(ax)[1] == "measured, a mark a seed" and ax.get_xscale() == "log"


def test_angles_in_time_have_a_panel_a_layer():
    runs = {rule: history(rng, records=5, layers=2) for rule in ("fa", "kp", "wm", "sign", "drtp", "kp-decay")}
    for layer, ax in enumerate(figures.angles_in_time(runs).axes):
        lines = labelled(ax)
        for line, (rule, run) in zip(lines, runs.items(), strict=True):
            look = figures.LOOKS[rule]
            angles = run.alignment[:, layer]
            assert_line(line, run.record_steps, angles.mean(1), to_hex(look["color"]).upper(), label=look["label"])
        assert_own_looks(lines)
        assert_bands(
            ax, *((r.record_steps, r.alignment[:, layer].min(1), r.alignment[:, layer].max(1)) for r in runs.values())
        )
        assert ax.get_title() == f"hidden layer {layer + 1}" and {90} in [set(line.get_ydata()) for line in ax.lines]


def test_equal_marks_are_hollow_and_tuned_ones_filled():
    equal = {rule: rng.uniform(5, 12, 3) for rule in ("bp", "kp", "shallow")}
    tuned = {rule: rng.uniform(4, 6, 3) for rule in ("kp", "gain")}
    (ax,) = figures.equal_and_tuned(equal, tuned).axes
    assert list(ticks(ax.yaxis).values()) == ["BP", "BP with a gain", "Kolen–Pollack", "shallow"]
    rows = {"bp": 0, "gain": 1, "kp": 2, "shallow": 3}
    for found, fill in ((equal, "none"), (tuned, "full")):
        for rule, errors in found.items():
            ((x, y),) = of_look(ax, rule, fill)
            np.testing.assert_array_equal(x, errors)
            assert set(np.round(y)) == {rows[rule]}
    assert words(ax) == ["rate 0.1, B as it comes", "tuned"]


def test_convolutions_show_the_first_layer_and_a_row_a_run():
    steps = [0, 20, 40]
    shared = {rule: (steps, rng.uniform(20, 90, (3, 2, 3))) for rule in ("fa", "kp")}
    own = {"fa": (steps, rng.uniform(20, 90, (3, 2, 3)))}
    errors = {"shared": {"bp": rng.uniform(5, 9, 3), "fa": rng.uniform(5, 9, 3)}, "own": {"fa": rng.uniform(5, 9, 3)}}
    left, middle, right = figures.convolutions(shared, own, errors).axes
    for ax, runs in ((left, shared), (middle, own)):
        for line, (rule, (_, angles)) in zip(labelled(ax), runs.items(), strict=True):
            assert_line(line, steps, angles[:, 0].mean(1), to_hex(figures.LOOKS[rule]["color"]).upper())
    assert list(ticks(right.yaxis).values()) == ["BP, shared", "FA, shared", "FA, own"]
    for row, (x, _) in enumerate([*of_look(right, "bp"), *of_look(right, "fa")]):
        np.testing.assert_array_equal(x, [errors["shared"]["bp"], errors["shared"]["fa"], errors["own"]["fa"]][row])


def test_stored_convolutions_tell_the_images_apart():
    labels = {"BP, shared": "bp", "FA, own filters": "fa"}
    errors, angles = (
        {images: {name: (rule, rng.uniform(5, 80, 3)) for name, rule in labels.items()} for images in ("one", "two")}
        for _ in range(2)
    )
    left, right = figures.stored_convolutions(errors, angles).axes
    for ax, found in ((left, errors), (right, angles)):
        for images, fill in (("one", "full"), ("two", "none")):
            for row, (rule, values) in enumerate(found[images].values()):
                ((x, y),) = of_look(ax, rule, fill)[:1]
                np.testing.assert_array_equal(x, values)
                assert set(np.round(y)) == {row}
    assert words(right) == ["one", "two"] and list(ticks(left.yaxis).values()) == list(labels)


def test_transformers_stand_by_start_and_by_size():
    losses = {start: {rule: rng.uniform(2, 3, 3) for rule in ("bp", "dfa", "frozen")} for start in (1.0, 0.02)}
    sizes = {rule: {width: rng.uniform(2, 3, 3) for width in (16, 64)} for rule in ("bp", "dfa")}
    left, right = figures.transformers(losses, {"floor": 2.5}, sizes).axes
    for place, found in enumerate(losses.values()):
        for rule, values in found.items():
            x, y = of_look(left, rule)[place]
            np.testing.assert_array_equal(y, values)
            assert set(np.round(x)) == {place}
    assert words(left) == ["BP", "DFA", "blocks frozen"]
    assert list(ticks(left.xaxis).values()) == ["embedding starts\nat 1", "embedding starts\nat 0.02"]
    for rule, found in sizes.items():
        assert any(
            np.allclose(y, [v.mean() for v in found.values()]) and np.allclose(x, [16, 64])
            for x, y in of_look(right, rule)
            if len(x) == 2
        )
    assert all({2.5} in [set(line.get_ydata()) for line in ax.lines] for ax in (left, right))


def test_align_then_memorise_has_two_scales_a_panel():
    runs = {title: ([1, 10, 100], rng.uniform(20, 90, (3, 2, 3)), rng.uniform(0, 2, (3, 3))) for title in ("a", "b")}
    axes = figures.align_then_memorise(runs).axes
    for (title, (steps, angles, loss)), ax, other in zip(runs.items(), axes[:2], axes[2:], strict=True):
        for layer, line in enumerate(ax.lines):
            assert_line(line, steps, angles[:, layer].mean(1), label=f"angle, layer {layer + 1}")
        assert_line(other.lines[0], steps, loss.mean(1), plots.BLACK, ":")
        assert ax.get_title() == title and ax.get_xscale() == "log"
    assert words(axes[0]) == ["angle, layer 1", "angle, layer 2", "loss (right)"]


def test_patterns_are_bars_in_percent():
    solved = {
        units: {rule: {"++": rng.random(), "+−": rng.random()} for rule in ("bp", "fa")} for units in ("tanh", "relu")
    }
    for ax, (units, found) in zip(figures.patterns(solved).axes, solved.items(), strict=True):
        heights = [bar.get_height() for bar in ax.patches]
        np.testing.assert_allclose(heights, [100 * s for shares in found.values() for s in shares.values()])
        assert list(ticks(ax.xaxis).values()) == ["++", "+−"] and ax.get_title() == f"{units} units"
    assert words(figures.patterns(solved).axes[1]) == ["BP", "FA"]


def test_settings_have_a_column_each():
    steps = np.arange(0, explorer.STEPS + 1, explorer.EVERY)
    made = {"fa": rng.uniform(0, 90, (len(steps), 2)), "wm": rng.uniform(0, 90, (len(steps), 2))}
    run = SimpleNamespace(rule="wm", steps=steps, angle=made, gap=made, error=made, law=np.ones(len(steps)))
    axes = figures.settings({"one": run, "two": run}).axes
    assert len(axes) == 4 and [axes[0].get_title(), axes[1].get_title()] == ["one", "two"]
    assert words(axes[3]) == ["FA", "weight mirror", "$(1-\\eta\\lambda)^t$"]
    assert_line(labelled(axes[0])[1], steps, made["wm"].mean(1), plots.VERMILION)
