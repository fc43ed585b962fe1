"""An exercise in the workbook: what is right is used from then on, and what is not stops nothing.

    hidden_delta = attempt("lesson1.hidden_delta", hidden_delta)

A grader calls `check` and never sees the lesson's own solution.
"""

import ast
import sys

from fa_lessons.lessons import find
from fa_lessons.lessons.checking import CheckFailed
from fa_lessons.lessons.sources import solution


def attempt(name, answer):
    """Examine `answer` to the exercise called `name`, print the verdict, and return what the lesson goes on with.

    That is `answer` itself where it is right, else a stand-in: the lesson's own solution, which sees the caller's
    variables and says where it is used. A stand-in remembers the learner's answer, so the verdict is the same when
    this runs twice.
    """
    answer = getattr(answer, "learners_own", answer)
    own = solution(name)
    try:
        note = find(name).examine(answer)
    except CheckFailed as failure:
        print(f"Exercise {own.number} {failure}")
    except Exception as error:  # a learner's code can raise anything, at any moment
        print(f"Exercise {own.number} ✗ stops with {type(error).__name__}: {error}")
    else:
        print(f"Exercise {own.number} ✓ correct{note}")
        return answer
    try:
        value = _evaluate(own, sys._getframe(1).f_globals)
    except Exception as error:
        print(f"The lesson's own solution needs the cells above ({type(error).__name__}: {error}): run them first.")
        return answer
    print("The lesson goes on with its own solution.")
    return _function(value, own.number, answer) if callable(value) else _value(value, own.number, answer)


class _Beside(dict):
    """Variables of a solution's own; what it does not define it reads from the learner's `namespace`, as it is now."""

    def __init__(self, namespace):
        super().__init__(__builtins__=__builtins__)
        self._namespace = namespace

    def __missing__(self, name):
        return self._namespace[name]


def _evaluate(own, namespace):
    variables = _Beside(namespace)
    exec(compile(own.source, f"<the lesson's own solution of exercise {own.number}>", "exec"), variables)
    return variables[own.variable]


def _function(value, number, answer):
    def stand_in(*arguments, **named):
        _say(number)
        return value(*arguments, **named)

    stand_in.__name__, stand_in.__doc__ = value.__name__, value.__doc__
    stand_in.learners_own, stand_in.exercise = answer, number
    return stand_in


def _value(value, number, answer):
    """`value` as an object of its own, which remembers the learner's and computes like `value`."""
    kind = type(value)
    shell = _shell()
    if shell and _say_values not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _say_values)
    return type(kind.__name__, (kind,), {"learners_own": answer, "exercise": number})(value)


def _say_values(cell):
    """Before a cell runs: say which values of the lesson's own it names."""
    shell = _shell()
    try:
        nodes = list(ast.walk(ast.parse(shell.transform_cell(cell.raw_cell))))
    except SyntaxError:  # the cell itself says so
        return
    if any(isinstance(node, ast.Name) and node.id == "attempt" for node in nodes):
        return
    for name in sorted({node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}):
        value = shell.user_ns.get(name)
        if type(value).__dict__.get("exercise"):
            _say(value.exercise)


_said = set()


def _say(number):
    """Once a cell: that it uses the lesson's own solution of an exercise."""
    shell = _shell()
    here = number, shell and shell.execution_count
    if here not in _said:
        _said.add(here)
        print(f"(This cell uses the lesson's own solution of exercise {number}.)")


def _shell():
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
