"""Lesson 5's explorer: what it computes, its picture, and controls that cannot break it."""

import ipywidgets
import numpy as np
import pytest

from fa_lessons import MLP, plots, rules, train
from fa_lessons.lessons.lesson5 import explorer
from fa_lessons.lessons.lesson5.explorer import SCALES, Picture, depth_run, explore, small_digits, verdict


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Two depths, two epochs."""
    monkeypatch.setattr(explorer, "DEPTHS", (1, 3))
    monkeypatch.setattr(explorer, "EPOCHS", 2)
    depth_run.cache_clear()
    yield
    depth_run.cache_clear()


def test_the_digits_are_complete_and_in_range():
    digits = small_digits()
    assert digits.train_images.shape == (1437, 64) and digits.test_images.shape == (360, 64)
    assert digits.train_images.min() == 0 and digits.train_images.max() == 1
    assert sorted(set(digits.test_labels)) == list(range(10))


@pytest.mark.parametrize("rule", explorer.RULES)
def test_a_run_has_an_angle_for_every_layer_and_scale(rule):
    run = depth_run(rule, 3)
    assert run.angles.shape == (3, len(SCALES)) and run.error.shape == (len(SCALES),)
    assert (run.angles[np.isfinite(run.angles)] >= 0).all() and np.nanmax(run.angles) <= 180
    assert run.error.min() < 30


def test_backprop_is_aligned_with_itself_and_DFA_comes_to_be():
    assert np.nanmax(depth_run("bp", 1).angles) < 0.1
    assert depth_run("dfa", 1).angles[0, SCALES.index(1.0)] < 75


def test_the_picture_follows_the_choice_and_draws_nothing_anew(monkeypatch):
    picture = Picture("dfa", 3, 1.0)
    before = picture.png()
    monkeypatch.setattr(picture.figure, "draw", lambda renderer: pytest.fail("the axes were drawn again"))
    picture.update("fa", 1, 10.0)
    assert picture.png() != before
    np.testing.assert_allclose(picture.angles.get_ydata(), depth_run("fa", 1).angles[:, SCALES.index(10.0)])
    for rule, line in picture.errors.items():
        np.testing.assert_allclose(line.get_ydata(), depth_run(rule, 1).error)
        style = plots.RULE_STYLE[rule]
        np.testing.assert_allclose(10 ** line.get_xdata(), SCALES)
        assert (line.get_color(), line.get_marker(), line.get_label()) == (
            style["color"],
            style["marker"],
            style["label"],
        )
    assert tuple(picture.errors) == ("bp", "fa", "dfa", "ifa")
    np.testing.assert_allclose(picture.chosen.get_xydata(), [[1, depth_run("fa", 1).error[SCALES.index(10.0)]]])


@pytest.mark.parametrize("rule", ["bp", "fa", "dfa", "ifa"])
def test_the_angles_are_those_of_the_chosen_rule_in_its_look(rule):
    picture = Picture("bp" if rule == "fa" else "fa", 1, 0.1)
    picture.update(rule, 3, 30.0)
    np.testing.assert_array_equal(picture.angles.get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(picture.angles.get_ydata(), depth_run(rule, 3).angles[:, SCALES.index(30.0)])
    assert picture.angles.get_color() == plots.RULE_STYLE[rule]["color"]
    (wanted,) = picture.angles.axes.plot([0], [0], linestyle=plots.RULE_STYLE[rule]["linestyle"])
    assert picture.angles._dash_pattern == wanted._dash_pattern


def test_a_run_is_a_run_of_train_with_its_scale():
    index, digits = SCALES.index(3.0), small_digits()
    network = MLP((64, 32, 32, 32, 10), replicas=len(SCALES), initial_scale=3**0.5)
    rule = rules.DirectFeedbackAlignment(list(SCALES))
    history = train(network, digits, rule, epochs=2, batch_size=60, learning_rate=0.3, records_per_epoch=1)
    run = depth_run("dfa", 3)
    assert run.error[index] == history.test_error[-1, index]
    np.testing.assert_allclose(run.angles[:, index], history.alignment[-1, :, index], rtol=1e-5)


def test_the_verdict_names_error_angles_and_overflow(monkeypatch):
    assert verdict("dfa", 3, 1.0).startswith("Test error ") and "angles from" in verdict("dfa", 3, 1.0)
    broken = explorer.DepthRun(np.full((3, len(SCALES)), np.nan), np.full(len(SCALES), np.nan))
    silent = explorer.DepthRun(broken.angles, np.full(len(SCALES), 90.0))
    monkeypatch.setattr(explorer, "depth_run", lambda rule, depth: broken if rule == "fa" else silent)
    assert "overflow" in verdict("fa", 3, 1.0) and "no signal arrives" in verdict("ifa", 3, 1.0)


def controls(widget):
    if isinstance(widget, ipywidgets.Box):
        return [leaf for child in widget.children for leaf in controls(child)]
    return [widget]


def test_the_controls_redraw_the_picture():
    rule, depth, scale, label, image = controls(explore())
    pictures, verdicts = {bytes(image.value)}, {label.value}
    for control, value in [(rule, "ifa"), (depth, 1), (scale, 100.0), (rule, "bp")]:
        control.value = value
        pictures.add(bytes(image.value))
        verdicts.add(label.value)
    assert len(pictures) == 5 and len(verdicts) == 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: depth_run("hebb", 3), "rule must be one of bp, dfa, fa, ifa, got 'hebb'"),
        (lambda: depth_run("fa", 0), "depth must be a whole number from 1 to 20, got 0"),
        (lambda: depth_run("fa", 2.5), "depth must be a whole number from 1 to 20, got 2.5"),
        (lambda: Picture().update("fa", 3, 2.0), "scale must be one of"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
