"""Exercises 7.1 and 7.2: contrastive Hebbian learning's change, and the feedback strength that suits a precision."""

from itertools import pairwise

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake, Property


# 7.1 The change of every weight matrix, product by product.
def _hebbian_change(free, clamped, gamma):
    changes, top = [], len(free) - 2
    for layer in range(top + 1):
        together = np.zeros((free[layer].shape[1], free[layer + 1].shape[1]))
        for example in range(len(free[0])):
            together += np.outer(clamped[layer][example], clamped[layer + 1][example])
            together -= np.outer(free[layer][example], free[layer + 1][example])
        changes.append(together / len(free[0]) / gamma ** (top - layer))
    return changes


def _phases(rng, batch, sizes):
    """Two unrelated states that share the input."""
    free = [rng.normal(size=(batch, n)) for n in sizes]
    return free, [free[0].copy(), *(rng.normal(size=(batch, n)) for n in sizes[1:])]


def _draw_phases(rng):
    batch, *sizes = (int(n) for n in rng.permutation([3, 4, 5, 6, 7]))
    return *_phases(rng, batch, sizes), float(rng.uniform(0.1, 0.5))


def _other_depths():
    """One layer of weights, two, five; one example; and a feedback as weak as the lesson's."""
    rng = np.random.default_rng(7)
    shapes = (
        (4, [5, 3], 0.3),
        (3, [4, 6, 2], 0.2),
        (5, [3, 4, 6, 2, 7, 3], 0.4),
        (1, [3, 5, 4], 0.5),
        (6, [7, 5, 4, 3], 0.01),
    )
    return [(*_phases(rng, batch, sizes), gamma) for batch, sizes, gamma in shapes]


def _settled(x, weights, gamma, target=None):
    """A tanh network with linear outputs and feedback gamma Wᵀ, settled; its outputs clamped to a target if given."""
    state = [x]
    for W in weights[:-1]:
        state.append(np.tanh(state[-1] @ W))
    state.append(state[-1] @ weights[-1])
    for _ in range(60):
        for layer in range(1, len(weights)):
            down = gamma * state[layer + 1] @ weights[layer].T
            state[layer] = np.tanh(state[layer - 1] @ weights[layer - 1] + down)
        state[-1] = state[-2] @ weights[-1] if target is None else target
    return state


def _becomes_backprop(answer, _):
    """On settled phases with weak feedback, the change is backprop's, to within the order of gamma."""
    rng, gamma = np.random.default_rng(7), 1e-2
    sizes = (5, 6, 4, 3)
    weights = [rng.normal(size=pair) / pair[0] ** 0.5 for pair in pairwise(sizes)]
    x, target = rng.normal(size=(8, 5)), rng.normal(size=(8, 3))
    found = answer(_settled(x, weights, gamma), _settled(x, weights, gamma, target), gamma)
    h = _settled(x, weights, 0.0)
    delta = (target - h[-1]) / len(x)
    for layer in (2, 1, 0):
        truth = h[layer].T @ delta
        if np.linalg.norm(np.asarray(found[layer]) - truth) > 0.05 * np.linalg.norm(truth):
            return False
        delta = (delta @ weights[layer].T) * (1 - h[layer] ** 2)
    return True


def _with(change, power=lambda layer, top: layer - top):
    """A wrong answer: `change(free, clamped, layer)` times gamma to another power, over the batch."""

    def wrong(free, clamped, gamma):
        top = len(free) - 2
        return [change(free, clamped, layer) * gamma ** power(layer, top) / len(free[0]) for layer in range(top + 1)]

    return wrong


def _products(free, clamped, layer):
    return clamped[layer].T @ clamped[layer + 1] - free[layer].T @ free[layer + 1]


def _of_means(states, layer):
    return np.outer(states[layer].sum(0), states[layer + 1].mean(0))


# 7.2 The strength that costs least, by bisection on the slope of the cost.
def _best_gamma(precision, steps_down):
    low, high = -60.0, 10.0  # of log gamma
    for _ in range(200):
        middle = (low + high) / 2
        rises = np.exp(middle) > steps_down * precision * np.exp(-steps_down * middle)
        low, high = (low, middle) if rises else (middle, high)
    return float(np.exp((low + high) / 2))


def _draw_precision(rng):
    return float(10 ** rng.uniform(-16, -3)), int(rng.integers(2, 6))


def _least_cost(precision, steps_down):
    gamma = _best_gamma(precision, steps_down)
    return gamma + precision / gamma**steps_down


HEBBIAN = {
    "hebbian_change": Exercise(
        reference=_hebbian_change,
        draw=_draw_phases,
        labels=("layer 1", "layer 2", "layer 3"),
        hint="For every layer: what is active together when clamped, minus what is active together when free; then the "
        "mean over the batch, and the power of γ.",
        mistakes=(
            Mistake(
                "learns from the clamped phase and unlearns from the free one",
                "Your signs are exchanged: the clamped phase counts +, the free one −.",
                _with(lambda f, c, layer: -_products(f, c, layer)),
            ),
            Mistake(
                "undoes the weakness of the feedback",
                "On its way down the effect of clamping is multiplied by γ once a layer. Divide by γ as often.",
                _with(_products, lambda layer, top: 0),
            ),
            *likewise(
                Mistake(
                    "counts the powers of γ from the top",
                    "The top layer's difference is not weakened at all, the bottom layer's the most.",
                    _with(_products, lambda layer, top: -layer),
                ),
                _with(_products, lambda layer, top: -layer - 1),
            ),
            Mistake(
                "gives the top layer no power of γ",
                "All your layers are divided by γ once too often.",
                _with(_products, lambda layer, top: layer - top - 1),
            ),
            Mistake(
                "divides by the powers of γ",
                "You multiply by γ where the effect has been multiplied by it already.",
                _with(_products, lambda layer, top: top - layer),
            ),
            *likewise(
                Mistake(
                    "is a mean over the batch",
                    "A sum over the examples grows with the batch. Divide by their number.",
                    lambda f, c, gamma: [change * len(f[0]) for change in _hebbian_change(f, c, gamma)],
                ),
                lambda f, c, gamma: [change * len(f[0]) / f[0].shape[1] for change in _hebbian_change(f, c, gamma)],
            ),
            *likewise(
                Mistake(
                    "takes each product within one phase",
                    "You mix the phases. A synapse sees both its ends at one moment: two products, one a phase.",
                    _with(lambda f, c, layer: f[layer].T @ (c[layer + 1] - f[layer + 1])),
                ),
                _with(lambda f, c, layer: c[layer].T @ (c[layer + 1] - f[layer + 1])),
                _with(lambda f, c, layer: (c[layer] - f[layer]).T @ (c[layer + 1] - f[layer + 1])),
            ),
            Mistake(
                "multiplies example by example",
                "You multiplied the means of the batch. Each example has a product of its own.",
                _with(lambda f, c, layer: _of_means(c, layer) - _of_means(f, layer)),
            ),
            Mistake(
                "lists the layers from the input up",
                "Your changes are right, in the wrong order.",
                lambda f, c, gamma: _hebbian_change(f, c, gamma)[::-1],
            ),
        ),
        properties=(
            cases(
                "works for any depth",
                "There may be one matrix or five, one example, and a γ as weak as 0.01.",
                _hebbian_change,
                _other_depths,
            ),
            Property(
                "becomes backprop when γ is small",
                "On phases that have settled with γ = 0.01, the change must be backprop's to within five percent.",
                _becomes_backprop,
            ),
        ),
    ),
    "best_gamma": Exercise(
        reference=_best_gamma,
        draw=_draw_precision,
        hint="At the best γ the slope of γ + ε / γᵏ is 0.",
        mistakes=(
            *likewise(
                Mistake(
                    "finds the minimum, not the balance",
                    "You made the two parts equal. The sum is least where its slope is 0, and that brings a factor k.",
                    lambda eps, k: eps ** (1 / (k + 1)),
                ),
                lambda eps, k: (eps / k) ** (1 / (k + 1)),
            ),
            *likewise(
                Mistake(
                    "takes the right root",
                    "Multiply the equation by γᵏ⁺¹, or by what clears the fraction, and look at the power of γ again.",
                    lambda eps, k: (k * eps) ** (1 / k),
                ),
                lambda eps, k: eps ** (1 / k),
                lambda eps, k: (k * eps) ** (1 / (k + 2)),
                lambda eps, k: (k * eps) ** (1 / (k - 1)),
            ),
            *likewise(
                Mistake(
                    "depends on the number of layers",
                    "That is the answer one layer below the output, k = 1. The effect of clamping falls as γᵏ.",
                    lambda eps, k: eps**0.5,
                ),
                lambda eps, k: (2 * eps) ** (1 / 3),
                lambda eps, k: eps,
                lambda eps, k: (k * eps) ** 0.5,
            ),
            Mistake(
                "returns γ, not the cost",
                "That is the least value of the sum. Which γ has it?",
                _least_cost,
            ),
            *likewise(
                Mistake(
                    "counts the steps down as k",
                    "You are one layer off: `steps_down` is k itself, 1 for the layer below the output.",
                    lambda eps, k: ((k + 1) * eps) ** (1 / (k + 2)),
                ),
                lambda eps, k: ((k - 1) * eps) ** (1 / k),
                lambda eps, k: ((k + 1) * eps) ** (1 / (k + 1)),
            ),
        ),
        properties=(
            cases(
                "holds from one layer below the output to ten, in every precision",
                "k may be 1, and ε that of 16, 32 and 64 bits.",
                _best_gamma,
                lambda: [(eps, k) for eps in (2.0**-11, 2.0**-24, 2.0**-53) for k in (1, 2, 10)],
                atol=0,
            ),
        ),
    ),
}
