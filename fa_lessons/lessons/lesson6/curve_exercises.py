"""Exercises 6.1 and 6.5: reading curves, one of angles and one of errors."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 6.1 The step from which on an angle stays below a limit, searched from the end.
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
    """Seven layers in random order, records from step 0 on.

    One falls, two never do (one ends at the limit), one dips and comes back, one falls late, one with the last
    record, and one is low.
    """
    count, limit = int(rng.integers(10, 15)), float(rng.uniform(50, 70))
    early, late = rng.integers(2, 5), rng.integers(6, 8)
    below = np.zeros((count, 7), dtype=bool)
    below[:, 4] = True
    below[early:, 0] = below[late:, 2] = below[late + 1 :, 3] = below[-1:, 5] = True
    below[early - 1 : early + 1, 2] = True
    angles = limit + np.where(below, -1, 1) * rng.uniform(1, 30, (count, 7))
    angles[-1, 1] = limit  # exactly at the limit is not below it
    steps = np.cumsum(rng.integers(2, 20, count))
    return angles[:, rng.permutation(7)], steps - steps[0], limit


def _short_records():
    """Records that start late, a single record, a single layer, and one layer of one record."""
    angles = np.array([[40.0, 80, 50, 80], [80, 80, 50, 50], [50, 80, 50, 40]])
    steps = np.array([7, 11, 30])
    pairs = (angles, steps), (angles[:1], steps[:1]), (angles[:, :1], steps), (angles[:1, 1:2], steps[:1])
    return [(*pair, 60) for pair in pairs]


def _first_below(angles, steps, limit):
    below = angles < limit
    return np.where(below.any(0), steps[below.argmax(0)], -1)


def _record(angles, steps, limit):
    """The number of the record at which each layer settles; len(steps) for never."""
    below = angles[::-1] < limit
    return len(steps) - np.where(below.all(0), len(steps), below.argmin(0))


def _shifted(by):
    def wrong(angles, steps, limit):
        settled = _record(angles, steps, limit)
        shifted = steps[np.clip(settled + by, 0, len(steps) - 1)]
        return np.where(settled == len(steps), -1, shifted)

    return wrong


def _never(value):
    """A wrong answer that gives another number to a layer that never settles: a function of steps."""
    return lambda a, s, limit: np.where(_settled_below(a, s, limit) < 0, value(s), _settled_below(a, s, limit))


# 6.5 Test error at a given training error, walking along the epochs.
def _error_at_equal_fit(train_error, test_error, level):
    for epoch in range(1, len(train_error)):
        before, after = train_error[epoch - 1], train_error[epoch]
        if before >= level >= after:
            way = (before - level) / (before - after)
            return test_error[epoch - 1] + way * (test_error[epoch] - test_error[epoch - 1])
    raise ValueError(f"the training error never passes {level}")


def _draw_curves(rng):
    """A level in an inner interval; the test error goes up and down, as it may."""
    epochs = int(rng.integers(5, 11))
    train = np.cumsum(rng.uniform(0.5, 2, epochs))[::-1].copy()
    test = train + rng.uniform(1, 6, epochs)
    position = rng.integers(1, epochs - 2)
    way = rng.choice([rng.uniform(0.2, 0.4), rng.uniform(0.6, 0.8)])
    return train, test, float(train[position] + way * (train[position + 1] - train[position]))


def _curve_points(ways, inner):
    """Levels at these parts of the way through every interval of a run, or through the first and the last alone."""
    train, test = np.array([9.0, 6.5, 4.0, 3.5, 1.0]), np.array([11.0, 8.0, 7.0, 5.0, 6.0])
    intervals = range(len(train) - 1) if inner else (0, len(train) - 2)
    return [(train, test, float(train[i] + way * (train[i + 1] - train[i]))) for i in intervals for way in ways]


def _two_epochs():
    return [(np.array([5.0, 2.0]), np.array([6.0, 4.0]), 3.0)]


def _at_epoch(choose):
    """A wrong answer: the test error of one epoch, chosen by its training error and the level."""
    return lambda train, test, level: test[choose(train, level)]


def _first_under(train, level):
    return int(np.argmax(train < level))


def _by_way(part):
    """A wrong answer that goes another part of the way between the two epochs."""

    def wrong(train, test, level):
        after = _first_under(train, level)
        way = (train[after - 1] - level) / (train[after - 1] - train[after])
        return test[after - 1] + part(way) * (test[after] - test[after - 1])

    return wrong


CURVES = {
    "settled_below": Exercise(
        reference=_settled_below,
        draw=_draw_angles,
        hint="Look at each layer by itself, from its last record backwards.",
        mistakes=(
            *likewise(
                Mistake(
                    "waits until the angle stays below",
                    "You took the first record below the limit. One layer dips below it and comes back.",
                    _first_below,
                ),
                lambda a, s, limit: s[(a < limit).argmax(0)],
                lambda a, s, limit: np.where(a[-1] < limit, _first_below(a, s, limit), -1),
            ),
            *likewise(
                Mistake(
                    "gives -1 to a layer that never settles",
                    "A layer whose last record is not below never settles. `argmax` of an array that is False "
                    "everywhere is 0, and an index past the end is no step: treat that layer apart.",
                    _never(lambda steps: steps[0]),
                ),
                _never(lambda steps: steps[-1]),
                _never(lambda steps: len(steps)),
                _never(lambda steps: steps[-1] + 1),
                _never(lambda steps: np.inf),
                _never(lambda steps: -2),
            ),
            *likewise(
                Mistake(
                    "tells step 0 from never",
                    "One layer is below the limit from the first record on. It settles at that record's step, even if "
                    "that is 0.",
                    lambda a, s, limit: np.where(_settled_below(a, s, limit) == 0, -1, _settled_below(a, s, limit)),
                ),
                lambda a, s, limit: np.where(_record(a, s, limit) == 0, s[1], _settled_below(a, s, limit)),
            ),
            *likewise(
                Mistake(
                    "tells the last record from never",
                    "One layer settles with the very last record. That is late, and not never.",
                    lambda a, s, limit: np.where(_record(a, s, limit) >= len(s) - 1, -1, _settled_below(a, s, limit)),
                ),
            ),
            *likewise(
                Mistake(
                    "names the first record below, not the last one above",
                    "You are one record too early: the angle is still above the limit there.",
                    _shifted(-1),
                ),
                lambda a, s, limit: np.where(_record(a, s, limit) == 0, -1, s[np.maximum(_record(a, s, limit) - 1, 0)]),
                lambda a, s, limit: s[np.maximum(_record(a, s, limit) - 1, 0)],
            ),
            Mistake(
                "does not wait for a second record",
                "You are one record too late: the layer is below there already.",
                _shifted(1),
            ),
            *likewise(
                Mistake(
                    "gives steps",
                    "You return the record's number; `steps[number]` is its step.",
                    lambda a, s, limit: np.where(_record(a, s, limit) == len(s), -1, _record(a, s, limit)),
                ),
                _record,
            ),
            *likewise(
                Mistake(
                    "takes the limit itself for not below",
                    "One layer ends exactly at the limit. That is not below it: < or <=?",
                    lambda a, s, limit: _settled_below(a, s, np.nextafter(limit, 90)),
                ),
            ),
            *likewise(
                Mistake(
                    "finds where the angle gets below, not above",
                    "You look for angles above the limit.",
                    lambda a, s, limit: _settled_below(-a, s, -limit),
                ),
                lambda a, s, limit: _first_below(-a, s, -limit),
            ),
            *likewise(
                Mistake(
                    "looks at every layer by itself",
                    "All your layers settle at once. Each has a column of its own.",
                    lambda a, s, limit: np.full(a.shape[1], _settled_below(a.min(1, keepdims=True), s, limit)[0]),
                ),
                lambda a, s, limit: _settled_below(a.mean(1, keepdims=True), s, limit)[0],
                lambda a, s, limit: _settled_below(a.max(1, keepdims=True), s, limit)[0],
            ),
        ),
        properties=(
            cases(
                "holds for records of any number",
                "Records may start after step 0, there may be one alone, and one layer alone. A layer that is below "
                "from the first record on settles at that record's step.",
                _settled_below,
                _short_records,
            ),
        ),
    ),
    "error_at_equal_fit": Exercise(
        reference=_error_at_equal_fit,
        draw=_draw_curves,
        hint="Find the two epochs between which the training error passes the level, then go the same part of the way "
        "along the test error.",
        mistakes=(
            *likewise(
                Mistake(
                    "compares at equal training error",
                    "This is the last epoch's test error. Either you took it, or `np.interp` did: its second argument "
                    "must rise, yours falls, and it does not complain.",
                    lambda train, test, level: test[-1],
                ),
                lambda train, test, level: np.interp(level, train, test),
            ),
            *likewise(
                Mistake(
                    "keeps each epoch's two errors together",
                    "You turned, or sorted, one of the curves, and not the other in the same way.",
                    lambda train, test, level: np.interp(level, train[::-1], test),
                ),
                lambda train, test, level: np.interp(level, np.sort(train), np.sort(test)),
            ),
            *likewise(
                Mistake(
                    "interpolates between the epochs",
                    "You took one of the epochs, or the middle between two. Go the right part of the way.",
                    _at_epoch(lambda train, level: np.abs(train - level).argmin()),
                ),
                _at_epoch(_first_under),
                _at_epoch(lambda train, level: _first_under(train, level) - 1),
                _by_way(lambda way: 0.5),
            ),
            Mistake(
                "measures the way from the earlier epoch",
                "The two parts of the way are exchanged: close to the earlier epoch, its error counts more.",
                _by_way(lambda way: 1 - way),
            ),
            *likewise(
                Mistake(
                    "reads the test curve",
                    "You returned an epoch, or a training error. What was the test error at that moment?",
                    lambda train, test, level: np.interp(level, train[::-1], np.arange(len(train))[::-1]),
                ),
                lambda train, test, level: level,
                lambda train, test, level: _first_under(train, level),
                lambda train, test, level: np.interp(level, train[::-1], np.arange(len(train))[::-1]) + 1,
                lambda train, test, level: train[_first_under(train, level)],
            ),
            *likewise(
                Mistake(
                    "is the error, not its distance",
                    "That is a difference of errors, such as the gap to the training error. The test error itself is "
                    "asked for.",
                    lambda train, test, level: _error_at_equal_fit(train, test, level) - level,
                ),
                lambda train, test, level: level - _error_at_equal_fit(train, test, level),
            ),
            *likewise(
                Mistake(
                    "uses the two epochs around the level",
                    "You drew one line through the whole run. Only the two epochs around the level count.",
                    lambda train, test, level: np.polyval(np.polyfit(train, test, 1), level),
                ),
                lambda train, test, level: np.interp(level, train[[-1, 0]], test[[-1, 0]]),
            ),
            Mistake(
                "passes the level with the training error",
                "You looked for the level among the test errors, and read the training error.",
                lambda train, test, level: np.interp(level, test[::-1], train[::-1]),
            ),
        ),
        properties=(
            cases(
                "looks at every interval",
                "The level may be passed between the first two epochs, or between the last two.",
                _error_at_equal_fit,
                lambda: _curve_points((0.3, 0.7), inner=False),
            ),
            cases(
                "is an epoch's test error at that epoch's training error",
                "At a level that an epoch reaches exactly, there is nothing to interpolate. The first and the last "
                "epoch count.",
                _error_at_equal_fit,
                lambda: _curve_points((0.0, 1.0), inner=True),
            ),
            cases(
                "needs two epochs only",
                "Two epochs are a run, too.",
                _error_at_equal_fit,
                _two_epochs,
            ),
        ),
    ),
}
