"""Lesson 4's explorer: its grid against plain training, its picture, and controls that cannot break it."""

from dataclasses import replace
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest

from fa_lessons import MLP, plots, train
from fa_lessons.lessons.lesson4.explorer import Picture, alignment_grid, explore, verdict
from fa_lessons.rules import FeedbackAlignment

SETTINGS = {"hidden": (5, 20), "learning_rates": (0.3, 1.0, 3.0), "feedback_scales": (0.1, 1.0)}


def blobs(count, seed):
    """Ten clusters in twelve dimensions."""
    centres = 3 * np.random.default_rng(0).normal(size=(10, 12))
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count)
    return (centres[labels] + random.normal(size=(count, 12))).astype(np.float32), labels


@pytest.fixture(scope="module")
def data():
    (images, labels), (test_images, test_labels) = blobs(2000, 1), blobs(300, 2)
    return SimpleNamespace(train_images=images, train_labels=labels, test_images=test_images, test_labels=test_labels)


@pytest.fixture(scope="module")
def grid(data):
    return alignment_grid(data, **SETTINGS, records=4)


def test_the_grid_has_one_curve_for_every_setting(grid):
    assert grid.error.shape == grid.angle.shape == (2, 3, 2, 5)
    assert list(grid.steps) == [0, 5, 10, 15, 20]
    assert (grid.error >= 0).all() and (grid.error <= 100).all()
    assert (grid.angle >= 0).all() and (grid.angle <= 180).all()


def test_a_run_of_the_grid_is_a_run_of_train(grid, data):
    rates, scales = np.repeat(SETTINGS["learning_rates"], 2), np.tile(SETTINGS["feedback_scales"], 3)
    network = MLP((12, 20, 10), "sigmoid", initial_scale=6, replicas=6)
    rule = FeedbackAlignment(scales.tolist(), seed=0)
    history = train(network, data, rule, batch_size=100, learning_rate=rates.tolist(), records_per_epoch=4)
    np.testing.assert_allclose(grid.error[1, ..., -1].ravel(), history.test_error[-1])
    np.testing.assert_allclose(grid.angle[1].reshape(6, 5), history.alignment[:, 0].T, rtol=1e-5)


def test_it_learns_and_aligns(grid):
    assert grid.error[1, :, 1, -1].min() < grid.error[1, :, 1, 0].min() - 20
    assert grid.angle[1, :, 1, -1].min() < 85


def test_the_picture_follows_the_grid_and_draws_no_axes_anew(grid, monkeypatch):
    picture = Picture(grid, 0, 0, 0)
    before = picture.png()
    assert before.startswith(b"\x89PNG")
    monkeypatch.setattr(picture.figure, "draw", lambda renderer: pytest.fail("the axes were drawn again"))
    picture.update(1, 2, 1)
    assert picture.png() != before
    np.testing.assert_array_equal(picture.error.get_ydata(), grid.error[1, 2, 1])
    np.testing.assert_array_equal(picture.angle.get_ydata(), grid.angle[1, 2, 1])
    np.testing.assert_array_equal(picture.image.get_array(), grid.error[1, :, :, -1])
    assert [int(t.get_text()) for t in picture.numbers] == [round(v) for v in grid.error[1, :, :, -1].ravel()]
    assert (picture.marker.get_xdata()[0], picture.marker.get_ydata()[0]) == (1, 2)
    for line in (picture.error, picture.angle):
        np.testing.assert_array_equal(line.get_xdata(), grid.steps)
        assert (line.get_color(), line.get_marker()) == (
            plots.RULE_STYLE["fa"]["color"],
            plots.RULE_STYLE["fa"]["marker"],
        )
    left, middle, right = picture.axes
    assert picture.error.axes is middle and picture.angle.axes is right and picture.image.axes is left
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["0.1", "1"] and left.get_xlabel() == "scale of B"
    assert [tick.get_text() for tick in left.get_yticklabels()] == ["0.3", "1", "3"]
    assert [t.get_position() for t in picture.numbers] == [(j, i) for i in range(3) for j in range(2)]
    assert all((t.get_color() == "white") == (float(t.get_text()) > 45) for t in picture.numbers)
    chance = [line for line in right.get_lines() if line is not picture.angle]
    assert [set(line.get_ydata()) for line in chance] == [{90}]


def controls(widget):
    if isinstance(widget, ipywidgets.Box):
        return [leaf for child in widget.children for leaf in controls(child)]
    return [widget]


def test_the_controls_redraw_the_picture(grid):
    hidden, rate, scale, label, image = controls(explore(grid))
    pictures, texts = {bytes(image.value)}, {label.value}
    for control, index in [(hidden, 0), (rate, 0), (scale, 0), (rate, 2)]:
        control.index = index
        pictures.add(bytes(image.value))
        texts.add(label.value)
    assert len(pictures) == len(texts) == 5
    assert "% error" in label.value


def test_it_opens_where_it_is_told_and_else_in_the_middle(grid):
    for start, indices in (((0, 2, 0), [0, 2, 0]), (None, [1, 1, 1])):
        *sliders, label, _ = controls(explore(grid, start))
        assert [slider.index for slider in sliders] == indices
        assert f"{grid.error[(*indices, -1)]:.0f} %" in label.value


def test_every_position_of_the_controls_gives_a_picture_and_a_verdict(grid):
    picture = Picture(grid, 0, 0, 0)
    for position in np.ndindex(2, 3, 2):
        picture.update(*position)
        assert picture.png().startswith(b"\x89PNG")
        assert f"{grid.error[(*position, -1)]:.0f} %" in verdict(grid, *position)


@pytest.mark.parametrize("hidden", [0, 1])
def test_the_verdict_names_the_best_of_its_own_map(grid, hidden):
    error = grid.error.copy()
    error[hidden, ..., -1], error[1 - hidden, ..., -1] = 40 + np.arange(6).reshape(3, 2), 7
    error[hidden, 0, 0, -1] = np.nan
    assert verdict(replace(grid, error=error), hidden, 2, 1).endswith("the best of this map: 41 %")


def test_a_diverged_run_is_said_and_drawn(grid):
    error = grid.error.copy()
    error[0, 0, 0, -1] = np.nan
    broken = replace(grid, error=error)
    assert verdict(broken, 0, 0, 0) == "The run diverged."
    assert Picture(broken, 0, 0, 0).png().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden": ()}, "hidden must have at least one value"),
        ({"learning_rates": (0.0,)}, r"learning_rate\[0\] must be positive and finite, got 0.0"),
        ({"feedback_scales": (-1.0,)}, r"feedback_scale\[0\] must be at least 0 and finite, got -1.0"),
        ({"records": 0}, "records must be a whole number at least 1, got 0"),
        ({"records": 21}, "records must be at most 20, the steps of one epoch, got 21"),
        ({"hidden": (0,)}, r"sizes\[1\] must be a whole number"),
    ],
)
def test_bad_input_is_named(data, options, message):
    with pytest.raises(ValueError, match=message):
        alignment_grid(data, **{**SETTINGS, **options})
