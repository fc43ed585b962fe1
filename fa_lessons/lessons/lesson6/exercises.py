"""Exercises of lesson 6: what breaks, and the tests that see it."""

import numpy as np

from fa_lessons.lessons.checking import Exercise, Mistake, Property


# 1. The step from which on an angle stays below a limit, searched from the end.
def _settled_below(angles, steps, limit):
    settled = []
    for column in angles.T:
        found = -1
        for angle, step in zip(column[::-1], steps[::-1], strict=True):
            if angle >= limit:
                break
            found = step
        settled.append(found)
    return np.array(settled)


def _draw_angles(rng):
    """Five layers in random order: one falls, one never does, one dips and comes back, one falls late, one is low."""
    count, limit = 12, rng.uniform(50, 70)
    early, late = rng.integers(2, 5), rng.integers(7, 10)
    below = np.zeros((count, 5), dtype=bool)
    below[:, 4] = True
    below[early:, 0] = below[late:, 2] = below[late + 1 :, 3] = True
    below[early - 1 : early + 1, 2] = True
    angles = limit + np.where(below, -1, 1) * rng.uniform(1, 30, (count, 5))
    angles[-1, ~below[-1]] = limit  # exactly at the limit is not below it
    return angles[:, rng.permutation(5)], np.cumsum(rng.integers(2, 20, count)), limit


def _first_below(angles, steps, limit):
    below = angles < limit
    return np.where(below.any(0), steps[below.argmax(0)], -1)


def _never_is_the_start(angles, steps, limit):
    settled = _settled_below(angles, steps, limit)
    return np.where(settled < 0, steps[0], settled)


def _one_too_early(angles, steps, limit):
    settled = _settled_below(angles, steps, limit)
    return np.where(settled < 0, -1, steps[np.maximum(np.searchsorted(steps, settled) - 1, 0)])


def _record_number(angles, steps, limit):
    settled = _settled_below(angles, steps, limit)
    return np.where(settled < 0, -1, np.searchsorted(steps, settled))


# 2. The stability limit of descent with a late slope, from the roots of z^(k+1) - z^k + rate · curvature.
def _largest_rate(curvature, delay):
    low, high = 0.0, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        roots = np.roots([1.0, -1.0] + [0.0] * (delay - 1) + [middle]) if delay else np.array([1 - middle])
        low, high = (middle, high) if np.abs(roots).max() < 1 else (low, middle)
    return low / curvature


# 3. Local feedback, unit by unit.
def _local_feedback(B, heard):
    result = np.zeros_like(B)
    for unit in range(B.shape[1]):
        for offset in range(heard):
            output = (unit + offset) % len(B)
            result[output, unit] = B[output, unit]
    return result


def _draw_feedback(rng):
    outputs = rng.integers(5, 9)
    return rng.normal(size=(outputs, rng.integers(10, 16))), int(rng.integers(2, outputs - 1))


def _the_first_ones(B, heard):
    return np.where(np.arange(len(B))[:, None] < heard, B, 0)


def _outputs_before(B, heard):
    unit, output = np.arange(B.shape[1])[None], np.arange(len(B))[:, None]
    return np.where((unit - output) % len(B) < heard, B, 0)


def _keeps_every_output(answer, arguments):
    """With one output a unit, every output must still be heard by some unit."""
    B, _ = arguments
    return (np.abs(answer(B, 1)).sum(1) > 0).all()


# 4. Test error at a given training error, walking along the epochs.
def _error_at_equal_fit(train_error, test_error, level):
    for epoch in range(1, len(train_error)):
        before, after = train_error[epoch - 1], train_error[epoch]
        if before >= level > after:
            way = (before - level) / (before - after)
            return test_error[epoch - 1] + way * (test_error[epoch] - test_error[epoch - 1])
    return np.nan


def _draw_curves(rng):
    train = np.sort(rng.uniform(0, 10, 8))[::-1].copy()
    test = train + np.sort(rng.uniform(1, 4, 8))
    position = rng.integers(1, 6)
    return train, test, train[position] + rng.uniform(0.25, 0.45) * (train[position + 1] - train[position])


# 5. The share of examples whose signal points to backprop's side.
def _share_of_descent(delta, backprop):
    angles = []
    for mine, truth in zip(delta, backprop, strict=True):
        mine, truth = mine / np.linalg.norm(mine), truth / np.linalg.norm(truth)
        angles.append(np.linalg.norm(mine - truth) < np.linalg.norm(mine + truth))
    return np.mean(angles)


def _draw_signals(rng):
    """Some examples agree weakly and two, which are long, disagree: the sum is not the majority."""
    batch = rng.integers(7, 14)
    backprop = rng.normal(size=(batch, 5))
    delta = backprop * rng.uniform(0.2, 0.5, (batch, 1)) + 0.2 * rng.normal(size=(batch, 5))
    delta[:2] = -50 * backprop[:2]
    return delta, backprop


def _ignores_the_length(answer, arguments):
    delta, backprop = arguments
    lengths = np.linspace(0.1, 10, len(delta))[:, None]
    return np.isclose(answer(delta, backprop), answer(delta * lengths, backprop / 3))


# 6. The gallery's suspects.
def _suspects():
    return 4, 1, 6, 0, 7, 2


# 7. The repaired step.
def _hidden_deltas(difference, feedback, hidden):
    result = []
    for B, h in zip(feedback, hidden, strict=True):
        slope = np.where(h > 0, 1.0, 0.0)
        result.append(np.einsum("bk,kj->bj", difference, B) / difference.shape[0] * slope)
    return result


def _draw_step(rng):
    (batch, outputs), first = rng.choice(np.arange(3, 8), 2, replace=False), rng.integers(9, 12)
    widths = first, first - 3
    return (
        rng.normal(size=(batch, outputs)),
        [rng.normal(size=(outputs, width)) for width in widths],
        [np.maximum(rng.normal(size=(batch, width)), 0) * 1.5 for width in widths],
    )


EXERCISES = {
    "settled_below": Exercise(
        reference=_settled_below,
        draw=_draw_angles,
        mistakes=(
            Mistake(
                "waits until the angle stays below",
                "You took the first record below the limit. One layer dips below it and comes back.",
                _first_below,
            ),
            Mistake(
                "gives -1 to a layer that never settles",
                "`argmax` of an array that is False everywhere is 0. Treat that layer apart.",
                _never_is_the_start,
            ),
            Mistake(
                "names the first record below, not the last one above",
                "You are one record too early: the angle is still above the limit there.",
                _one_too_early,
            ),
            Mistake("gives steps", "You return the record's number; `steps[number]` is its step.", _record_number),
        ),
    ),
    "largest_rate": Exercise(
        reference=_largest_rate,
        draw=lambda rng: (rng.uniform(0.3, 4), int(rng.integers(2, 13))),
        mistakes=(
            Mistake("knows of the delay", "2 / curvature is the limit with no delay.", lambda c, k: 2 / c),
            Mistake(
                "is not a guess",
                "2 / (curvature · (k + 1)) is right for k = 0 and k = 1 only. Put z = exp(iφ) into the equation.",
                lambda c, k: 2 / (c * (k + 1)),
            ),
            Mistake(
                "divides by the curvature",
                "This is rate · curvature. A steeper valley needs a smaller rate.",
                lambda c, k: 2 * np.sin(np.pi / (4 * k + 2)),
            ),
            Mistake(
                "has half the angle in the sine",
                "|1 − exp(iφ)| = 2 sin(φ/2), with φ = π / (2k + 1).",
                lambda c, k: 2 * np.sin(np.pi / (2 * k + 1)) / c,
            ),
        ),
        properties=(
            Property(
                "is 2 / curvature without delay",
                "Without delay the rate may go up to 2 / curvature. What does your function say for delay 0?",
                lambda answer, arguments: np.isclose(answer(arguments[0], 0), 2 / arguments[0]),
            ),
        ),
    ),
    "local_feedback": Exercise(
        reference=_local_feedback,
        draw=_draw_feedback,
        mistakes=(
            Mistake(
                "lets different units hear different outputs",
                "All your units hear the same outputs. The others are heard by nobody: B loses rank.",
                _the_first_ones,
            ),
            Mistake(
                "keeps the lines that are heard",
                "You silenced the wrong ones: this is what the units should not hear.",
                lambda B, heard: B - _local_feedback(B, heard),
            ),
            Mistake(
                "keeps exactly `heard` outputs a unit",
                "Each unit hears one output too many: is there a <= in place of <?",
                lambda B, heard: _local_feedback(B, heard + 1),
            ),
            Mistake(
                "leaves the remaining lines as strong as they were",
                "Silence the other lines, and rescale nothing.",
                lambda B, heard: _local_feedback(B, heard) * len(B) / heard,
            ),
            Mistake(
                "counts upwards from the unit's own output",
                "Your units hear the outputs before their own; the exercise wants j, j + 1, …",
                _outputs_before,
            ),
        ),
        properties=(
            Property(
                "leaves no output unheard",
                "With one output a unit, each output must still reach some unit.",
                _keeps_every_output,
            ),
        ),
    ),
    "error_at_equal_fit": Exercise(
        reference=_error_at_equal_fit,
        draw=_draw_curves,
        mistakes=(
            Mistake(
                "compares at equal training error",
                "This is the last epoch's test error. Either you took it, or `np.interp` did: its second argument must "
                "rise, yours falls, and it does not complain.",
                lambda train, test, level: test[-1],
            ),
            Mistake(
                "keeps each epoch's two errors together",
                "You turned one of the curves round, and not the other.",
                lambda train, test, level: np.interp(level, train[::-1], test),
            ),
            Mistake(
                "interpolates between the epochs",
                "You took the nearest epoch. Go the right part of the way between two.",
                lambda train, test, level: test[np.abs(train - level).argmin()],
            ),
            Mistake(
                "reads the test curve",
                "You returned the epoch at which the training error passes the level.",
                lambda train, test, level: np.interp(level, train[::-1], np.arange(len(train))[::-1]),
            ),
        ),
    ),
    "share_of_descent": Exercise(
        reference=_share_of_descent,
        draw=_draw_signals,
        mistakes=(
            Mistake(
                "compares every example with its own signal",
                "You compared with the mean of backprop's signals. Each example has its own.",
                lambda d, b: (d @ b.mean(0) > 0).mean(),
            ),
            Mistake(
                "takes the inner product over the units",
                "You counted units whose signs agree. A direction is a property of the whole signal.",
                lambda d, b: (d * b > 0).mean(),
            ),
            Mistake("is a share, not a percentage", "Between 0 and 1.", lambda d, b: 100 * _share_of_descent(d, b)),
            Mistake(
                "counts, and does not average cosines",
                "This is the mean cosine. Ask of each example only whether it is positive.",
                lambda d, b: ((d * b).sum(1) / np.linalg.norm(d, axis=1) / np.linalg.norm(b, axis=1)).mean(),
            ),
            Mistake(
                "counts the examples that descend",
                "This is the share that climbs: the code subtracts, so positive means descent.",
                lambda d, b: 1 - _share_of_descent(d, b),
            ),
        ),
        properties=(Property("does not depend on the signals' lengths", "Only the sign counts.", _ignores_the_length),),
    ),
    "suspects": Exercise(
        reference=_suspects,
        labels=tuple(f"suspect {letter}" for letter in "ABCDEF"),
        hint="At least one verdict is wrong. Run `verify_rule` on a fresh relu network, then look at `rule.feedback` "
        "itself, before and after a step.",
        mistakes=(
            Mistake(
                "looks at the feedback matrices of F",
                "F's signals are DFA's, with the B that it has. Compare the two matrices with each other.",
                lambda: (4, 1, 6, 0, 7, 0),
            ),
            Mistake(
                "looks at C twice",
                "C's signals are DFA's, with the B of that moment. Is it the same B a step later?",
                lambda: (4, 1, 0, 0, 7, 2),
            ),
            Mistake(
                "looks at C twice and at the matrices of F",
                "`verify_rule` takes B as it finds it. C and F send DFA's signals: look at their B.",
                lambda: (4, 1, 0, 0, 7, 0),
            ),
            Mistake(
                "tells a wrong length from a wrong slope",
                "You exchanged A and B. Which of the two is a multiple of DFA's signal?",
                lambda: (1, 4, 6, 0, 7, 2),
            ),
        ),
    ),
    "hidden_deltas": Exercise(
        reference=_hidden_deltas,
        draw=_draw_step,
        labels=("layer 1", "layer 2"),
        hint="Compare line by line: the error, the matrix, the slope. There are three bugs.",
        mistakes=(
            Mistake(
                "is repaired in all three places",
                "This is the code as it was shipped.",
                lambda d, F, H: [(d @ F[0][:, : h.shape[1]]) * (h > 1) for h in H],
            ),
            Mistake(
                "divides the error by the batch",
                "The loss is a mean over the batch, so its slope is divided by it.",
                lambda d, F, H: [(d @ B) * (h > 0) for B, h in zip(F, H, strict=True)],
            ),
            Mistake(
                "gives every layer its own B",
                "Layer 2 still takes columns of layer 1's matrix.",
                lambda d, F, H: [(d / len(d) @ F[0][:, : h.shape[1]]) * (h > 0) for h in H],
            ),
            Mistake(
                "has relu's slope at 0",
                "relu starts to rise at 0, not at 1.",
                lambda d, F, H: [(d / len(d) @ B) * (h > 1) for B, h in zip(F, H, strict=True)],
            ),
            Mistake(
                "keeps the sign",
                "`difference` is prediction − target, and the update subtracts: no minus sign here.",
                lambda d, F, H: [-(d / len(d) @ B) * (h > 0) for B, h in zip(F, H, strict=True)],
            ),
            Mistake(
                "divides by the batch, not by the outputs",
                "The mean is over examples. How many rows has `difference`?",
                lambda d, F, H: [(d / d.shape[1] @ B) * (h > 0) for B, h in zip(F, H, strict=True)],
            ),
        ),
    ),
}
