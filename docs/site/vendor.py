"""What the site takes from npm: MathJax, so that no page asks another host for it."""

import json
import shutil
import subprocess

from fa_lessons import places

MATHJAX = "3.2.2"
HOME = places.own("build") / "site-modules"  # its own: npm takes away what the same folder held before
PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2")


def mathjax():
    """The folder of MathJax's browser files, fetched by npm where it is not there yet.

    Raises SystemExit, with what to install, where npm is missing or cannot fetch it.
    """
    package = HOME / "node_modules" / "mathjax" / "package.json"
    if not package.exists() or json.loads(package.read_text(encoding="utf-8"))["version"] != MATHJAX:
        _install(f"mathjax@{MATHJAX}")
    return package.parent / "es5"


def _install(package):
    npm = shutil.which("npm")
    if not npm:
        raise SystemExit(f"missing: npm, which fetches {package} for the site. To get it: apt install npm")
    HOME.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--prefix", HOME, "--no-save", "--silent", package]
    if subprocess.run(command).returncode:
        raise SystemExit(f"npm could not fetch {package}, which the site needs: is the package index reachable?")


def copy_mathjax(folder):
    """Put what a page loads into `folder`."""
    for part in PARTS:
        source, target = mathjax() / part, folder / part
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
