"""The built site, served on this machine, and what a visit to a page finds."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import pytest

from fa_lessons import places
from tests.browser.playground_page import AXE

SITE = places.own("build") / "site"
MATHS_DONE = "!document.querySelector('.math') || window.MathJax?.startup?.promise?.then(() => true)"


def build():
    """Build the site. Where what it needs is missing the tests are skipped, and fail where a browser is required."""
    missing = [name for name in ("myst_nb", "sphinx_book_theme") if not find_spec(name)]
    missing += [] if shutil.which("npm") else ["npm"]
    if missing:
        say = pytest.fail if os.environ.get("FA_LESSONS_BROWSER") == "required" else pytest.skip
        say(f"the site needs {', '.join(missing)}: pip install -e '.[site]' -c constraints.txt, apt install npm")
    command = [sys.executable, "-m", "docs.site"]
    done = subprocess.run(command, cwd=SITE.parent.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def serving():
    """The address of the site's server, which runs while the block does."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


def page_names():
    """The site's own pages, as paths; not the pages that they embed."""
    found = (path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    return sorted(name for name in found if not name.startswith(("_static/", "playground/", "explorers/")))


@dataclass
class Visit:
    """What a page asked for, said and weighs before it is scrolled, and what is wrong with it."""

    name: str
    outside: list = field(default_factory=list)
    complaints: list = field(default_factory=list)
    kilobytes: float = 0
    maths: int = 0
    unset: int = 0  # formulas that stayed as they were written
    violations: list = field(default_factory=list)
    phone_width: int = 0


def visit(browser, address, name):
    """Open a page as a reader does who has never been here, until it is at rest."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, found = context.new_page(), Visit(name)
    sizes = []
    page.on("console", lambda m: found.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("requestfailed", lambda request: found.complaints.append(f"not loaded: {request.url}"))
    page.on("request", lambda r: None if r.url.startswith((address, "data:")) else found.outside.append(r.url))
    page.on("response", lambda r: sizes.append(int(r.headers.get("content-length", 0))))
    page.goto(address + name)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(MATHS_DONE)
    found.kilobytes = sum(sizes) / 1000
    found.maths = page.locator("mjx-container").count()
    found.unset = page.locator(".math:not(:has(mjx-container))").count()
    if AXE.exists():
        page.evaluate(AXE.read_text(encoding="utf-8"))
        options = {"resultTypes": ["violations"], "iframes": False}
        report = page.evaluate("options => axe.run(document, options)", options)
        found.violations = [(v["id"], v["nodes"][0]["html"][:150], len(v["nodes"])) for v in report["violations"]]
    page.set_viewport_size({"width": 360, "height": 740})
    found.phone_width = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    return found
