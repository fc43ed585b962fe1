"""The 30-20-10 task: one step by hand, the papers' ordering, the scale artefact, and bad input."""

import numpy as np
import pytest

from fa_lessons.lessons.lesson3.task import train


def test_seeds_advance_independently_of_how_often_is_measured():
    fine, coarse = train("fa", examples=200, every=50), train("fa", examples=200, every=100)
    np.testing.assert_allclose(fine.error[::2], coarse.error)
    assert fine.examples.tolist() == [0, 50, 100, 150, 200] and fine.error.shape == (5, 5)


def test_one_step_by_hand():
    curves = train("fa", seeds=1, examples=1, every=1, sizes=(3, 2, 2), learning_rate=0.1)
    rng = np.random.default_rng(0)
    T, B = rng.uniform(-1, 1, (2, 3)), 0.5 * rng.uniform(-1, 1, (2, 2))
    A, W = 0.01 * rng.uniform(-1, 1, (2, 3)), 0.01 * rng.uniform(-1, 1, (2, 2))
    rng.normal(size=(3, 100))
    x = rng.normal(size=3)
    e, h = T @ x - W @ A @ x, A @ x
    A, W = A + 0.1 * np.outer(B @ e, x), W + 0.1 * np.outer(e, h)
    assert curves.error[1, 0] == pytest.approx(((T - W @ A) ** 2).sum() / (T**2).sum())
    assert curves.features[1, 0] == pytest.approx(np.linalg.norm(A))
    assert curves.readout[1, 0] == pytest.approx(np.linalg.norm(W))


def test_the_three_rules_in_order_and_the_scale_artefact():
    final = {rule: train(rule).error[-1] for rule in ("bp", "fa", "shallow")}
    assert final["fa"].max() < 0.01 < final["bp"].min() < final["bp"].max() < 0.5 < 0.98 < final["shallow"].min()
    larger = train("bp", readout_scale=0.5)
    assert larger.error[-1].max() < 0.02


def test_the_angles_fall_and_cross():
    curves = train("fa")
    to_backprop, to_gauss_newton = curves.to_backprop.mean(1), curves.to_gauss_newton.mean(1)
    assert 80 < to_backprop[0] < 100 and 80 < to_gauss_newton[0] < 100
    assert to_backprop[4] < to_gauss_newton[4] - 10 and to_gauss_newton[-1] < to_backprop[-1] - 5
    assert (curves.positive[-1] > 0.99).all()


def test_features_lead_and_readout_lags():
    curves = train("fa", start_scale=0, examples=1500, every=500, learning_rate=1e-5)
    assert curves.features[3].mean() / curves.features[1].mean() == pytest.approx(3, rel=0.05)
    assert curves.readout[3].mean() / curves.readout[1].mean() == pytest.approx(9, rel=0.05)
    assert np.isnan(curves.to_backprop[0]).all()  # W = 0 sends nothing down


def test_examples_to_a_level():
    curves = train("fa")
    reached = curves.examples_to(0.1)
    for seed, count in enumerate(reached):
        record = int(np.flatnonzero(curves.examples == count)[0])
        assert curves.error[record, seed] < 0.1 <= curves.error[record - 1, seed]
    assert np.isnan(curves.examples_to(0)).all()


@pytest.mark.parametrize("rule", ["fa", "bp"])
def test_a_run_that_diverges_ends_in_nan(rule):
    curves = train(rule, seeds=2, examples=500, learning_rate=0.1, every=100)
    assert np.isfinite(curves.error[0]).all() and curves.positive[0].min() > 0
    for measured in (curves.error, curves.to_backprop, curves.to_gauss_newton, curves.positive, curves.readout):
        assert np.isnan(measured[-1]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rule": "dfa"}, "rule must be one of bp, fa, shallow, got 'dfa'"),
        ({"seeds": 0}, "seeds must be a whole number at least 1, got 0"),
        ({"every": True}, "every must be a whole number at least 1, got True"),
        ({"examples": 0}, "examples must be a whole number at least 1"),
        ({"start_scale": -1}, "start_scale must be at least 0 and finite, got -1"),
        ({"readout_scale": float("nan")}, "readout_scale must be at least 0"),
        ({"learning_rate": 0}, "learning_rate must be positive and finite, got 0"),
        ({"seed": None}, "seed must be a whole number from 0, got None"),
        ({"seed": -1}, "seed must be a whole number from 0, got -1"),
        ({"sizes": (30, 10)}, r"sizes must list three layers, such as \(30, 20, 10\), got \(30, 10\)"),
        ({"sizes": 30}, "sizes must list the units"),
        ({"sizes": (30, 0, 10)}, r"sizes\[1\] must be a whole number at least 1, got 0"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        train(**{"rule": "fa", **options})
