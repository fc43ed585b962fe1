"""The pages that are written by hand: the site's own, and those that a checkout has elsewhere."""

from pathlib import Path

from docs.site import live, map
from docs.site.files import write
from docs.site.links import HERE, ROOT, rehomed

PAGES = Path(__file__).parent / "pages"


def write_pages(folder):
    """Write them all into `folder`."""
    for path in PAGES.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        text = text.replace("{{playground}}", live.playground(root=""))
        write(folder / path.name, text.replace("{{lessons}}", "\n".join(f"lessons/{x.stem}" for x in map.lessons())))
    for name, page in HERE.items():
        if page != "ledger.md":
            write(folder / page, rehomed((ROOT / name).read_text(encoding="utf-8"), Path(name).parent))
