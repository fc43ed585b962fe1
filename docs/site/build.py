"""From the project's own files to the pages that Sphinx reads: build/site-source, and build/site when it is done."""

import re
import shutil
from pathlib import Path

from docs.site import api, lessons, live, tables, texts, vendor
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
    _drop_unused_icons(SITE / "_static" / "styles" / "pydata-sphinx-theme.css")
    print(f"The site is in {SITE}: open index.html through a server, such as: python -m http.server -d {SITE}")
    return 0


def _drop_unused_icons(sheet):
    """Take out of the theme's style sheet, which every first paint waits for, the icons that no page shows."""
    scripts = (SITE / "_static" / "scripts").glob("*theme.js")
    text = "".join(path.read_text(encoding="utf-8") for path in (*SITE.rglob("*.html"), *scripts))
    used = set(re.findall(r"\bfa-[\w-]+", text))
    rules = sheet.read_text(encoding="utf-8")
    icon = re.compile(r"(?:\.fa-[\w-]+,?)+\{--fa:[^}]*\}")
    kept = icon.sub(lambda rule: rule[0] if used & set(re.findall(r"fa-[\w-]+", rule[0])) else "", rules)
    sheet.write_text(kept, encoding="utf-8")
