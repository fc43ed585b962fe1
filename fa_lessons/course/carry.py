"""Carry the learner's answers from an old edition of a lesson into the new one that arrived beside it."""

import copy
import itertools
import os

import nbformat

from fa_lessons.course import notebooks, workbook
from fa_lessons.files import user_path
from fa_lessons.lessons import sources

PREDICTION = "the prediction"


def carry_over(folder, names=()):
    """Carry answers over in the lessons of `folder` called `names`, all for none; return lines that say what was done.

    The old file is kept whole as x.old.ipynb; then the new edition, with the answers in it, takes the lesson's name.
    At any moment all answers are in a whole file, and a run that was killed can be repeated.
    Raises ValueError for an unknown lesson and for a file that is no notebook.
    """
    folder = user_path(folder)
    return [line for path in notebooks.find(names) for line in _carry_lesson(folder, path.name)] or [
        f"nothing to carry over: no new edition lies beside a lesson in {folder}"
    ]


def _carry_lesson(folder, name):
    editions = list(itertools.takewhile(lambda place: os.path.lexists(folder / place), workbook.names_of(name)))
    if len(editions) < 2:
        return []
    *older, newest = editions
    files = {place: (folder / place).read_bytes() for place in editions}
    merged, lines = merge(_parsed(newest, files[newest]), [(p, _parsed(p, files[p])) for p in reversed(older)])
    written = workbook.written_last(folder)
    data = (nbformat.writes(merged) + "\n").encode()
    if data != files[name]:
        kept = _keep(folder, name, files[name])
        lines.append(f"{name}: your old file is kept whole, as {kept}")
        workbook.put(folder / name, data)
    if newest in written:
        workbook.record(folder, name, written[newest])
    for place in editions[1:]:
        if workbook.digest(files[place]) == written.get(place):
            (folder / place).unlink()
        else:
            lines.append(f"{name}: {place} holds changes of yours and stays")
    return lines


def merge(new, older):
    """A copy of the notebook `new` with the answers of `older`, pairs of a name and a notebook, the first one first.

    An answer goes where the new edition still has its stub. Returns the notebook and lines on what was done.
    """
    merged = copy.deepcopy(new)
    place, lines = _answers(merged), []
    for name, notebook in older:
        for exercise, cell in _answers(notebook).items():
            if not _attempted(cell) or (exercise in place and place[exercise].source == cell.source):
                continue
            if exercise not in place:
                lines.append(f"{exercise} is not in the new edition; your answer stays in {name}")
            elif _attempted(place[exercise]):
                lines.append(f"{exercise} is answered in both; the newer answer stands, the other stays in {name}")
            else:
                place[exercise].source = cell.source
                lines.append(f"{exercise} carried over from {name}")
    return merged, lines


def _answers(notebook):
    """{what is answered: cell}, the first cell where one was copied."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "fa_lessons" not in cell.metadata:
            continue
        graded = sources.is_graded(cell)
        found.setdefault(f"exercise {sources.number(cell.metadata.nbgrader.grade_id)}" if graded else PREDICTION, cell)
    return found


def _attempted(cell):
    return workbook.digest(cell.source.encode()) != cell.metadata["fa_lessons"].get("stub")


def _parsed(name, data):
    try:
        return nbformat.reads(data.decode(), as_version=4)
    except Exception as error:  # nbformat raises many kinds
        raise ValueError(f"{name} must be a notebook, got one that does not read ({error!s:.80})") from None


def _keep(folder, name, data):
    """Write `data` under the first free name x.old.ipynb, x.old-2.ipynb, … or find it there; return the name."""
    for place in itertools.islice(workbook.names_of(name), 1, None):
        path = folder / place.replace(".new", ".old")
        if not os.path.lexists(path):
            workbook.put(path, data)
        elif path.read_bytes() != data:
            continue
        return path.name
