"""What a test of a page cannot do without."""

import os

import pytest

from tests.browser.playground_page import AXE


def lacking(reason):
    """Skip the test for this reason, or fail it where FA_LESSONS_BROWSER=required, as in CI."""
    say = pytest.fail if os.environ.get("FA_LESSONS_BROWSER") == "required" else pytest.skip
    say(reason)


def need_axe():
    """`lacking` where axe-core is not there."""
    if not AXE.exists():
        lacking("this test needs axe-core: npm install --prefix build --no-save axe-core")
