"""Exercises 4.4 and 4.5: which examples the random feedback serves, and how sparse it may be."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property
from fa_lessons.lessons.results import same


# 4.4 eᵀ(W B e) of each example, with the papers' column vectors.
def _push(error, W_output, B):
    return np.array([e @ (W_output.T @ (B.T @ e)) for e in error])


def _aligned_share(error, W_output, B):
    return 100 * np.mean(_push(error, W_output, B) > 0)


def _draw_aligned_share(rng):
    """Examples that are clearly on one side, and two without any error, which are on none."""
    n_hidden, n_out = rng.choice(np.arange(2, 9), size=2, replace=False)
    W, B = rng.normal(size=(n_hidden, n_out)), rng.normal(size=(n_out, n_hidden))
    error = rng.normal(size=(200, n_out))
    error = error[np.abs(_push(error, W, B)) > 1e-2][: rng.integers(20, 60)]
    error[:2] = 0
    return rng.permutation(error), W, B


def _ignores_the_scale_of_B(answer, arguments):
    error, W_output, B = arguments
    shares = [answer(error, W_output, scale * B) for scale in (1, 5, 1e-9)]
    return all(same(share, shares[0], rtol=1e-3, atol=1e-4) for share in shares)


def _single_examples():
    """One example at a time: all or nothing."""
    error, W, B = _draw_aligned_share(np.random.default_rng(4))
    return [(e[None], W, B) for e in error]


# 4.5 Of every column only the entry of largest magnitude, scaled so that ‖B‖ stays.
def _one_error_per_unit(B):
    return _stretched(_loudest(B), B)


def _loudest(B):
    sparse = np.zeros_like(B)
    for unit in range(B.shape[1]):
        output = max(range(B.shape[0]), key=lambda k: abs(B[k, unit]))
        sparse[output, unit] = B[output, unit]
    return sparse


def _stretched(sparse, B):
    return sparse * np.sqrt((B**2).sum() / (sparse**2).sum())


def _draw_feedback(rng):
    return (rng.uniform(0.5, 3) * rng.normal(size=rng.choice(np.arange(3, 10), size=2, replace=False)),)


def _keep(B, largest, axis=0):
    """The entries of B where `largest` reaches its maximum along `axis`."""
    return np.where(largest == largest.max(axis, keepdims=True), B, 0)


def _has_the_length_of_B(answer, arguments):
    (B,) = arguments
    return same(np.linalg.norm(answer(B)), np.linalg.norm(B), rtol=1e-3, atol=1e-4)


def _odd_matrices():
    rng = np.random.default_rng(4)
    return [(-rng.uniform(1, 2, (4, 6)),), (rng.normal(size=(3, 1)),), (rng.normal(size=(1, 5)),)]


FEEDBACK = {
    "aligned_share": Exercise(
        reference=_aligned_share,
        draw=_draw_aligned_share,
        hint="The error is a row here: eᵀ W B e of the papers is (e @ B) · (e @ W_outputᵀ).",
        mistakes=(
            *likewise(
                Mistake(
                    "asks every example for its sign",
                    "You averaged, or added, over the examples before you asked for the sign, so that only 0 or 100 "
                    "can come out. Count the examples for which eᵀWBe is positive.",
                    lambda e, W, B: 100.0 * (np.mean(_push(e, W, B)) > 0),
                ),
                lambda e, W, B: 1.0 * (np.mean(_push(e, W, B)) > 0),
            ),
            *likewise(
                Mistake(
                    "is a share of examples",
                    "That is the mean of eᵀWBe, or of its sign. Count the examples for which it is positive.",
                    lambda e, W, B: np.mean(_push(e, W, B)),
                ),
                lambda e, W, B: 100 * np.mean(_push(e, W, B)),
                lambda e, W, B: 100 * np.mean(np.sign(_push(e, W, B))),
            ),
            *likewise(
                Mistake(
                    "adds up the hidden units of an example",
                    "You counted hidden units. eᵀWBe is one number for an example: the sum over its hidden units.",
                    lambda e, W, B: 100 * np.mean((e @ B) * (e @ W.T) > 0),
                ),
                lambda e, W, B: 100 * np.mean(((e @ B) * (e @ W.T)).sum(0) > 0),
            ),
            Mistake(
                "multiplies by the error once more",
                "You counted entries of e B W. eᵀWBe has the error on both sides: one number for an example.",
                lambda e, W, B: 100 * np.mean(e @ B @ W > 0),
            ),
            Mistake("is in percent", "Multiply the share by 100.", lambda e, W, B: np.mean(_push(e, W, B) > 0)),
            Mistake(
                "divides by the number of examples",
                "That is how many examples there are, not which share they are.",
                lambda e, W, B: np.sum(_push(e, W, B) > 0),
            ),
            *likewise(
                Mistake(
                    "counts the positive ones",
                    "That is the share of examples whose signals oppose each other: the other side.",
                    lambda e, W, B: 100 * np.mean(_push(e, W, B) < 0),
                ),
                lambda e, W, B: 100 * np.mean(_push(e, W, B) <= 0),
            ),
            Mistake(
                "counts no example without an error",
                "Where the error is zero, eᵀWBe is 0, which is not positive.",
                lambda e, W, B: 100 * np.mean(_push(e, W, B) >= 0),
            ),
        ),
        properties=(
            Property(
                "does not depend on the scale of B",
                "A longer B makes eᵀWBe larger, a shorter one smaller, but neither changes its sign.",
                _ignores_the_scale_of_B,
            ),
            cases(
                "judges an example alone as it does in a batch",
                "For a single example the share is 0 or 100, and the other examples of a batch have no say in it.",
                _aligned_share,
                _single_examples,
            ),
        ),
    ),
    "one_error_per_unit": Exercise(
        hint="Find the largest magnitude of every column, keep that entry and its sign, then compare the two norms.",
        reference=_one_error_per_unit,
        draw=_draw_feedback,
        mistakes=(
            Mistake(
                "keeps B's length",
                "Your B is shorter than the one it comes from. A shorter B is a smaller step of the hidden layer, "
                "so that two things would change at once.",
                _loudest,
            ),
            *likewise(
                Mistake(
                    "keeps one entry for every hidden unit",
                    "You kept one hidden unit for every output. A hidden unit is a column of B.",
                    lambda B: _stretched(_keep(B, np.abs(B), 1), B),
                ),
                lambda B: _keep(B, np.abs(B), 1),
            ),
            Mistake(
                "keeps an entry in every column",
                "You kept one entry of the whole matrix. Every hidden unit needs one of its own.",
                lambda B: _stretched(_keep(B, np.abs(B), (0, 1)), B),
            ),
            *likewise(
                Mistake(
                    "looks at magnitudes",
                    "You kept the largest entry, with its sign. The loudest one may be negative.",
                    lambda B: _stretched(_keep(B, B), B),
                ),
                lambda B: _keep(B, B),
            ),
            *likewise(
                Mistake("keeps the signs", "Your entries are all positive.", lambda B: np.abs(_one_error_per_unit(B))),
                lambda B: np.abs(_loudest(B)),
            ),
            *likewise(
                Mistake(
                    "keeps the largest entry, not the smallest",
                    "The entries that you kept are not the loudest ones.",
                    lambda B: _stretched(_keep(B, -np.abs(B)), B),
                ),
                lambda B: _stretched(B - _loudest(B), B),
            ),
            *likewise(
                Mistake(
                    "scales the whole matrix by one number",
                    "Your columns are scaled one by one. The proportions between the units must stay.",
                    lambda B: _loudest(B) * np.linalg.norm(B, axis=0) / np.linalg.norm(_loudest(B), axis=0),
                ),
                lambda B: _loudest(B) / np.abs(_loudest(B)).max(0) * np.linalg.norm(B) / np.sqrt(B.shape[1]),
            ),
            *likewise(
                Mistake(
                    "measures length by the root of the squares",
                    "The right entries, scaled to another length: ‖B‖ is the root of the sum of all squares.",
                    lambda B: _loudest(B) * np.abs(B).sum() / np.abs(_loudest(B)).sum(),
                ),
                lambda B: _loudest(B) * (B**2).sum() / (_loudest(B) ** 2).sum(),
                lambda B: _loudest(B) * np.linalg.norm(B),
                lambda B: _loudest(B) / np.linalg.norm(_loudest(B)),
                lambda B: _loudest(B) * np.sqrt(len(B)),
                lambda B: _loudest(B) * len(B),
                lambda B: _loudest(B) * np.linalg.norm(_loudest(B)) / np.linalg.norm(B),
                lambda B: _loudest(B) * np.linalg.norm(B, 2) / np.linalg.norm(_loudest(B), 2),
            ),
        ),
        properties=(
            Property("keeps the length of B", "Compare np.linalg.norm before and after.", _has_the_length_of_B),
            cases(
                "works for any matrix",
                "It must hold for a B without positive entries, with one unit, or with one output, too.",
                _one_error_per_unit,
                _odd_matrices,
            ),
        ),
    ),
}
