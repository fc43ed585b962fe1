"""What a piece of a notebook needs of the cells before it: the statements that give the names it reads, no others."""

import ast
import builtins
import re
import symtable
from dataclasses import dataclass

BUILTINS = frozenset(dir(builtins))
MAGIC = re.compile(r"^[ \t]*[%!?].*$", re.MULTILINE)  # a line for IPython, which plain Python cannot read
WHOLE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


@dataclass(frozen=True)
class Statement:
    """One statement at the top of a cell: its text, and the names that it reads, binds, and changes in place.

    `whole` says that the names it binds owe nothing to what they were before; `imports`, that they are modules.
    """

    source: str
    reads: frozenset
    binds: frozenset
    changes: frozenset
    whole: bool
    imports: bool


def plain(source):
    """A cell as Python reads it: without lines that are for IPython, where it has any."""
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        return MAGIC.sub("", source)


def statements(source):
    """The statements of a cell, in their order. Raises SyntaxError or ValueError as Python does."""
    return [_statement(ast.unparse(node), node) for node in ast.parse(plain(source)).body]


def needed(names, cells):
    """The statements of `cells`, lists of statements, that give `names`; in their order. With them, names left open.

    Read from the last statement back: one that binds or changes a wanted name is taken, and then what it reads is
    wanted. A function may read what is bound after it, so this is repeated until nothing more is found.
    """
    flat = [statement for cell in cells for statement in cell]
    bound = {name for statement in flat for name in statement.binds}
    names = set(names)
    while True:
        taken, left = _back(names, flat)
        late = (left & bound) - names
        if not late:
            return taken, left
        names |= late


def _back(names, flat):
    """What one way back from the last statement finds, and the names that it leaves open."""
    modules = {name for statement in flat if statement.imports for name in statement.binds}
    wanted, taken = names - BUILTINS, []
    for statement in reversed(flat):
        if "*" in statement.binds or wanted & (statement.binds | (statement.changes - modules)):
            if statement.whole:
                wanted -= statement.binds
            wanted |= statement.reads - BUILTINS
            taken.append(statement)
    return taken[::-1], frozenset(wanted - {name for statement in taken for name in statement.binds})


def reads(cell):
    """The names that the statements of a cell read and do not bind."""
    return frozenset().union(*(s.reads for s in cell)) - frozenset().union(*(s.binds for s in cell)) - BUILTINS


def _statement(text, node):
    table = symtable.symtable(text, "cell", "exec")
    symbols = table.get_symbols()
    binds = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace()}
    if any(isinstance(part, ast.ImportFrom) and part.names[0].name == "*" for part in ast.walk(node)):
        binds.add("*")
    return Statement(
        source=text,
        reads=frozenset({s.get_name() for s in symbols if s.is_referenced()} | _globals(table)),
        binds=frozenset(binds),
        changes=frozenset().union(*map(_changed, ast.walk(node))),
        whole=isinstance(node, WHOLE),
        imports=isinstance(node, ast.Import | ast.ImportFrom),
    )


def _globals(table):
    """The global names that the functions and classes inside of a statement read."""
    found = set()
    for child in table.get_children():
        found |= {symbol.get_name() for symbol in child.get_symbols() if symbol.is_global()} | _globals(child)
    return found


def _changed(part):
    """The name whose object a part of a statement changes in place: x[0] = …, x.y = …, x.append(…)."""
    target = None
    if isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store):
        target = part.value
    elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) and isinstance(part.value.func, ast.Attribute):
        target = part.value.func.value
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return frozenset({target.id} if isinstance(target, ast.Name) else ())
