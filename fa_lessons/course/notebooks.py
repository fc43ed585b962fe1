"""Find the lessons and run them headless."""

import os
import time

import nbformat
from nbclient.exceptions import CellExecutionError

from fa_lessons import claims, places
from fa_lessons.course import kernels
from fa_lessons.files import write_atomically
from fa_lessons.progress import progress_bar

# What `nbconvert --to script` needs to know, and no more: a version would change with every machine.
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}

CELL = {"cell_type": str, "source": str, "metadata": dict}


def find(names=()):
    """Paths of the lessons called `names` ("4", "04" or "04_fa_on_mnist"); all of them for none.

    A name with a folder, "notebooks/04_fa_on_mnist.ipynb", is that of the file itself.
    Raises ValueError for a name that is no lesson, listing the lessons.
    """
    lessons = sorted(places.brought("notebooks").glob("[0-9][0-9]_*.ipynb"))
    if not names:
        return lessons
    chosen = []
    for name in names:
        stem = name.removesuffix(".ipynb")
        stem = stem.zfill(2) if stem.isdigit() else stem
        found = [path for path in lessons if path.stem == stem or path.stem[:2] == stem]
        if os.path.dirname(name):
            found = [path for path in lessons if os.path.realpath(path) == os.path.realpath(name)]
        if not found:
            raise ValueError(f"lesson must be one of {', '.join(p.stem for p in lessons)}, got {name!r}")
        chosen += found
    return chosen


def read(path):
    """The notebook in a file. Raises ValueError, which names the file, for what is no notebook."""
    return parsed(path, path.read_bytes())


def parsed(name, data):
    """The notebook in `data`, the bytes of the file `name`. Raises ValueError, which names it, for what is none.

    What other programs leave out or add does not matter, as long as cells have a type, a source and metadata.
    """
    try:
        notebook = nbformat.reads(data.decode("utf-8-sig"), as_version=4)
        for cell in notebook.cells:
            if not all(isinstance(cell[part], kind) for part, kind in CELL.items()):
                raise ValueError("a cell without its type, source or metadata")
    except Exception as error:  # nbformat raises many kinds
        reason = first_line(error)
        raise ValueError(f"{name} must be a notebook, got one that does not read ({reason:.100})") from None
    return notebook


def first_line(error):
    """An error in a line: its kind, and the beginning of what it says."""
    return f"{type(error).__name__}: {error}".splitlines()[0]


def run_lesson(path, store=False):
    """Execute a lesson from top to bottom; return (seconds, "ok" or what went wrong, the notebook as run).

    With `store`, a lesson that ran well, and that nobody saved meanwhile, is written back with its outputs, in one
    atomic step.
    """
    try:
        data = path.read_bytes()
        notebook = parsed(path.name, data)
    except (ValueError, OSError) as error:
        return 0.0, first_line(error), nbformat.v4.new_notebook()
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    start = time.perf_counter()
    with progress_bar(cells, path.stem, "cell") as bar:
        try:
            kernels.execute(notebook, path.parent, on_cell_executed=lambda **_: bar.update())
            result = "ok"
        except CellExecutionError as error:
            result = f"cell {_failed(notebook)} failed: {error.ename}: {error.evalue}".splitlines()[0]
        except Exception as error:  # a kernel that dies or does not start
            result = first_line(error)
    seconds = time.perf_counter() - start
    if store and result == "ok":
        result = _store(notebook, path, data)
    return seconds, result, notebook


def _store(notebook, path, before):
    """Write the lesson back where the file still holds `before`; "ok", or why it was not."""
    try:
        if path.read_bytes() != before:
            return "the file was changed while it ran, so it is left as it is and nothing is stored"
        _write(notebook, path)
    except OSError as error:
        return first_line(error)
    return "ok"


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
