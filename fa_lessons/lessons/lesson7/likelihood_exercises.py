"""Exercise 7.4: the exact gradient of an RBM's likelihood, by enumeration."""

from itertools import product

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property


def _likelihood_gradient(data, W, b, c):
    """Over every joint state of visible and hidden units, one by one."""
    joint, model = 0.0, np.zeros(W.shape)
    for v in product((0.0, 1.0), repeat=len(c)):
        for h in product((0.0, 1.0), repeat=len(b)):
            weight = np.exp(np.dot(v, W @ h) + np.dot(b, h) + np.dot(c, v))
            joint += weight
            model += weight * np.outer(v, h)
    clamped = np.zeros(W.shape)
    for v in data:
        clamped += np.outer(v, 1 / (1 + np.exp(-(v @ W + b))))
    return clamped / len(data) - model / joint


def _log_likelihood(data, W, b, c):
    """Mean log p(v) of the data."""

    def free(v):
        return np.logaddexp(0, v @ W + b).sum(-1) + v @ c

    return free(data).mean() - np.log(np.exp(free(_states(len(c)))).sum())


def _states(units):
    return np.array(list(product((0.0, 1.0), repeat=units)))


def _machine(rng, examples, visible, hidden):
    data = (rng.random((examples, visible)) < 0.5).astype(float)
    return data, rng.normal(size=(visible, hidden)), rng.normal(size=hidden), rng.normal(size=visible)


def _draw_machine(rng):
    visible = int(rng.integers(3, 6))
    return _machine(rng, int(rng.integers(3, 9)), visible, int(rng.integers(2, 4)))


def _other_machines():
    """One example, one visible or hidden unit, more hidden units than visible ones, and weights of zero."""
    rng = np.random.default_rng(7)
    shapes = (1, 4, 3), (5, 1, 3), (5, 4, 1), (6, 2, 5)
    data, W, b, c = _machine(rng, 6, 5, 3)
    return [_machine(rng, *shape) for shape in shapes] + [(data, 0 * W, b, c)]


def _is_a_gradient(answer, _):
    """Each entry is the slope of the log-likelihood, by central differences."""
    data, W, b, c = _machine(np.random.default_rng(8), 5, 4, 3)
    slopes, step = np.empty(W.shape), 1e-5
    for place in np.ndindex(W.shape):
        nudge = np.zeros(W.shape)
        nudge[place] = step
        slopes[place] = _log_likelihood(data, W + nudge, b, c) - _log_likelihood(data, W - nudge, b, c)
    return np.allclose(answer(data, W, b, c), slopes / (2 * step), rtol=1e-3, atol=1e-5)


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _clamped(data, W, b):
    return data.T @ _sigmoid(data @ W + b) / len(data)


def _dreamt(W, b, weights):
    """What is active together in all states, weighted."""
    states = _states(len(W))
    return (states * weights[:, None]).T @ _sigmoid(states @ W + b)


def _probabilities(W, b, c):
    free = np.logaddexp(0, _states(len(c)) @ W + b).sum(1) + _states(len(c)) @ c
    return np.exp(free) / np.exp(free).sum()


def _weighted(weights):
    """A wrong answer: other weights of the states."""
    return lambda data, W, b, c: _clamped(data, W, b) - _dreamt(W, b, weights(W, b, c))


def _one_step(data, W, b, c):
    """CD-1 with probabilities in place of samples."""
    dream = _sigmoid(_sigmoid(data @ W + b) @ W.T + c)
    return _clamped(data, W, b) - dream.T @ _sigmoid(dream @ W + b) / len(data)


LIKELIHOOD = {
    "likelihood_gradient": Exercise(
        reference=_likelihood_gradient,
        draw=_draw_machine,
        hint="Two terms: what is active together on the data, minus the same over all 2ⁿ visible states, each weighted "
        "by its probability.",
        mistakes=(
            *likewise(
                Mistake(
                    "makes what is not data less probable",
                    "You have the data's term alone. Without the model's it would grow for ever.",
                    lambda data, W, b, c: _clamped(data, W, b),
                ),
                lambda data, W, b, c: _dreamt(W, b, _probabilities(W, b, c)),
            ),
            Mistake(
                "climbs",
                "Your sign is turned: this would make the data less probable.",
                lambda *machine: -_likelihood_gradient(*machine),
            ),
            *likewise(
                Mistake(
                    "weighs each state by its probability",
                    "All your states count alike. A model dreams of its probable states more often.",
                    _weighted(lambda W, b, c: np.full(2 ** len(c), 0.5 ** len(c))),
                ),
                _weighted(lambda W, b, c: np.ones(2 ** len(c))),
            ),
            *likewise(
                Mistake(
                    "counts the hidden units in a state's probability",
                    "The probability of v sums over all hidden states: Π (1 + exp(v W + b)) times exp(v·c).",
                    _weighted(lambda W, b, c: np.exp(_states(len(c)) @ c) / np.exp(_states(len(c)) @ c).sum()),
                ),
                _weighted(lambda W, b, c: _probabilities(W, b, 0 * c)),
                _weighted(lambda W, b, c: _probabilities(W, 0 * b, c)),
            ),
            Mistake(
                "divides by the sum over all states",
                "Your weights do not add up to 1: the sum of all of them, Z, is missing.",
                _weighted(
                    lambda W, b, c: np.exp(np.logaddexp(0, _states(len(c)) @ W + b).sum(1) + _states(len(c)) @ c)
                ),
            ),
            *likewise(
                Mistake(
                    "goes through all states",
                    "That is CD-1's one step of dreaming. The exact gradient lets the model dream for ever: enumerate.",
                    _one_step,
                ),
            ),
            *likewise(
                Mistake(
                    "has the hidden units' bias",
                    "A hidden unit is on with probability σ(v W + b): b is missing.",
                    lambda data, W, b, c: _clamped(data, W, 0 * b) - _dreamt(W, 0 * b, _probabilities(W, b, c)),
                ),
                lambda data, W, b, c: _clamped(data, W, 0 * b) - _dreamt(W, 0 * b, _probabilities(W, 0 * b, c)),
            ),
            Mistake(
                "is a mean over the data",
                "You add up the examples. The mean log-likelihood has the mean of their terms.",
                lambda data, W, b, c: len(data) * _clamped(data, W, b) - _dreamt(W, b, _probabilities(W, b, c)),
            ),
        ),
        properties=(
            cases(
                "works for any machine",
                "There may be one example, one unit on either side, and weights of zero.",
                _likelihood_gradient,
                _other_machines,
            ),
            Property(
                "is the slope of the log-likelihood",
                "Nudge a weight: the mean log-likelihood must change as your gradient says.",
                _is_a_gradient,
            ),
        ),
    ),
}
