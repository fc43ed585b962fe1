"""Carry the learner's answers from an old edition of a lesson into the new one that arrived beside it."""

import copy
import itertools
import os
import re

import nbformat

from fa_lessons.course import notebooks, workbook
from fa_lessons.files import user_path
from fa_lessons.lessons import sources

PREDICTION = "the prediction"
VARIABLE = re.compile(r"(?<=^def )\w+(?=\()|^\w+(?= = \.\.\.)", re.MULTILINE)
UNTOUCHED = re.compile(r"raise NotImplementedError\(\"your turn: |^\w+ = \.\.\.", re.MULTILINE)


def carry_over(folder, names=()):
    """Carry answers over in the lessons of `folder` called `names`, all for none; return lines that say what was done.

    The old file is kept whole as x.old.ipynb; then the new edition, with the answers in it, takes the lesson's name.
    At any moment all answers are in a whole file, and a run that was killed can be repeated.
    Raises ValueError for a folder that is no workbook, for an unknown lesson and for a file that is no notebook.
    """
    folder = user_path(folder)
    workbook.require(folder)
    return [line for path in notebooks.find(names) for line in _carry_lesson(folder, path.name)] or [
        f"nothing to carry over: no new edition lies beside a lesson in {folder}"
    ]


def _carry_lesson(folder, name):
    editions = list(itertools.takewhile(lambda place: os.path.lexists(folder / place), workbook.names_of(name)))
    if len(editions) < 2:
        return []
    *older, newest = editions
    files = {place: (folder / place).read_bytes() for place in editions}
    merged, lines = merge(
        notebooks.parsed(newest, files[newest]), [(p, notebooks.parsed(p, files[p])) for p in reversed(older)]
    )
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

    An answer goes where the new edition still has its stub; of copies of a cell, the last that was filled in is the
    answer. Returns the notebook and lines on what was done, and on what could not be.
    """
    merged = copy.deepcopy(new)
    named = {cell.id: key for cell in merged.cells if "id" in cell and (key := _marked(cell))}
    known = {cell.id for cell in merged.cells if "id" in cell}
    place, lines = {key: _answer(cells) for key, cells in _answers(merged, named).items()}, []
    for name, notebook in older:
        found = _answers(notebook, named)
        for key, cells in found.items():
            cell, tried = _answer(cells), {cell.source for cell in cells if _attempted(cell)}
            if not tried or (key in place and place[key].source == cell.source):
                continue
            if len(tried) > 1:
                lines.append(f"{key} is answered {len(tried)} times in {name}; the last counts, the others stay there")
            if key not in place:
                lines.append(f"{key} is not in the new edition; your answer stays in {name}")
            elif _attempted(place[key]):
                lines.append(f"{key} is answered in both; the newer answer stands, the other stays in {name}")
            else:
                place[key].source = cell.source
                lines.append(f"{key} carried over from {name}")
        own = [cell for cell in notebook.cells if cell.cell_type == "code" and not _key(cell, named)]
        own = [cell for cell in own if cell.get("id") not in known]
        for key, cell in place.items():
            variable = VARIABLE.search(cell.source)
            if not _attempted(cell) and variable and any(_defines(one, variable[0]) for one in own):
                lines.append(f"{key} is answered in a cell of your own, which is not carried over and stays in {name}")
    return merged, lines


def _answers(notebook, named):
    """{what is answered: the code cells that do, more than one where one was copied}."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and (key := _key(cell, named)):
            found.setdefault(key, []).append(cell)
    return found


def _key(cell, named):
    """What a cell answers, by its place in the new edition, {cell id: what}, or by its marks; None for nothing."""
    return named.get(cell.get("id")) or _marked(cell)


def _marked(cell):
    mark, stub = _mark(cell, "nbgrader"), _mark(cell, "fa_lessons")
    found = re.fullmatch(r"(l\d+-ex\d+)-solution", str(mark.get("grade_id")))
    if found:
        return f"exercise {sources.number(found[0])}"
    return PREDICTION if stub and workbook.PREDICTION.search(cell.source) else None


def _mark(cell, name):
    """A mark in a cell's metadata; {} for one that another program left as something else."""
    found = cell.metadata.get(name)
    return found if isinstance(found, dict) else {}


def _answer(cells):
    """Of the copies of a cell, the last that was filled in."""
    return next((cell for cell in reversed(cells) if _attempted(cell)), cells[0])


def _attempted(cell):
    """Whether a cell is filled in: by the hash of its stub, or, where that is lost, by its words."""
    if stub := _mark(cell, "fa_lessons").get("stub"):
        return bool(cell.source.strip()) and workbook.digest(cell.source.encode()) != stub
    return bool(cell.source.strip()) and not UNTOUCHED.search(cell.source)


def _defines(cell, variable):
    return bool(re.search(rf"^(def {variable}\(|{variable} *=)", cell.source, re.MULTILINE))


def _keep(folder, name, data):
    """Write `data` under the first free name x.old.ipynb, x.old-2.ipynb, … or find it there; return the name."""
    for place in itertools.islice(workbook.names_of(name), 1, None):
        path = folder / place.replace(".new", ".old")
        if not os.path.lexists(path):
            workbook.put(path, data)
        elif path.read_bytes() != data:
            continue
        return path.name
