"""Lesson 3: the linear task of Lillicrap et al. 2016, a 30-20-10 network that learns a random linear map online.

Many seeds advance together: every array has a leading axis, one entry a seed.
Settings of the paper's Methods as two public replications quote them: T ~ U[-1, 1], x ~ N(0, I), W and A ~
U[-0.01, 0.01], B ~ U[-0.5, 0.5], learning rate 0.001, no biases, one example a step.
"""

from dataclasses import dataclass

import numpy as np

from fa_lessons import require
from fa_lessons.lessons.lesson3.theory import angle, inner, norm

RULES = ("bp", "fa", "shallow")


@dataclass(frozen=True)
class Curves:
    """Measurements of a run, each of shape (records, seeds), `examples` of shape (records,).

    error: the normalised squared error ‖T - W A‖² / ‖T‖², its expectation over inputs.
    to_backprop, to_gauss_newton: mean over examples of the angle, in degrees, between feedback alignment's hidden
        step B e and backprop's Wᵀ e or the Gauss-Newton step W⁺ e, for the errors e = E x of fresh inputs.
    positive: the fraction of those errors with eᵀ W B e > 0.
    features, readout: the norms ‖A‖ and ‖W‖.
    """

    examples: np.ndarray
    error: np.ndarray
    to_backprop: np.ndarray
    to_gauss_newton: np.ndarray
    positive: np.ndarray
    features: np.ndarray
    readout: np.ndarray

    def examples_to(self, level):
        """How many examples each seed saw until its error first fell below `level`, (seeds,); NaN for never."""
        below = self.error < level
        return np.where(below.any(0), self.examples[below.argmax(0)], np.nan)


def train(
    rule,
    seeds=5,
    examples=2000,
    start_scale=0.01,
    readout_scale=None,
    feedback_scale=0.5,
    learning_rate=1e-3,
    every=50,
    sizes=(30, 20, 10),
    seed=0,
):
    """Train `seeds` networks online with `rule` ("bp", "fa", or "shallow": the hidden layer keeps its start).

    start_scale, readout_scale, feedback_scale: half-widths of the uniform distributions of A, W and B;
        readout_scale=None takes start_scale for W as well.
    The same seed gives every rule the same T, B, inputs, and start (up to the scales). Returns `Curves`, NaN where a
    seed's weights have left the range of numbers.
    Raises ValueError for an unknown rule, counts below 1, scales that are negative or not finite, sizes other than
    those of three layers, or a seed that is none.
    """
    require.one_of("rule", rule, RULES)
    for name, value in {"seeds": seeds, "examples": examples, "every": every}.items():
        require.count(name, value)
    readout_scale = start_scale if readout_scale is None else readout_scale
    scales = {"start_scale": start_scale, "readout_scale": readout_scale, "feedback_scale": feedback_scale}
    for name, value in scales.items():
        require.number(name, value)
    require.number("learning_rate", learning_rate, open_minimum=True)
    if len(require.sizes("sizes", sizes)) != 3:
        raise ValueError(f"sizes must list three layers, such as (30, 20, 10), got {sizes!r}")
    (n, m, p), rng = sizes, np.random.default_rng(require.seed("seed", seed))
    T = rng.uniform(-1, 1, (seeds, p, n))
    B = feedback_scale * rng.uniform(-1, 1, (seeds, m, p))
    A, W = start_scale * rng.uniform(-1, 1, (seeds, m, n)), readout_scale * rng.uniform(-1, 1, (seeds, p, m))
    probes = rng.normal(size=(seeds, n, 100))  # fresh inputs, for the angles
    records = [(0, *_measure(W, A, B, T, probes))]
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, examples + 1):
            x = rng.normal(size=(seeds, n, 1))
            h = A @ x
            e = T @ x - W @ h  # the papers' sign: target minus prediction
            hidden_step = {"bp": lambda W=W, e=e: np.swapaxes(W, 1, 2) @ e, "fa": lambda e=e: B @ e}.get(rule)
            if hidden_step is not None:
                A = A + learning_rate * hidden_step() * np.swapaxes(x, 1, 2)
            W = W + learning_rate * e * np.swapaxes(h, 1, 2)
            if step % every == 0:
                records.append((step, *_measure(W, A, B, T, probes)))
    return Curves(*(np.stack(part) for part in zip(*records, strict=True)))


def _measure(W, A, B, T, probes):
    E = T - W @ A
    lost = ~np.isfinite(inner(E, E))
    W, A, E = (np.where(lost[:, None, None], 0, matrix) for matrix in (W, A, E))  # pinv takes finite numbers alone
    errors = E @ probes  # (seeds, p, 100)
    steps = B @ errors, np.swapaxes(W, 1, 2) @ errors, np.linalg.pinv(W) @ errors
    with np.errstate(invalid="ignore"):  # W = 0 sends nothing: the angle is NaN
        angles = [angle(steps[0], step, axis=1).mean(1) for step in steps[1:]]
    positive = (steps[0] * steps[1]).sum(1) > 0
    measures = inner(E, E) / inner(T, T), *angles, positive.mean(1), norm(A), norm(W)
    return [np.where(lost, np.nan, measure) for measure in measures]
