"""Exercises 6.7 and 6.8: naming bugs, and repairing three of them."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 6.7 The gallery's suspects.
def _suspects():
    return 3, 1, 5, 0, 6, 13


OTHERS = set(range(15))  # the numbers of the table


def _named(**letters):
    """A wrong answer: the suspects with other numbers at these letters."""
    return lambda: tuple(letters.get(letter, bug) for letter, bug in zip("ABCDEF", _suspects(), strict=True))


# 6.8 The repaired step.
def _hidden_deltas(difference, feedback, hidden):
    result = []
    for B, h in zip(feedback, hidden, strict=True):
        slope = np.where(h > 0, 1.0, 0.0)
        result.append(np.einsum("bk,kj->bj", difference, B) / difference.shape[0] * slope)
    return result


def _draw_step(rng):
    """The first layer is the wider one, so that the code as shipped runs."""
    (batch, outputs), first = rng.choice(np.arange(3, 8), 2, replace=False), rng.integers(9, 12)
    return _step(rng, int(batch), int(outputs), [int(first), int(first) - 3])


def _step(rng, batch, outputs, widths):
    return (
        rng.normal(size=(batch, outputs)),
        [rng.normal(size=(outputs, width)) for width in widths],
        [np.maximum(rng.normal(size=(batch, width)), 0) * 1.5 for width in widths],
    )


def _other_networks():
    """The lesson's own sizes, a second layer that is wider, equal layers, one layer, three, and one example."""
    sizes = (20, 10, [100, 60]), (4, 3, [5, 9]), (3, 4, [6, 6]), (5, 3, [4]), (4, 10, [7, 5, 8]), (1, 3, [5, 4])
    return [_step(np.random.default_rng(6), *size) for size in sizes]


def _per_layer(signal):
    """A wrong answer: `signal(difference, B, h)` for every layer."""
    return lambda d, feedback, hidden: [signal(d, B, h) for B, h in zip(feedback, hidden, strict=True)]


def _of_one_matrix(signal):
    """A wrong answer that slices every layer's matrix out of the first one."""
    return lambda d, feedback, hidden: [signal(d, feedback[0][:, : h.shape[1]], h) for h in hidden]


REPAIR = {
    "suspects": Exercise(
        reference=_suspects,
        labels=tuple(f"suspect {letter}" for letter in "ABCDEF"),
        hint="At least one verdict is wrong. Run `verify_rule` on a fresh relu network, then look at `rule.feedback` "
        "itself, before and after some steps.",
        mistakes=(
            *likewise(
                Mistake(
                    "looks at the feedback of F",
                    "F's signals are DFA's, with the B that it has. How long is that B after some steps?",
                    _named(F=0),
                ),
                *(_named(F=bug) for bug in OTHERS - {0, 13, 5, 12}),
            ),
            *likewise(
                Mistake(
                    "tells how the feedback of F changes",
                    "F's B does change. Does it turn, or only shrink?",
                    _named(F=12),
                ),
                _named(F=5),
                _named(C=13, F=5),
            ),
            *likewise(
                Mistake(
                    "looks at C twice",
                    "C's signals are DFA's, with the B of that moment. Is it the same B a step later?",
                    _named(C=0),
                ),
                *(_named(C=bug) for bug in OTHERS - {0, 5}),
            ),
            *likewise(
                Mistake(
                    "looks at the matrices of C and of F twice",
                    "`verify_rule` takes B as it finds it. C and F send DFA's signals: look at their B again after "
                    "some steps.",
                    _named(C=0, F=0),
                ),
                _named(C=12, F=12),
            ),
            *likewise(
                Mistake(
                    "finds the sound one",
                    "One of C, D and F is sound: the one whose matrices stay as they are.",
                    _named(C=0, D=5),
                ),
                _named(D=13, F=0),
                _named(C=0, D=13, F=5),
                _named(C=13, D=5, F=0),
                *(_named(D=bug) for bug in OTHERS - {0}),
            ),
            *likewise(
                Mistake(
                    "tells a wrong length from a wrong slope",
                    "You exchanged A and B. Which of the two is a multiple of DFA's signal?",
                    _named(A=1, B=3),
                ),
            ),
            *likewise(
                Mistake(
                    "reads the scale of B",
                    "B's signal is a multiple of DFA's. Which number is it, and what number of this batch is the same?",
                    _named(B=4),
                ),
                *(_named(B=bug) for bug in OTHERS - {1, 4}),
            ),
            *likewise(
                Mistake(
                    "reads what was found for A",
                    "A sends the signals of no rule at all, and yet it learns. Its output's signal is e, and on units "
                    "that are large it is DFA. Which slope does that?",
                    _named(A=1),
                ),
                *(_named(A=bug) for bug in OTHERS - {1, 3}),
            ),
            *likewise(
                Mistake(
                    "reads what was found for E",
                    "E's signals are those of a rule, but not DFA's. `verify_rule` names it.",
                    _named(E=0),
                ),
                *(_named(E=bug) for bug in OTHERS - {0, 6}),
            ),
            Mistake(
                "numbers the bugs as the table does",
                "The table's numbers start at 0, with the sound rule.",
                lambda: tuple(bug + 1 for bug in _suspects()),
            ),
            Mistake(
                "looks at more than the name",
                "All six say that they are DFA. One of them is.",
                lambda: (0,) * 6,
            ),
        ),
    ),
    "hidden_deltas": Exercise(
        reference=_hidden_deltas,
        draw=_draw_step,
        labels=("layer 1", "layer 2"),
        hint="Compare line by line: the error, the matrix, the slope. There are three bugs.",
        mistakes=(
            *likewise(
                Mistake(
                    "is repaired in all three places",
                    "At least two of the three bugs are still there. Go through the error, the matrix and the slope.",
                    _of_one_matrix(lambda d, B, h: (d @ B) * (h > 1)),
                ),
                _of_one_matrix(lambda d, B, h: (d @ B) * (h > 0)),
                _of_one_matrix(lambda d, B, h: (d / len(d) @ B) * (h > 1)),
                _per_layer(lambda d, B, h: (d @ B) * (h > 1)),
            ),
            Mistake(
                "divides the error by the batch",
                "The loss is a mean over the batch, so its slope is divided by it.",
                _per_layer(lambda d, B, h: (d @ B) * (h > 0)),
            ),
            Mistake(
                "gives every layer its own B",
                "Layer 2 still takes columns of layer 1's matrix.",
                _of_one_matrix(lambda d, B, h: (d / len(d) @ B) * (h > 0)),
            ),
            *likewise(
                Mistake(
                    "has relu's slope at 0",
                    "relu starts to rise at 0, not at 1 and not at another place.",
                    _per_layer(lambda d, B, h: (d / len(d) @ B) * (h > 1)),
                ),
                _per_layer(lambda d, B, h: (d / len(d) @ B) * (h > 0.5)),
            ),
            *likewise(
                Mistake(
                    "silences the units at rest",
                    "A relu unit whose activation is 0 is at rest: its slope is 0. Yours sends a signal there.",
                    _per_layer(lambda d, B, h: d / len(d) @ B),
                ),
                _per_layer(lambda d, B, h: (d / len(d) @ B) * (h < 0.5)),
                _per_layer(lambda d, B, h: (d / len(d) @ B) * (h == 0)),
            ),
            *likewise(
                Mistake(
                    "uses the slope of relu",
                    "A relu's slope is 0 or 1. You multiply by the activation, or by another unit's slope.",
                    _per_layer(lambda d, B, h: (d / len(d) @ B) * h),
                ),
                _per_layer(lambda d, B, h: (d / len(d) @ B) * (1 - h**2)),
                _per_layer(lambda d, B, h: (d / len(d) @ B) * h * (1 - h)),
                _per_layer(lambda d, B, h: np.maximum(d / len(d) @ B, 0)),
            ),
            Mistake(
                "keeps the sign",
                "`difference` is prediction − target, and the update subtracts: no minus sign here.",
                _per_layer(lambda d, B, h: -(d / len(d) @ B) * (h > 0)),
            ),
            *likewise(
                Mistake(
                    "divides by the batch, and once",
                    "The mean is over the examples: divide by their number, not by the outputs, units or layers.",
                    _per_layer(lambda d, B, h: (d / d.shape[1] @ B) * (h > 0)),
                ),
                _per_layer(lambda d, B, h: (d / d.size @ B) * (h > 0)),
                _per_layer(lambda d, B, h: (d / h.shape[1] @ B) * (h > 0)),
                _per_layer(lambda d, B, h: (d / len(d) ** 2 @ B) * (h > 0)),
                lambda d, F, H: [(d / len(F) @ B) * (h > 0) for B, h in zip(F, H, strict=True)],
            ),
            *likewise(
                Mistake(
                    "keeps the examples apart",
                    "You averaged the errors over the examples. Each keeps its own; only their length is divided.",
                    _per_layer(lambda d, B, h: (d.mean(0) @ B) * (h > 0)),
                ),
                _per_layer(lambda d, B, h: (d.mean(1, keepdims=True) * d.shape[1] / len(d) @ B[:1]) * (h > 0)),
            ),
            Mistake(
                "lists the layers from the input side",
                "Your signals are right, in the wrong order.",
                lambda d, F, H: _hidden_deltas(d, F, H)[::-1],
            ),
        ),
        properties=(
            cases(
                "works for any network",
                "A second layer may be the wider one, there may be one layer or three, and one example. Every layer "
                "takes its own B as it is.",
                _hidden_deltas,
                _other_networks,
            ),
        ),
    ),
}
