"""A learner's evening: JupyterLab on the workbook, lesson 1 run untouched, then an exercise, wrong and right."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from fa_lessons.course import lab, workbook

TOKEN = "a-token-of-this-test"
MINUTES = 60_000  # milliseconds
LESSON = "01_backprop_review.ipynb"


@pytest.fixture
def address(tmp_path):
    """JupyterLab on a new workbook, with settings of its own; gives the address of lesson 1."""
    workbook.write(tmp_path / "workbook")
    settings = tmp_path / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    # All cells are in the page, not only those in view.
    (settings / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings")}
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = lab.arguments(tmp_path / "workbook", port, browser=False, root=root)
    log = (tmp_path / "log").open("wb")
    environment = {**os.environ, **own, "JUPYTER_TOKEN": TOKEN, "TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", server)
        yield lab.address(port, LESSON, TOKEN) + "&reset"
    finally:
        server.terminate()
        server.wait()
        log.close()


def wait_for(url, server):
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60):
                return
        except (urllib.error.URLError, ConnectionError):
            subprocess.run([sys.executable, "-c", ""])  # as long as Python takes to start
    pytest.fail("JupyterLab did not start")


def test_run_all_on_the_untouched_lesson_then_a_wrong_and_a_right_answer(page, address, tmp_path):
    page.goto(address)
    cell(page, "def hidden_delta").wait_for(timeout=2 * MINUTES)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=2 * MINUTES)
    run_all(page)
    box = verdict(page)
    assert box.inner_text().startswith("Exercise 1.1 ✎ not attempted")
    assert errors(page) == 0 and notes(page) > 1

    answer(page, "return delta_output @ W2.T")
    run_all(page)
    assert verdict(page).inner_text().startswith("Exercise 1.1 ✗ fails the property")
    assert "Hint:" in verdict(page).inner_text() and errors(page) == 0 and notes(page) > 1

    answer(page, "return (delta_output @ W2.T) * h * (1 - h)")
    run_all(page)
    assert verdict(page).inner_text().startswith("Exercise 1.1 ✓ correct")
    assert errors(page) == 0 and notes(page) == 0
    progress = json.loads((tmp_path / "workbook" / "progress.json").read_text(encoding="utf-8"))
    assert len(progress["1.1"]["failed"]) == 1 and progress["1.1"]["passed"]


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    waiting = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(p => p.textContent.includes('*'))"
    page.wait_for_function(waiting, timeout=MINUTES)
    page.wait_for_function(f"!{waiting}", timeout=6 * MINUTES)


def cell(page, text):
    return page.locator(".jp-CodeCell").filter(has=page.locator(".jp-InputArea", has_text=text)).first


def verdict(page):
    return cell(page, 'attempt("lesson1.hidden_delta"').locator("[role=status]")


def errors(page):
    return page.locator("[data-mime-type='application/vnd.jupyter.error']").count()


def notes(page):
    """How many cells say that they use the lesson's own solution of exercise 1.1."""
    return page.locator(".jp-OutputArea-output", has_text="own solution of exercise 1.1.)").count()


def answer(page, body):
    cell(page, "def hidden_delta").locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f"def hidden_delta(delta_output, W2, h, y):\n    {body}")
