"""What a page takes from npm: fetched once, at the pinned version, into a folder that a later call finds again."""

import json
import shutil
import subprocess

import platformdirs

from fa_lessons import places
from fa_lessons.files import write_atomically

VERSIONS = {"mathjax": "3.2.2", "reveal.js": "5.2.1"}


def folder():
    """Where the packages lie: in the checkout's build, or else in the user's cache."""
    if root := places.checkout():
        return root / "build" / "npm"
    return platformdirs.user_cache_path("fa-lessons") / "npm"


def path(package, part):
    """Where a file or a folder of a package lies; the packages are fetched where they are missing.

    Raises FileNotFoundError without npm, OSError where npm could not fetch them.
    """
    if not _is_fetched():
        _fetch()
    return folder() / "node_modules" / package / part


def read(package, file):
    """The text of a package's file. Raises as `path` does."""
    return path(package, file).read_text(encoding="utf-8")


def _is_fetched():
    return all(_version(package) == version for package, version in VERSIONS.items())


def _version(package):
    try:
        return json.loads((folder() / "node_modules" / package / "package.json").read_text(encoding="utf-8"))["version"]
    except OSError:
        return None


def _fetch():
    npm = shutil.which("npm")
    wanted = " and ".join(f"{package} {version}" for package, version in VERSIONS.items())
    if not npm:
        raise FileNotFoundError(f"npm is missing, which fetches {wanted} once: install Node.js, then try again")
    needed = json.dumps({"private": True, "dependencies": VERSIONS})
    write_atomically(folder() / "package.json", lambda file: file.write(needed.encode()))
    command = [npm, "install", "--prefix", str(folder()), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[0]
        raise OSError(f"npm could not fetch {wanted}, and said: {said}")
