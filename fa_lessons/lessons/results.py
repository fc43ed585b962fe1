"""What a learner's result is made of, and whether it equals the truth. Needs only numpy."""

import sys

import numpy as np

from fa_lessons.lessons.verdicts import fail

CONTENTS = {  # what may be compared with what; shapes are compared later
    "a number": "numbers",
    "an array of numbers": "numbers",
    "a boolean": "booleans",
    "an array of booleans": "booleans",
    "text": "text",
    "a torch tensor": "tensors",
}
CONVERSIONS = {
    "a list": "`np.array(...)` makes an array of it.",
    "a tuple": "The exercise asks for one result.",
    "a generator": "A generator computes nothing by itself: put it into `list(...)` or `np.array(...)`.",
    "a torch tensor": "`.numpy()` makes an array of it, `.item()` a number.",
    "a torch tensor that requires a gradient": "`.detach().numpy()` makes an array of it, `.item()` a number.",
    "an array of complex numbers": "Is there a root of a negative number in it? `.real` takes the real part.",
    "a masked array": "A mask hides entries from every later step. `.filled(...)` makes an array of it.",
    "a matrix": "The `*` of an np.matrix is not the `*` of an array. `np.asarray(...)` makes an array of it.",
    "an array of objects": "Its rows have different lengths, or hold something that is not a number.",
    "an array of 16-bit numbers": "They carry three digits. Compute in float64, or float32.",
    "a complex number": "Is there a root of a negative number in it? `.real` takes the real part.",
    "a function": "Is a pair of parentheses missing behind it?",
    "text": "Leave out the quotation marks.",
}
NUMBERS_FOR_BOOLEANS = (
    "0 and 1 are not False and True once they select entries or meet a `~`; comparisons give booleans."
)
EPS32 = np.finfo(np.float32).eps
AT_MOST, USUALLY, PROMOTED = 1e4, 1e2, 16  # EPS32 that float32 loses, on some inputs, on most, and where none cancel


def kind(value):
    """The kind of one result in words, such as "a number", "an array of booleans" or "a generator"."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float) and not isinstance(value, np.generic):
        return "a number"
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return _kind_of_array(value)
    if isinstance(value, np.ma.MaskedArray):
        return "a masked array"
    if type(value).__module__.startswith("torch") and hasattr(value, "requires_grad"):
        return "a torch tensor that requires a gradient" if value.requires_grad else "a torch tensor"
    if isinstance(value, complex | str):
        return "text" if isinstance(value, str) else "a complex number"
    if callable(value):
        return "a function"
    name = type(value).__name__
    return f"an {name}" if name.startswith(tuple("aeiouAEIOU")) else f"a {name}"


def _kind_of_array(value):
    contents = {"b": "booleans", "i": "numbers", "u": "numbers", "f": "numbers", "c": "complex numbers", "U": "text"}
    contents = "16-bit numbers" if value.dtype == np.float16 else contents.get(value.dtype.kind, "objects")
    return f"an array of {contents}" if value.ndim or contents in ("text", "objects") else f"a {contents[:-1]}"


def parts(value):
    return list(value) if isinstance(value, tuple | list) else [value]


def name_parts(truth, labels=()):
    """Names of the parts of a result, for messages."""
    if labels:
        return labels
    return tuple(f"result {i + 1}" for i in range(len(truth))) if isinstance(truth, tuple | list) else ("the result",)


def read(result, truth, labels=(), verb="returns"):
    """`result` in the form of `truth`: a number, an array, text, or a tuple of these.

    Fails for a result that is not of the truth's kind, and names the kind that it found. An array is as good as
    a tuple of its rows, a 0-d array or a NumPy scalar as good as a number. Shapes and values are not compared.
    """
    if result is None:
        fail(f"{verb} its result", "Your function returned None: is there a `return` line?")
    if isinstance(truth, tuple | list):
        return _read_parts(result, truth, name_parts(truth, labels), verb)
    found, expected = kind(result), kind(truth)
    if CONTENTS.get(found) == CONTENTS[expected]:
        return _within_floats(result)
    hint = CONVERSIONS.get(found) or ("`float(...)` makes a number of it." if hasattr(result, "__float__") else "")
    if CONTENTS.get(found) == "numbers" and CONTENTS[expected] == "booleans":
        expected, hint = "booleans", NUMBERS_FOR_BOOLEANS
    fail(f"{verb} {expected}", f"Your result is {found}. {hint}".rstrip())


def _within_floats(value):
    """`value`, or an infinity for a whole number that no float can hold."""
    if isinstance(value, int) and abs(value) > sys.float_info.max:
        return np.inf if value > 0 else -np.inf
    return value


def _read_parts(result, truth, names, verb):
    rows = isinstance(result, tuple | list) or (type(result) is np.ndarray and result.ndim > 0)
    if not rows or len(result) != len(truth):
        found = f"{len(result)} results" if rows else kind(result)
        order = " and ".join(names)
        fail(
            f"{verb} {len(truth)} results",
            f"Yours is {found}. Put them together, as a tuple, in this order: {order}.",
        )
    return tuple(read(one, true, verb=verb) for one, true in zip(result, truth, strict=True))


def shapes(value):
    return [np.shape(part) for part in parts(value)]


def same(result, truth, rtol, atol, lost=AT_MOST):
    """Equality of two values of one form, part by part.

    float32 carries seven digits, and loses some where large numbers cancel: its error is measured by the largest
    entry instead of entry by entry, so that the verdict does not depend on the numbers drawn, and may be `lost` EPS32.
    What was computed in float32 may arrive as float64, for a float64 number promotes it.
    """
    if isinstance(truth, tuple | list) != isinstance(result, tuple | list):
        return False
    if isinstance(truth, tuple | list):
        pairs = zip(result, truth, strict=True)
        return len(result) == len(truth) and all(same(one, true, rtol, atol, lost) for one, true in pairs)
    if isinstance(truth, str):
        return result == truth
    if np.shape(result) != np.shape(truth):
        return False
    kind = np.asarray(result).dtype
    lost = lost if kind == np.float32 else PROMOTED if kind.kind == "f" else 0
    result, truth = np.asarray(result, dtype=float), np.asarray(truth, dtype=float)
    reach = lost * EPS32 * np.abs(truth[np.isfinite(truth)]).max(initial=0)
    with np.errstate(invalid="ignore"):
        close = np.isclose(result, truth, rtol=rtol, atol=atol) | (np.abs(result - truth) <= reach)
    return bool(close.all())


def unchanged(first, second):
    """Whether arguments are the very same numbers: arrays, numbers, text, functions, and lists of these."""
    if isinstance(first, tuple | list):
        return len(first) == len(second) and all(map(unchanged, first, second))
    if isinstance(first, np.ndarray):
        return np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
    return first == second
