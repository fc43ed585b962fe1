"""What can be said of a wrong result that agrees with no known mistake."""

import copy
import inspect

import numpy as np

from fa_lessons.lessons.results import name_parts, parts, same, shapes
from fa_lessons.lessons.verdicts import CheckFailed

RTOL, ATOL = 1e-5, 1e-8


def diagnose(cases, labels=()):
    """The name and hint of what all `cases` have in common, or None; a case is (arguments, result, truth).

    Looked for, in this order: no change with the inputs, parts exchanged, one part wrong, another sign, a factor,
    an offset, a transpose, another order, an approximation, some entries wrong.
    """
    results, truths = [case[1] for case in cases], [case[2] for case in cases]
    if _constant(results) and not _constant(truths):
        return (
            "depends on its inputs",
            "Different inputs give the very same result. Is it typed in, is a variable of the notebook used in place "
            "of an argument, or does an early sum, sign or comparison take the difference away?",
        )
    names = name_parts(truths[0], labels)
    if len(names) > 1 and all(_equal(result[::-1], truth) for result, truth in zip(results, truths, strict=True)):
        return "returns its results in order", f"All are right, in the reverse order. Return {' and '.join(names)}."
    if any(shapes(result) != shapes(truth) for result, truth in zip(results, truths, strict=True)):
        return None
    if isinstance(truths[0], str) or not all(np.isfinite(part).all() for result in results for part in parts(result)):
        return None
    if len(names) == 1 or len({len(parts(truth)) for truth in truths}) > 1:
        return _of_one_part(*map(_flat, (results, truths)))
    columns = zip(names, zip(*map(parts, results), strict=True), zip(*map(parts, truths), strict=True), strict=True)
    wrong = {name: column for name, *column in columns if not _all_equal(*column)}
    found = _of_one_part(*map(_flat, next(iter(wrong.values()))))
    if len(wrong) == len(names):
        return found
    name, hint = found or (f"has {next(iter(wrong))} right", "Compare that part with its equation.")
    right = " and ".join(other for other in names if other not in wrong)
    return name, f"Right: {right}. Wrong: {' and '.join(wrong)}. {hint}"


def _flat(values):
    """Each value as one array: it itself, or its parts one behind the other."""
    return [
        np.concatenate([np.ravel(part) for part in value])
        if isinstance(value, tuple | list)
        else np.asarray(value, float)
        for value in values
    ]


def _equal(first, second):
    return shapes(first) == shapes(second) and same(first, second, RTOL, ATOL)


def _all_equal(first, second):
    return all(map(_equal, first, second))


def _constant(values):
    return all(shapes(value) == shapes(values[0]) and same(value, values[0], 0, 0) for value in values[1:])


def _of_one_part(results, truths):
    pairs = list(zip(results, truths, strict=True))
    if _all_equal(results, [-truth for truth in truths]):
        return "has the right sign", "Right numbers, wrong sign: is a difference taken the other way round?"
    factors = np.array([_ratio(*pair) for pair in pairs])
    if np.ptp(factors) <= RTOL * np.abs(factors).max():
        return "has the right factor", f"Your result is {factors[0]:.6g} times the right one, on every input."
    if np.isfinite(factors).all() and all(truth.size > 1 for truth in truths):
        return (
            "has the right factor",
            f"Your result is the right one times a number that changes with the input, such as {factors[0]:.6g} and "
            f"{factors[1]:.6g}. Is something summed that should be averaged, divided twice, or not divided?",
        )
    offsets = np.concatenate([np.ravel(result - truth) for result, truth in pairs])
    if np.ptp(offsets) <= ATOL:
        return "has no term too many", f"Your result is the right one plus {offsets[0]:.6g}, on every input."
    if all(truth.ndim > 1 for truth in truths) and _all_equal([result.T for result in results], truths):
        return "is not transposed", "Your result is the transpose of the right one."
    if all(truth.ndim for truth in truths) and _all_equal(map(_sorted, results), map(_sorted, truths)):
        return "has its entries in their places", "Right numbers, in another order."
    if all(np.abs(result - truth).max(initial=0) <= 1e-3 * np.abs(truth).max(initial=0) for result, truth in pairs):
        return (
            "is as exact as its inputs",
            "Your result agrees to three digits or more. Is a number rounded, a constant typed in with few digits, a "
            "slope taken by a step, or a small number added to a divisor?",
        )
    share = np.concatenate([np.ravel(np.isclose(*pair, RTOL, ATOL)) for pair in pairs]).mean()
    if share >= 0.5:
        return (
            "is right on every input",
            f"{100 * share:.0f} % of your numbers are right. Which inputs are treated apart?",
        )
    return None


def _sorted(values):
    return np.sort(values, axis=None).reshape(values.shape)


def _ratio(result, truth):
    """The number that `result` is of `truth`, or NaN where it is none."""
    if not truth.any() or not result.any():
        return np.nan
    factor = (result * truth).sum() / (truth * truth).sum()
    return factor if np.allclose(result, factor * truth, RTOL, ATOL) else np.nan


def compare_arguments(answer, arguments):
    """The name and hint of an argument that `answer` uses and the truth does not, or the reverse; None without one.

    Each array is changed in turn, with its signs and zeros kept, and the others held fixed.
    """
    names = list(inspect.signature(answer.reference).parameters)
    rng = np.random.default_rng(0)
    before = answer.beside_the_truth(*arguments)
    for position, name in enumerate(names[: len(arguments)]):
        changed = list(copy.deepcopy(arguments))
        if not isinstance(changed[position], float) and getattr(changed[position], "dtype", None) != np.float64:
            continue
        changed[position] = changed[position] * rng.uniform(0.7, 1, np.shape(changed[position]))
        try:
            after = answer.beside_the_truth(*changed)
        except CheckFailed:
            continue
        moved, moves = (not _equal(one, other) for one, other in zip(after, before, strict=True))
        if moved and not moves:
            return f"does not depend on {name}", f"Change {name} alone: your result changes, the right one does not."
        if moves and not moved:
            return f"depends on {name}", f"Change {name} alone: the right result changes, yours does not."
    return None
