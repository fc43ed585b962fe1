"""Lesson 7's explorer: what it computes, what its picture shows, and that its controls cannot break it."""

import ipywidgets
import numpy as np
import pytest
import torch

from fa_lessons.lessons.lesson7 import explorer
from fa_lessons.lessons.lesson7.explorer import GAMMAS, LEAST, PRECISIONS, Picture, explore, law_curves, verdict


def by_autograd(seed=0, size=1.0):
    """Images, target, weights of the explorer's network, and the gradient by autograd."""
    rng = np.random.default_rng(seed)
    pairs = list(zip(explorer.SIZES[:-1], explorer.SIZES[1:], strict=True))
    weights = [torch.tensor(rng.normal(size=p) * size / p[0] ** 0.5, requires_grad=True) for p in pairs]
    x, target = (torch.tensor(rng.normal(size=(explorer.BATCH, explorer.SIZES[end]))) for end in (0, -1))
    h = x
    for W in weights[:-1]:
        h = torch.tanh(h @ W)
    gradient = torch.autograd.grad((h @ weights[-1] - target).square().sum() / 2, weights)
    return x.numpy(), target.numpy(), [W.detach().numpy() for W in weights], [g.numpy() for g in gradient]


def settled(x, weights, gamma, target=None):
    """One settled phase, unit by unit in plain numpy, by many sweeps."""
    h, g = np.tanh(x @ weights[0]), np.tanh(np.tanh(x @ weights[0]) @ weights[1])
    for _ in range(100):
        y = g @ weights[2] if target is None else target
        h = np.tanh(x @ weights[0] + gamma * g @ weights[1].T)
        g = np.tanh(h @ weights[1] + gamma * y @ weights[2].T)
    return [x, h, g, g @ weights[2] if target is None else target]


@pytest.mark.parametrize("gamma", [0.2, 0.01])
def test_the_angles_are_those_of_settled_phases_to_autograds_gradient(gamma):
    x, target, weights, gradient = by_autograd()
    free, clamped = settled(x, weights, gamma), settled(x, weights, gamma, target)
    found = law_curves("64 bits", sweeps=50, gammas=[gamma]).angles[0]
    for layer, truth in enumerate(gradient):
        change = free[layer].T @ free[layer + 1] - clamped[layer].T @ clamped[layer + 1]
        cosine = (change * truth).sum() / np.linalg.norm(change) / np.linalg.norm(truth)
        assert found[layer] == pytest.approx(np.degrees(np.arccos(cosine)), rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_law_holds_in_64_bits_and_turns_in_32(seed):
    gammas = 10.0 ** -np.arange(1, 5)
    fine = law_curves("64 bits", gammas=gammas, seed=seed).angles
    np.testing.assert_allclose(fine[:-1] / fine[1:], 10, rtol=0.3)
    coarse = law_curves("32 bits", gammas=gammas, seed=seed).angles
    assert coarse[-1, 0] > 1 > coarse[1, 0] and coarse[-1, 2] < 0.1
    assert law_curves("16 bits", gammas=gammas, seed=seed).angles[1, 0] > 10


def test_an_unfinished_free_phase_counts_unless_both_start_alike():
    gammas = np.array([1e-2, 1e-3])
    apart = law_curves("64 bits", 1, same_start=False, gammas=gammas).angles[:, 0]
    assert (apart > 5).all()
    assert (law_curves("64 bits", 1, gammas=gammas).angles[:, 0] < 1).all()
    assert (law_curves("64 bits", 10, same_start=False, gammas=gammas).angles[:, 0] < 1).all()


def test_larger_weights_need_weaker_feedback():
    small, large = (law_curves("64 bits", 30, size=size, gammas=[0.03]).angles[0] for size in (1.0, 3.0))
    assert (large > 3 * small).all()


def test_the_same_seed_gives_the_same_curves():
    one, other, third = (law_curves(seed=seed).angles for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, other)
    assert one.shape == (len(GAMMAS), 3) and not np.array_equal(one, third, equal_nan=True)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("sweeps", "size"), [(1, 0.25), (30, 3.0)])
@pytest.mark.parametrize("same_start", [False, True])
def test_every_corner_of_the_sliders_gives_a_picture(precision, sweeps, size, same_start):
    curves = law_curves(precision, sweeps, size, same_start)
    assert Picture(curves).png().startswith(b"\x89PNG")
    assert "°" in verdict(curves)


def test_the_verdict_names_the_best_strength():
    curves = explorer.LawCurves(np.array([0.1, 0.01, 0.001]), np.array([[5.0, 1], [0.3, 1], [np.nan, 1]]))
    assert verdict(curves) == "layer 1 is nearest to backprop at γ = 0.01: 0.3°"
    assert "no change" in verdict(explorer.LawCurves(curves.gammas, np.full((3, 2), np.nan)))


def test_the_picture_follows_the_curves_and_draws_nothing_anew(monkeypatch):
    picture = Picture(law_curves())
    before = picture.png()
    monkeypatch.setattr(picture.figure, "draw", lambda renderer: pytest.fail("the axes were drawn again"))
    curves = law_curves("64 bits", 1, same_start=False)
    picture.update(curves)
    assert picture.png() != before
    for line, angles, (color, style) in zip(picture.lines, curves.angles.T, explorer.LAYER_STYLE, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), np.maximum(angles, LEAST))
        assert (line.get_color(), line.get_linestyle()) == (color, style)


def controls(widget):
    if isinstance(widget, ipywidgets.Box):
        return [leaf for child in widget.children for leaf in controls(child)]
    return [widget]


def test_the_controls_redraw_the_picture():
    precision, sweeps, size, start, label, image = controls(explore())
    pictures = {bytes(image.value)}
    for control, value in [(precision, "64 bits"), (sweeps, 1), (start, False), (size, 3.0)]:
        control.value = value
        pictures.add(bytes(image.value))
    assert len(pictures) == 5 and "layer 1" in label.value


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "8 bits"}, "precision must be one of"),
        ({"seed": 1.5}, "seed must be a whole number from 0, got 1.5"),
        ({"sweeps": 0}, "sweeps must be"),
        ({"sweeps": 51}, "sweeps must be"),
        ({"size": 0}, "size must be positive"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        law_curves(**options)
