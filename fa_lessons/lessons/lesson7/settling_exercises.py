"""Exercises 7.5 and 7.6: equilibrium propagation repaired, and where predictive coding settles."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property


def equilibrium(x, W1, W2, target, beta):
    """(h, y) of a linear network that has settled: h = x W1 + y W2ᵀ, y = h W2 + beta (target − y)."""
    outputs = W2.shape[1]
    y = np.linalg.solve((1 + beta) * np.eye(outputs) - W2.T @ W2, (x @ W1 @ W2 + beta * target).T).T
    return x @ W1 + y @ W2.T, y


# 7.5 One step of equilibrium propagation.
def _nudged_step(x, target, W1, W2, beta, rate, settle):
    h_up, y_up = settle(x, W1, W2, target, beta)
    h_down, y_down = settle(x, W1, W2, target, -beta)
    of_W1 = np.einsum("bi,bj->ij", x, h_up - h_down) / (2 * beta * x.shape[0])
    of_W2 = (np.einsum("bi,bj->ij", h_up, y_up) - np.einsum("bi,bj->ij", h_down, y_down)) / (2 * beta * x.shape[0])
    return W1 + rate * of_W1, W2 + rate * of_W2


def _draw_task(rng):
    batch, n_in, hidden, outputs = (int(n) for n in rng.permutation([3, 4, 5, 6]))
    return _task(rng, batch, n_in, hidden, outputs, float(rng.uniform(0.1, 0.4)), float(rng.uniform(0.2, 0.8)))


def _task(rng, batch, n_in, hidden, outputs, beta, rate):
    W2 = rng.normal(size=(hidden, outputs))
    W2 *= 0.5 / np.linalg.norm(W2, 2)  # weak enough to settle, with either nudge
    W1 = rng.normal(size=(n_in, hidden))
    return rng.normal(size=(batch, n_in)), rng.normal(size=(batch, outputs)), W1, W2, beta, rate, equilibrium


def _other_tasks():
    rng = np.random.default_rng(7)
    shapes = (1, 3, 4, 2, 0.3, 0.5), (5, 2, 3, 1, 0.1, 1.0), (4, 3, 2, 5, 0.01, 0.1)
    return [_task(rng, *shape) for shape in shapes]


def _descends_the_relaxed_cost(answer, _):
    """With a small nudge each entry moves against the slope of the free state's cost, by central differences."""
    x, target, W1, W2, _, _, settle = _task(np.random.default_rng(9), 4, 3, 5, 2, 0.1, 1.0)
    found = answer(x, target, W1, W2, 1e-3, 1.0, settle)

    def cost(*weights):
        return ((settle(x, *weights, target, 0.0)[1] - target) ** 2).sum() / (2 * len(x))

    for which, old in enumerate((W1, W2)):
        for place in np.ndindex(old.shape):
            nudge = np.zeros(old.shape)
            nudge[place] = 1e-5
            sides = [[W + sign * nudge if n == which else W for n, W in enumerate((W1, W2))] for sign in (1, -1)]
            slope = (cost(*sides[0]) - cost(*sides[1])) / 2e-5
            if abs(np.asarray(found[which])[place] - old[place] + slope) > 1e-3:
                return False
    return True


def _one_after_the_other(scale):
    """A wrong answer: the weights move between the two phases."""

    def wrong(x, target, W1, W2, beta, rate, settle):
        for sign in (1, -1):
            h, y = settle(x, W1, W2, target, sign * beta)
            W1 = W1 + sign * rate * scale / beta * x.T @ h / len(x)
            W2 = W2 + sign * rate * scale / beta * h.T @ y / len(x)
        return W1, W2

    return wrong


def _step(scale=0.5, down=-1, of_W2=None, batch=True):
    """A wrong answer: from the states at beta and at down · beta."""

    def wrong(x, target, W1, W2, beta, rate, settle):
        (h, y), (g, z) = settle(x, W1, W2, target, beta), settle(x, W1, W2, target, down * beta)
        per = scale * rate / beta / (len(x) if batch else 1)
        change = h.T @ y - g.T @ z if of_W2 is None else of_W2(h, y, g, z, target)
        return W1 + per * x.T @ (h - g), W2 + per * change

    return wrong


# 7.6 Where the hidden layer of a linear predictive coding network settles: a least squares problem.
def _settled_shift(e, W2, variance):
    hidden = len(W2)
    rows = np.vstack([np.eye(hidden), W2.T / np.sqrt(variance)])
    right = np.hstack([np.zeros((len(e), hidden)), -e / np.sqrt(variance)])
    return np.linalg.lstsq(rows, right.T, rcond=None)[0].T


def _draw_shift(rng):
    batch, hidden, outputs = (int(n) for n in rng.permutation([3, 4, 6]))
    return rng.normal(size=(batch, outputs)), rng.normal(size=(hidden, outputs)), float(rng.uniform(0.3, 4))


def _other_shifts():
    """One example, one hidden unit, one output, and both ends of the variance."""
    rng = np.random.default_rng(7)
    shapes = (1, 4, 3, 2.0), (5, 1, 3, 1.0), (5, 4, 1, 0.5), (4, 5, 3, 1e-3), (4, 3, 5, 1e4)
    return [(rng.normal(size=(b, o)), rng.normal(size=(h, o)), v) for b, h, o, v in shapes]


def _shift(inner, sign=-1):
    """A wrong answer: e times `inner(W2, variance)`."""
    return lambda e, W2, variance: sign * e @ inner(W2, variance)


def _right(W2, variance):
    return W2.T @ np.linalg.inv(variance * np.eye(len(W2)) + W2 @ W2.T)


SETTLING = {
    "nudged_step": Exercise(
        reference=_nudged_step,
        draw=_draw_task,
        labels=("W1", "W2"),
        hint="Both states belong to the same weights; and how far apart are the two nudges?",
        mistakes=(
            Mistake(
                "is repaired in both places",
                "Both bugs are still there: look at which weights the second state settles with, and at the distance "
                "of the two nudges.",
                _one_after_the_other(1.0),
            ),
            Mistake(
                "lets both states settle with the same weights",
                "The first update has changed the weights before the second state settles. Then the difference is no "
                "slope.",
                _one_after_the_other(0.5),
            ),
            Mistake(
                "divides by the distance of the nudges",
                "From −β to β it is 2 β.",
                _step(scale=1.0),
            ),
            *likewise(
                Mistake(
                    "goes downhill",
                    "Your sign is turned: the state that is nudged towards the target counts +.",
                    _step(scale=-0.5),
                ),
                _step(scale=-1.0),
            ),
            *likewise(
                Mistake(
                    "nudges both ways",
                    "You compare with the free state, β = 0. That has an error of the order of β, which ±β cancels.",
                    _step(scale=1.0, down=0),
                ),
                _step(scale=0.5, down=0),
            ),
            *likewise(
                Mistake(
                    "is a mean over the batch",
                    "Divide by the number of examples.",
                    _step(batch=False),
                ),
                _step(scale=1.0, batch=False),
            ),
            *likewise(
                Mistake(
                    "takes each product within one state",
                    "h and y belong together: the product of each state by itself, then the difference.",
                    _step(of_W2=lambda h, y, g, z, t: (h - g).T @ (y - z)),
                ),
                _step(of_W2=lambda h, y, g, z, t: g.T @ (y - z)),
                _step(of_W2=lambda h, y, g, z, t: h.T @ (y - z)),
                _step(of_W2=lambda h, y, g, z, t: (h + g).T @ (t - z)),
            ),
        ),
        properties=(
            cases(
                "works for any network",
                "There may be one example, one output, and a small β.",
                _nudged_step,
                _other_tasks,
            ),
            Property(
                "descends the cost of the free state",
                "With a small β each weight must move against the slope of ½‖y − target‖², y being the free state's.",
                _descends_the_relaxed_cost,
            ),
        ),
    ),
    "settled_shift": Exercise(
        reference=_settled_shift,
        draw=_draw_shift,
        hint="Set the derivative with respect to d to zero: d + (e + d W₂) W₂ᵀ / v = 0. Then collect d.",
        mistakes=(
            *likewise(
                Mistake(
                    "solves for d",
                    "That is the limit of a large v. For any other v, d stands on both sides: collect it.",
                    _shift(lambda W2, v: W2.T / v),
                ),
                _shift(lambda W2, v: W2.T),
            ),
            *likewise(
                Mistake(
                    "keeps the hidden layer's own term",
                    "That is the limit of a small v, the pseudoinverse. ½‖d‖² holds the hidden layer back, too.",
                    _shift(lambda W2, v: np.linalg.pinv(W2)),
                ),
                _shift(lambda W2, v: np.linalg.pinv(W2) / v),
            ),
            Mistake(
                "moves against the error",
                "Your sign is turned: e is prediction − target, and d lowers it.",
                _shift(_right, sign=1),
            ),
            *likewise(
                Mistake(
                    "divides the outputs' term by v",
                    "A large v makes the outputs tolerant, and d small. Yours grows with it.",
                    _shift(lambda W2, v: _right(W2, 1 / v)),
                ),
                _shift(lambda W2, v: v * _right(W2, v)),
            ),
            *likewise(
                Mistake(
                    "loses no v on the way",
                    "Multiply the whole equation by v, or divide it: one of your terms did not take part.",
                    _shift(lambda W2, v: _right(W2, v) / v),
                ),
                _shift(lambda W2, v: _right(W2, v**2)),
                _shift(lambda W2, v: _right(W2, np.sqrt(v))),
                _shift(lambda W2, v: _right(W2, 1.0)),
                _shift(lambda W2, v: _right(W2, 1.0) / v),
            ),
            Mistake(
                "multiplies the matrices as the equation does",
                "You use W₂ᵀW₂-like products of single entries: check the shapes, d is (batch, hidden).",
                _shift(lambda W2, v: W2.T / (v + (W2**2).sum(1))),
            ),
        ),
        properties=(
            cases(
                "holds for any v and any layer",
                "There may be one unit, and v may be tiny or huge.",
                _settled_shift,
                _other_shifts,
            ),
        ),
    ),
}
