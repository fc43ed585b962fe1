"""JupyterLab on a workbook, with settings of its own, and what a person does in it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request

from fa_lessons.course import lab

TOKEN = "a-token-of-this-test"
MINUTES = 60_000  # milliseconds
# All cells are in the page, not only those in view; and no question about news.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false"},
}


@contextlib.contextmanager
def serving(workbook, own, page):
    """JupyterLab on the folder `workbook`, its files kept in the folder `own`; gives the address of `page`."""
    for name, settings in SETTINGS.items():
        file = own / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = {f"JUPYTER_{kind}_DIR": str(own / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {"IPYTHONDIR": str(own / "ipython"), "JUPYTERLAB_SETTINGS_DIR": str(own / "settings")}
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = lab.arguments(workbook, port, browser=False, root=root)
    environment = {**os.environ, **folders, "JUPYTER_TOKEN": TOKEN, "TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1"}
    with (own / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", server)
            yield lab.address(port, page, TOKEN) + "&reset"
        finally:
            server.terminate()
            server.wait()


def wait_for(url, server):
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60):
                return
        except (urllib.error.URLError, ConnectionError):
            subprocess.run([sys.executable, "-c", ""])  # as long as Python takes to start
    raise RuntimeError("JupyterLab did not start")


def open_lesson(page, address, text):
    """Open the address, and wait until the cell that holds `text` is there and the kernel is idle."""
    page.goto(address)
    cell(page, text).wait_for(timeout=2 * MINUTES)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=2 * MINUTES)


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    waiting = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(p => p.textContent.includes('*'))"
    page.wait_for_function(waiting, timeout=MINUTES)
    page.wait_for_function(f"!{waiting}", timeout=6 * MINUTES)


def cell(page, text):
    return page.locator(".jp-CodeCell").filter(has=page.locator(".jp-InputArea", has_text=text)).first


def rewrite(page, text, source):
    """Replace the source of the cell that holds `text`."""
    cell(page, text).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
