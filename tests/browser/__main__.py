"""`make test-browser`: what needs a browser. Says what is missing, and installs nothing."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

from tests.browser.playground_page import AXE

BENCHMARK = "playground in Chromium, FA 784-100-10, vs the package on one thread"


def missing():
    """(what is missing, how to get it, whether nothing runs without it)."""
    if not find_spec("playwright"):
        yield "playwright", "pip install -e '.[browser]' -c constraints.txt", True
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        yield "Chromium", "apt install chromium", True
    if not AXE.exists():
        yield "axe-core", "npm install --prefix build --no-save axe-core", True
    if not find_spec("sphinx_book_theme"):
        yield "the site's packages", "pip install -e '.[site]' -c constraints.txt", True
    if not shutil.which("npm"):
        yield "npm, which fetches MathJax for the site", "apt install npm", True


def main():
    lacking = list(missing())
    for what, how, _ in lacking:
        print(f"missing: {what}. To get it: {how}", flush=True)
    if any(needed for *_, needed in lacking):
        return 1
    environment = {**os.environ, "FA_LESSONS_BROWSER": "required", "OMP_NUM_THREADS": "1"}
    tests = [sys.executable, "-m", "pytest", "tests/browser", "-rP", "--show-capture=stdout"]
    failed = subprocess.run(tests, env=environment).returncode
    return failed or subprocess.run([sys.executable, "-m", "benchmarks", BENCHMARK]).returncode


if __name__ == "__main__":
    sys.exit(main())
