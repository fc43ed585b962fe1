"""Links between files of the checkout, turned to the site's pages."""

import re

from fa_lessons import places

ROOT = places.PACKAGE.parent
# Files of the checkout that are pages of the site.
HERE = {
    "docs/teaching.md": "teaching.md",
    "docs/contributing.md": "contributing.md",
    "notebooks/notation.ipynb": "notation.ipynb",
    "CLAIMS.md": "ledger.md",
}
LESSON = re.compile(r"notebooks/(\d\d_\w+\.ipynb)")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)")


def rehomed(text, folder, root=""):
    """Markdown of a file in `folder` of the checkout, its links turned to pages, which stand under `root`.

    What is no page of the site stays as code, for a reader of the site has no checkout beside it.
    """

    def turn(link):
        path, _, part = link[2].partition("#")
        name = (ROOT / folder / path).resolve().relative_to(ROOT.resolve()).as_posix()
        page = HERE.get(name) or LESSON.sub(r"lessons/\1", name)
        if page == name:
            return f"{link[1]} (`{name}`)"
        return f"[{link[1]}]({root}{page}{'#' * bool(part)}{part})"

    return LINK.sub(turn, text)
