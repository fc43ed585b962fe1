"""Tuning: the learning rate and the length of the feedback that suit a rule best, chosen on a validation split.

The length of B is the hidden layers' step size, so a rule that is compared at somebody's default B is compared
untuned. Every comparison of the lessons tunes each rule here, the controls too.
"""

from dataclasses import dataclass

import numpy as np

from fa_lessons import inputs, require
from fa_lessons.registry import RULES
from fa_lessons.torch_state import plainly
from fa_lessons.training import train


class EdgeOfGrid(ValueError):
    """The best value tried is the smallest or the largest: a better one may lie outside. `tuned` holds the grid."""

    def __init__(self, message, tuned):
        super().__init__(message)
        self.tuned = tuned


@dataclass(frozen=True)
class Tuned:
    """The best of a grid, by the mean over seeds of the last epoch's error.

    learning_rates, feedback_scales: (n,), (m,), ascending. errors: (n, m, seeds), percent; infinite where diverged.
    """

    make: object
    learning_rates: np.ndarray
    feedback_scales: np.ndarray
    errors: np.ndarray

    @property
    def best(self):
        """The best cell's row and column."""
        mean = self.errors.mean(-1)
        return np.unravel_index(mean.argmin(), mean.shape)

    @property
    def learning_rate(self):
        return float(self.learning_rates[self.best[0]])

    @property
    def feedback_scale(self):
        return float(self.feedback_scales[self.best[1]])

    @property
    def error(self):
        """Validation error of the best cell in percent, mean over seeds."""
        return float(self.errors[self.best].mean())

    def rule(self):
        """A new rule with the best feedback scale."""
        rule = self.make()
        rule.feedback_scale = self.feedback_scale
        return rule


def tune(rule, network, data, learning_rates, feedback_scales=(1.0,), epochs=1, **training):
    """Train copies of `network` over the grid of learning rates and feedback scales, in one run; return `Tuned`.

    rule: a registered name, or a function that makes a rule, for rules with settings of their own.
    network: its replicas are the seeds; it stays as it is. Every cell has the same starts, and feedback that differs
    in its length alone. data: its test part chooses, so it is a validation split (`data.validation_split()`), never
    the test set. epochs, training: as `train` takes them.
    Raises EdgeOfGrid, a ValueError, where the best learning rate or feedback scale is the smallest or largest tried
    of several; ValueError for fewer than three of several, for values that are not positive or not ascending, and as
    `train` does. Taught in lesson 4.
    """
    make = RULES[require.one_of("rule", rule, RULES)] if isinstance(rule, str) else rule
    inputs.network("network", network)
    axes = {"learning_rates": learning_rates, "feedback_scales": feedback_scales}
    rates, scales = (_axis(name, values) for name, values in axes.items())
    rows, columns = np.indices((len(rates), len(scales))).reshape(2, -1)
    grid = _copies(make(), network, len(rows))
    each = np.repeat(rows, network.replicas), np.repeat(columns, network.replicas)
    _lengthen(grid, scales[each[1]])
    (rule,) = grid.rules.values()
    history = train(grid, data, rule, epochs, learning_rate=rates[each[0]], **training)
    errors = np.where(np.isnan(history.test_error[-1]), np.inf, history.test_error[-1])
    tuned = Tuned(make, rates, scales, errors.reshape(len(rates), len(scales), network.replicas))
    for name, values, index in zip(axes, (rates, scales), tuned.best, strict=True):
        if len(values) > 1 and index in (0, len(values) - 1):
            tried = ", ".join(f"{value:g}" for value in values)
            message = f"{name} must hold the best value inside, got {values[index]:g} of {tried} for {rule.name!r}"
            raise EdgeOfGrid(message, tuned)
    return tuned


def _axis(name, values):
    axis = np.atleast_1d(require.numbers(name, values, open_minimum=True))
    if axis.ndim > 1 or len(axis) not in (1, *range(3, 1000)) or (np.diff(axis) <= 0).any():
        raise ValueError(f"{name} must be one value or at least three, ascending, got {values!r}")
    return axis


@plainly
def _copies(rule, network, times):
    """A network that holds `network`'s replicas again and again, and nothing but `rule`, with the same feedback."""
    start = network.select(list(range(network.replicas)))
    start.rules = {rule.name: rule.attach(start)}
    return start.select(list(range(network.replicas)) * times)


@plainly
def _lengthen(network, scales):
    (rule,) = network.rules.values()
    for B in rule.feedback:
        B.mul_(B.new_tensor(scales).view(-1, 1, 1))
