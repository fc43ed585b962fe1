"""From the project's own files to the pages that Sphinx reads: build/site-source, and build/site when it is done."""

import shutil
from pathlib import Path

from docs.site import api, lessons, live, styles, tables, texts, vendor
from docs.site.files import drop_others
from fa_lessons import places

HERE = Path(__file__).parent
SOURCE, EXTRA, SITE, SEEN = (places.own("build") / name for name in ("site-source", "site-extra", "site", "site-seen"))
ARGUMENTS = ["-q", "-W", "--keep-going", "-j", "2", "-c", HERE, "-d", SEEN, SOURCE, SITE]
ARGUMENTS = [str(argument) for argument in ARGUMENTS]


def gather():
    """Write all sources of the site. Raises OSError where npm is missing or could not fetch MathJax."""
    shutil.rmtree(SITE, ignore_errors=True)
    lessons.write_pages(SOURCE, EXTRA)
    live.write_pages(EXTRA)
    texts.write_pages(SOURCE)
    tables.write_pages(SOURCE)
    api.write_pages(SOURCE / "api")
    drop_others(SOURCE)
    drop_others(EXTRA)
    vendor.copy_mathjax(SITE / "_static" / "mathjax")


def finish():
    """Put beside the pages what Sphinx does not know: the playground, the explorers, the notebooks. Returns 0."""
    shutil.copytree(EXTRA, SITE, dirs_exist_ok=True)
    styles.lighten(SITE)
    print(f"The site is in {SITE}: open index.html through a server, such as: python -m http.server -d {SITE}")
    return 0
