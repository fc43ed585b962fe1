"""Which variables of a notebook rest on the lesson's own solutions, so that each figure drawn from them says so.

A variable rests on what the statement reads that changes it: by name, as the text has it.
"""

import ast
from dataclasses import dataclass
from types import ModuleType

from fa_lessons.lessons.verdict_box import shell_here

SHOWING = {"show", "explore", "display"}  # what a cell calls that brings a figure
EXAMINING = "attempt"
DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def say(number):
    """Print once a cell that it uses the lesson's own solution of exercise `number`."""
    if number not in _said:
        _said.add(number)
        print(f"(This cell uses the lesson's own solution of exercise {number}.)")


def follow():
    """From now on follow, in a notebook, what rests on the lesson's own solutions."""
    shell = shell_here()
    if shell and _before not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _before)
        shell.events.register("post_run_cell", _after)


_said = set()  # numbers, in the cell that runs
_rests = {}  # variable: numbers of the exercises that it rests on


@dataclass(frozen=True)
class _Statement:
    """What a statement of a cell reads, assigns and adds to, by name, and the names that it calls."""

    reads: frozenset
    assigns: frozenset
    adds: frozenset
    calls: frozenset


def _parse(parts):
    """One statement from the parts of its syntax tree."""
    nodes = [node for part in parts for node in ast.walk(part)]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    alone = [node.value.func for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    changed = [node.value for node in alone if isinstance(node, ast.Attribute)]
    changed += [
        n.value for n in nodes if isinstance(n, (ast.Subscript, ast.Attribute)) and isinstance(n.ctx, ast.Store)
    ]
    changed += [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    adds = frozenset(node.id for node in changed if isinstance(node, ast.Name))
    reads, assigns = (
        frozenset(name.id for name in names if isinstance(name.ctx, kind)) for kind in (ast.Load, ast.Store)
    )
    own = frozenset(name for node in nodes for name in _names_of_its_own(node))
    defined = {part.name for part in parts if isinstance(part, DEFINITIONS)}
    if defined:
        own, assigns, adds = own | assigns, frozenset(defined), frozenset()
    return _Statement(
        reads=reads - own,
        assigns=assigns - adds - own,
        adds=adds,
        calls=frozenset(getattr(call, "attr", getattr(call, "id", None)) for call in calls),
    )


def _names_of_its_own(node):
    """Names that live inside of a comprehension, a lambda or a function only."""
    if isinstance(node, ast.comprehension):
        return [name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)]
    return [node.arg] if isinstance(node, ast.arg) else []


def _flat(statements):
    """The statements in the order of the text; a block comes as its head, then what is in it."""
    for statement in statements:
        blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        blocks[1:1] = [handler.body for handler in getattr(statement, "handlers", [])]
        if isinstance(statement, DEFINITIONS) or not any(blocks):
            yield _parse([statement])
        else:
            inside = {id(part) for block in blocks for part in block}
            head = [part for part in ast.iter_child_nodes(statement) if id(part) not in inside]
            yield _parse([part for part in head if not isinstance(part, ast.ExceptHandler)])
            for block in blocks:
                yield from _flat(block)


def _statements(source):
    """The parsed statements of a cell; none for one that does not parse, which says so itself."""
    try:
        return list(_flat(ast.parse(shell_here().transform_cell(source)).body))
    except SyntaxError:
        return []


def _before(info):
    _said.clear()
    statements = _statements(info.raw_cell)
    calls = frozenset().union(*(statement.calls for statement in statements))
    if EXAMINING in calls:
        return
    rests, variables = dict(_rests), shell_here().user_ns
    for statement in statements:
        shown = {name for name in statement.reads if type(variables.get(name)).__dict__.get("exercise")}
        for number in sorted(_numbers(statement.reads if calls & SHOWING else shown, rests)):
            say(number)
        _pass_on(statement, rests, variables)


def _after(result):
    variables = shell_here().user_ns
    for statement in _statements(result.info.raw_cell):
        if EXAMINING in statement.calls:
            for name in statement.assigns:
                value = variables.get(name)
                _rests[name] = {value.exercise} if hasattr(value, "learners_own") else set()
        else:
            _pass_on(statement, _rests, variables)


def _pass_on(statement, rests, variables):
    """Note in `rests` on what the variables rest that the statement changes."""
    used = _numbers(statement.reads, rests)
    for name in statement.assigns:
        rests[name] = used
    for name in statement.adds:
        if not isinstance(variables.get(name), ModuleType):
            rests[name] = used | rests.get(name, set())


def _numbers(names, rests):
    return set().union(*(rests.get(name, ()) for name in names))
