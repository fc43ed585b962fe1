"""Tuning: the learning rate and the length of the feedback that suit a rule best, chosen on a validation split.

The length of B is the hidden layers' step size, so a rule that is compared at somebody's default B is compared
untuned. Every comparison of the lessons tunes each rule here, the controls too.
"""

import copy
from dataclasses import dataclass
from functools import partial

import numpy as np

from fa_lessons import inputs, losses, require
from fa_lessons.registry import RULES, made
from fa_lessons.rules import Rule
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

    learning_rates, feedback_scales: (n,), (m,), ascending; a scale multiplies the rule's own.
    errors: (n, m, seeds), percent; infinite where diverged.
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
        return _scaled(_new(self.make), self.feedback_scale)


def tune(rule, network, data, learning_rates, feedback_scales=(1.0,), epochs=1, **training):
    """Train copies of `network` over the grid of learning rates and feedback scales, in one run; return `Tuned`.

    rule: a registered name, or a function that makes a rule, for rules with settings of their own, such as a
    feedback_scale, which the grid's scales multiply.
    network: its replicas are the seeds; it stays as it is. Every cell has the same starts, and feedback that differs
    in its length alone. data: its test part chooses, so it is a validation split (`data.validation_split()`), never
    the test set. epochs, training: as `train` takes them.
    Raises EdgeOfGrid, a ValueError, where the best learning rate or feedback scale is the smallest or largest tried
    of several; ValueError for fewer than three of several, for values that are not positive or not ascending, for
    test data that stand for no classes, where every run diverges, and as `train` does. An interrupt raises
    KeyboardInterrupt and leaves nothing. Taught in lesson 4.
    """
    make = partial(made, require.one_of("rule", rule, RULES)) if isinstance(rule, str) else rule
    inputs.network("network", network)
    _require_classes(network, data)
    axes = {"learning_rates": learning_rates, "feedback_scales": feedback_scales}
    rates, scales = (_axis(name, values) for name, values in axes.items())
    rows, columns = np.indices((len(rates), len(scales))).reshape(2, -1)
    grid = _copies(_new(make), network, len(rows))
    each = np.repeat(rows, network.replicas), np.repeat(columns, network.replicas)
    _lengthen(grid, scales[each[1]])
    (rule,) = grid.rules.values()
    try:
        history = train(grid, data, rule, epochs, learning_rate=rates[each[0]], **training)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("tuning was stopped: nothing is chosen, and the network stays as it was") from None
    if np.isnan(history.test_error[-1]).all():
        raise ValueError(
            "learning_rates and feedback_scales must hold a pair with which the network does not diverge, "
            f"got {learning_rates!r} and {feedback_scales!r}"
        )
    errors = np.where(np.isnan(history.test_error[-1]), np.inf, history.test_error[-1])
    tuned = Tuned(make, rates, scales, errors.reshape(len(rates), len(scales), network.replicas))
    for name, values, index in zip(axes, (rates, scales), tuned.best, strict=True):
        if len(values) > 1 and index in (0, len(values) - 1):
            tried = ", ".join(f"{value:g}" for value in values)
            message = f"{name} must hold the best value inside, got {values[index]:g} of {tried} for {rule.name!r}"
            raise EdgeOfGrid(message, tuned)
    return tuned


def _new(make):
    """A rule of `make`'s that nobody else holds. Raises ValueError where it makes none."""
    try:
        rule = make() if callable(make) else None
    except TypeError as error:
        raise ValueError(f"rule must be a function that makes a rule without arguments, got {make!r}") from error
    if not isinstance(rule, Rule):
        raise ValueError(f"rule must be a registered name or a function that makes a rule, got {make!r}")
    return copy.copy(rule)


def _scaled(rule, factor):
    """`rule` with feedback that is `factor` times as long, drawn or yet to be drawn."""
    rule.feedback_scale = (np.asarray(rule.feedback_scale) * factor).tolist()
    if rule.feedback is not None:
        rule.feedback = [B * factor for B in rule.feedback]
    return rule


def _require_classes(network, data):
    _, target = losses.prepare_part(network, data, "test")
    if not losses.have_classes(network, target):
        raise ValueError("test_labels must stand for classes, since errors in percent choose, got targets of no class")


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
