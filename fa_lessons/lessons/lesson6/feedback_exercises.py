"""Exercises 6.4 and 6.6: local feedback, and which share of the examples a signal serves."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.results import same


# 6.4 Local feedback, unit by unit.
def _local_feedback(B, heard):
    result = np.zeros_like(B)
    for unit in range(B.shape[1]):
        for offset in range(heard):
            output = (unit + offset) % len(B)
            result[output, unit] = B[output, unit]
    return result


def _draw_feedback(rng):
    outputs = int(rng.integers(5, 9))
    return rng.normal(size=(outputs, rng.integers(2 * outputs, 3 * outputs))), int(rng.integers(2, outputs - 1))


def _sizes_of_feedback():
    """The lesson's own matrix and numbers, all outputs and one, and fewer units than outputs."""
    rng = np.random.default_rng(6)
    wide, few = rng.normal(size=(10, 100)), rng.normal(size=(7, 4))
    return [*((wide, heard) for heard in (10, 3, 1)), *((few, heard) for heard in (7, 2, 1)), (few[:1], 1)]


def _stays_in_single_precision(answer, arguments):
    """The lesson's B has 32 bits; a matrix of 64 does not multiply with its errors."""
    B, heard = arguments
    return np.asarray(answer(B.astype(np.float32), heard)).dtype == np.float32


def _keeps_every_output(answer, arguments):
    """With one output a unit, every output must still be heard by some unit."""
    B, _ = arguments
    return (np.abs(answer(B, 1)).sum(1) > 0).all()


def _where(heard_by):
    """A wrong answer: B where `heard_by(output, unit, shape, heard)`, with a column of outputs and a row of units."""

    def wrong(B, heard):
        output, unit = np.arange(B.shape[0])[:, None], np.arange(B.shape[1])[None]
        return np.where(heard_by(output, unit, B.shape, heard), B, 0)

    return wrong


# 6.6 The share of examples whose signal points to backprop's side.
def _share_of_descent(delta, backprop):
    return np.mean([sum(d * b for d, b in zip(*pair, strict=True)) > 0 for pair in zip(delta, backprop, strict=True)])


def _draw_signals(rng):
    """Most examples agree weakly; two, which are long, disagree, so that the sum is not the majority; one is silent.

    No example agrees, or disagrees, unit by unit.
    """
    batch, units = int(rng.integers(9, 15)), int(rng.integers(3, 8))
    backprop = rng.normal(size=(batch, units))
    delta = rng.normal(size=(batch, units))
    along = (delta * backprop).sum(1, keepdims=True) / (backprop**2).sum(1, keepdims=True)
    delta -= along * backprop
    delta[:2] = 100 * delta[:2] - 50 * backprop[:2]
    delta[2:] += rng.uniform(0.05, 0.3, (batch - 2, 1)) * backprop[2:]
    delta[2] = 0
    order = rng.permutation(batch)
    return delta[order], backprop[order]


def _extreme_signals():
    """All descend, none does, one example, silent backprop."""
    signals = np.random.default_rng(6).normal(size=(5, 4))
    pairs = (signals, 2 * signals), (signals, -signals), (signals[:1], signals[:1]), (signals, 0 * signals)
    return [*pairs, (-signals[:1], signals[:1])]


def _ignores_the_length(answer, arguments):
    delta, backprop = arguments
    lengths = np.geomspace(1e-9, 10, len(delta))[:, None]
    return same(answer(delta * lengths, backprop / 3), answer(delta, backprop), 1e-3, 1e-4)


def _cosines(delta, backprop):
    lengths = np.linalg.norm(delta, axis=1) * np.linalg.norm(backprop, axis=1)
    return (delta * backprop).sum(1) / np.where(lengths > 0, lengths, 1)


FEEDBACK = {
    "local_feedback": Exercise(
        reference=_local_feedback,
        draw=_draw_feedback,
        hint="For one unit j, write down the numbers of the outputs that it hears; B is kept there and 0 elsewhere.",
        mistakes=(
            *likewise(
                Mistake(
                    "lets different units hear different outputs",
                    "All your units hear the same outputs. The others are heard by nobody: B loses rank.",
                    _where(lambda i, j, shape, heard: i < heard),
                ),
                _where(lambda i, j, shape, heard: i >= shape[0] - heard),
            ),
            *likewise(
                Mistake(
                    "keeps the lines that are heard",
                    "You silenced the wrong ones: this is what the units should not hear.",
                    lambda B, heard: B - _local_feedback(B, heard),
                ),
            ),
            *likewise(
                Mistake(
                    "keeps exactly `heard` outputs a unit",
                    "Each unit hears one output too many, or one too few: <, or <=?",
                    lambda B, heard: _local_feedback(B, heard + 1),
                ),
                lambda B, heard: _local_feedback(B, heard - 1),
            ),
            *likewise(
                Mistake(
                    "leaves the remaining lines as strong as they were",
                    "Silence the other lines, and leave these as they are: no rescaling, no ones in their place.",
                    lambda B, heard: _local_feedback(B, heard) * len(B) / heard,
                ),
                lambda B, heard: _local_feedback(B, heard) * np.sqrt(len(B) / heard),
                lambda B, heard: _local_feedback(np.ones_like(B), heard),
                lambda B, heard: (
                    _local_feedback(B, heard) * np.linalg.norm(B) / np.linalg.norm(_local_feedback(B, heard))
                ),
                lambda B, heard: np.abs(_local_feedback(B, heard)),
                lambda B, heard: np.sign(_local_feedback(B, heard)),
            ),
            *likewise(
                Mistake(
                    "counts upwards from the unit's own output",
                    "Your units hear outputs before their own, on both sides of it, or only beyond it; the exercise "
                    "wants j, j + 1, …",
                    _where(lambda i, j, shape, heard: (j - i) % shape[0] < heard),
                ),
                _where(lambda i, j, shape, heard: (i - j - 1) % shape[0] < heard),
                _where(lambda i, j, shape, heard: (i - j + 1) % shape[0] < heard),
                _where(lambda i, j, shape, heard: (i - j + heard // 2) % shape[0] < heard),
                _where(lambda i, j, shape, heard: np.minimum((i - j) % shape[0], (j - i) % shape[0]) < heard),
            ),
            *likewise(
                Mistake(
                    "goes round the circle",
                    "Unit n_out hears output 0 first, and a unit near the end goes on at output 0: count modulo n_out.",
                    _where(lambda i, j, shape, heard: (i >= j) & (i < j + heard)),
                ),
                _where(lambda i, j, shape, heard: np.abs(i - j) < heard),
                _where(lambda i, j, shape, heard: (i >= j % shape[0]) & (i < j % shape[0] + heard)),
                _where(lambda i, j, shape, heard: (i - np.minimum(j, shape[0] - heard)) % shape[0] < heard),
                _where(lambda i, j, shape, heard: i - j < heard),
                _where(lambda i, j, shape, heard: i - j % shape[0] < heard),
            ),
            *likewise(
                Mistake(
                    "counts modulo the number of outputs",
                    "The circle has as many places as there are outputs, not as many as there are units.",
                    _where(lambda i, j, shape, heard: (i - j) % shape[1] < heard),
                ),
                _where(lambda i, j, shape, heard: (i - j) % 10 < heard),
            ),
            *likewise(
                Mistake(
                    "gives each unit the next output",
                    "Your units come in blocks. The outputs of unit j start at j: each unit is one further than the "
                    "last.",
                    _where(lambda i, j, shape, heard: (i - j * heard) % shape[0] < heard),
                ),
                _where(lambda i, j, shape, heard: (i - j * shape[0] // shape[1]) % shape[0] < heard),
                _where(lambda i, j, shape, heard: (i - j // heard) % shape[0] < heard),
            ),
        ),
        properties=(
            Property(
                "leaves no output unheard",
                "With one output a unit, each output must still reach some unit.",
                _keeps_every_output,
            ),
            cases(
                "holds for any sizes",
                "A unit may hear all the outputs or one, and there may be fewer units than outputs.",
                _local_feedback,
                _sizes_of_feedback,
            ),
            Property(
                "keeps B's number type",
                "The lesson's B is float32, and yours comes back in another type, which does not multiply with its "
                "errors: `np.zeros(B.shape)` makes float64, `np.zeros_like(B)` keeps B's type.",
                _stays_in_single_precision,
            ),
        ),
    ),
    "share_of_descent": Exercise(
        reference=_share_of_descent,
        draw=_draw_signals,
        hint="One inner product for every example, along its units; then the share of the positive ones.",
        mistakes=(
            *likewise(
                Mistake(
                    "compares every example with its own signal",
                    "You compared with a mean of signals, or with another example's. Each example has its own.",
                    lambda d, b: (d @ b.mean(0) > 0).mean(),
                ),
                lambda d, b: (d @ b.T > 0).mean(),
                lambda d, b: ((d @ b.T).sum(1) > 0).mean(),
                lambda d, b: (b @ d.mean(0) > 0).mean(),
            ),
            *likewise(
                Mistake(
                    "asks every example for its sign",
                    "You added, or averaged, over the examples before you asked for the sign, so that only 0 or 1 can "
                    "come out.",
                    lambda d, b: 1.0 * ((d * b).sum() > 0),
                ),
                lambda d, b: 1.0 * (d.mean(0) @ b.mean(0) > 0),
            ),
            *likewise(
                Mistake(
                    "takes the inner product over the units",
                    "You counted units. A direction is a property of a whole signal, along its row.",
                    lambda d, b: (d * b > 0).mean(),
                ),
                lambda d, b: ((d * b > 0).mean(1) > 0.5).mean(),
            ),
            *likewise(
                Mistake(
                    "is a share, between 0 and 1",
                    "That is a percentage, or a number of examples. A share lies between 0 and 1.",
                    lambda d, b: 100 * _share_of_descent(d, b),
                ),
                lambda d, b: len(d) * _share_of_descent(d, b),
            ),
            *likewise(
                Mistake(
                    "counts, and does not average",
                    "This is a mean of cosines, of inner products, or of signs. Ask of each example only whether it is "
                    "positive.",
                    lambda d, b: _cosines(d, b).mean(),
                ),
                lambda d, b: (d * b).sum(1).mean(),
                lambda d, b: np.sign((d * b).sum(1)).mean(),
                lambda d, b: (d * b).mean(),
            ),
            *likewise(
                Mistake(
                    "counts the examples that descend",
                    "This is the share that climbs: the code subtracts, so positive means descent.",
                    lambda d, b: 1 - _share_of_descent(d, b),
                ),
                lambda d, b: _share_of_descent(-d, b),
            ),
            *likewise(
                Mistake(
                    "counts no silent example",
                    "An example whose signal is zero has the inner product 0, which is not positive; and it stays in "
                    "the count.",
                    lambda d, b: ((d * b).sum(1) >= 0).mean(),
                ),
                lambda d, b: _share_of_descent(d[d.any(1)], b[d.any(1)]),
            ),
            *likewise(
                Mistake(
                    "sees which way the signal points",
                    "With magnitudes every example seems to agree.",
                    lambda d, b: (np.abs((d * b).sum(1)) > 0).mean(),
                ),
                lambda d, b: (np.abs(d * b).sum(1) > 0).mean(),
            ),
        ),
        properties=(
            Property("does not depend on the signals' lengths", "Only the sign counts.", _ignores_the_length),
            cases(
                "is 1 where all agree, and 0 where none does",
                "A batch may agree or disagree as a whole, may be a single example, and backprop may be silent.",
                _share_of_descent,
                _extreme_signals,
            ),
        ),
    ),
}
