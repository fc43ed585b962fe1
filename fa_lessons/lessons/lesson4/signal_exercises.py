"""Exercises 4.1 to 4.3: the signal that random feedback sends, what its length does, and its angle."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.results import same


# 4.1 The hidden layer's error signal, example by example and unit by unit, with its sums written out.
def _hidden_delta(delta_output, W_output, B, hidden):
    result = np.zeros_like(hidden)
    for example in range(hidden.shape[0]):
        for unit in range(hidden.shape[1]):
            sent = sum(delta_output[example, k] * B[k, unit] for k in range(B.shape[0]))
            result[example, unit] = sent * hidden[example, unit] * (1 - hidden[example, unit])
    return result


def _hidden_case(rng, batch, n_hidden, n_out):
    return (
        rng.normal(size=(batch, n_out)),
        rng.normal(size=(n_hidden, n_out)),
        rng.normal(size=(n_out, n_hidden)),
        rng.uniform(0, 1, size=(batch, n_hidden)),
    )


def _draw_hidden_delta(rng):
    return _hidden_case(rng, *rng.choice(np.arange(2, 9), size=3, replace=False))


def _ignores_the_forward_weights(answer, arguments):
    delta_output, W_output, B, hidden = arguments
    return same(
        answer(delta_output, 3 * W_output + 1, B, hidden),
        answer(delta_output, W_output, B, hidden),
        rtol=1e-3,
        atol=1e-4,
    )


def _sigmoid_slope(a):
    return np.exp(-a) / (1 + np.exp(-a)) ** 2


# 4.2 Without the factor in B, the hidden layer needs another learning rate and another decay for the same training.
def _without_the_factor(learning_rate, scale, decay):
    return learning_rate * scale, decay / scale


def _draw_factor(rng):
    return float(rng.uniform(0.1, 0.9)), float(rng.uniform(2, 9)), float(rng.uniform(0.01, 0.5))


def _trains_alike(answer, arguments):
    """The same weights after three steps of a hidden layer, with any signals."""
    learning_rate, scale, decay = arguments
    rate, other_decay = answer(learning_rate, scale, decay)
    random = np.random.default_rng(4)
    long = short = random.normal(size=(3, 4))
    for signal in random.normal(size=(3, 3, 4)):
        long = long - learning_rate * (scale * signal + decay * long)
        short = short - rate * (signal + other_decay * short)
    return same(short, long, rtol=1e-3, atol=1e-4)


# 4.3 The mean angle, by Kahan's formula, which has no arccos.
def _angles(delta, backprop):
    angles = []
    for mine, truth in zip(delta, backprop, strict=True):
        mine, truth = mine / np.linalg.norm(mine), truth / np.linalg.norm(truth)
        angles.append(2 * np.arctan2(np.linalg.norm(mine - truth), np.linalg.norm(mine + truth)))
    return np.degrees(angles)


def _signal_angle(delta, backprop):
    return _angles(delta, backprop).mean()


def _draw_signal_angle(rng):
    """Short vectors of unequal lengths; the first angle is acute, the second obtuse."""
    batch, units = rng.choice(np.arange(3, 10), size=2, replace=False)
    backprop = rng.normal(size=(batch, units)) + 0.4
    delta = rng.normal(size=(batch, units)) + 0.4
    delta[0], delta[1] = backprop[0] + 0.3 * delta[0], 0.3 * delta[1] - backprop[1]
    lengths = rng.uniform(0.1, 0.9, size=(2, batch, 1))
    pairs = zip(lengths, (delta, backprop), strict=True)
    return tuple(length * v / np.linalg.norm(v, axis=1, keepdims=True) for length, v in pairs)


def _cosines(delta, backprop):
    return (delta * backprop).sum(1) / np.linalg.norm(delta, axis=1) / np.linalg.norm(backprop, axis=1)


def _parallel_signals():
    """Enough pairs for the cosine of some to round to more than 1: the same way, opposite ways, beside right angles."""
    signals = np.random.default_rng(4).normal(size=(300, 7))
    mixed = 3 * signals
    mixed[::2] = np.roll(mixed[::2], 1, axis=1)
    mixed[::2] -= _cosines(mixed, signals)[::2, None] * 3 * signals[::2]
    return [(3 * signals, signals), (-signals / 3, signals), (signals[:1], signals[:1]), (mixed, signals)]


def _ignores_the_length(answer, arguments):
    (delta, backprop), scales = arguments, ((7, 1 / 3), (1e-6, 1e-6), (1e3, 1e3))
    found = [answer(one * delta, other * backprop) for one, other in scales]
    return all(same(angle, answer(delta, backprop), rtol=1e-3, atol=1e-4) for angle in found)


SIGNALS = {
    "hidden_delta": Exercise(
        hint="Three factors: the error above, the matrix that brings it down, the slope of a sigmoid by its output.",
        reference=_hidden_delta,
        draw=_draw_hidden_delta,
        mistakes=(
            *likewise(
                Mistake(
                    "sends the error back through B",
                    "Your signal goes through the forward weights, transposed: that is backprop. Which matrix does "
                    "feedback alignment put in their place?",
                    lambda d, W, B, h: (d @ W.T) * h * (1 - h),
                ),
                lambda d, W, B, h: (d @ W.reshape(B.shape)) * h * (1 - h),
                lambda d, W, B, h: (d @ W.T) * (1 - h**2),
                lambda d, W, B, h: d @ W.T,
            ),
            Mistake(
                "multiplies by the slope of the hidden units",
                "The error has reached the units' output h. It must pass the units themselves, too.",
                lambda d, W, B, h: d @ B,
            ),
            Mistake(
                "uses the slope of the sigmoid",
                "1 − h² is the slope of tanh. This network has sigmoid units.",
                lambda d, W, B, h: (d @ B) * (1 - h**2),
            ),
            Mistake(
                "takes the slope from the activation",
                "`hidden` has passed the sigmoid already: you pass it a second time. What is the slope in terms of h?",
                lambda d, W, B, h: (d @ B) * _sigmoid_slope(h),
            ),
            *likewise(
                Mistake(
                    "has both factors of the slope",
                    "A sigmoid's slope vanishes at h = 0 and at h = 1. Yours vanishes at one of them at most.",
                    lambda d, W, B, h: (d @ B) * h,
                ),
                lambda d, W, B, h: (d @ B) * (1 - h),
            ),
            Mistake(
                "keeps the sign of the error",
                "Here e = prediction − target, and the update subtracts; the signal itself has no minus sign.",
                lambda d, W, B, h: -(d @ B) * h * (1 - h),
            ),
            Mistake(
                "averages in the right place",
                "The error was divided by the batch already. Do not divide again.",
                lambda d, W, B, h: (d @ B) * h * (1 - h) / len(d),
            ),
            Mistake(
                "uses B as it is given",
                "B is (n_out, n_hidden) already, ready for the error's n_out entries. Do not turn or refill it.",
                lambda d, W, B, h: (d @ B.T.reshape(B.shape)) * h * (1 - h),
            ),
        ),
        properties=(
            Property(
                "does not depend on the forward weights",
                "Change W_output, keep the error: feedback alignment's signal must stay the same.",
                _ignores_the_forward_weights,
            ),
            cases(
                "works for one example, one unit, one output",
                "A size of 1 is a size like any other: keep its axis.",
                _hidden_delta,
                lambda: [_hidden_case(np.random.default_rng(4), *sizes) for sizes in ((1, 4, 3), (3, 1, 4), (4, 3, 1))],
            ),
        ),
    ),
    "without_the_factor": Exercise(
        hint="Write one step of W1 with s·B and with B, and compare term by term: first the signal, then W1 itself.",
        reference=_without_the_factor,
        draw=_draw_factor,
        labels=("learning rate", "decay"),
        mistakes=(
            Mistake(
                "minds what the learning rate does to the decay",
                "The signal's part is right. But the decay is multiplied by the new learning rate, too: W1 shrinks "
                "faster now than it did.",
                lambda r, s, d: (r * s, d),
            ),
            *likewise(
                Mistake(
                    "turns the decay the right way",
                    "What counts for the weights is learning rate × decay. With your values it is not what it was.",
                    lambda r, s, d: (r * s, d * s),
                ),
                lambda r, s, d: (r * s, d / s**2),
                lambda r, s, d: (r * s, d * r / s),
            ),
            *likewise(
                Mistake(
                    "turns the learning rate the right way",
                    "Without the factor s the signal is shorter. The learning rate has to make up for it.",
                    lambda r, s, d: (r / s, d),
                ),
                lambda r, s, d: (r / s, d * s),
                lambda r, s, d: (r / s, d / s),
            ),
            *likewise(
                Mistake(
                    "gives the signal its length back",
                    "The hidden layer's step is learning rate × signal, and the signal has lost its factor s.",
                    lambda r, s, d: (r, d),
                ),
                lambda r, s, d: (r, d / s),
                lambda r, s, d: (r, d * s),
            ),
            *likewise(
                Mistake(
                    "uses the factor as it is",
                    "The signal is linear in B: s times B gives s times the signal, neither its root nor its square.",
                    lambda r, s, d: (r * s**0.5, d / s**0.5),
                ),
                lambda r, s, d: (r * s**2, d / s**2),
                lambda r, s, d: (r * s**0.5, d),
                lambda r, s, d: (r * s**2, d),
            ),
            Mistake(
                "gives the learning rate first",
                "The two results are right, in the other order.",
                lambda r, s, d: (d / s, r * s),
            ),
        ),
        properties=(
            Property(
                "trains the same weights",
                "Train one layer for three steps with s·B, and another with B and your settings: the weights differ.",
                _trains_alike,
            ),
            cases(
                "holds for a factor of 1, below 1, and without decay",
                "With s = 1 nothing changes; with s below 1 the rate shrinks; no decay stays no decay.",
                _without_the_factor,
                lambda: [(0.5, 1.0, 0.1), (0.5, 0.1, 0.1), (0.5, 3.0, 0.0)],
            ),
        ),
    ),
    "signal_angle": Exercise(
        hint="cos: inner product over both lengths, row by row; then arccos, degrees, and only then the mean.",
        reference=_signal_angle,
        draw=_draw_signal_angle,
        mistakes=(
            Mistake(
                "takes the angle of each example, then the mean",
                "You averaged the signals first. Opposite errors cancel in that mean, and the angle is another one.",
                lambda d, b: _signal_angle(d.mean(0, keepdims=True), b.mean(0, keepdims=True)),
            ),
            Mistake(
                "takes each example apart",
                "You took the whole batch for one long vector. Every example has an angle of its own.",
                lambda d, b: _signal_angle(d.reshape(1, -1), b.reshape(1, -1)),
            ),
            Mistake(
                "runs along the units",
                "You compared units over the batch. An example is a row: sum along its units.",
                lambda d, b: _signal_angle(d.T, b.T),
            ),
            Mistake("is in degrees", "Your number is in radians.", lambda d, b: np.radians(_signal_angle(d, b))),
            *likewise(
                Mistake("is an angle", "Your number is a cosine.", lambda d, b: _cosines(d, b).mean()),
                lambda d, b: np.degrees(_cosines(d, b)).mean(),
            ),
            *likewise(
                Mistake(
                    "averages angles, not cosines",
                    "The angle of the mean cosine is not the mean angle: apply arccos before the mean.",
                    lambda d, b: np.degrees(np.arccos(_cosines(d, b).mean())),
                ),
                lambda d, b: np.arccos(_cosines(d, b).mean()),
            ),
            *likewise(
                Mistake(
                    "divides by both lengths",
                    "An angle compares directions: the inner product is a cosine only after division by both lengths.",
                    lambda d, b: np.degrees(np.arccos((d * b).sum(1))).mean(),
                ),
                lambda d, b: np.degrees(np.arccos((d * b).sum(1) / np.linalg.norm(b, axis=1))).mean(),
                lambda d, b: np.degrees(np.arccos((d * b).sum(1) / np.linalg.norm(d) / np.linalg.norm(b))).mean(),
            ),
            Mistake(
                "tells an obtuse angle from an acute one",
                "You folded the angles back below 90°. A signal that points away from backprop's must show.",
                lambda d, b: np.degrees(np.arccos(np.abs(_cosines(d, b)))).mean(),
            ),
            Mistake(
                "points from the signal to backprop's",
                "This is 180° minus the angle: one of the two signs is turned.",
                lambda d, b: 180 - _signal_angle(d, b),
            ),
            *likewise(
                Mistake(
                    "gives one number, the mean",
                    "You have the angles of the examples. Their mean is asked for, over all of them.",
                    _angles,
                ),
                lambda d, b: np.median(_angles(d, b)),
                lambda d, b: _angles(d, b).sum(),
            ),
        ),
        properties=(
            Property(
                "does not depend on the signals' lengths",
                "An angle compares directions: divide by both lengths, however short they are, and by nothing else.",
                _ignores_the_length,
            ),
            cases(
                "has an angle for parallel signals",
                "Signals that are exactly parallel, or opposite, gave another angle, or NaN. Rounding can make a "
                "cosine 1.0000001 there, and what is arccos of that?",
                _signal_angle,
                _parallel_signals,
                atol=0.1,
            ),
        ),
    ),
}
