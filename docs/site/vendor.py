"""What the site takes from npm: MathJax, so that no page asks another host for it."""

import shutil

from fa_lessons.course import npm

PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2")


def copy_mathjax(folder):
    """Put what a page loads into `folder`. Raises as `npm.path` does."""
    for part in PARTS:
        source, target = npm.path("mathjax", "es5") / part, folder / part
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
