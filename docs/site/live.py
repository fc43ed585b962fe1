"""What moves on a page without a kernel: the playground, and the explorers that compute in the browser."""

import html
import re

from docs.site.files import write
from fa_lessons.lessons.lesson2 import explorer as two_neurons
from fa_lessons.playground.bundle import FOLDER as PLAYGROUND

PLAYGROUND_CALL = re.compile(r'\bwidget\("([^"]*)"\)')
# The explorers that are pages of their own, by lesson: the page, and what it is.
EXPLORERS = {
    "2": ("explorers/two_neurons.html", "Explorer of the two-neuron toy"),
    "3": ("playground/linear.html", "Explorer of the linear network"),
}
KINDS = (".html", ".js", ".css", ".bin")


def write_pages(folder):
    """The pages that other pages embed, as files in `folder`."""
    for path in PLAYGROUND.iterdir():
        if path.suffix in KINDS:
            write(folder / "playground" / path.name, path.read_bytes())
    write(folder / EXPLORERS["2"][0], two_neurons.page())


def embedded(source, number):
    """What stands on the page of lesson `number` in place of the widget that the cell `source` shows."""
    if found := PLAYGROUND_CALL.search(source):
        return playground(f"#{found[1]}")
    run = f"<code>fa-lessons lab --lesson {int(number)}</code>"
    if number not in EXPLORERS:
        return f'<p class="how">This explorer computes in Python. To move it: {run}. Below is what it shows.</p>'
    page, title = EXPLORERS[number]
    how = f'<p class="how">It computes on this page. In the lesson itself: {run}.</p>'
    return f'<iframe class="live" loading="lazy" title="{title}" src="../{page}"></iframe>\n{how}'


def playground(state="", root="../"):
    """The playground, opened in `state` by a click: it brings 3.5 MB of digits. Without JavaScript, a link."""
    address = f"{root}playground/index.html{html.escape(state)}"
    picture = "Two networks side by side, their error curves and angles between them, and the digits that they read."
    return f"""<div class="live">
<img src="{root}_static/playground.png" alt="{picture}" width="1200" height="580">
<a class="start" href="{address}" data-title="The playground">Start the playground here</a>
<p class="how">Two networks learn real digits in your browser; it loads 3.5 MB.
<a href="{address}">On a page of its own</a></p></div>"""
