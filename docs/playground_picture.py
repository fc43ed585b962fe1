"""The picture that stands where the site's playground starts: the page in Chromium, some thousand digits in."""

import io
import shutil

from PIL import Image
from playwright.sync_api import sync_playwright

from fa_lessons.files import write_atomically
from fa_lessons.places import PACKAGE
from tests.browser import playground_page as site
from tests.browser.conftest import FLAGS

FILE = PACKAGE.parent / "docs" / "site" / "static" / "playground.png"


def main():
    with sync_playwright() as playwright, site.serving() as address:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 580})
        site.open_page(page, f"{address}#preset=fa")
        for _ in range(20):
            site.train(page, 1000)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(64)
        browser.close()
    write_atomically(FILE, lambda file: picture.save(file, "PNG", optimize=True))


if __name__ == "__main__":
    main()
