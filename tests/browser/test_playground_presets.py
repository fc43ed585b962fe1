"""Every experiment of the playground reaches what its sentence says."""

import re
from pathlib import Path

import pytest

from fa_lessons import playground
from tests.browser import playground_page as site

SOURCE = (Path(playground.__file__).parent / "presets.js").read_text(encoding="utf-8")
PRESETS = re.findall(r'^    id: "([\w-]+)",\s+lesson: (\d)', SOURCE, re.M)


@pytest.fixture(scope="module")
def address():
    with site.serving() as found:
        yield found


@pytest.mark.parametrize("preset", [name for name, _ in PRESETS])
def test_it_reaches_what_its_sentence_says(page, address, preset):
    site.open_page(page, f"{address}#preset={preset}")
    images = page.evaluate(
        """async (id) => {
        const {findPreset} = await import(new URL("./presets.js", location));
        const {images} = findPreset(id);
        await playground.run.advance(images);
        playground.judge();
        return images;
    }""",
        preset,
    )
    sentence = page.locator("[data-part='sentence']").inner_text()
    ends = page.evaluate("['a', 'b'].map((side) => playground.curves.last(side))")
    assert f"✓ So it is here, after {images:,} images" in sentence, ends


def test_every_lesson_but_the_seventh_has_an_experiment(page, address):
    site.open_page(page, address)
    assert len(PRESETS) == page.locator("[data-part='preset'] option").count() - 1
    assert {int(lesson) for _, lesson in PRESETS} == {1, 2, 3, 4, 5, 6, 8}
