"""Lesson 1's explorer: what it computes, what its picture shows, and that its controls cannot break it."""

import io

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from fa_lessons.lessons.lesson1.explorer import EXPONENTS, PRECISIONS, Picture, explore, gradient_check
from fa_lessons.lessons.lesson1.theory import BUGS


def test_a_right_backward_pass_agrees_with_central_differences():
    check = gradient_check()
    assert check.relative_error < 1e-8
    for part, values in check.by_hand.items():
        np.testing.assert_allclose(check.by_difference[part], values, atol=1e-8)
    assert [len(values) for values in check.by_hand.values()] == [12, 3, 9, 3]


@pytest.mark.parametrize("bug", BUGS[1:])
def test_a_bug_is_seen_at_every_step(bug):
    check = gradient_check(bug=bug)
    assert check.relative_error > 0.03
    assert min(curve.min() for curve in check.curves.values()) > 0.03


def test_the_best_step_depends_on_formula_and_precision():
    best = {p: {f: EXPONENTS[c.argmin()] for f, c in gradient_check(precision=p).curves.items()} for p in PRECISIONS}
    assert -6 <= best["float64"]["central"] <= -3.5
    assert -9 <= best["float64"]["forward"] <= -6.5
    assert -3 <= best["float32"]["central"] <= -1
    assert gradient_check(precision="float32").curves["central"].min() > 1e-6


@pytest.mark.parametrize("step", [1e-15, 1e-5, 1.0])
@pytest.mark.parametrize("scale", [0.01, 1.0, 10**1.5])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_corner_of_the_sliders_gives_finite_numbers_and_a_picture(step, scale, precision):
    check = gradient_check(step, scale, precision)
    assert np.isfinite(check.relative_error)
    assert all(np.isfinite(curve).all() for curve in check.curves.values())
    assert Picture(check).png().startswith(b"\x89PNG")


def test_the_picture_follows_the_check_and_equals_a_full_drawing():
    picture = Picture(gradient_check())
    before = picture.png()
    picture.update(gradient_check(step=1e-2, bug=BUGS[1]))
    after = picture.png()
    assert before != after
    buffer = io.BytesIO()
    picture.figure.savefig(buffer, format="png", dpi=80)
    full, fast = (np.asarray(Image.open(io.BytesIO(b)).convert("L"), dtype=int) for b in (buffer.getvalue(), after))
    assert full.shape == fast.shape
    assert (abs(full - fast) > 64).mean() < 0.01  # only what lies over or under the legend differs


def test_an_update_draws_nothing_anew(monkeypatch):
    picture = Picture(gradient_check())
    picture.png()
    monkeypatch.setattr(picture.figure, "draw", lambda renderer: pytest.fail("the axes were drawn again"))
    picture.update(gradient_check(step=1e-3))
    picture.png()


def controls(widget):
    if isinstance(widget, ipywidgets.Box):
        return [leaf for child in widget.children for leaf in controls(child)]
    return [widget]


def test_the_controls_redraw_the_picture():
    step, scale, precision, bug, verdict, image = controls(explore())
    pictures = {bytes(image.value)}
    for control, value in [(step, -15), (scale, 1.5), (precision, "float32"), (bug, BUGS[3])]:
        control.value = value
        pictures.add(bytes(image.value))
    assert len(pictures) == 5
    assert "relative error" in verdict.value


def test_a_bad_value_is_reported_and_does_not_crash():
    step, *_, verdict, image = controls(explore())
    kept = bytes(image.value)
    step.max = 1000
    step.value = 400
    assert "step must be positive and finite" in verdict.value and bytes(image.value) == kept


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"step": 0}, "step must be positive and finite, got 0"),
        ({"scale": float("inf")}, "scale must be positive and finite, got inf"),
        ({"precision": "float16"}, "precision must be one of"),
        ({"bug": "typo"}, "bug must be one of"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        gradient_check(**arguments)
