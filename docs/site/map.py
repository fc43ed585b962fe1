"""The map of the lessons: what needs what, as a picture and as a table."""

import html
import re
from dataclasses import dataclass

import nbformat

from fa_lessons.course import notebooks

NEEDS = re.compile(r"\*\*?(?:Prerequisites:|You need)\*\*?(.*?)(?=\*\*?Time|\n\n|$)", re.DOTALL)
LESSONS = re.compile(r"\blessons? ([\d–, and]+)")
WIDTH, HEIGHT, GAP = 190, 74, 46  # of a box, and between two
TIP = """<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0L8 4L0 8z"/></marker></defs>"""


@dataclass(frozen=True)
class Lesson:
    """What the map says of one lesson; `needs`: the numbers of the lessons before it."""

    number: int
    title: str
    stem: str
    needs: tuple
    needs_words: str
    time: str


def lessons():
    """All lessons that are there, in their order."""
    return [_read(path) for path in notebooks.find()]


def _read(path):
    head = nbformat.read(path, as_version=4).cells[0].source
    title = re.match(r"# Lesson (\d+) · (.+)", head)
    words = " ".join(NEEDS.search(head)[1].split()).strip(" .")
    time = re.search(r"Time:?\*\*?:?(.*)", head, re.DOTALL)
    number = int(title[1])
    return Lesson(number, title[2], path.stem, needed(words, number), words, " ".join(time[1].split()).rstrip("."))


def needed(words, number):
    """The lessons that a sentence on prerequisites names: "lessons 1–3, or …" names 1, 2 and 3."""
    found = set()
    for group in LESSONS.findall(words):
        for first, last in re.findall(r"(\d+)(?:–(\d+))?", group):
            found |= set(range(int(first), int(last or first) + 1))
    return tuple(sorted(n for n in found if n < number))


def direct(all_lessons):
    """{number: the lessons that it needs and that no other of them needs already}: the arrows of the picture."""
    needs = {lesson.number: set(lesson.needs) for lesson in all_lessons}

    def behind(number):
        own = needs.get(number, set())
        return own.union(*map(behind, own))

    return {n: sorted(own - set().union(*(behind(o) for o in own))) for n, own in needs.items()}


def rows_of(all_lessons):
    """[[numbers]], by how many lessons stand one after the other before a lesson."""
    arrows, depth = direct(all_lessons), {}
    for lesson in all_lessons:
        depth[lesson.number] = 1 + max((depth[n] for n in arrows[lesson.number] if n in depth), default=-1)
    return [[n for n in depth if depth[n] == level] for level in range(max(depth.values()) + 1)]


def picture(all_lessons):
    """The map as SVG: a box a lesson, which is a link, and an arrow from each to those that need it."""
    rows, place = rows_of(all_lessons), {}
    width = max(map(len, rows)) * (WIDTH + GAP) - GAP + 4
    for y, row in enumerate(rows):
        start = (width - len(row) * (WIDTH + GAP) + GAP) / 2
        for x, number in enumerate(row):
            place[number] = start + x * (WIDTH + GAP), 2 + y * (HEIGHT + GAP)
    height = len(rows) * (HEIGHT + GAP) - GAP + 4
    arrows = [
        _arrow(place[before], place[number])
        for number, all_before in direct(all_lessons).items()
        for before in all_before
    ]
    boxes = [_box(lesson, *place[lesson.number]) for lesson in all_lessons]
    return f"""<svg class="map" viewBox="0 0 {width} {height}" width="{width}" role="group"
aria-label="Map of the lessons; the table below says the same">
{TIP}
{chr(10).join(arrows + boxes)}
</svg>"""


def _arrow(before, after):
    x0, y0, x1, y1 = before[0] + WIDTH / 2, before[1] + HEIGHT, after[0] + WIDTH / 2, after[1]
    return f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" marker-end="url(#tip)"/>'


def _box(lesson, x, y):
    words, lines = lesson.title.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 21:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    texts = [f"Lesson {lesson.number}", *lines[:3]]
    middle, top = x + WIDTH / 2, y + HEIGHT / 2 + 5 - 8 * (len(texts) - 1)
    lines = (f'<tspan x="{middle}" y="{top + 16 * i}">{html.escape(text)}</tspan>' for i, text in enumerate(texts))
    return (
        f'<a href="lessons/{lesson.stem}.html"><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text text-anchor="middle">{"".join(lines)}</text></a>'
    )


def page():
    """The page as Markdown."""
    found = lessons()
    rows = ["| lesson | you need | time |", "|---|---|---|"]
    rows += [f"| [{x.number} · {x.title}](lessons/{x.stem}.ipynb) | {x.needs_words} | {x.time} |" for x in found]
    return f"""# The lessons

An arrow leads from a lesson to those that need it. Three routes:

- **An evening:** lesson 1, its first section and its ninth, then lesson 4.
- **A course:** the lessons in their order; each takes one or two hours with its exercises.
- **A talk:** lesson 2, the main figure of lesson 4, and the claims box of lesson 6.

{picture(found)}

{chr(10).join(rows)}
"""
