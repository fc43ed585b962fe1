"""What a learner tried, kept in the workbook as `progress.json`: plain to read, never sent anywhere.

For each exercise, {"failed": digests of the different wrong answers, "passed": when it first passed}.
"""

import hashlib
import inspect
import json
import re
from datetime import datetime
from pathlib import Path

from fa_lessons.files import write_atomically

FILE, WORKBOOK = "progress.json", ".fa-lessons.json"
_unsaved = {}  # of a session outside of a workbook


def note(number, answer, passed, now=datetime.now):
    """Take down one try at exercise `number`; return how many different answers have failed so far.

    The same answer again is no new try.
    """
    folder = Path.cwd()
    kept = (folder / WORKBOOK).exists()
    found = read(folder) if kept else _unsaved
    entry = found.setdefault(number, untried())
    name = digest(answer)
    news = not entry["passed"] if passed else name not in entry["failed"]
    if news and passed:
        entry["passed"] = now().isoformat(timespec="seconds")
    elif news:
        entry["failed"].append(name)
    if news and kept:
        write(folder, found)
    return len(entry["failed"])


def untried():
    """The entry of an exercise that nobody tried."""
    return {"failed": [], "passed": ""}


def read(folder):
    """{exercise: entry} of a workbook; empty where nothing was tried. A damaged file is kept under another name."""
    path = Path(folder) / FILE
    try:
        return _checked(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError):
        path.replace(path.with_name(f"progress.damaged-{digest(path.read_bytes())}.json"))
        return {}


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
            known["passed"] = min(filter(None, (known["passed"], entry["passed"])), default="")
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


def _checked(found):
    return {
        str(number): {"failed": [str(failed) for failed in entry["failed"]], "passed": str(entry["passed"])}
        for number, entry in found.items()
    }
