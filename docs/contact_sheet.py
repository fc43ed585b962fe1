"""Every figure of all lessons on one sheet: `make contact-sheet` writes build/contact-sheet/.

A figure is shown as it is stored, at the width of a page and as large as a projector's slide can show it, on white
and on black. Look at all four before you store new outputs.
"""

import base64
import io
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from PIL import Image, ImageDraw, ImageFont, ImageOps

from fa_lessons.course import notebooks

FOLDER = Path(__file__).resolve().parents[1] / "build" / "contact-sheet"
PAGE, PROJECTOR = (760, 760), (1200, 560)  # the room for a figure, in pixels: a page's column, a slide below its title
GROUNDS = {"light": ("#ffffff", "#000000"), "dark": ("#121212", "#e6e6e6")}


class Stored(NamedTuple):
    lesson: str
    cell: str
    alt: str
    image: Image.Image


def figures(paths):
    """All stored figures of these lessons, in their order."""
    for path in paths:
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                if png := output.get("data", {}).get("image/png"):
                    image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
                    yield Stored(path.stem, cell.id, output.metadata["image/png"]["alt"], image)


def fitted(image, room, enlarge):
    """The image as large as the room allows; never larger than it is, unless `enlarge`."""
    scale = min(room[0] / image.width, room[1] / image.height)
    scale = scale if enlarge else min(scale, 1)
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def sheet(stored, room, ground, enlarge=False, columns=3):
    """One picture of all figures, each above its lesson and cell."""
    paper, ink = ground
    pictures = [fitted(one.image, room, enlarge) for one in stored]
    rows = [pictures[i : i + columns] for i in range(0, len(pictures), columns)]
    gap, line = 24, 24
    heights = [max(picture.height for picture in row) + line + gap for row in rows]
    whole = Image.new("RGB", (columns * (room[0] + gap) + gap, sum(heights) + gap), paper)
    draw, font, top = ImageDraw.Draw(whole), ImageFont.load_default(16), gap
    for number, (row, height) in enumerate(zip(rows, heights, strict=True)):
        for column, picture in enumerate(row):
            left, one = gap + column * (room[0] + gap), stored[number * columns + column]
            whole.paste(picture, (left, top))
            draw.text((left, top + picture.height + 2), f"{one.lesson} · {one.cell}", ink, font)
        top += height
    return whole


def main():
    stored = list(figures(notebooks.find(sys.argv[1:])))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, ground in GROUNDS.items():
        sheet(stored, PAGE, ground).save(FOLDER / f"page-{name}.png")
        sheet(stored, PROJECTOR, ground, enlarge=True).save(FOLDER / f"projector-{name}.png")
    grey = [one._replace(image=ImageOps.grayscale(one.image).convert("RGB")) for one in stored]
    sheet(grey, PAGE, GROUNDS["light"]).save(FOLDER / "page-without-colour.png")
    print(f"{len(stored)} figures of {len({one.lesson for one in stored})} lessons: {FOLDER}")


if __name__ == "__main__":
    main()
