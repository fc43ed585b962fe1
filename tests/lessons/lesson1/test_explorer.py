"""Lesson 1's explorer: what it computes, what its picture shows, and that its controls cannot break it."""

import io

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from fa_lessons.lessons.lesson1.explorer import (
    EXPONENTS,
    PRECISIONS,
    GradientCheck,
    Picture,
    explore,
    gradient_check,
)
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


@pytest.mark.parametrize("bug", BUGS)
def test_the_gap_is_measured_by_the_right_gradients_length(bug):
    right, check = gradient_check(), gradient_check(bug=bug)
    gap = [check.by_difference[part] - check.by_hand[part] for part in right.by_hand]
    length = np.linalg.norm(np.concatenate([*right.by_hand.values()]))
    assert check.relative_error == pytest.approx(np.linalg.norm(np.concatenate(gap)) / length, rel=1e-6, abs=1e-12)


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


def test_the_picture_shows_the_numbers_of_the_check():
    picture = Picture(gradient_check())
    check = gradient_check(step=1e-3, scale=0.5, bug=BUGS[2])
    picture.update(check)
    for formula, line in picture.curves.items():
        np.testing.assert_array_equal(line.get_xdata(), EXPONENTS)
        np.testing.assert_allclose(10 ** line.get_ydata(), np.maximum(check.curves[formula], 1e-13))
        assert line.get_label() == f"{formula} difference"
    np.testing.assert_allclose(picture.marker.get_xdata(), [-3, -3])
    np.testing.assert_allclose(picture.point.get_xydata(), [[-3, np.log10(check.relative_error)]])
    for layer in (("W1", "b1"), ("W2", "b2")):
        gradients = [check.by_hand[part] for part in layer] + [check.by_difference[part] for part in layer]
        largest = np.abs(np.concatenate(gradients)).max()
        for part in layer:
            both = np.c_[check.by_hand[part], check.by_difference[part]]
            np.testing.assert_allclose(picture.parts[part].get_xydata() * largest, both)
    looks = [(line.get_color(), line.get_marker()) for line in picture.parts.values()]
    assert len(set(looks)) == len({color for color, _ in looks}) == 4
    assert len({(line.get_color(), line.get_linestyle()) for line in picture.curves.values()}) == 2


def test_the_title_says_the_state_and_the_note_where_curves_coincide():
    picture = Picture(gradient_check())
    assert picture.title.get_text() == f"bug: none, float64, weights × 1, step 1.0e-05: {relative(gradient_check())}"
    assert "coincide\nup to $10^{-7}$" in picture.note.get_text()
    check = gradient_check(1e-3, 0.5, "float32", BUGS[1])
    picture.update(check)
    assert picture.title.get_text() == f"bug: {BUGS[1]}, float32, weights × 0.5, step 1.0e-03: {relative(check)}"
    assert picture.note.get_text() == "the two curves coincide"
    picture.update(gradient_check(bug=BUGS[4], scale=0.01))
    assert picture.note.get_text() == "the two curves coincide"


def relative(check):
    return f"relative error {check.relative_error:.1e}"


def test_the_note_is_empty_where_the_curves_part_at_once():
    parts = {part: np.zeros(3) for part in ("W1", "b1", "W2", "b2")}
    curves = {"central": np.full(len(EXPONENTS), 1e-9), "forward": np.full(len(EXPONENTS), 1e-3)}
    assert GradientCheck(1e-5, parts, parts, curves, 0.0).coincidence == ""


def test_it_opens_on_the_misprint():
    *_, bug, _, image = controls(explore())
    assert bug.value == BUGS[1] and bytes(image.value) == Picture(gradient_check(bug=BUGS[1])).png()


def test_errors_below_the_floor_are_drawn_on_it_and_a_zero_gradient_at_zero():
    parts = {part: np.zeros(3) for part in ("W1", "b1", "W2", "b2")}
    flat = dict.fromkeys(("central", "forward"), np.zeros(len(EXPONENTS)))
    picture = Picture(GradientCheck(1e-5, parts, parts, flat, 0.0))
    assert {*picture.curves["central"].get_ydata(), *picture.point.get_ydata()} == {-13}
    assert not picture.parts["W1"].get_xydata().any()


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
        ({"seed": None}, "seed must be a whole number from 0, got None"),
        ({"precision": "float16"}, "precision must be one of"),
        ({"bug": "typo"}, "bug must be one of"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        gradient_check(**arguments)
