"""Lesson 6's explorer: what it computes, what its picture shows, and that its controls cannot break it."""

import ipywidgets
import numpy as np
import pytest

from fa_lessons import load_mnist
from fa_lessons.lessons.lesson6.explorer import RULES, SEEDS, Picture, damaged_curves, explore, small_task, verdict


@pytest.fixture(scope="module")
def data():
    return load_mnist()


@pytest.fixture(scope="module")
def task(data):
    return small_task(data)


def final(curves):
    return {rule: errors[-1].mean() for rule, errors in curves.errors.items()}


def test_the_task_holds_digits_that_are_not_trained_on(data, task):
    images, targets, held_out, labels = task
    assert images.shape == (6000, 49) and targets.shape == (6000, 10) and held_out.shape == (250, 49)
    np.testing.assert_array_equal(targets.argmax(1), data.train_labels[:6000])
    np.testing.assert_array_equal(labels, data.train_labels[6000:6250])
    np.testing.assert_allclose(
        images[3] - images[4],
        [
            (data.train_images[3] - data.train_images[4]).reshape(28, 28)[4 * r : 4 * r + 4, 4 * c : 4 * c + 4].mean()
            for r in range(7)
            for c in range(7)
        ],
        atol=1e-5,
    )


def test_sound_rules_are_far_below_the_shallow_control(task):
    ends = final(damaged_curves(task, learning_rate=1.0))
    assert max(ends["bp"], ends["fa"]) < ends["shallow"] - 10


def test_silencing_every_line_leaves_the_readout(task):
    curves = damaged_curves(task, drop=1.0)
    for rule in ("bp", "fa"):
        np.testing.assert_array_equal(curves.errors[rule], curves.errors["shallow"])


def test_a_late_error_is_borne_only_with_its_own_digits(task):
    assert final(damaged_curves(task, delay=4))["fa"] < 30
    assert final(damaged_curves(task, delay=1, current=True))["fa"] > 60


def test_without_delay_there_is_nothing_to_store(task):
    one, other = damaged_curves(task), damaged_curves(task, current=True)
    for rule in RULES:
        np.testing.assert_array_equal(one.errors[rule], other.errors[rule])


def test_the_same_seed_gives_the_same_curves(task):
    options = {"delay": 3, "noise": 2.0, "drop": 0.5}
    one, other, third = (damaged_curves(task, **options, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.errors["fa"], other.errors["fa"])
    assert not np.array_equal(one.errors["fa"], third.errors["fa"])
    assert one.errors["fa"].shape == (len(one.steps), SEEDS)


@pytest.mark.parametrize("delay", [0, 40])
@pytest.mark.parametrize("noise", [0.0, 20.0])
@pytest.mark.parametrize("learning_rate", [0.03, 10.0])
@pytest.mark.parametrize("current", [False, True])
def test_every_corner_of_the_sliders_gives_a_picture(task, delay, noise, learning_rate, current):
    curves = damaged_curves(task, delay, noise, 0.5, learning_rate, current)
    assert Picture(curves).png().startswith(b"\x89PNG")
    assert verdict(curves)


def test_numbers_that_overflow_are_reported(task):
    curves = damaged_curves(task, learning_rate=3e38)
    assert np.isnan(curves.errors["bp"][-1]).any()
    assert "BP overflows" in verdict(curves)


def test_the_picture_follows_the_curves_and_draws_nothing_anew(task, monkeypatch):
    picture = Picture(damaged_curves(task))
    before = picture.png()
    monkeypatch.setattr(picture.figure, "draw", lambda renderer: pytest.fail("the axes were drawn again"))
    curves = damaged_curves(task, delay=30)
    picture.update(curves)
    assert picture.png() != before
    np.testing.assert_array_equal(picture.lines["fa"][0].get_ydata(), curves.errors["fa"].mean(1))


def controls(widget):
    if isinstance(widget, ipywidgets.Box):
        return [leaf for child in widget.children for leaf in controls(child)]
    return [widget]


def test_the_controls_redraw_the_picture(data):
    delay, current, rate, noise, drop, label, image = controls(explore(data))
    pictures = {bytes(image.value)}
    for control, value in [(delay, 2), (current, True), (current, False), (rate, 0.0), (noise, 5.0), (drop, 0.9)]:
        control.value = value
        pictures.add(bytes(image.value))
    assert len(pictures) == 6  # back to the stored activations is the picture before
    assert "shallow" in label.value


def test_a_bad_value_is_reported_and_does_not_crash(data):
    _, _, rate, _, _, label, image = controls(explore(data))
    kept = bytes(image.value)
    rate.max = 1000
    rate.value = 400
    assert "learning_rate must be positive and finite" in label.value and bytes(image.value) == kept


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delay": -1}, "delay must be a whole number from 0 to 40, got -1"),
        ({"delay": 1.5}, "delay must be a whole number from 0 to 40, got 1.5"),
        ({"noise": -1.0}, "noise must be at least 0 and finite, got -1.0"),
        ({"drop": 1.1}, "drop must be from 0 to 1, got 1.1"),
        ({"learning_rate": 0}, "learning_rate must be positive and finite, got 0"),
    ],
)
def test_bad_input_is_named(task, options, message):
    with pytest.raises(ValueError, match=message):
        damaged_curves(task, **options)
