"""One cell in training: a `Trainer` that counts its epochs, stops, times itself, and says what it measured."""

import time
from itertools import islice

import numpy as np

from fa_lessons import losses, rules
from fa_lessons.experiments.grid import plain

WARM_UP, TIMED = 3, 8  # steps


class Run:
    """Train for `epochs`, or until every replica's training error is at most `stop_at` percent."""

    def __init__(self, trainer, epochs, stop_at=-1.0):
        self.trainer, self.epochs, self.stop_at = trainer, epochs, stop_at
        self.steps_per_epoch = trainer.steps_per_epoch
        self.run_epoch, self.state, self.restore = trainer.run_epoch, trainer.state, trainer.restore

    @property
    def epoch(self):
        return self.trainer.epoch

    @property
    def steps(self):
        return self.epochs * self.steps_per_epoch

    @property
    def done(self):
        return self.epoch * self.steps_per_epoch

    def finished(self):
        errors = self.trainer.history.train_error
        # A diverged replica has no training error and learns no more.
        return self.epoch >= self.epochs or (len(errors) > 0 and not (errors[-1] > self.stop_at).any())

    def seconds_per_epoch(self):
        """About how long an epoch takes, from a few steps and one evaluation. The run is of no use afterwards."""
        trainer, batches = self.trainer, self.trainer.batches()
        for images, target in islice(batches, WARM_UP):
            trainer.advance(images, target, 0)
        trainer.misses.tolist()  # waits for the device
        start, count = time.perf_counter(), 0
        for images, target in islice(batches, TIMED):
            trainer.advance(images, target, 0)
            count += 1
        trainer.misses.tolist()
        seconds = (time.perf_counter() - start) / max(count, 1) * self.steps_per_epoch
        for _ in range(2):  # the first on a GPU also loads what it needs
            start = time.perf_counter()
            losses.percent_wrong(trainer.network, trainer.test_images, trainer.test_targets).tolist()
        return seconds + time.perf_counter() - start

    def result(self):
        """Error curves (epochs, replicas) in percent, and the last signal angles (hidden layers, replicas)."""
        history = self.trainer.history
        return {
            "epochs_run": self.epoch,
            "test_error": plain(history.test_error, 3),
            "train_error": plain(history.train_error, 4),
            "angle": plain(history.alignment[-1], 1),
            "diverged_at": history.diverged_at.tolist(),
        }


def repeated(network, rule, times):
    """A network that holds the replicas of `network` again and again, with the same feedback for the rule's name."""
    rules.resolve(rule, network)
    return network.select(list(range(network.replicas)) * times)


def last(values):
    """A result's values as an array, NaN for what was not finite; of curves over epochs, the last epoch."""
    return np.array(values, dtype=float)[-1]


def at_edge(result):
    """Which of the chosen values is the smallest or the largest tried of several: names, none where it is inside."""
    settings, choice = result["settings"], result["choice"]
    grids = {name: settings[f"{name}s"] for name in ("learning_rate", "feedback_scale") if f"{name}s" in settings}
    return [name for name, grid in grids.items() if len(grid) > 1 and choice[name] in (grid[0], grid[-1])]


def mean_and_sd(values):
    """Mean and standard deviation over replicas, NaN where there are too few."""
    values = np.asarray(values, dtype=float)
    return values.mean(), (values.std(ddof=1) if len(values) > 1 else np.nan)


def percent(values):
    """Mean ± sd, as a table prints them; without ± for one value; "diverged" where some replica did."""
    mean, sd = mean_and_sd(values)
    if np.isnan(mean):
        return "diverged"
    return f"{mean:.2f}" if np.isnan(sd) else f"{mean:.2f} ± {sd:.2f}"
