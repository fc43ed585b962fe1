"""The workbook: the learner's edition of the lessons, and the folder in which nothing of the learner's is overwritten.

A lesson that the learner changed stays. Its new edition arrives beside it, and `fa_lessons.course.carry` brings the
answers over.
"""

import copy
import hashlib
import itertools
import json
import os
import re
import shlex

import nbformat

from fa_lessons import claims, places
from fa_lessons.course import badges, notebooks, start
from fa_lessons.files import user_path, write_atomically
from fa_lessons.lessons import sources, tries

MANIFEST, NOTATION = tries.WORKBOOK, "notation.ipynb"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION\n?", re.MULTILINE | re.DOTALL)
HIDDEN_TESTS = re.compile(r"^### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", re.MULTILINE | re.DOTALL)
CHECK = re.compile(r'^check\(("[\w.]+"), (\w+)\)$', re.MULTILINE)
IMPORT = re.compile(r"^from fa_lessons\.lessons import .*\bcheck\b.*$", re.MULTILINE)
PREDICTION = re.compile(r"^my_prediction = (?:\"[^\"]*\"|'[^']*'|[^#\n]*?)(?=\s*(?:#.*)?$)", re.MULTILINE)


def edition(lesson):
    """The learner's edition of a solved lesson, both notebooks of nbformat; cells and their ids stay.

    A solution becomes a stub, whose hash the cell carries to tell later whether it was attempted; a check goes on with
    the lesson's own solution; hidden tests, the prediction, and every output that tells an answer or a verdict go.
    Raises ValueError for an exercise that is not written like the others.
    """
    learner = copy.deepcopy(lesson)
    code = [cell for cell in learner.cells if cell.cell_type == "code"]
    if not any(IMPORT.search(cell.source) for cell in code):
        raise ValueError("a lesson must import check from fa_lessons.lessons")
    variables = dict(_checked(cell) for cell in code if sources.is_graded(cell) and cell.metadata.nbgrader.grade)
    telling = {"my_prediction"}
    for cell in code:
        if sources.is_graded(cell):
            _make_exercise(cell, variables)
            if f"{variables[_exercise(cell)]} = ..." in cell.source.splitlines():
                telling.add(variables[_exercise(cell)])
        elif PREDICTION.search(cell.source):
            _set_stub(cell, PREDICTION.sub("my_prediction = ...", cell.source))
        if IMPORT.search(cell.source):
            helpers = "from fa_lessons.lessons.attempts import attempt, hint, solution, standing"
            cell.source = IMPORT.sub(rf"\g<0>\n{helpers}", cell.source) + f"\n\nstanding({number_of(lesson)})"
    tells = re.compile(rf"\b({'|'.join(sorted(telling))})\b|\bclaims\.measured\(")
    for cell in code:
        cell.outputs = [output for output in cell.outputs if _is_shown(output, tells.search(cell.source))]
    return learner


def number_of(lesson):
    """The number of a lesson, from its exercises."""
    return next(_exercise(cell) for cell in lesson.cells if sources.is_graded(cell)).partition(".")[0]


def _exercise(cell):
    return sources.number(cell.metadata.nbgrader.grade_id)


def _checked(cell):
    """(number, variable) of the exercise that this cell checks."""
    found = CHECK.search(HIDDEN_TESTS.sub("", cell.source))
    if not found:
        raise ValueError(f'{cell.metadata.nbgrader.grade_id} must check by name, as in check("lesson1.passes", passes)')
    return _exercise(cell), found[2]


def _make_exercise(cell, variables):
    cell.outputs, cell.execution_count = [], None
    if cell.metadata.nbgrader.grade:
        cell.source = CHECK.sub(r"\2 = attempt(\1, \2)", HIDDEN_TESTS.sub("", cell.source)).rstrip()
        return
    number = _exercise(cell)
    if number not in variables:
        raise ValueError(f"exercise {number} has a solution and no check")
    _set_stub(cell, stub(cell.source, number, variables[number]))


def stub(source, number, variable):
    """A solution without what stands between its marks: the stub that a learner starts from.

    Raises ValueError for a source without marks.
    """

    def raises(found):
        indent = found[1]
        return f'{indent}raise NotImplementedError("your turn: exercise {number}")\n' if indent else ""

    left = SOLUTION.sub(raises, source).rstrip()
    if left == source.rstrip():
        raise ValueError(f"exercise {number} must mark its solution by ### BEGIN SOLUTION and ### END SOLUTION")
    if not re.search(rf"^(def {variable}\(|{variable} = )", left, re.MULTILINE):
        left = f"{left}\n{variable} = ...".lstrip()
    return left


def _set_stub(cell, source):
    cell.source = source
    cell.metadata["fa_lessons"] = {"stub": digest(source.encode())}


def _is_shown(output, tells):
    """Whether an output stays: nothing that needs a kernel, no box of claims, and of a cell that tells, pictures."""
    data = output.get("data", {})
    if claims.MIME in data or "application/vnd.jupyter.widget-view+json" in data:
        return False
    return not tells or any(kind.startswith("image/") for kind in data) or "<img" in data.get("text/html", "")


def write(folder, names=(), solved=False):
    """Write the lessons called `names` into `folder`; return lines that say what came of it.

    For no names: all of them, the card of notation and `start.ipynb`. With `solved`, they are written with their
    solutions. A file that the learner changed stays as it is.
    Raises ValueError for an unknown lesson and for a folder that holds the lessons themselves or is a file.
    """
    folder = user_path(folder)
    if folder.resolve() == places.brought("notebooks").resolve():
        raise ValueError(f"folder must be another than that of the solved lessons, got {folder}")
    if os.path.lexists(folder) and not folder.is_dir():
        raise ValueError(f"folder must be a folder or new, got the file {folder}")
    paths = notebooks.find(names)
    folder.mkdir(parents=True, exist_ok=True)
    for stray in folder.glob(".*.tmp"):  # of a run that was killed
        if re.match(r"\.(\d\d_.*\.ipynb|(notation|start).*\.ipynb|\.fa-lessons\.json)-", stray.name):
            stray.unlink()
    lines = []
    new = {path.name: content(path, solved) for path in paths}
    if not (names or solved):
        new |= {path.name: path.read_bytes() for path in places.brought("notebooks").glob(NOTATION)}
        new[start.NAME] = start.content()
    for name, data in new.items():
        place = _place(folder, name, data)
        if place != name:
            lines.append(
                f"{name} is yours and stays as it is; its new edition lies beside it, as {place}. "
                f"To carry your answers over: fa-lessons carry-over {shlex.quote(str(folder))}"
            )
    return [f"{len(paths)} lesson{'s' * (len(paths) > 1)} in {folder}", *lines]


def content(path, solved=False):
    """The bytes of the edition of the lesson at `path`."""
    lesson = notebooks.read(path)
    if not solved:
        lesson = edition(lesson)
        badges.add(lesson, path.name, badges.address())
    return (nbformat.writes(lesson) + "\n").encode()


def _place(folder, name, new):
    """Bring `new` under the first of its names that is free, untouched or holds this edition already; return it."""
    for place in names_of(name):
        path, written = folder / place, written_last(folder).get(place)
        found = digest(path.read_bytes()) if os.path.lexists(path) else None
        if found not in (None, written, digest(new)) and written != digest(new):
            continue
        if found in (None, written) and found != digest(new):
            put(path, new)
        if written != digest(new):
            record(folder, place, digest(new))
        return place


def names_of(name):
    """The names of a lesson's editions: its own, then x.new.ipynb, x.new-2.ipynb and so on, without end."""
    stem = name.removesuffix(".ipynb")
    yield from (name, f"{stem}.new.ipynb")
    yield from (f"{stem}.new-{count}.ipynb" for count in itertools.count(2))


def require(folder):
    """Raises ValueError for a folder that is no workbook."""
    if not (folder / MANIFEST).exists():
        raise ValueError(f"folder must be a workbook, got {folder}; fa-lessons workbook writes one")


def written_last(folder):
    """{file name: hash of what was written there last}; empty where that is not known."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["written"]
        return {str(name): str(value) for name, value in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def record(folder, name, value):
    """Note the hash of what was written under `name`."""
    written = {**written_last(folder), name: value}
    text = json.dumps({"written": written}, indent=1, sort_keys=True) + "\n"
    write_atomically(folder / MANIFEST, lambda file: file.write(text.encode()))


def put(path, data):
    """Write a notebook in one atomic step."""
    write_atomically(path, lambda file: file.write(data))


def digest(data):
    """SHA-256 of bytes, as text."""
    return hashlib.sha256(data).hexdigest()
