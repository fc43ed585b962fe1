"""Submissions as they came are kept whole, in `received`; what is graded is made from them, in `submitted`."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import nbformat

from fa_lessons.course import submissions
from fa_lessons.course.bounded import Exceeded, bounded
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.course.workbook import digest
from fa_lessons.files import write_atomically

RECORD = "made.json"
TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"  # nbgrader's own: when, and where feedback is fetched
LONGEST_NAME = 100  # characters that are kept of a file's name


def make_whole(course, assignment, student, release=None, lesson=None):
    """Repair what `student` handed in; return the notebook that is graded.

    Every file that came is moved to `received`, under its name and a hash of its content, and stays there as it is.
    Links and other things that are no files are removed, and not followed.
    """
    release = release or course.release(assignment)
    lesson = lesson or MarkedLesson(course.source(assignment))
    folder, kept = course.root / "submitted" / student / assignment, course.root / "received" / student / assignment
    path, record, how = folder / course.name(assignment), _record(kept), _how(release)
    as_made = path.is_file() and not path.is_symlink() and file_digest(path) == record.get("made")
    if as_made and record.get("how") == how:
        return nbformat.read(path, as_version=4)
    came = [record["from"]] if as_made and record.get("from") else [] if as_made else _move(folder, kept, path.name)
    place, whole = _repaired(kept, came, path.name, release, lesson)
    content = (nbformat.writes(whole) + "\n").encode()
    write_atomically(path, lambda file: file.write(content))
    text = json.dumps({"from": place, "made": digest(content), "how": how}, indent=1)
    write_atomically(kept / RECORD, lambda file: file.write(text.encode()))
    return whole


def file_digest(path):
    """`digest` of a file's content, read in parts."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(2**20):
            found.update(part)
    return found.hexdigest()


def _record(kept):
    try:
        found = json.loads((kept / RECORD).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _how(release):
    """A hash of what a repair depends on besides the file."""
    return digest(nbformat.writes(release).encode() + Path(submissions.__file__).read_bytes())


def _move(folder, kept, name):
    """Move all that came to `kept`; return the names there of the notebooks that may be the one to grade."""
    kept.mkdir(parents=True, exist_ok=True)
    found = []
    for path in _files(folder):
        if path in _nbgraders(folder):
            continue
        called = path.name.encode("utf-8", "replace").decode()
        place = kept / f"{file_digest(path)[:12]}-{called[-LONGEST_NAME:]}"
        if not place.exists():
            shutil.move(path, place)
        if place.suffix == ".ipynb":
            found.append((called == name and path.parent == folder, place.name))
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path not in _nbgraders(folder):
            path.unlink()
    exact = [place for exactly, place in found if exactly]
    return exact or sorted(place for _, place in found)


def _files(folder):
    """All files below a folder; those in folders that were locked, too, and none that a link leads to."""
    for root, folders, names in os.walk(folder):
        for path in (Path(root, one) for one in [*folders, *names]):
            if not path.is_symlink() and (path.is_file() or path.is_dir()):
                path.chmod(0o700 if path.is_dir() else 0o600)
                if path.is_file():
                    yield path


def _nbgraders(folder):
    """The files of a submission that nbgrader reads itself, where they are what it can read."""
    own = [path for path in (folder / TIMESTAMP, folder / SECRET) if path.is_file() and not path.is_symlink()]
    return [path for path in own if path.stat().st_size < 1000 and (path.name == SECRET or _is_time(path))]


def _is_time(path):
    """Whether nbgrader can read when this was handed in."""
    from dateutil import parser

    try:
        parser.parse(path.read_text(encoding="utf-8"))
        return True
    except (ValueError, OverflowError):
        return False


def _repaired(kept, came, name, release, lesson):
    """(The name of the file that is graded, the notebook that is made of it)."""
    try:
        return bounded(_choose_and_repair, kept, came, name, release, lesson)
    except Exceeded as much:
        whole = submissions.repair(b"", release, lesson)
        whole.metadata["fa_lessons"]["notes"] = [f"Your file could not be read: {much}. Clear its outputs."]
        return came[-1] if came else "", whole


def _choose_and_repair(kept, came, name, release, lesson):
    """Of several notebooks, the one that holds the most cells of the lesson."""
    ids = {cell.id for cell in release.cells}
    place, data, most = "", b"", -1
    for one in came:
        if (kept / one).stat().st_size > submissions.LARGEST_FILE and len(came) > 1:
            continue
        found = (kept / one).read_bytes()
        known = sum(cell.id in ids for cell in submissions.read(found)[0]) if len(came) > 1 else 0
        if known > most:
            place, data, most = one, found, known
    whole = submissions.repair(data, release, lesson)
    given = place.partition("-")[2]
    notes = [] if place else ["No notebook was handed in."]
    if place and given != name:
        notes = [f"Your file is called `{given.replace('`', '')}`, not {name}. It was graded all the same."]
    whole.metadata["fa_lessons"]["notes"] = [*notes, *whole.metadata["fa_lessons"]["notes"]]
    return place, whole
