"""Exercises 4.6 to 4.8: weight decay, right and wrong, and an error rate that a NaN cannot fool."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 4.6 One step down the gradient of loss + decay/2 · ‖W‖².
def _decay_step(W, b, gradient_W, gradient_b, learning_rate, decay):
    return W * (1 - learning_rate * decay) - learning_rate * gradient_W, b - learning_rate * gradient_b


def _decay_case(rng, n_in, n_out, learning_rate, decay):
    shapes = (n_in, n_out), (n_out,), (n_in, n_out), (n_out,)
    return *(rng.normal(size=shape) for shape in shapes), learning_rate, decay


def _draw_decay_step(rng):
    sizes = rng.choice(np.arange(2, 9), size=2, replace=False)
    return _decay_case(rng, *sizes, float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.1, 0.5)))


def _resting_weights():
    """Weights of zero without a gradient."""
    W, b, gradient_W, gradient_b, *settings = _decay_case(np.random.default_rng(4), 3, 5, 0.5, 0.3)
    return [(0 * W, b, 0 * gradient_W, gradient_b, *settings)]


def _edges_of_decay():
    rng = np.random.default_rng(4)
    return [_decay_case(rng, 1, 1, 0.5, 0.2), _decay_case(rng, 4, 3, 0.5, 0.0), _decay_case(rng, 3, 4, 0.0, 0.5)]


# 4.7 Ten epochs of 600 steps.
def _drift():
    return sum([-1e-4] * 600 * 10)


# 4.8 Percent wrong; an example without a finite prediction is wrong.
def _honest_error(prediction, labels):
    pairs = zip(prediction, labels, strict=True)
    right = [np.isfinite(p).all() and max(range(len(p)), key=p.__getitem__) == y for p, y in pairs]
    return 100 * (1 - sum(right) / len(right))


BROKEN = ("all nan", "all inf", "one nan", "one inf", "one -inf")  # kinds of broken rows


def _break(row, kind, column):
    """The row broken in that way, and the label that a careless argmax takes for right."""
    which, value = kind.split()
    row[slice(None) if which == "all" else column] = float(value)
    return row, row.argmax()


def _outputs(rng, count, classes):
    """Logits: of either sign, each row of a size of its own."""
    return rng.normal(size=(count, classes)) * 10.0 ** rng.integers(-2, 10, (count, 1))


def _draw_honest_error(rng):
    """1, 2, 4, 8, 16 rows of the five broken kinds, so that each set of kinds gives an error of its own; some good."""
    classes = int(rng.integers(4, 8))
    rows = [*_outputs(rng, 31 + rng.integers(9, 15), classes)]
    labels = [row.argmax() for row in rows]
    for i, kind in enumerate(np.repeat(BROKEN, [1, 2, 4, 8, 16])):
        column = rng.integers(1, classes - 1)  # neither the first nor the last
        rows[i], labels[i] = _break(rows[i], kind, column)
    for i in range(31, 31 + rng.integers(2, 6)):
        labels[i] = (labels[i] + rng.integers(1, classes)) % classes
    order = rng.permutation(len(rows))
    return np.array(rows)[order], np.array(labels)[order]


def _one_broken_number():
    """In one place of one row: every column, NaN and both infinities; and a batch of broken rows alone."""
    rng = np.random.default_rng(4)
    batches = []
    for kind in BROKEN[2:]:
        for column in range(4):
            prediction = _outputs(rng, 6, 4)
            labels = prediction.argmax(1)
            prediction[2], labels[2] = _break(prediction[2], kind, column)
            batches.append((prediction, labels))
    return [*batches, (np.full((3, 4), np.nan), np.zeros(3, dtype=int))]


def _careless(prediction, labels):
    return 100 * np.mean(prediction.argmax(1) != labels)


def _unless(broken):
    """A wrong answer that finds only the rows that `broken` finds."""

    def wrong(prediction, labels):
        return 100 * np.mean((prediction.argmax(1) != labels) | broken(prediction))

    return wrong


def _without_the_broken(prediction, labels):
    finite = np.isfinite(prediction).all(1)
    return _careless(prediction[finite], labels[finite])


TRAINING = {
    "decay_step": Exercise(
        reference=_decay_step,
        draw=_draw_decay_step,
        labels=("W", "b"),
        hint="Differentiate loss + decay/2 · ‖W‖² with respect to W, then with respect to b.",
        mistakes=(
            *likewise(
                Mistake(
                    "shrinks the weights in proportion",
                    "You subtract the same constant from every weight. That pulls no weight towards zero: it pulls all "
                    "of them down, negative ones too.",
                    lambda W, b, gW, gb, r, d: (W - r * gW - d, b - r * gb - d),
                ),
                lambda W, b, gW, gb, r, d: (W - r * gW - d, b - r * gb),
            ),
            *likewise(
                Mistake(
                    "subtracts decay · W, not a constant",
                    "The constant is multiplied by the learning rate now, but it is still the same for every weight.",
                    lambda W, b, gW, gb, r, d: (W - r * (gW + d), b - r * (gb + d)),
                ),
                lambda W, b, gW, gb, r, d: (W - r * (gW + d), b - r * gb),
            ),
            *likewise(
                Mistake(
                    "takes the gradient of the square",
                    "Your pull has the same size for every weight: that is the penalty |W|. The slope of ½ W² is "
                    "another one.",
                    lambda W, b, gW, gb, r, d: (W - r * (gW + d * np.sign(W)), b - r * gb),
                ),
                lambda W, b, gW, gb, r, d: (W - r * (gW + d * np.abs(W)), b - r * gb),
            ),
            *likewise(
                Mistake(
                    "minds the one half",
                    "The penalty has a factor ½ in front of ‖W‖². What becomes of it when you differentiate?",
                    lambda W, b, gW, gb, r, d: (W - r * (gW + 2 * d * W), b - r * gb),
                ),
                lambda W, b, gW, gb, r, d: (W - r * (gW + d / 2 * W), b - r * gb),
            ),
            *likewise(
                Mistake(
                    "adds the slope of the penalty, not the penalty",
                    "You added the penalty itself, one number. A step goes down its gradient, an array like W.",
                    lambda W, b, gW, gb, r, d: (W - r * (gW + d / 2 * (W**2).sum()), b - r * gb),
                ),
                lambda W, b, gW, gb, r, d: (W - r * (gW + d / 2 * W**2), b - r * gb),
                lambda W, b, gW, gb, r, d: (W - r * (gW + d * W**2), b - r * gb),
            ),
            *likewise(
                Mistake(
                    "spares the biases",
                    "The penalty is on W alone; the bias follows its own gradient.",
                    lambda W, b, gW, gb, r, d: (W - r * (gW + d * W), b - r * (gb + d * b)),
                ),
                lambda W, b, gW, gb, r, d: (W - r * gW - d * W, b - r * gb - d * b),
                lambda W, b, gW, gb, r, d: (W - r * gW, b - r * (gb + d * b)),
            ),
            *likewise(
                Mistake(
                    "multiplies the decay by the learning rate",
                    "The penalty is part of the loss: its gradient decay · W is multiplied by the learning rate, too.",
                    lambda W, b, gW, gb, r, d: (W - r * gW - d * W, b - r * gb),
                ),
                lambda W, b, gW, gb, r, d: ((W - r * gW) * (1 - d), b - r * gb),
            ),
            Mistake(
                "shrinks the weights as they were",
                "You shrink the weights after the gradient's step. Both gradients belong to the same W, the old one.",
                lambda W, b, gW, gb, r, d: ((W - r * gW) * (1 - r * d), b - r * gb),
            ),
            Mistake(
                "shrinks, and does not grow",
                "The sign of the decay is reversed: your weights grow.",
                lambda W, b, gW, gb, r, d: (W - r * (gW - d * W), b - r * gb),
            ),
            *likewise(
                Mistake(
                    "goes down the gradient",
                    "Your step goes up the slope of the loss: descent subtracts.",
                    lambda W, b, gW, gb, r, d: (W + r * (gW + d * W), b + r * gb),
                ),
                lambda W, b, gW, gb, r, d: (W + r * gW - r * d * W, b + r * gb),
            ),
            Mistake(
                "uses the decay",
                "This is a step without weight decay.",
                lambda W, b, gW, gb, r, d: (W - r * gW, b - r * gb),
            ),
            *likewise(
                Mistake(
                    "returns the new W and b",
                    "You return the changes, or the slopes. The new values are asked for.",
                    lambda W, b, gW, gb, r, d: (-r * (gW + d * W), -r * gb),
                ),
                lambda W, b, gW, gb, r, d: (r * (gW + d * W), r * gb),
                lambda W, b, gW, gb, r, d: (gW + d * W, gb),
            ),
            Mistake(
                "returns W first",
                "The two results are right, in the other order.",
                lambda W, b, gW, gb, r, d: _decay_step(W, b, gW, gb, r, d)[::-1],
            ),
        ),
        properties=(
            cases(
                "leaves a zero weight without gradient at zero",
                "Nothing pushes such a weight. Yours moves.",
                _decay_step,
                _resting_weights,
            ),
            cases(
                "holds for any sizes and settings",
                "Without decay it is plain descent; with a learning rate of 0 nothing moves; a layer may be 1 × 1.",
                _decay_step,
                _edges_of_decay,
            ),
        ),
    ),
    "drift": Exercise(
        reference=_drift,
        rtol=0.02,
        hint="Count the steps, then ask what every step subtracts, whatever the weight and the gradient are.",
        mistakes=(
            Mistake("has the right sign", "The constant is subtracted.", lambda: 0.6),
            *likewise(
                Mistake(
                    "counts the steps",
                    "The constant is subtracted once a step: not once an epoch, and for more than one epoch.",
                    lambda: -0.06,
                ),
                *(lambda v=v: v for v in (0.06, -1e-4, 1e-4, -1e-3, 1e-3)),
            ),
            *likewise(
                Mistake(
                    "leaves the learning rate out",
                    "In `w - alpha * gradient - decay` the learning rate multiplies the gradient only.",
                    lambda: -0.3,
                ),
                *(lambda v=v: v for v in (0.3, -0.03, 0.03, -5e-4, 5e-4, -5e-5, 5e-5, -1.2, 1.2)),
            ),
            *likewise(
                Mistake(
                    "subtracts a constant, not a share",
                    "You let every weight shrink in proportion. The slides' code subtracts the same number each time.",
                    lambda: (1 - 1e-4) ** 6000 - 1,
                ),
                lambda: (1 - 5e-5) ** 6000 - 1,
                lambda: 1 - (1 - 1e-4) ** 6000,
                lambda: (1 - 1e-4) ** 6000,
                lambda: (1 - 5e-5) ** 6000,
            ),
            *likewise(
                Mistake(
                    "is a change of the weights",
                    "That is a number of steps. What does each of them take away?",
                    lambda: 6000,
                ),
                lambda: -6000,
                lambda: 600,
                lambda: -600,
            ),
            *likewise(
                Mistake(
                    "keeps the power of ten",
                    "The digits are right, the power of ten is not: 1e-4 is 0.0001.",
                    lambda: -6,
                ),
                *(lambda v=v: v for v in (-60, -0.006, 6, 60, 0.006)),
            ),
            Mistake(
                "adds up",
                "Decay never rests, and nothing takes a step of it back. What do all the steps add up to?",
                lambda: 0,
            ),
        ),
    ),
    "honest_error": Exercise(
        reference=_honest_error,
        draw=_draw_honest_error,
        hint="An example counts as right only if its prediction is finite and its largest output is the label's.",
        mistakes=(
            *likewise(
                Mistake(
                    "does not read a broken prediction as a class",
                    "argmax of a row with NaN, or with infinities, is some class all the same, so that a broken row "
                    "may count as right.",
                    _careless,
                ),
                lambda p, y: 100 - _careless(p, y),
                lambda p, y: _careless(p, y) / 100,
            ),
            Mistake(
                "does not repair a broken prediction",
                "You put numbers in the place of NaN and infinity, so that a broken row may count as right.",
                lambda p, y: _careless(np.nan_to_num(p), y),
            ),
            *likewise(
                Mistake(
                    "sees infinities as well as NaN",
                    "Some broken rows pass: not only NaN is not finite, and not only infinity; -inf is not, either.",
                    _unless(lambda p: np.isnan(p).any(1)),
                ),
                _unless(lambda p: np.isinf(p).any(1)),
                _unless(lambda p: ~np.isfinite(p.max(1))),
                _unless(lambda p: np.isnan(p).any(1) | (p == np.inf).any(1)),
                _unless(lambda p: np.isnan(p).all(1)),
            ),
            *likewise(
                Mistake(
                    "looks at every output of a row",
                    "One broken number anywhere in the row breaks the prediction: not only in its first or last place, "
                    "and not only when all of the row is broken.",
                    _unless(lambda p: ~np.isfinite(p[:, -1])),
                ),
                _unless(lambda p: ~np.isfinite(p[:, 0])),
                _unless(lambda p: ~np.isfinite(p).any(1)),
            ),
            Mistake(
                "judges row by row",
                "One broken row made the whole batch wrong.",
                lambda p, y: 100.0 if not np.isfinite(p).all() else _careless(p, y),
            ),
            Mistake(
                "keeps the broken examples in the count",
                "You left them out. A network that answers nothing would then be judged by nothing.",
                _without_the_broken,
            ),
            *likewise(
                Mistake("is the error", "That is the accuracy.", lambda p, y: 100 - _honest_error(p, y)),
                lambda p, y: 1 - _honest_error(p, y) / 100,
            ),
            Mistake("is in percent", "Multiply the share by 100.", lambda p, y: _honest_error(p, y) / 100),
            Mistake(
                "divides by the number of examples",
                "That is how many are wrong, not which share.",
                lambda p, y: _honest_error(p, y) * len(y) / 100,
            ),
            Mistake(
                "counts the broken ones beside the others",
                "That is the share of broken rows. Finite predictions can be wrong, too.",
                lambda p, y: 100 * np.mean(~np.isfinite(p).all(1)),
            ),
        ),
        properties=(
            cases(
                "counts one NaN or infinity in a row as broken",
                "NaN, inf and -inf, in any one place of the row, make it wrong.",
                _honest_error,
                _one_broken_number,
            ),
        ),
    ),
}
