"""The pages that are written by hand: the site's own, and those that a checkout has elsewhere."""

import re
from pathlib import Path

from docs.site import live, map
from docs.site.files import write
from fa_lessons import places

ROOT = places.PACKAGE.parent
PAGES = Path(__file__).parent / "pages"
# Files of the checkout that are pages of the site.
HERE = {
    "docs/teaching.md": "teaching.md",
    "docs/contributing.md": "contributing.md",
    "notebooks/notation.ipynb": "notation.ipynb",
    "CLAIMS.md": "ledger.md",
}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)")


def write_pages(folder):
    """Write them all into `folder`."""
    for path in PAGES.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        text = text.replace("{{playground}}", live.playground(root=""))
        write(folder / path.name, text.replace("{{lessons}}", "\n".join(f"lessons/{x.stem}" for x in map.lessons())))
    for name, page in HERE.items():
        if page != "ledger.md":
            write(folder / page, rehomed((ROOT / name).read_text(encoding="utf-8"), Path(name).parent))


def rehomed(text, folder):
    """Markdown of a file in `folder` of the checkout, its links turned to the site's pages.

    What is no page of the site stays as code, for a reader of the site has no checkout beside it.
    """

    def turn(link):
        path, _, part = link[2].partition("#")
        name = (ROOT / folder / path).resolve().relative_to(ROOT.resolve()).as_posix()
        page = HERE.get(name) or (f"lessons/{Path(name).name}" if re.match(r"notebooks/\d\d_", name) else None)
        return f"[{link[1]}]({page}{'#' * bool(part)}{part})" if page else f"{link[1]} (`{name}`)"

    return LINK.sub(turn, text)
