"""Submissions as they came are kept whole, in `received`; what is graded is made from them, in `submitted`."""

import json
import shutil

import nbformat

from fa_lessons.course import submissions
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.course.workbook import digest
from fa_lessons.files import write_atomically

RECORD = "made.json"


def make_whole(course, assignment, student, release=None, lesson=None):
    """Repair what `student` handed in; return the notebook that is graded.

    Every file that came is moved to `received`, under its name and a hash of its content, and stays there as it is.
    """
    release = release or course.release(assignment)
    lesson = lesson or MarkedLesson(course.source(assignment))
    folder, kept = course.root / "submitted" / student / assignment, course.root / "received" / student / assignment
    name = course.name(assignment)
    record = _record(kept)
    path = folder / name
    if not (path.is_file() and digest(path.read_bytes()) == record.get("made")):
        record = {"from": _move(folder, kept, name, release)}
    data, notes = _original(kept, record["from"], name)
    whole = submissions.repair(data, release, lesson)
    whole.metadata["fa_lessons"]["notes"] = [*notes, *whole.metadata["fa_lessons"]["notes"]]
    content = (nbformat.writes(whole) + "\n").encode()
    if not path.is_file() or path.read_bytes() != content:
        write_atomically(path, lambda file: file.write(content))
    text = json.dumps({**record, "made": digest(content)}, indent=1)
    write_atomically(kept / RECORD, lambda file: file.write(text.encode()))
    return whole


def _record(kept):
    try:
        found = json.loads((kept / RECORD).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def _move(folder, kept, name, release):
    """Move all that came to `kept`; return the name there of the notebook to grade, "" for none."""
    kept.mkdir(parents=True, exist_ok=True)
    came = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    found = {}
    for path in came:
        if path.name == "timestamp.txt":
            continue
        data = path.read_bytes()
        place = kept / f"{digest(data)[:12]}-{path.name}"
        if not place.exists():
            shutil.copy2(path, place)
        path.chmod(0o644)
        path.unlink()
        if path.suffix == ".ipynb":
            found[place.name] = (path.name == name and path.parent == folder, _known(data, release))
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink():
            path.unlink()
        elif path.is_dir():
            path.rmdir()
    return max(found, key=lambda place: found[place], default="")


def _known(data, release):
    """How many cells of the lesson a file holds."""
    ids = {cell.id for cell in release.cells}
    return sum(cell.id in ids for cell in submissions.read(data)[0])


def _original(kept, place, name):
    """(The bytes to repair, sentences on where they were found.)"""
    if not place:
        return b"", ["No notebook was handed in."]
    given = place.partition("-")[2]
    notes = [] if given == name else [f"Your file is called {given}, not {name}. It was graded all the same."]
    return (kept / place).read_bytes(), notes
