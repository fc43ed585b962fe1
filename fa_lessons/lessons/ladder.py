"""The hints of an exercise after the first, which names the property that failed: what to think of, then an example."""

import ast

import numpy as np

from fa_lessons.lessons.results import parts

MOST_NUMBERS = 40  # of an example that is shown


def rungs(exercise, own):
    """The further hints, one after the other; `own` is the lesson's `Solution`, which gives the arguments' names."""
    return [exercise.hint, *([] if exercise.draw is None else [example(exercise, own)])]


def example(exercise, own):
    """The smallest of a few inputs, with the right result; the shapes alone where that has many numbers."""
    rng = np.random.default_rng(0)
    cases = [exercise.draw(rng) for _ in range(30)]
    arguments = min(cases, key=lambda case: sum(map(_size, case)))
    result = exercise.reference(*arguments)
    names = _names(own)
    if sum(map(_size, arguments)) + _size(result) > MOST_NUMBERS:
        lines = [f"  {name}: {_shape(value)}" for name, value in zip(names, arguments, strict=False)]
        return "\n".join(["An example of the shapes:", *lines, f"  the result: {_shape(result)}"])
    lines = [f"  {name} = {_text(value)}" for name, value in zip(names, arguments, strict=False)]
    return "\n".join(["An example:", *lines, f"  the result is {_text(result)}"])


def _names(own):
    for node in ast.parse(own.source).body:
        if isinstance(node, ast.FunctionDef) and node.name == own.variable:
            return [argument.arg for argument in node.args.args]
    return []


def _size(value):
    return 1 if callable(value) or isinstance(value, str) else sum(np.size(part) for part in parts(value))


def _shape(value):
    if isinstance(value, tuple | list):
        return f"{type(value).__name__} of " + ", ".join(_shape(part) for part in value)
    return _text(value) if callable(value) or np.ndim(value) == 0 else f"array {np.shape(value)}"


def _text(value):
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_text(part) for part in value) + "]"
    if isinstance(value, str) or callable(value):
        return repr(value) if isinstance(value, str) else "a function"
    return np.array2string(np.asarray(value), precision=4, separator=", ").replace("\n", "\n    ")
