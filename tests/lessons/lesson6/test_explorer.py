"""Lesson 6's explorer: what it computes, what its picture shows, and that its controls cannot break it."""

from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest

from fa_lessons import load_mnist, plots
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


def trained_alone(task, rule, which, seed, delay, noise, drop, learning_rate, current):
    """The errors of one network, by the equations one after another, from the explorer's own random numbers."""
    images, targets, held_out, labels = task
    rng = np.random.default_rng(seed)
    W1 = rng.uniform(-1 / 7, 1 / 7, (2, 49, 24))[which]
    W2 = rng.uniform(-(24**-0.5), 24**-0.5, (2, 24, 10))[which]
    B = rng.uniform(-1, 1, (2, 10, 24))[which]
    rows, late, errors = rng.integers(0, 6000, (200, 25)), [], []
    for step in range(200):
        if step % 10 == 0:
            errors.append(100 * np.mean((np.tanh(held_out @ W1) @ W2).argmax(1) != labels))
        x, t = images[rows[step]].astype(float), targets[rows[step]]
        h = np.tanh(x @ W1)
        y = np.exp(h @ W2) / np.exp(h @ W2).sum(1, keepdims=True)
        late.append((x, h, (y - t) / 25))
        x_then, h_then, e = late[max(step - delay, 0)]
        x, h = (x, h) if current else (x_then, h_then)
        path = {"bp": W2.T, "fa": B, "shallow": 0 * B}[rule]
        if drop:
            path = path * (rng.random((2, 10, 24), np.float32)[which] >= drop)
        down = e @ path
        if noise:
            draw = rng.standard_normal((2, 25, 24), np.float32)[which]
            down = down + noise * np.sqrt(np.mean(down**2)) * draw
        W2 = W2 - learning_rate * h.T @ e
        W1 = W1 - learning_rate * x.T @ (down * (1 - h**2))
    return errors


@pytest.mark.parametrize(
    "harm",
    [
        {},
        {"delay": 3},
        {"delay": 2, "current": True},
        {"noise": 1.5},
        {"drop": 0.6},
        {"delay": 4, "noise": 0.5, "drop": 0.3, "learning_rate": 0.2},
    ],
    ids=str,
)
@pytest.mark.parametrize("rule", RULES)
def test_the_curves_are_those_of_each_network_trained_alone(task, harm, rule):
    harm = {"delay": 0, "noise": 0.0, "drop": 0.0, "learning_rate": 0.5, "current": False, **harm}
    curves = damaged_curves(task, **harm, seed=4)
    for which in range(SEEDS):
        alone = trained_alone(task, rule, which, 4, **harm)
        assert abs(curves.errors[rule][:-1, which] - alone).mean() < 0.3


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
    for rule, (mean, *thin) in picture.lines.items():
        np.testing.assert_array_equal(mean.get_ydata(), curves.errors[rule].mean(1))
        np.testing.assert_array_equal([line.get_ydata() for line in thin], curves.errors[rule].T)


def test_each_rule_is_drawn_in_its_look(task):
    picture = Picture(damaged_curves(task))
    for rule, (mean, *thin) in picture.lines.items():
        style = plots.RULE_STYLE[rule]
        assert (mean.get_color(), mean.get_marker(), mean.get_label()) == (
            style["color"],
            style["marker"],
            style["label"],
        )
        assert {line.get_color() for line in thin} == {style["color"]} and len(thin) == SEEDS
        assert thin[0].get_linewidth() < mean.get_linewidth()
        np.testing.assert_array_equal(mean.get_xdata(), np.arange(0, 201, 10))
    assert picture.ax.get_ylim() == (0, 100)
    assert [text.get_text() for text in picture.ax.get_legend().get_texts()] == ["BP", "FA", "shallow"]


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
        ({"seed": "a"}, "seed must be a whole number from 0, got 'a'"),
        ({"drop": 1.1}, "drop must be from 0 to 1, got 1.1"),
        ({"learning_rate": 0}, "learning_rate must be positive and finite, got 0"),
    ],
)
def test_bad_input_is_named(task, options, message):
    with pytest.raises(ValueError, match=message):
        damaged_curves(task, **options)


def test_a_small_task_needs_enough_digits():
    images, labels = np.zeros((6249, 784), np.float32), np.zeros(6249, int)
    with pytest.raises(ValueError, match="data must have at least 6250 training digits, got 6249"):
        small_task(SimpleNamespace(train_images=images, train_labels=labels))
