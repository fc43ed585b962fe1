"""Find the lessons and run them headless."""

import time
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

from fa_lessons import claims, places
from fa_lessons.course import kernels
from fa_lessons.files import write_atomically
from fa_lessons.progress import progress_bar

# What `nbconvert --to script` needs to know, and no more: a version would change with every machine.
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}


def find(names=()):
    """Paths of the lessons called `names` ("4", "04" or "04_fa_on_mnist"); all of them for none.

    Raises ValueError for a name that is no lesson, listing the lessons.
    """
    lessons = sorted(places.brought("notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not names:
        return lessons
    chosen = []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        stem = stem.zfill(2) if stem.isdigit() else stem
        found = [path for path in lessons if path.stem == stem or path.stem[:2] == stem]
        if not found:
            raise ValueError(f"lesson must be one of {', '.join(p.stem for p in lessons)}, got {name!r}")
        chosen += found
    return chosen


def run_lesson(path, store=False):
    """Execute a lesson from top to bottom; return (seconds, "ok" or what went wrong, the notebook as run).

    With `store`, a lesson that ran well is written back with its outputs, in one atomic step.
    """
    notebook = nbformat.read(path, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    start = time.perf_counter()
    with progress_bar(cells, path.stem, "cell") as bar:
        try:
            kernels.execute(notebook, path.parent, on_cell_executed=lambda **_: bar.update())
            result = "ok"
        except CellExecutionError as error:
            result = f"cell {_failed(notebook)} failed: {error.ename}: {error.evalue}".splitlines()[0]
    seconds = time.perf_counter() - start
    if store and result == "ok":
        _write(notebook, path)
    return seconds, result, notebook


def claims_of(notebook):
    """The rows of the claims box in a notebook's outputs, as dictionaries."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            yield from output.get("data", {}).get(claims.MIME, [])


def _failed(notebook):
    """The number of the cell that raised, counted from 1 over all cells."""
    raised = [any(o.output_type == "error" for o in cell.get("outputs", [])) for cell in notebook.cells]
    return raised.index(True) + 1


def _write(notebook, path):
    """Replace `path` by `notebook`, without the random model numbers of its widgets and this Python's version."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = LANGUAGE
    write_atomically(path, lambda file: file.write((nbformat.writes(notebook) + "\n").encode()))
