"""Every cell of a lesson run twice in order, as a reader does who presses Shift-Enter again: `make twice`.

    python -m tests.twice 1 4

Prints for each lesson the cells that raise, and those whose verdicts differ the second time.
"""

import os
import sys

import nbformat
from nbclient import NotebookClient

from fa_lessons.course import notebooks


def differences(path):
    """Lines that name the cells of a lesson which, run a second time, raise or give another verdict."""
    lesson = nbformat.read(path, as_version=4)
    lesson.cells = [nbformat.from_dict(cell) for cell in lesson.cells if cell.cell_type == "code" for _ in range(2)]
    for number, cell in enumerate(lesson.cells):
        cell.id = f"cell-{number}"
    client = NotebookClient(lesson, timeout=600, allow_errors=True, resources={"metadata": {"path": str(path.parent)}})
    client.execute(env={**os.environ, "TQDM_DISABLE": "1"})
    pairs = zip(lesson.cells[::2], lesson.cells[1::2], strict=True)
    return [
        f"{first.source.splitlines()[0]!r}: {said(first)!r}, then {said(second)!r}"
        for first, second in pairs
        if said(first) != said(second) or "raises" in said(second)
    ]


def said(cell):
    """What a cell prints or raises."""
    raised = [f"raises {o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
    return "".join(o.text for o in cell.outputs if o.get("name") == "stdout") + "".join(raised)


def main(names):
    found = 0
    for path in notebooks.find(names):
        lines = differences(path)
        found += len(lines)
        print(path.stem, *(lines or ["the same twice"]), sep="\n  ", flush=True)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
