"""The built site, served on this machine, and what a visit to a page finds."""

import contextlib
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

from fa_lessons import places
from tests.browser.needed import lacking
from tests.browser.playground_page import AXE

SITE = places.own("build") / "site"
MATHS_DONE = "!document.querySelector('.math') || document.documentElement.dataset.maths === 'set'"


def need(**found):
    """`lacking` unless all that a test needs is found: what, whether."""
    if missing := [what.replace("_", "-") for what, there in found.items() if not there]:
        lacking(f"the site's tests need {', '.join(missing)}; make test-browser says how to get it")


def build():
    """Build the site."""
    need(myst_nb=find_spec("myst_nb"), sphinx_book_theme=find_spec("sphinx_book_theme"), npm=shutil.which("npm"))
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


def visit(page, address, name, whole):
    """Open a page until it is at rest. `whole`: axe looks at each token of code and each glyph of a formula, too."""
    found, sizes = Visit(name), []
    listeners = {
        "console": lambda m: found.complaints.append(m.text) if m.type in ("error", "warning") else None,
        "pageerror": lambda error: found.complaints.append(str(error)),
        "requestfailed": lambda request: found.complaints.append(f"not loaded: {request.url}"),
        "request": lambda r: None if r.url.startswith((address, "data:")) else found.outside.append(r.url),
        "response": lambda r: sizes.append(int(r.headers.get("content-length", 0))),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    page.goto(address + name)
    page.wait_for_function(MATHS_DONE)
    found.kilobytes = sum(sizes) / 1000
    found.maths = page.locator("mjx-container").count()
    found.unset = page.locator(".math:not(:has(mjx-container))").count()
    page.set_viewport_size({"width": 360, "height": 740})
    found.phone_width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    if AXE.exists():
        found.violations = violations(page, whole)
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return found


def violations(page, whole):
    """What axe finds: (rule, the first place, how many)."""
    if not whole:
        page.evaluate("for (const e of document.querySelectorAll('.highlight pre, mjx-math')) e.textContent += ''")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    report = page.evaluate("axe.run(document, { resultTypes: ['violations'], iframes: false })")
    return [(v["id"], v["nodes"][0]["html"][:150], len(v["nodes"])) for v in report["violations"]]
