"""Run a lesson with seeds that nobody chose: every assert and every claim of it is noted, and none stops it.

All draws of the lessons and the package start at `numpy.random.default_rng` or at `torch.Generator`; `begin`, in the
lesson's own kernel, shifts the seeds of both.
"""

import ast
import builtins
import hashlib
import json
import time
from dataclasses import asdict, dataclass, field

import nbformat

from fa_lessons import places
from fa_lessons.course import kernels, notebooks
from fa_lessons.files import write_atomically
from fa_lessons.progress import progress_bar

NOTE, MIME = "__note__", "application/vnd.fa-lessons.reseed+json"
NEEDED = 5  # runs of a lesson's code as it stands, for a verdict that it measures


@dataclass
class Reseeded:
    """What of a lesson held with its seeds shifted by `shift`.

    asserts: [cell id, the assertion, held] each; one that is asserted repeatedly held where it always did.
    claims: {id: held}. errors: [cell id, message] of cells that stopped. code: a hash of the lesson's code.
    """

    lesson: str
    shift: int
    code: str
    seconds: float = 0.0
    asserts: list = field(default_factory=list)
    claims: dict = field(default_factory=dict)
    errors: list = field(default_factory=list)

    @property
    def failures(self):
        """What did not hold, a line each."""
        lines = [f"cell {cell}: assert {text}" for cell, text, held in self.asserts if not held]
        lines += [f"claim {name}" for name, held in self.claims.items() if not held]
        return lines + [f"cell {cell} stopped: {text}" for cell, text in self.errors]


def run(path, shift):
    """Run the lesson at `path` with every seed shifted by `shift`, a whole number; `Reseeded`. Stores nothing."""
    notebook = notebooks.read(path)
    found = Reseeded(path.stem, shift, code_hash(notebook))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = noted(cell.source, cell.id)
    first = nbformat.v4.new_code_cell(f"from fa_lessons.course import reseed as __reseed__\n__reseed__.begin({shift})")
    last = nbformat.v4.new_code_cell("__reseed__.end()")
    notebook.cells = [first, *notebook.cells, last]
    start = time.perf_counter()
    with progress_bar(len(notebook.cells), f"{path.stem}, seeds + {shift}", "cell") as bar:
        kernels.execute(notebook, path.parent, allow_errors=True, on_cell_complete=lambda **_: bar.update())
    found.seconds = round(time.perf_counter() - start, 1)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                found.errors.append([cell.id, f"{output.ename}: {output.evalue}".splitlines()[0]])
            kept = output.get("data", {}).get(MIME)
            if kept:
                found.asserts, found.claims = kept["asserts"], kept["claims"]
    return found


def code_hash(notebook):
    """A hash of all code of a lesson: what its measurements depend on."""
    code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    text = json.dumps(["".join(source) for source in code], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def noted(source, cell):
    """`source` with each of its asserts outside functions noted instead of raised; `and` parts one by one."""
    tree = _Notes(cell).visit(ast.parse(source))
    return ast.unparse(ast.fix_missing_locations(tree))


class _Notes(ast.NodeTransformer):
    def __init__(self, cell):
        self.cell = cell

    def visit_Assert(self, node):
        together = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
        return [self._note(part) for part in (node.test.values if together else [node.test])]

    def _note(self, test):
        names = [ast.Constant(self.cell), ast.Constant(ast.unparse(test))]
        return ast.Expr(ast.Call(ast.Name(NOTE, ast.Load()), [*names, test], []))

    def _leave(self, node):
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _leave


_asserts, _claims = {}, {}


def begin(shift):
    """In the lesson's kernel: shift all seeds, and note what is asserted and claimed from now on."""
    import numpy as np
    import torch

    from fa_lessons.claims import LessonClaims, truth

    plain_rng, plain_measured = np.random.default_rng, LessonClaims.measured

    def default_rng(seed=None):
        return plain_rng([shift, seed]) if shift and isinstance(seed, int | np.integer) else plain_rng(seed)

    class Generator(torch.Generator):
        def manual_seed(self, seed):
            return super().manual_seed((seed + shift * 0x9E3779B97F4A7C15) % 2**63)

    def measured(self, name, verdict, holds):
        holds = truth(holds)
        _claims[name] = _claims.get(name, True) and holds
        plain_measured(self, name, verdict, True)

    np.random.default_rng, torch.Generator, LessonClaims.measured = default_rng, Generator, measured
    setattr(builtins, NOTE, _note)


def _note(cell, text, value):
    _asserts[cell, text] = _asserts.get((cell, text), True) and bool(value)


def end():
    """In the lesson's kernel: hand over what was noted."""
    from IPython.display import display

    asserts = [[cell, text, held] for (cell, text), held in _asserts.items()]
    display({MIME: {"asserts": asserts, "claims": _claims}, "text/plain": f"{len(asserts)} asserts"}, raw=True)


def folder():
    """Where the runs are kept: beside the experiments' results."""
    return places.brought("results") / "reseed"


def keep(found):
    """Write a run into `results/reseed` of the checkout."""
    lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in asdict(found).items()]
    content = "{\n" + ",\n".join(lines) + "\n}\n"
    path = folder() / f"{found.lesson}-{found.shift}.json"
    write_atomically(path, lambda file: file.write(content.encode()))
    return path


def kept(notebook, stem):
    """All runs kept of the lesson `stem`, as its code stands now."""
    runs = [_read(path) for path in sorted(folder().glob(f"{stem}-*.json"))]
    return [run for run in runs if run.code == code_hash(notebook)]


def _read(path):
    try:
        return Reseeded(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} must be a run with other seeds, and does not read ({error})") from None
