"""Markdown on the pages of feedback and of Formgrader: what a student wrote runs nothing there, and asks no server.

nbgrader's templates put Markdown cells into their pages as they are, with any HTML in them; Formgrader's page is the
teacher's own, with all of the teacher's rights.
"""

import bleach
from nbconvert.filters import markdown2html

TEXT = (
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q s samp small"
)
TAGS = frozenset(f"{TEXT} span strong sub summary sup table tbody td th thead tr u ul".split())
ANYWHERE = ("align", "alt", "class", "colspan", "open", "rowspan", "title")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def markdown(source):
    """HTML of Markdown, of which the tags and attributes that format text stay; others become text or are left out."""
    return bleach.clean(markdown2html(source), TAGS, _stays, protocols=("http", "https", "mailto", "data"))


def _stays(tag, name, value):
    if name == "href":
        return not value.strip().lower().startswith("data:")
    if name == "src":
        return tag == "img" and value.startswith("data:image/")
    return name in ANYWHERE or (name == "id" and tag in HEADINGS)
