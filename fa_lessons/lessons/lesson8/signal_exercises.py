"""Exercises 8.3 and 8.4: what a mirror estimates from noise, and how far the label is from the error."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 8.3 The mirror's estimate, one pair of a sender and a receiver after the other.
def _mirror(noise, W):
    received = noise @ W
    estimate = np.zeros((W.shape[1], W.shape[0]))
    for i in range(W.shape[1]):
        for j in range(W.shape[0]):
            loud = noise[:, j] - noise[:, j].mean()
            estimate[i, j] = (loud * received[:, i]).mean() / (loud**2).mean()
    return estimate


def _draw_noise(rng):
    """Independent units of unequal means and strengths, seen through any W."""
    count, n_in, n_out = (int(n) for n in rng.choice(np.arange(4, 12), 3, replace=False))
    means, sizes = rng.uniform(0.5, 3, n_in) * rng.choice([-1, 1], n_in), rng.uniform(0.2, 3, n_in)
    return means + sizes * rng.normal(size=(count * 4, n_in)), rng.normal(size=(n_in, n_out))


def _other_noise():
    """One unit on either side, white noise as in the lesson, and noise of one mean for all."""
    rng = np.random.default_rng(8)
    return [
        (rng.normal(size=(20, 1)) + 2, rng.normal(size=(1, 3))),
        (rng.normal(size=(64, 10)), rng.normal(size=(10, 1))),
        (1 + rng.normal(size=(64, 6)), rng.normal(size=(6, 4))),
    ]


def _of_parts(loud, size):
    """A wrong answer: `loud(noise)ᵀ` times what is received, over `size(noise, W)`."""
    return lambda noise, W: (noise @ W).T @ loud(noise) / size(noise, W)


def _centred(noise):
    return noise - noise.mean(0)


# 8.4 The least and the largest angle between the label, −y*, and the error, at the predictions that give them.
def _label_angles(classes):
    label = np.eye(classes)[0]
    even, one = (
        np.append(0.4, rest) for rest in (np.full(classes - 1, 0.6 / (classes - 1)), np.eye(classes - 1)[0] * 0.6)
    )
    found = []
    for prediction in (even, one):
        error = prediction - label
        found.append(np.degrees(np.arccos(-label @ error / np.linalg.norm(error))))
    return tuple(found)


SIGNALS = {
    "mirror": Exercise(
        reference=_mirror,
        draw=_draw_noise,
        hint="Correlate what unit i receives with what unit j sent, and ask what a unit's mean and its strength add "
        "to that.",
        mistakes=(
            *likewise(
                Mistake(
                    "takes the noise's mean away",
                    "A constant part of the noise correlates with everything: subtract each unit's mean over the rows.",
                    _of_parts(lambda noise: noise, lambda noise, W: len(noise) * noise.var(0)),
                ),
                _of_parts(lambda noise: noise, lambda noise, W: (noise**2).sum(0)),
                _of_parts(lambda noise: noise, lambda noise, W: len(noise)),
            ),
            *likewise(
                Mistake(
                    "takes the mean of each unit",
                    "You subtracted one mean for all units, or each row's. Every unit has a mean of its own.",
                    _of_parts(lambda noise: noise - noise.mean(), lambda noise, W: len(noise) * noise.var(0)),
                ),
                _of_parts(
                    lambda noise: noise - noise.mean(1, keepdims=True), lambda noise, W: len(noise) * noise.var(0)
                ),
            ),
            *likewise(
                Mistake(
                    "divides by the noise's variance",
                    "A loud unit correlates more. Divide by each sender's variance.",
                    _of_parts(_centred, lambda noise, W: len(noise)),
                ),
                _of_parts(_centred, lambda noise, W: len(noise) * noise.std(0)),
                _of_parts(_centred, lambda noise, W: len(noise) * noise.var()),
                _of_parts(_centred, lambda noise, W: len(noise) * noise.var(0).mean()),
            ),
            *likewise(
                Mistake(
                    "takes the mean over the rows",
                    "You summed over the rows, or divided by their number and by that less one: the factors differ.",
                    _of_parts(_centred, lambda noise, W: noise.var(0)),
                ),
                _of_parts(_centred, lambda noise, W: len(noise) * noise.var(0, ddof=1)),
                _of_parts(_centred, lambda noise, W: (len(noise) - 1) * noise.var(0)),
            ),
            *likewise(
                Mistake(
                    "has B's shape, not W's",
                    "B leads back: its rows are the receivers, its columns the senders.",
                    lambda noise, W: _mirror(noise, W).T,
                ),
            ),
            *likewise(
                Mistake(
                    "reads W off from what is received",
                    "You returned Wᵀ itself. The receiver does not see W; it sees noise @ W.",
                    lambda noise, W: W.T,
                ),
                lambda noise, W: np.linalg.lstsq(noise, noise @ W, rcond=None)[0].T,
            ),
        ),
        properties=(
            cases(
                "holds for any noise",
                "There may be one sender or one receiver, and the noise may be white.",
                _mirror,
                _other_noise,
            ),
        ),
    ),
    "label_angles": Exercise(
        reference=_label_angles,
        draw=lambda rng: (int(rng.integers(2, 2000)),),
        labels=("least angle", "largest angle"),
        hint="The part of e along −y* is 1 − p_c, and the other probabilities add up to it, too. How short, and how "
        "long, can the rest of e be?",
        mistakes=(
            *likewise(
                Mistake(
                    "is in degrees",
                    "These are radians.",
                    lambda classes: tuple(np.radians(_label_angles(classes))),
                ),
            ),
            *likewise(
                Mistake(
                    "counts the classes that are left",
                    "The other probabilities are shared by all classes but the right one: how many are these?",
                    lambda classes: (np.degrees(np.arctan(classes**-0.5)), 45.0),
                ),
                lambda classes: (np.degrees(np.arctan(max(classes - 2, 1) ** -0.5)), 45.0),
            ),
            *likewise(
                Mistake(
                    "lets one wrong class take all the rest",
                    "Your largest angle is too large. With p_c fixed the rest of e is longest if one wrong class has "
                    "it all: as long as the part along −y*.",
                    lambda classes: (_label_angles(classes)[0], 90.0),
                ),
                lambda classes: (_label_angles(classes)[0], 180.0),
                lambda classes: (_label_angles(classes)[0], 60.0),
            ),
            *likewise(
                Mistake(
                    "spreads the rest for the least angle",
                    "The least angle is not 0: the other probabilities cannot vanish while e does not. They are "
                    "shortest when they are all alike.",
                    lambda classes: (0.0, 45.0),
                ),
                lambda classes: (45.0, 45.0),
            ),
            *likewise(
                Mistake(
                    "has the sign of the label right",
                    "DRTP sends −y*, for e = prediction − target is negative at the right class.",
                    lambda classes: tuple(180 - angle for angle in _label_angles(classes)),
                ),
                lambda classes: tuple(180 - angle for angle in _label_angles(classes)[::-1]),
            ),
            *likewise(
                Mistake(
                    "takes the length by its squares",
                    "Lengths add as squares: C − 1 equal parts of 1/(C − 1) have the length 1/√(C − 1).",
                    lambda classes: (np.degrees(np.arctan(1 / (classes - 1))), 45.0),
                ),
                lambda classes: (np.degrees(np.arccos((classes - 1) / classes)), 45.0),
            ),
        ),
        properties=(
            cases(
                "holds for any number of classes",
                "With two classes there is one wrong class, and one angle.",
                _label_angles,
                lambda: [(2,), (3,), (10,), (1000,)],
            ),
        ),
    ),
}
