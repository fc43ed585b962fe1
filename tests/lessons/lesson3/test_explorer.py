"""Lesson 3's explorer: its curves against the theory, its picture, and controls that cannot break it."""

import ipywidgets
import numpy as np
import pytest

from fa_lessons.lessons.lesson3 import theory as linear
from fa_lessons.lessons.lesson3.explorer import STEPS, Picture, explore, proof_curves, verdict


def test_from_zero_everything_falls():
    curves = proof_curves()
    assert len(curves.error) == STEPS + 1 and curves.error[0] == pytest.approx(1)
    assert curves.error[-1] < 0.01 and curves.left_over < 1e-9
    assert curves.L[0] == pytest.approx(1) and curves.L.min() == 0
    assert (np.diff(curves.V) <= 1e-9).all() and (np.diff(curves.L) <= 1e-9).all()
    assert "never rises" in verdict(curves, 3, 3)


def test_the_curves_are_those_of_steps_taken_one_by_one():
    p, m, n, rate, start = 2, 4, 3, 0.03, 0.7
    _, _, B, T, _ = linear.random_system(np.random.default_rng(5), p, m, n, 2)
    W, A, rows = start * np.linalg.pinv(B), np.zeros((m, n)), []
    C0 = B @ W + (B @ W).T
    for _ in range(STEPS + 1):
        E, S = T - W @ A, A @ A.T
        C, K = B @ W + (B @ W).T - S, (B @ W - (B @ W).T) / 2
        L = np.sum(K * K) / 2 + np.sum(S * S) / 8 + np.trace(C @ S) / 4 - np.trace(B @ T @ A.T)
        rows.append((np.linalg.norm(E), np.linalg.norm(B @ E) ** 2, L, np.linalg.norm(C - C0)))
        W, A = W + rate * E @ A.T, A + rate * B @ E
    error, V, L, drift = np.transpose(rows)
    found = proof_curves(p, m, n, 2, start, rate, seed=5)
    np.testing.assert_allclose(found.error, error / np.linalg.norm(T), atol=1e-9)
    np.testing.assert_allclose(found.V, V / V[0], atol=1e-9)
    np.testing.assert_allclose(found.L, (L - L.min()) / (L[0] - L.min()), atol=1e-7)
    np.testing.assert_allclose(found.drift, drift / np.linalg.norm(B @ T), atol=1e-9)


def test_the_drift_grows_with_the_step_and_is_no_error_of_the_flow():
    small, large = (proof_curves(learning_rate=rate).drift.max() for rate in (0.001, 0.01))
    assert 0 < small < large < 1
    assert 3 < large / small < 30


def test_a_rank_deficient_B_leaves_what_the_theory_says():
    curves = proof_curves(rank=2)
    assert 0.1 < curves.left_over < 1
    assert curves.error[-1] == pytest.approx(curves.left_over, abs=0.01)


def test_from_a_start_against_B_V_rises_while_L_falls_and_the_error_goes():
    curves = proof_curves(start=-2, learning_rate=0.01)
    assert curves.V.max() > 1.5 and curves.error.max() > 1.5 and curves.error[-1] < 1e-3
    assert (np.diff(curves.L) < 1e-9).all()
    assert "V rises" in verdict(curves, 3, 3)
    assert (np.diff(proof_curves(start=2, learning_rate=0.01).V) <= 0).all()


def test_overflow_is_nan_from_then_on_and_said():
    curves = proof_curves(learning_rate=1.0)
    assert curves.diverged and np.isfinite(curves.error[0]) and np.isnan(curves.error[-1])
    assert "too large" in verdict(curves, 3, 3)


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize("start", [0, 3, -3])
@pytest.mark.parametrize("learning_rate", [1e-3, 1.0])
@pytest.mark.parametrize("sizes", [(1, 1, 1), (8, 8, 8), (8, 1, 3)])
def test_every_corner_of_the_sliders_gives_a_picture(rank, start, learning_rate, sizes):
    curves = proof_curves(*sizes, rank, start, learning_rate)
    assert Picture(curves).png().startswith(b"\x89PNG")
    assert verdict(curves, rank, sizes[0])


def test_the_picture_follows_the_curves_and_draws_nothing_anew(monkeypatch):
    picture = Picture(proof_curves())
    before = picture.png()
    monkeypatch.setattr(picture.figure, "draw", lambda renderer: pytest.fail("the axes were drawn again"))
    curves = proof_curves(rank=1)
    picture.update(curves)
    assert picture.png() != before
    shown = {ax.get_title(): line for ax, line in zip(picture.axes, picture.lines, strict=True)}
    logarithms = {"Error ‖E‖ / ‖T‖": curves.error, "V = ‖BE‖², start = 1": curves.V}
    for title, values in {**logarithms, "Drift of the invariant": curves.drift}.items():
        np.testing.assert_allclose(10 ** shown[title].get_ydata(), np.where(values > 1e-9, values, np.nan))
    np.testing.assert_array_equal(shown["L, start = 1, lowest = 0"].get_ydata(), curves.L)
    assert all(line.axes.get_title() == title for title, line in shown.items())
    assert len({line.get_color() for line in picture.lines}) == 4
    np.testing.assert_allclose(10 ** np.array(picture.left_over.get_ydata()), curves.left_over)
    assert picture.left_over.axes is picture.axes[0] and picture.legend.get_visible()
    picture.update(proof_curves(rank=3))
    assert not picture.legend.get_visible()
    assert [tick.get_text() for tick in picture.axes[0].get_yticklabels()] == [f"$10^{{{k}}}$" for k in (-6, -4, -2, 0)]


def test_the_title_says_the_state_and_an_empty_panel_says_so():
    picture = Picture(proof_curves(start=-2, rank=2, learning_rate=0.01))
    assert picture.title.get_text() == "start W = −2 B⁺, A = 0 · 4-5-3 · rank of B: 2 of 3 · learning rate 0.01"
    assert not any(text.get_visible() for text in picture.nothing)
    picture.update(proof_curves(rank=0))
    assert picture.title.get_text() == "start at zero · 4-5-3 · rank of B: 0 of 3 · learning rate 0.02"
    assert [text.get_visible() for text in picture.nothing] == [False, True, False, True]


def test_it_opens_on_a_start_whose_error_and_V_rise():
    *_, rank, start, rate, label, image = controls(explore())
    assert (rank.value, start.value, rate.value) == (3, -2, -2) and "V rises on its way" in label.value
    opening = proof_curves(start=-2, learning_rate=0.01)
    assert opening.error.max() > 1.5 and opening.error[-1] < 1e-3
    assert bytes(image.value) == Picture(opening).png()


def controls(widget):
    if isinstance(widget, ipywidgets.Box):
        return [leaf for child in widget.children for leaf in controls(child)]
    return [widget]


def test_the_controls_redraw_the_picture():
    p, m, n, rank, start, rate, label, image = controls(explore())
    pictures = {bytes(image.value)}
    for control, value in [(rank, 1), (start, 1.0), (rate, -1.0), (n, 6), (m, 2), (p, 8)]:
        control.value = value
        pictures.add(bytes(image.value))
    assert len(pictures) == 7
    rank.value = 8  # more than any matrix of this shape has
    assert "rank of B: 2 of 8" in label.value


def test_a_bad_value_is_reported_and_does_not_crash():
    *_, rate, label, image = controls(explore())
    kept = bytes(image.value)
    rate.max = 1000
    rate.value = 400
    assert "learning_rate must be positive and finite" in label.value and bytes(image.value) == kept


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"m": 2.5}, "m must be a whole number at least 1, got 2.5"),
        ({"start": "x"}, "start must be finite, got 'x'"),
        ({"seed": -1}, "seed must be a whole number from 0, got -1"),
        ({"p": 0}, "p must be a whole number at least 1, got 0"),
        ({"rank": 4}, "rank must be a whole number from 0 to"),
        ({"start": float("inf")}, "start must be finite, got inf"),
        ({"learning_rate": 0}, "learning_rate must be positive and finite, got 0"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        proof_curves(**options)


def test_the_default_curves_are_the_theorys():
    W, A, B, T, _ = linear.random_system(np.random.default_rng(0), 3, 5, 4)
    Ws, As = linear.steps(0 * W, 0 * A, B, T, 0.02, STEPS)
    np.testing.assert_allclose(proof_curves().error, linear.norm(T - Ws @ As) / linear.norm(T))
