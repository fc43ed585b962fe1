"""Lesson 8's explorer: what it computes, what its picture shows, and that its controls cannot break it."""

import itertools

import ipywidgets
import numpy as np
import pytest

from fa_lessons import load_mnist, plots
from fa_lessons.lessons.lesson8.explorer import (
    BATCH,
    EVERY,
    MIRROR,
    RULES,
    SEEDS,
    STEPS,
    VECTORS,
    Picture,
    explore,
    feedback_run,
    small_task,
    verdict,
)


@pytest.fixture(scope="module")
def data():
    return load_mnist()


@pytest.fixture(scope="module")
def task(data):
    return small_task(data)


def one_by_one(task, rule, which, decay, rate, seed):
    """(angle, gap, error) records of one network by the equations, from the explorer's own random numbers."""
    images, targets, held_out, labels = task
    rng = np.random.default_rng(seed)
    W1 = rng.uniform(-1 / 7, 1 / 7, (2, 49, 24))[which]
    W2 = rng.uniform(-(24**-0.5), 24**-0.5, (2, 24, 10))[which]
    B = rng.uniform(-0.5, 0.5, (2, 10, 24))[which]
    records = []
    for step in range(STEPS + 1):
        M = np.sign(W2.T) * np.abs(B) if rule == "sign" else B
        if step % EVERY == 0:
            h = np.tanh(held_out @ W1)
            e = _softmax(h @ W2)[:50] - np.eye(10)[labels[:50]]
            mine, truth = (e @ M) * (1 - h[:50] ** 2), (e @ W2.T) * (1 - h[:50] ** 2)
            cosines = [a @ b / np.sqrt(a @ a) / np.sqrt(b @ b) for a, b in zip(mine, truth, strict=True)]
            error = 100 * np.mean((h @ W2).argmax(1) != labels)
            records.append((np.degrees(np.arccos(cosines)).mean(), np.linalg.norm(W2.T - M), error))
        rows = rng.integers(0, 6000, BATCH)
        x, y = images[rows].astype(float), targets[rows]
        h = np.tanh(x @ W1)
        e = (_softmax(h @ W2) - y) / BATCH
        g2, g1 = h.T @ e, x.T @ ((e @ M) * (1 - h**2))
        W2, W1 = W2 - rate * (g2 + decay * W2), W1 - rate * (g1 + decay * W1)
        if rule == "kp":
            B = B - rate * (g2.T + decay * B)
        if rule == "wm":
            noise = rng.standard_normal((VECTORS, 24), np.float32)
            B = (1 - MIRROR) * B + MIRROR * (noise @ W2).T @ noise / VECTORS
    angle, gap, error = np.array(records).T
    return angle, gap / gap[0], error


def _softmax(a):
    return np.exp(a) / np.exp(a).sum(1, keepdims=True)


@pytest.mark.parametrize("rule", RULES)
def test_the_run_is_that_of_each_network_by_the_equations(task, rule):
    run = feedback_run(task, rule, decay=0.02, learning_rate=0.3, seed=4)
    for which, name in itertools.product(range(SEEDS), ("fa", rule)):
        if name == "fa" and rule == "wm":  # the noise is drawn from the same numbers as the batches
            continue
        angle, gap, error = one_by_one(task, name, which, 0.02, 0.3, 4)
        assert np.abs(run.angle[name][:, which] - angle).max() < 0.5
        assert np.abs(run.gap[name][:, which] - gap).max() < 5e-3
        assert np.abs(run.error[name][:, which] - error).mean() < 0.3


@pytest.mark.parametrize("decay", [0.0, 0.01, 0.3])
def test_kolen_and_pollacks_law(task, decay):
    run = feedback_run(task, "kp", decay, learning_rate=0.5)
    np.testing.assert_allclose(run.gap["kp"], np.repeat(run.law[:, None], SEEDS, 1), atol=2e-4)
    np.testing.assert_allclose(run.law, (1 - 0.5 * decay) ** run.steps)


def test_learnt_and_borrowed_feedback_end_below_fa(task):
    for rule in RULES:
        run = feedback_run(task, rule, 0.01)
        assert run.angle[rule][-1].max() < run.angle["fa"][-1].min()
    assert run.angle["fa"][0].min() > 70 and run.angle["sign"][0].max() < 50


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed must be a whole number from 0, got -1"),
        ({"rule": "bp"}, "rule must be one of"),
        ({"decay": -1.0}, "decay must be at least 0 and finite"),
        ({"learning_rate": 0}, "learning_rate must be positive and finite"),
        ({"decay": 4.0, "learning_rate": 0.5}, "decay times learning_rate must be below 1"),
    ],
)
def test_bad_input_is_named(task, options, message):
    with pytest.raises(ValueError, match=message):
        feedback_run(task, **options)


def test_the_picture_follows_the_run_and_draws_nothing_anew(task):
    picture = Picture(feedback_run(task))
    count = [len(ax.lines) for ax in picture.axes]
    run = feedback_run(task, "sign", 0.1, 0.2)
    picture.update(run)
    for panel, measured in zip(picture.lines, (run.angle, run.gap), strict=True):
        for (mean, *thin), values in zip((panel["fa"], panel["mine"]), measured.values(), strict=True):
            np.testing.assert_allclose(mean.get_ydata(), values.mean(1))
            for line, one in zip(thin, values.T, strict=True):
                np.testing.assert_allclose(line.get_ydata(), one)
    np.testing.assert_allclose(picture.law.get_ydata(), run.law)
    assert [text.get_text() for text in picture.legend.get_texts()][:2] == ["FA", "sign-symmetry"]
    assert [len(ax.lines) for ax in picture.axes] == count
    assert picture.lines[0]["fa"][0].get_color() == plots.RULE_STYLE["fa"]["color"]
    assert picture.png().startswith(b"\x89PNG")


def test_the_verdict_says_where_both_end(task):
    run = feedback_run(task, "kp", 0.01)
    error, angle = run.error["kp"][-1].mean(), run.angle["kp"][-1].mean()
    assert verdict(run).startswith(
        "after 400 steps: FA "
    ) and f"Kolen–Pollack {error:.0f} % at {angle:.0f}°" in verdict(run)


def test_numbers_that_overflow_are_reported(task):
    assert "overflows" in verdict(feedback_run(task, "kp", 0.0, 1e30))


def controls(box):
    found = [box] if hasattr(box, "value") and not isinstance(box, ipywidgets.Image | ipywidgets.Label) else []
    return found + [c for child in getattr(box, "children", ()) for c in controls(child)]


def test_the_controls_redraw_the_picture_in_every_corner(data):
    box = explore(data)
    rule, decay, rate = controls(box)
    image, label = (
        next(c for c in box.children if isinstance(c, kind)) for kind in (ipywidgets.Image, ipywidgets.Label)
    )
    seen = {image.value}
    for name, low, high in itertools.product(RULES, (decay.min, decay.max), (rate.min, rate.max)):
        rule.value, decay.value, rate.value = name, low, high
        assert label.value.startswith(("after 400 steps", "✗ "))
        seen.add(image.value)
    assert len(seen) > 8
