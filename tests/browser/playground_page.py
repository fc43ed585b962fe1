"""The playground served on this machine, and how a test opens it."""

import contextlib
import threading

from fa_lessons import places, playground

AXE = places.own("build") / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = places.own("build") / "screenshots"
READY = "globalThis.playground?.frames > 0"


@contextlib.contextmanager
def serving():
    """The address of the page's server, which runs while the block does."""
    with playground.server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        try:
            yield playground.address(running)
        finally:
            running.shutdown()


def open_page(page, address, toured=True):
    """Open the page and wait until both networks stand there, untrained."""
    if toured:
        page.add_init_script("try { localStorage.setItem('fa-lessons-playground-toured', 'yes') } catch {}")
    page.goto(address)
    page.wait_for_function(READY)


def train(page, images):
    """Train both sides so many images further, in one go, as the page does."""
    page.evaluate(f"playground.run.advance({images}).then(() => playground.draw())")


def rest(page):
    """Wait until a pause has come: no worker owes an answer."""
    page.wait_for_function("!playground.playing && playground.run.workers.every(({queue}) => !queue.length)")


def part(page, name):
    """The part of the page that its code calls `name`."""
    return page.locator(f"[data-part='{name}']")
