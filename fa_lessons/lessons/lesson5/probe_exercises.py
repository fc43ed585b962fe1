"""Exercise 5.8: a linear readout as a probe of what a layer holds."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property


# 5.8 Ridge regression as least squares with one more row for every weight.
def _scores(train_features, train_labels, test_features):
    A = _with_ones(train_features)
    targets = (train_labels[:, None] == np.arange(10)).astype(float)
    A, targets = np.vstack([A, np.eye(A.shape[1])]), np.vstack([targets, np.zeros((A.shape[1], 10))])
    return _with_ones(test_features) @ np.linalg.lstsq(A, targets, rcond=None)[0]


def _probe_error(train_features, train_labels, test_features, test_labels):
    return 100 * np.mean(_scores(train_features, train_labels, test_features).argmax(1) != test_labels)


def _with_ones(features):
    return np.column_stack([features, np.ones(len(features))])


def _features(rng, train, test, units=6, scale=0.3):
    """Ten clouds, away from the origin, of unequal numbers; digit 9 and one other are not among the training labels.

    The features are short, so that the penalty counts; test examples for which two digits score nearly alike are left
    out, so that no rounding decides.
    """
    centres = rng.normal(size=(10, units)) + 2
    absent = 9, rng.integers(1, 9)
    weights = rng.uniform(0.3, 1, size=10)
    weights[list(absent)] = 0
    labels = rng.choice(10, size=train, p=weights / weights.sum()), rng.permutation(np.arange(4 * test) % 10)
    parts = [scale * (centres[part] + rng.normal(scale=0.7, size=(len(part), units))) for part in labels]
    lead = np.sort(_scores(parts[0], labels[0], parts[1]))[:, -2:]
    clear = np.flatnonzero(np.diff(lead)[:, 0] > 1e-4)[:test]
    return parts[0], labels[0], parts[1][clear], labels[1][clear]


def _draw_features(rng):
    return _features(rng, train=int(rng.integers(60, 120)), test=400, units=int(rng.integers(4, 8)))


def _awkward_features():
    """A unit that is dead, two that say the same, and fewer examples than units."""
    features, labels, test_features, test_labels = _features(np.random.default_rng(5), 80, 100)
    twice, dead = (lambda part: np.column_stack([part, part[:, 0]])), lambda part: part * (np.arange(6) > 0)
    wide = _features(np.random.default_rng(6), 12, 100, units=30)
    return [(f(features), labels, f(test_features), test_labels) for f in (twice, dead)] + [wide]


def _moves_with_the_test_labels(answer, arguments):
    train_features, train_labels, test_features, test_labels = arguments
    shifted = answer(train_features, train_labels, test_features, (test_labels + 1) % 10)
    return shifted > answer(train_features, train_labels, test_features, test_labels)


def _one_hot(labels):
    return np.eye(10)[labels]


def _ridge(penalty=np.eye, targets=_one_hot, columns=(_with_ones, _with_ones)):
    """A wrong answer: ridge regression with another penalty, target, or bias."""

    def wrong(train_features, train_labels, test_features, test_labels):
        A, A_test = (make(part) for make, part in zip(columns, (train_features, test_features), strict=True))
        R = np.linalg.solve(A.T @ A + penalty(A.shape[1]), A.T @ targets(train_labels))
        return 100 * np.mean((A_test @ R).argmax(1) != test_labels)

    return wrong


def _as_given(features):
    return features


def _bias_unpenalised(size):
    penalty = np.eye(size)
    penalty[-1, -1] = 0
    return penalty


def _columns_of_present_labels(labels):
    return np.eye(10)[:, np.unique(labels)][labels]


def _digit_as_number(rounded):
    def wrong(train_features, train_labels, test_features, test_labels):
        A = _with_ones(train_features)
        readout = np.linalg.solve(A.T @ A + np.eye(A.shape[1]), A.T @ train_labels)
        return 100 * np.mean(rounded(_with_ones(test_features) @ readout) != test_labels)

    return wrong


def _nearest_mean(train_features, train_labels, test_features, test_labels):
    present = np.unique(train_labels)
    means = np.stack([train_features[train_labels == digit].mean(0) for digit in present])
    nearest = ((test_features[:, None] - means) ** 2).sum(2).argmin(1)
    return 100 * np.mean(present[nearest] != test_labels)


PROBE = {
    "probe_error": Exercise(
        reference=_probe_error,
        draw=_draw_features,
        hint="Fit on the training part: features and a column of ones, one-hot labels, penalty I. Then let the largest "
        "of the ten outputs answer for each test example.",
        mistakes=(
            *likewise(
                Mistake(
                    "measures on the test features",
                    "You measured on the examples that the readout was fitted to.",
                    lambda f, y, tf, ty: _probe_error(f, y, f, y),
                ),
                lambda f, y, tf, ty: 100 - _probe_error(f, y, f, y),
            ),
            *likewise(
                Mistake(
                    "fits on the training features",
                    "You fitted the readout to the test examples.",
                    lambda f, y, tf, ty: _probe_error(tf, ty, tf, ty),
                ),
                lambda f, y, tf, ty: _probe_error(tf, ty, f, y),
            ),
            *likewise(
                Mistake("is an error", "Your number is of right answers.", lambda *a: 100 - _probe_error(*a)),
                lambda *a: 1 - _probe_error(*a) / 100,
            ),
            Mistake("is in percent", "Your number is a fraction.", lambda *a: _probe_error(*a) / 100),
            Mistake(
                "divides by the number of test examples",
                "That is how many are wrong, not which share of the test examples.",
                lambda f, y, tf, ty: _probe_error(f, y, tf, ty) * len(ty) / 100,
            ),
            *likewise(
                Mistake(
                    "has a bias",
                    "Your readout has no bias: append a column of ones, to both parts.",
                    _ridge(columns=(_as_given, _as_given)),
                ),
                _ridge(columns=[lambda part: np.column_stack([part, np.zeros(len(part))])] * 2),
            ),
            *likewise(
                Mistake(
                    "has the penalty of the equation",
                    "The readout has no penalty, or not ‖R‖²: the whole identity is added to AᵀA, once.",
                    lambda f, y, tf, ty: _ridge(penalty=lambda n: 0)(f, y, tf, ty),
                ),
                _ridge(penalty=_bias_unpenalised),
                _ridge(penalty=lambda n: 1e-3 * np.eye(n)),
                _ridge(penalty=lambda n: np.ones((n, n))),
                lambda f, y, tf, ty: _ridge(penalty=lambda n: len(f) * np.eye(n))(f, y, tf, ty),
                lambda f, y, tf, ty: _ridge(penalty=lambda n: np.eye(n) / len(f))(f, y, tf, ty),
            ),
            *likewise(
                Mistake(
                    "has one output for each digit",
                    "You fitted the digit as a number, as if a 3 lay between a 2 and a 4. Use one-hot targets and "
                    "argmax.",
                    _digit_as_number(lambda guess: np.clip(np.round(guess), 0, 9)),
                ),
                _digit_as_number(np.round),
                _digit_as_number(lambda guess: guess.astype(int)),
            ),
            Mistake(
                "has ten columns, whatever the labels",
                "A digit that is missing among the training labels shifts your columns: column k must be digit k.",
                _ridge(targets=_columns_of_present_labels),
            ),
            Mistake(
                "is a linear readout",
                "You compare with the mean of every class. Fit R by the equation instead.",
                _nearest_mean,
            ),
        ),
        properties=(
            Property(
                "compares with the test labels",
                "Give every test example a wrong label: the error must rise.",
                _moves_with_the_test_labels,
            ),
            cases(
                "bears dead and doubled units",
                "A unit may always be 0, two may say the same, and there may be more units than examples. The penalty "
                "makes the equation solvable all the same.",
                _probe_error,
                _awkward_features,
            ),
        ),
    ),
}
