"""The widget of all moving pictures: every control redraws, and what goes wrong is said in place of the line."""

import ipywidgets as widgets
import pytest

from fa_lessons.lessons.moving import MovingPicture
from fa_lessons.lessons.view import ten_to, view


class Bar(MovingPicture):
    def __init__(self):
        super().__init__(figsize=(2, 1), dpi=50)
        (self.bar,) = self.figure.subplots().bar([0], [1])
        self.move([self.bar])


def test_every_control_redraws_and_an_error_keeps_the_picture():
    picture, one, two = Bar(), widgets.FloatSlider(1, max=3), widgets.FloatSlider(0, min=-9)

    def show():
        if two.value < 0:
            raise ValueError(f"two must be at least 0, got {two.value:g}")
        picture.bar.set_height((one.value + two.value) / 4)
        return f"sum {one.value + two.value:g}"

    controls, line, image = view(picture, [[one], [two]], show).children
    assert [column.children for column in controls.children] == [(one,), (two,)]
    seen = [(line.value, bytes(image.value))]
    for control in (one, two):
        control.value = 2
        seen.append((line.value, bytes(image.value)))
    assert [text for text, _ in seen] == ["sum 1", "sum 2", "sum 4"] and len({png for _, png in seen}) == 3
    two.value = -1
    assert line.value == "✗ two must be at least 0, got -1" and bytes(image.value) == seen[-1][1]
    two.value = 0
    assert line.value == "sum 2" and bytes(image.value) == seen[1][1]


@pytest.mark.parametrize(("exponent", "value"), [(0, 1.0), (-2, 0.01), (400, float("inf"))])
@pytest.mark.filterwarnings("error")
def test_powers_of_ten(exponent, value):
    assert ten_to(widgets.FloatSlider(exponent, min=-10, max=1000)) == pytest.approx(value)
