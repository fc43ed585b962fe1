"""What a student handed in, made whole: read from whatever bytes came, and laid into the lesson as it was handed out.

A solution is found by its exercise, wherever its cell is now and however often. All else is the lesson's. Each repair
leaves a sentence for the student.
"""

import copy
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field

import nbformat

from fa_lessons.course import slices
from fa_lessons.lessons import sources
from fa_lessons.lessons.tries import digest

LARGEST_FILE, LARGEST_CELL = 300 * 2**20, 200_000  # bytes, characters
CELL = re.compile(r'\{\s*"(?:attachments|cell_type|execution_count|id|metadata|outputs|source)"')


@dataclass
class Cell:
    """A cell as it was handed in: its kind, what it holds, and the two names by which it may be known."""

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    own: bool = field(default=True, compare=False)  # not of the lesson


def read(data):
    """(The cells, sentences on what was wrong with the file) of the bytes of a notebook. Never raises."""
    notes = []
    if not data.strip():
        return [], ["Your file is empty."]
    if len(data) > LARGEST_FILE:
        return [], [f"Your file has {len(data) >> 20} MB, and could not be read. Clear its outputs."]
    text = _decoded(data, notes)
    try:
        found = json.loads(text)
        found = found if isinstance(found, dict) else {}
        cells = found.get("cells") or [c for sheet in found.get("worksheets", []) for c in sheet.get("cells", [])]
    except (ValueError, RecursionError, AttributeError, TypeError):
        cells = _salvaged(text)
        notes.append(f"Your file was damaged (no valid JSON). {len(cells)} whole cells were found in it.")
    cells = [cell for cell in map(_cell, cells if isinstance(cells, list) else []) if cell]
    return cells, notes if cells else [*notes, "No cell was found in your file."]


def _decoded(data, notes):
    for encoding in ("utf-16", "utf-8-sig"):
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    notes.append("Your file holds bytes that are not UTF-8. They were read as Latin-1.")
    lines = data.split(b"\n")
    return "\n".join(_line(line) for line in lines)


def _line(line):
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _salvaged(text):
    """The cells that are whole in a damaged file."""
    found, position, decoder = [], 0, json.JSONDecoder(strict=False)
    while match := CELL.search(text, position):
        try:
            cell, position = decoder.raw_decode(text, match.start())
            found.append(cell)
        except (ValueError, RecursionError):
            position = match.start() + 1
    return [cell for cell in found if isinstance(cell, dict) and "cell_type" in cell]


def _cell(cell):
    """A `Cell` of what may be one; None for what is none."""
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input", ""))
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\0", "")
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = str(mark.get("grade_id", "")) if isinstance(mark, dict) else ""
    kind = "code" if cell.get("cell_type") == "code" else "markdown"
    return Cell(kind, source[:LARGEST_CELL], str(cell.get("id", "")), grade_id)


def repair(data, release, lesson):
    """The notebook `release`, with what the student wrote in `data` laid into it; notebooks of nbformat.

    Sentences on what had to be repaired are kept in the metadata: of the notebook, or of the exercise's cell.
    """
    cells, notes = read(data)
    taken = _Taken(cells, release)
    whole = copy.deepcopy(release)
    wrong = _other_lesson(cells, taken)
    if wrong:
        notes.append(f"None of your cells belongs to this lesson. {wrong}")
    followers = defaultdict(list)
    for position, (cell, original) in enumerate(zip(whole.cells, release.cells, strict=True)):
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution"):
            slot = next((slot for slot in lesson.slots if slot.solution == mark.grade_id), None)
            _fill(cell, original, slot, taken, bool(wrong))
        elif mark.get("grade") and taken.changed(original, position):
            notes.append(f"The cell {mark.grade_id} was changed. It is not yours to change; the lesson's own counts.")
        elif cell.cell_type == "code" and not mark:
            _keep_changes(cell, taken, position)
        else:
            taken.of_lesson(cell, position)
    if taken.out_of_order():
        notes.append("Cells were in another order. Each was graded in its place.")
    for index, cell in enumerate(cells):
        if cell.own and index not in taken.places and cell.source.strip():
            followers[taken.place_before(index)].append(_new_cell(index, cell))
    whole.cells = [*followers[-1], *(c for i, cell in enumerate(whole.cells) for c in (cell, *followers[i]))]
    handed_out = {cell.metadata.nbgrader.grade_id: cell.source for cell in release.cells if sources.is_graded(cell)}
    stubs = {slot.number: digest(handed_out[slot.solution].strip().encode()) for slot in lesson.slots}
    whole.metadata["fa_lessons"] = {**whole.metadata.get("fa_lessons", {}), "stubs": stubs, "notes": notes}
    for cell in whole.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return whole


class _Taken:
    """The cells that were handed in, and where in the lesson each was laid."""

    def __init__(self, cells, release):
        self.cells, self.places = cells, {}
        self.order = {cell.id: position for position, cell in enumerate(release.cells)}
        self.grade_ids = {cell.metadata.nbgrader.grade_id for cell in release.cells if sources.is_graded(cell)}
        of_lesson = {cell.source.strip() for cell in release.cells}
        for cell in cells:
            cell.own = cell.source.strip() not in of_lesson

    def named(self, original):
        """The indices of the cells that are known by the names of the lesson's cell `original`."""
        grade_id = original.metadata.get("nbgrader", {}).get("grade_id")
        found = [i for i, cell in enumerate(self.cells) if grade_id and cell.grade_id == grade_id]
        if not found:
            same = [i for i, cell in enumerate(self.cells) if cell.id and cell.id == original.id]
            found = [i for i in same if self.cells[i].grade_id in ("", grade_id)]
        return [i for i in found if i not in self.places]

    def left(self):
        """The student's own cells that are nowhere in the lesson yet, with their indices."""
        return [(i, cell) for i, cell in enumerate(self.cells) if cell.own and i not in self.places]

    def take(self, indices, position):
        self.places |= dict.fromkeys(indices, position)

    def of_lesson(self, original, position):
        """Take all copies of a cell that only the lesson may change."""
        self.take(self.named(original), position)

    def changed(self, original, position):
        """Whether none of the copies of a cell is as it was handed out; they are taken."""
        found = self.named(original)
        self.take(found, position)
        return bool(found) and all(self.cells[i].source.strip() != original.source.strip() for i in found)

    def out_of_order(self):
        order = [self.places[i] for i in sorted(self.places)]
        return order != sorted(order)

    def place_before(self, index):
        return max((self.places[i] for i in self.places if i < index), default=-1)


def _fill(cell, original, slot, taken, wrong):
    """Lay the student's answer into the lesson's cell, and note how it was found."""
    name = f"exercise {slot.number}" if slot else "this question"
    found, notes = taken.named(original), []
    stub = original.source.strip()
    answered = [i for i in found if taken.cells[i].source.strip() not in ("", stub)]
    taken.take(found, _position(taken, original))
    if len(found) > 1:
        notes.append(f"The cell of {name} was there {len(found)} times. The last one that was filled in was graded.")
    if not found:
        notes.append(f"The cell of {name} was missing.")
    if not answered and slot and not wrong:
        answered = [i for i, cell in taken.left() if _defines(cell, slot.variable)]
        if answered:
            notes.append(f"{slot.variable} was found in another cell of yours, and graded from there.")
            taken.take(answered[-1:], _position(taken, original))
    if answered:
        cell.source = taken.cells[answered[-1]].source
        for index in answered[:-1]:
            taken.cells[index].own = False
    if notes:
        cell.metadata["fa_lessons"] = {**cell.metadata.get("fa_lessons", {}), "notes": notes}


def _position(taken, original):
    return taken.order[original.id]


def _defines(cell, variable):
    if cell.kind != "code" or variable not in cell.source:
        return False
    try:
        return any(variable in statement.binds for statement in slices.statements(cell.source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return bool(re.search(rf"^def {variable}\(|^{variable} *=", cell.source, re.MULTILINE))


def _keep_changes(cell, taken, position):
    """A code cell of the lesson that the student changed counts as the student's own."""
    found = taken.named(cell)
    taken.take(found, position)
    changed = [i for i in found if taken.cells[i].own and taken.cells[i].source.strip()]
    if changed:
        cell.source = taken.cells[changed[-1]].source
        cell.metadata["fa_lessons"] = {**cell.metadata.get("fa_lessons", {}), "own": True}


def _new_cell(index, cell):
    if cell.kind != "code":
        return nbformat.v4.new_markdown_cell(cell.source, id=f"own-{index}")
    return nbformat.v4.new_code_cell(cell.source, id=f"own-{index}", metadata={"fa_lessons": {"own": True}})


def _other_lesson(cells, taken):
    """For cells of which none is of this lesson: a sentence on where they are from; "" otherwise."""
    known = set(taken.order) | taken.grade_ids
    if not cells or any(cell.id in known or cell.grade_id in known for cell in cells):
        return ""
    marks = [re.fullmatch(r"l(\d+)-.*", cell.grade_id) for cell in cells]
    lessons = sorted({mark[1] for mark in marks if mark})
    return f"They are marked as lesson {', '.join(lessons)}." if lessons else ""
