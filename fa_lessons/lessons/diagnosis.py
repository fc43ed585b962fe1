"""What can be said of a wrong result that agrees with no known mistake."""

import inspect

import numpy as np

from fa_lessons.lessons.results import name_parts, parts, same, shapes

RTOL, ATOL = 1e-5, 1e-8
REDRAWS = 4  # of an argument, of each kind, in each case
INEXACT = (
    "is as exact as its inputs",
    "Your result is off by less than a thousandth of its largest number. Is a number rounded, a constant typed in with "
    "few digits, a part computed in float32, a slope taken by a step, or a small number added to a divisor?",
)


def diagnose(cases, agree, labels=()):
    """The name and hint of what all `cases` have in common, or None; a case is (arguments, result, truth).

    `agree(result, truth)` is the exercise's own verdict. Looked for, in this order: no change with the inputs, parts
    exchanged, one part wrong, another sign, an approximation, a factor, an offset, a transpose, another order, some
    entries wrong.
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
    wrong = {name: column for name, *column in columns if not all(map(agree, *column))}
    said = {_of_one_part(*map(_flat, column)) for column in wrong.values()}
    found = said.pop() if len(said) == 1 else None  # what holds of every wrong part
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
    return all(_very_same(value, values[0]) for value in values[1:])


def _very_same(first, second):
    return shapes(first) == shapes(second) and same(first, second, 0, 0, lost=0)


def _of_one_part(results, truths):
    pairs = list(zip(results, truths, strict=True))
    if sum(truth.size for truth in truths) < 2:  # of one number anything could be said
        return None
    if _all_equal(results, [-truth for truth in truths]):
        return "has the right sign", "Right numbers, wrong sign: is a difference taken the other way round?"
    if all(np.abs(result - truth).max(initial=0) <= 1e-3 * np.abs(truth).max(initial=0) for result, truth in pairs):
        return INEXACT
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
    if np.ptp(offsets) <= RTOL * np.abs(offsets).max():
        return "has no term too many", f"Your result is the right one plus {offsets[0]:.6g}, on every input."
    if all(truth.ndim > 1 for truth in truths) and _all_equal([result.T for result in results], truths):
        return "is not transposed", "Your result is the transpose of the right one."
    if all(truth.ndim for truth in truths) and _all_equal(map(_sorted, results), map(_sorted, truths)):
        return "has its entries in their places", "Right numbers, in another order."
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


def compare_arguments(answer, cases):
    """The name and hint of an argument that `answer` uses and the truth does not, or the reverse; None without one.

    Each array and float is drawn anew, in all cases and several times, with the others held fixed. What is said held
    every time: one of the two never changed at all, and the other did, more often than not.
    """
    for position, name in enumerate(inspect.signature(answer.reference).parameters):
        changes = list(_changes(answer, cases, position))
        if len(changes) < REDRAWS:
            continue
        still, moved = np.all([still for still, _ in changes], 0), np.mean([moved for _, moved in changes], 0) > 0.5
        if moved[0] and still[1]:
            return f"does not depend on {name}", f"Change {name} alone: your result changes, the right one does not."
        if moved[1] and still[0]:
            return f"depends on {name}", f"Change {name} alone: the right result changes, yours does not."
    return None


def _changes(answer, cases, position):
    """What redraws of one argument do to the result and the truth: (whether each is the very same, whether it moved).

    An argument is scaled, entry by entry, or filled with numbers that it has in any of the cases.
    """
    known, rng = [arguments[position] for arguments, *_ in cases], np.random.default_rng(0)
    if not all(isinstance(value, float) or getattr(value, "dtype", None) == np.float64 for value in known):
        return
    pool = np.concatenate([np.ravel(value) for value in known])
    for arguments, *before in cases * REDRAWS:
        shape = np.shape(arguments[position])
        for value in (arguments[position] * rng.uniform(0.1, 1, shape), rng.choice(pool, shape)):
            if answer.is_slow:
                return
            changed = [*arguments[:position], value, *arguments[position + 1 :]]
            try:
                with np.errstate(all="ignore"):
                    after = answer.beside_the_truth(*changed)
            except Exception:  # numbers that the answer, or the truth, does not take
                continue
            pairs = list(zip(after, before, strict=True))
            yield [_very_same(*pair) for pair in pairs], [not _equal(*pair) for pair in pairs]
