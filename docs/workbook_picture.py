"""The README's picture of the workbook: `start.ipynb` in JupyterLab, its exercise answered wrongly."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from fa_lessons.course import start, workbook
from tests.browser import jupyter
from tests.browser.conftest import FLAGS

PICTURE = Path(__file__).with_name("workbook.png")


def main():
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        own = Path(folder)
        workbook.write(own / "workbook")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1240, "height": 720})
        with jupyter.serving(own / "workbook", own, start.NAME) as address:
            jupyter.open_lesson(page, address, "def error_signal")
            jupyter.rewrite(
                page, "def error_signal", "def error_signal(prediction, target):\n    return target - prediction"
            )
            jupyter.run_all(page)
            page.get_by_role("heading", name="3 · An exercise").evaluate("heading => heading.scrollIntoView(true)")
            page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
