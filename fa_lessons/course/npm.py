"""What a page takes from npm: fetched once, at the pinned version, into a folder that a later call finds again."""

import hashlib
import json
import shutil
import subprocess

import platformdirs

from fa_lessons import places
from fa_lessons.files import write_atomically

VERSIONS = {"mathjax": "3.2.2", "reveal.js": "5.2.1"}
FILES = {  # SHA-256 of what pages use
    "mathjax/es5/tex-chtml.js": "0a6ded5abbce13331658dd239f34382abd06492c74b71b61e8caa8112ec55fa5",
    "mathjax/es5/tex-svg.js": "d4295dc33744836935c1399feece5159577b34c5c8ffb9f1c6324cd82e03a882",
    "reveal.js/dist/reset.css": "1aa8e84c9cabcbfe4d95b19879fe48b9c2c5e6d54574cbe679bc22edb9fe12b6",
    "reveal.js/dist/reveal.css": "68f915a11ebf7203c0446576b7e952ff61c5dd02134a8a226ffaf62ed42136d2",
    "reveal.js/dist/reveal.js": "46538b52db48724192f59bf46f5e851a18e302777c46f4a34c32709d010d6a29",
    "reveal.js/plugin/notes/notes.js": "df1201d19d03241a2897d39c3d38768177df1cbd4bde06327b321cb83461ae89",
}


def folder():
    """Where the packages lie: in the checkout's build, or else in the user's cache."""
    if root := places.checkout():
        return root / "build" / "npm"
    return platformdirs.user_cache_path("fa-lessons") / "npm"


def path(package, part):
    """Where a file or a folder of a package lies; the packages are fetched where they are missing or damaged.

    Raises FileNotFoundError without npm, OSError where npm could not fetch them.
    """
    if _bad():
        _fetch()
    return folder() / "node_modules" / package / part


def read(package, file):
    """The text of a package's file. Raises as `path` does."""
    return path(package, file).read_text(encoding="utf-8")


def _bad():
    """Which of the files that pages use are missing, or are not those of the pinned versions."""
    return [file for file, sha256 in FILES.items() if _checksum(folder() / "node_modules" / file) != sha256]


def _checksum(path):
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _fetch():
    npm = shutil.which("npm")
    wanted = " and ".join(f"{package} {version}" for package, version in VERSIONS.items())
    if not npm:
        raise FileNotFoundError(f"npm is missing, which fetches {wanted} once: install Node.js, then try again")
    for old in ("package.json", "package-lock.json"):
        (folder() / old).unlink(missing_ok=True)
    shutil.rmtree(folder() / "node_modules", ignore_errors=True)  # npm would leave a damaged file as it is
    needed = json.dumps({"private": True, "dependencies": VERSIONS})
    write_atomically(folder() / "package.json", lambda file: file.write(needed.encode()))
    command = [npm, "install", "--prefix", str(folder()), "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[0]
        raise OSError(f"npm could not fetch {wanted}, and said: {said}")
    if bad := _bad():
        raise OSError(f"npm fetched {wanted}, and these files are not theirs: {', '.join(bad)}")
