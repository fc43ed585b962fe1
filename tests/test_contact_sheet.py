"""The contact sheet shows every stored figure, at both sizes, and names its cell."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fa_lessons.course import notebooks

SPEC = importlib.util.spec_from_file_location(
    "contact_sheet", Path(__file__).resolve().parent.parent / "docs" / "contact_sheet.py"
)
contact = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(contact)


def test_it_finds_every_figure_of_a_lesson_with_its_cell_and_text():
    (path,) = notebooks.find(["2"])
    found = list(contact.figures([path]))
    assert len(found) == path.read_text(encoding="utf-8").count('"image/png": {') >= 10
    assert {one.lesson for one in found} == {path.stem} and all(one.cell and len(one.alt) > 20 for one in found)
    assert all(one.image.width >= 600 for one in found)


@pytest.mark.parametrize(
    ("size", "room", "enlarge", "shown"),
    [
        ((1000, 400), (760, 760), False, (760, 304)),
        ((500, 900), (760, 760), False, (422, 760)),
        ((500, 300), (760, 760), False, (500, 300)),
        ((500, 300), (1200, 560), True, (933, 560)),
    ],
)
def test_a_figure_keeps_its_shape_and_is_enlarged_for_a_projector_alone(size, room, enlarge, shown):
    assert contact.fitted(Image.new("RGB", size), room, enlarge).size == shown


def test_a_sheet_holds_all_figures_apart_on_its_ground():
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200)]
    stored = [contact.Stored("lesson", f"cell{n}", "", Image.new("RGB", (90, 40 + n), c)) for n, c in enumerate(colors)]
    whole = np.asarray(contact.sheet(stored, (100, 100), contact.GROUNDS["dark"], columns=3))
    assert (whole[0, 0] == (0x12, 0x12, 0x12)).all()
    for number, color in enumerate(colors):
        assert (whole == color).all(-1).sum() == 90 * (40 + number)
