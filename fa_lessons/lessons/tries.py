"""What a learner tried, kept in the workbook as `progress.json`: plain to read, never sent anywhere.

For each exercise, {"failed": digests of the different wrong answers, "passed": when it first passed, or ""}.
"""

import hashlib
import inspect
import json
import re
from datetime import datetime
from pathlib import Path

from fa_lessons.files import alone, write_atomically
from fa_lessons.streams import say

FILE, WORKBOOK = "progress.json", ".fa-lessons.json"
_unsaved = {}  # of a session outside of a workbook, or in one that cannot be written
_said = set()  # what stood in the way of keeping a try, each of which is said once


def note(number, answer, passed, now=datetime.now):
    """Take down one try at exercise `number`; return how many different answers have failed so far.

    The same answer again is no new try. Where the workbook's file cannot be written, the session remembers.
    """
    name, at = digest(answer), now().astimezone().isoformat(timespec="seconds") if passed else ""
    try:
        folder = Path.cwd()
        if (folder / WORKBOOK).exists():
            with alone(folder):
                return _note_in(folder, number, name, at)
    except OSError as error:
        if str(error) not in _said:
            _said.add(str(error))
            say(f"(What you try cannot be kept in {FILE}, only until this session ends: {error}.)")
    _add(_unsaved, number, name, at)
    return len(_unsaved[number]["failed"])


def _note_in(folder, number, name, at):
    found, whole = _read(folder)
    if not whole:
        kept = folder / f"progress.damaged-{digest((folder / FILE).read_bytes())}.json"
        (folder / FILE).replace(kept)
        say(f"({FILE} was damaged. It is kept as {kept.name}; what could be read of it still counts.)")
    if _add(found, number, name, at) or not whole:
        write(folder, found)
    return len(found[number]["failed"])


def _add(found, number, name, at):
    """Add one try, passed `at` a time or failed; whether that is news."""
    entry = found.setdefault(number, untried())
    if at:
        news, entry["passed"] = not entry["passed"], entry["passed"] or at
    else:
        news = name not in entry["failed"]
        entry["failed"] += [name] * news
    return news


def untried():
    """The entry of an exercise that nobody tried."""
    return {"failed": [], "passed": ""}


def read(folder):
    """{exercise: entry} of a workbook, as far as its file can be read; empty where nothing was tried."""
    return _read(folder)[0]


def is_whole(folder):
    """Whether all of a workbook's file can be read; true where nothing was tried."""
    return _read(folder)[1]


def _read(folder):
    """(The entries that can be read, whether these are all.)"""
    try:
        found = json.loads((Path(folder) / FILE).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}, True
    except (OSError, ValueError, RecursionError):
        return {}, False
    if not isinstance(found, dict):
        return {}, False
    good = {number: entry for number, entry in found.items() if _is_entry(entry)}
    return good, len(good) == len(found)


def _is_entry(entry):
    try:
        failed, passed = entry["failed"], entry["passed"]
        return (
            isinstance(failed, list)
            and all(isinstance(name, str) for name in failed)
            and (passed == "" or bool(instant(passed)))
        )
    except (TypeError, KeyError, ValueError, OverflowError, OSError):
        return False


def instant(passed):
    """When an exercise passed, in this machine's time; an entry without a zone is of this machine.

    Raises ValueError or TypeError for what is no time.
    """
    return datetime.fromisoformat(passed).astimezone()


def write(folder, found):
    """Put `found` in the workbook's file, in one atomic step."""
    text = json.dumps(dict(sorted(found.items())), indent=1, ensure_ascii=False) + "\n"
    write_atomically(Path(folder) / FILE, lambda file: file.write(text.encode()))


def merged(*entries):
    """The tries of several workbooks as of one: wrong answers are united, the first pass counts."""
    together = {}
    for found in entries:
        for number, entry in found.items():
            known = together.setdefault(number, untried())
            known["failed"] += [failed for failed in entry["failed"] if failed not in known["failed"]]
            known["passed"] = min(filter(None, (known["passed"], entry["passed"])), key=instant, default="")
    return together


def digest(answer):
    """A short name for an answer: for the source of a function, the bytes of a file, or a value."""
    written = answer if isinstance(answer, bytes) else (_source(answer) or _described(answer)).encode()
    return hashlib.sha256(written).hexdigest()[:12]


def _source(function):
    try:
        return inspect.getsource(function)
    except (TypeError, OSError):
        return ""


def _described(answer):
    """A value in words, without its place in memory; of what is called like a function, the functions inside, too."""
    try:
        inside = [getattr(answer, name, None) for name in ("func", "pyfunc", "__call__")]
        return re.sub(r" at 0x\w+", "", repr(answer)) + "".join(map(_source, inside))
    except Exception:  # a learner's own class may raise anything
        return type(answer).__name__
