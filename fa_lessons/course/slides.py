"""Slides: a lesson, or the whole series, as one HTML file that opens anywhere and needs no network.

A deck is a Markdown file, `slides.md` in a lesson's folder, or `talk.md` beside this module. A line `---` parts two
slides; a slide begins with its title, and ends with `notes: MINUTES` and what the speaker says. A line of its own takes
from the executed lessons what the audience sees, so that nothing stands in two places:

    figure: CELL [2]        a cell's stored figure, the second one
    code: CELL [NAME]       a cell's code, or one function of it
    exercise: CELL          a solution's cell: the stub, then, at the next key, the solution
    output: CELL            what a cell printed, but for claims and predictions
    options: CELL           the list of a Markdown cell, such as the answers of a prediction
    claims: ID …            sentences of the sources with their verdict and what was measured
    playground: PRESET      an experiment of the playground, live
"""

import ast
import base64
import html
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

from fa_lessons import claims, lessons, marked, playground
from fa_lessons.course import notebooks, npm, workbook
from fa_lessons.lessons import sources

HERE = Path(__file__).parent
TALK = "talk"
PRESETS = Path(playground.__file__).parent / "presets.js"
LINE = re.compile(r"^(figure|code|exercise|output|options|claims|playground): (.+)$")
NOTES = re.compile(r"^notes: (\d+(?:\.5)?)$", re.MULTILINE)
ITEM = re.compile(r"^- .*(?:\n  .*)*", re.MULTILINE)
NOT_SHOWN = (*claims.VERDICTS, "Your prediction")
TALL = 1.5  # a figure less than so many times as wide as high stands beside the words, not below them
WIDE = 2.2  # figures more than so many times as wide as high stand one below the other


class Slide(NamedTuple):
    title: str
    body: str
    minutes: float
    notes: str


def source(deck):
    """The file of a deck, "talk" or the path of a lesson's notebook. Raises ValueError where a lesson has none."""
    if deck == TALK:
        return HERE / "talk.md"
    path = Path(lessons.__file__).parent / f"lesson{int(deck.stem[:2])}" / "slides.md"
    if not path.exists():
        raise ValueError(f"lesson {int(deck.stem[:2])} has no slides")
    return path


def find(names=()):
    """The decks called `names`, "talk" or names of lessons; for none all lessons', then the talk.

    Raises ValueError for a name that is neither, listing the lessons.
    """
    if not names:
        return [*notebooks.find(), TALK]
    return [deck for name in names for deck in ([TALK] if name == TALK else notebooks.find([name]))]


def parse(text):
    """The slides of a deck. Raises ValueError for one without a title or without the minutes of its notes."""
    slides = []
    for part in re.split(r"^---$", text, flags=re.MULTILINE):
        title, _, rest = part.strip().partition("\n")
        if not re.match(r"#+ \S", title):
            raise ValueError(f"a slide must begin with its title, as in '## Title', got {title!r}")
        notes = NOTES.search(rest)
        if not notes:
            raise ValueError(f"the slide {title!r} must end with its notes, as in 'notes: 2' and what to say")
        slides.append(Slide(title.lstrip("# "), rest[: notes.start()], float(notes[1]), rest[notes.end() :].strip()))
    return slides


class Stored:
    """What the executed lessons hold, by the names that a deck uses."""

    def __init__(self, deck):
        self.cells, self.claims = {}, {}
        for path in notebooks.find():
            notebook = notebooks.read(path)
            self.cells |= {cell.id: cell for cell in notebook.cells}
            for row in notebooks.claims_of(notebook) if deck in (path, TALK) else ():
                self.claims.setdefault(row["id"], row)
        if deck == TALK:
            final = claims.stated()
            for name, row in self.claims.items():
                row["verdict"] = final[name].verdict or row["verdict"]

    def cell(self, name):
        if name not in self.cells:
            raise ValueError(f"no lesson has a cell {name!r}")
        return self.cells[name]

    def outputs(self, name, kind):
        """The outputs of that type of a cell. Raises ValueError where there is none."""
        found = [o for o in self.cell(name).get("outputs", []) if o.output_type == kind or kind in o.get("data", {})]
        if not found:
            raise ValueError(f"the cell {name!r} has no output {kind}")
        return found

    def figure(self, name, number="1"):
        found = self.outputs(name, "image/png")
        if not 1 <= int(number) <= len(found):
            raise ValueError(f"the cell {name!r} has {len(found)} output image/png, got {number}")
        output = found[int(number) - 1]
        alt = html.escape(output.metadata["image/png"]["alt"])
        return f'<figure><img src="data:image/png;base64,{output.data["image/png"].strip()}" alt="{alt}"></figure>'

    def code(self, name, function=None):
        text = self.cell(name).source
        if function:
            found = [node for node in ast.walk(ast.parse(text)) if getattr(node, "name", None) == function]
            if not found:
                raise ValueError(f"the cell {name!r} defines no {function!r}")
            lines = text.splitlines()[found[0].lineno - 1 : found[0].end_lineno]
            text = textwrap.dedent("\n".join(lines))
        return _highlighted(sources.unmarked(text))

    def exercise(self, name):
        cell = self.cell(name)
        if not sources.is_graded(cell) or cell.metadata.nbgrader.grade:
            raise ValueError(f"the cell {name!r} is no exercise's solution")
        number = sources.number(cell.metadata.nbgrader.grade_id)
        variable = re.search(r"^(?:def )?(\w+)(?:\(| = )", cell.source, re.MULTILINE)[1]
        stub = workbook.stub(cell.source, number, variable)
        return f'{_highlighted(stub)}<div class="fragment">{self.code(name, None)}</div>'

    def output(self, name):
        printed = "".join(o.text for o in self.outputs(name, "stream")).strip().splitlines()
        text = "\n".join(line for line in printed if not line.startswith(NOT_SHOWN))
        return f"<pre>{html.escape(text)}</pre>"

    def options(self, name):
        found = ITEM.findall(self.cell(name).source)
        if not found:
            raise ValueError(f"the cell {name!r} has no list")
        return _markdown("\n".join(found))

    def claims_table(self, *names):
        rows = []
        for name in names:
            if name not in self.claims:
                raise ValueError(f"{name!r} is no claim that this deck can show")
            row = self.claims[name]
            said = html.escape(row["sentence"])
            rows.append(f"<tr><td>“{said}”<td><strong>{row['verdict']}</strong><td>{html.escape(row['measured'])}")
        return f"<table><tr><th>said<th>verdict<th>measured here{''.join(rows)}</table>"

    def playground(self, preset):
        if f'id: "{preset}"' not in PRESETS.read_text(encoding="utf-8"):
            raise ValueError(f"no experiment of the playground is called {preset!r}")
        title = f"The playground, live: the experiment {preset}"
        return f'<iframe title="{title}" data-src="playground.html#preset={preset}"></iframe>'

    def line(self, kind, words):
        """What a line of a deck takes from the lessons, as HTML."""
        return getattr(self, "claims_table" if kind == "claims" else kind)(*words.split())


def _markdown(text):
    from nbconvert.filters import markdown2html

    return markdown2html(text)


def _inline(text):
    return _markdown(text).strip().removeprefix("<p>").removesuffix("</p>")


def _highlighted(code):
    from nbconvert.filters import Highlight2HTML

    return Highlight2HTML()(code)


def section(slide, stored, first):
    """A slide as HTML; `first` is the title slide."""
    parts, text = [], []
    for line in [*slide.body.strip().splitlines(), None]:
        taken = line is not None and LINE.match(line)
        if line is None or taken:
            if "\n".join(text).strip():
                parts.append(_markdown("\n".join(text)))
            text = []
        else:
            text.append(line)
        if taken:
            parts.append(stored.line(*taken.groups()))
    figures = [part for part in parts if part.startswith("<figure")]
    words = [part for part in parts if part not in figures]
    if len(figures) == 1 and words and _shape(figures[0]) < TALL:
        parts = [f'<div class="beside"><div>{"".join(words)}</div>{figures[0]}</div>']
    elif len(figures) > 1:
        way = "stack" if min(map(_shape, figures)) > WIDE else "row"
        parts = [*words, f'<div class="{way}">{"".join(figures)}</div>']
    level = "h1" if first else "h2"
    title = f"<{level}>{_inline(slide.title)}</{level}>"
    notes = f'<aside class="notes"><p>{slide.minutes:g} min</p>{_markdown(slide.notes)}</aside>'
    pictured = re.search("<(figure|iframe|table)", "".join(parts))
    kind = ' class="first" data-background-color="#00395a"' if first else "" if pictured else ' class="words"'
    return f'<section{kind} data-timing="{slide.minutes * 60:g}">{title}{"".join(parts)}{notes}</section>'


def _shape(figure):
    """Width over height of a figure's PNG, read from its head."""
    head = base64.b64decode(re.search(r"base64,([\w+/]{32})", figure)[1])
    return int.from_bytes(head[16:20], "big") / int.from_bytes(head[20:24], "big")


def page(deck):
    """The deck as one HTML text. Raises ValueError for what it names and no lesson has, OSError as `npm.read`."""
    slides, stored = parse(source(deck).read_text(encoding="utf-8")), Stored(deck)
    try:
        sections = [section(slide, stored, number == 0) for number, slide in enumerate(slides)]
    except ValueError as error:
        raise ValueError(f"{source(deck)}: {error}") from None
    template = (HERE / "slides.html").read_text(encoding="utf-8")
    parts = {
        "title": html.escape(slides[0].title, quote=False),
        "minutes": f"{sum(slide.minutes for slide in slides):g}",
        "reveal-css": npm.read("reveal.js", "dist/reset.css") + npm.read("reveal.js", "dist/reveal.css"),
        "css": (HERE / "slides.css").read_text(encoding="utf-8"),
        "sections": "\n".join(sections),
        "mathjax": npm.read("mathjax", "es5/tex-svg.js"),
        "reveal": npm.read("reveal.js", "dist/reveal.js"),
        "notes": npm.read("reveal.js", "plugin/notes/notes.js"),
    }
    return re.sub(r"<!-- ([\w-]+) -->", lambda found: parts[found[1]], template)


def write(folder, names=()):
    """Write decks into a folder, the playground beside a deck that shows it; yields a line for each deck.

    A page that a person changed stays: raises ValueError, before anything is written, for a file that is in the way.
    """
    decks = {folder / f"{deck if deck == TALK else deck.stem}.html": page(deck) for deck in find(names)}
    shown = any("playground.html#" in text for text in decks.values())
    marked.write({**decks, **({folder / "playground.html": playground.page()} if shown else {})})
    yield from map(str, decks)
