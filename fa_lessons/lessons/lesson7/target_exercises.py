"""Exercise 7.3: what a linear inverse learns."""

import numpy as np

from fa_lessons.lessons.cases import cases, likewise
from fa_lessons.lessons.checking import Exercise, Mistake


def _linear_inverse(W, second_moment):
    """The least squares fit of h by (h W) V, for as many examples h as they have units, of that second moment."""
    h = np.linalg.cholesky(second_moment).T
    return np.linalg.lstsq(h @ W, h, rcond=None)[0]


def _second_moment(rng, units):
    """Of correlated examples with a mean, well conditioned."""
    mixed = rng.normal(size=(4 * units, units)) @ rng.normal(size=(units, units)) + rng.normal(size=units)
    return mixed.T @ mixed / len(mixed) + 0.1 * np.eye(units)


def _draw_layer(rng):
    below, above = int(rng.integers(5, 8)), int(rng.integers(2, 5))
    return rng.normal(size=(below, above)), _second_moment(rng, below)


def _other_layers():
    """A square layer, whose inverse is W's own; white activity; one unit above; one unit in all."""
    rng = np.random.default_rng(7)
    return [
        (rng.normal(size=(4, 4)) + 2 * np.eye(4), _second_moment(rng, 4)),
        (rng.normal(size=(6, 3)), 0.5 * np.eye(6)),
        (rng.normal(size=(5, 1)), _second_moment(rng, 5)),
        (np.array([[2.0]]), np.array([[0.3]])),
    ]


def _inverse(matrix):
    return np.linalg.inv(matrix)


TARGET = {
    "linear_inverse": Exercise(
        reference=_linear_inverse,
        draw=_draw_layer,
        hint="Set the derivative of E‖h W V − h‖² with respect to V to zero, and write E[hᵀh] = Σ.",
        mistakes=(
            *likewise(
                Mistake(
                    "knows which activities there are",
                    "That is the pseudoinverse of W. It is right for white activity only, Σ ∝ I.",
                    lambda W, S: np.linalg.pinv(W),
                ),
                lambda W, S: np.linalg.pinv(S @ W),
            ),
            Mistake(
                "inverts, and does not transport",
                "That is Wᵀ, backprop's way back.",
                lambda W, S: W.T.copy(),
            ),
            *likewise(
                Mistake(
                    "has Σ in both places",
                    "One Σ is missing: h occurs in both factors of the derivative's last term, too.",
                    lambda W, S: _inverse(W.T @ S @ W) @ W.T,
                ),
                lambda W, S: _inverse(W.T @ W) @ W.T @ S,
            ),
            *likewise(
                Mistake(
                    "undoes the mixing above",
                    "WᵀΣ alone is a covariance of below and above. Divide by the second moment of what is above, h W.",
                    lambda W, S: W.T @ S,
                ),
                lambda W, S: W.T @ S @ W @ W.T @ S,
            ),
            *likewise(
                Mistake(
                    "takes Σ, not its inverse",
                    "You weigh the activities by how rare they are.",
                    lambda W, S: _inverse(W.T @ _inverse(S) @ W) @ W.T @ _inverse(S),
                ),
                lambda W, S: _inverse(W.T @ S @ W) @ W.T @ _inverse(S),
            ),
            Mistake(
                "leads from the layer above to the one below",
                "That is the transpose: V takes rows of h W, and gives rows of h.",
                lambda W, S: S @ W @ _inverse(W.T @ S @ W),
            ),
        ),
        properties=(
            cases(
                "gives W's own inverse where there is one",
                "A square W has an inverse, whatever Σ is; white activity gives the pseudoinverse; there may be one "
                "unit.",
                _linear_inverse,
                _other_layers,
            ),
        ),
    ),
}
