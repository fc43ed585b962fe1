"""Our training step against autograd's, batch 64, MNIST in memory, both with the loop's own bookkeeping."""

from functools import partial
from itertools import pairwise

from benchmarks.autograd import AutogradRun
from benchmarks.timing import seconds_per_call
from fa_lessons import MLP, load_mnist
from fa_lessons.training import Trainer


class OurRun:
    """One of our training steps a call of `step`."""

    def __init__(self, data, sizes, rule, activation, optimizer, learning_rate, replicas=1):
        network = MLP(sizes, activation, replicas=replicas)
        self.trainer = Trainer(network, data, rule, optimizer=optimizer, learning_rate=learning_rate)
        self.batches = self._batches()

    def _batches(self):
        while True:
            yield from self.trainer.batches()

    def step(self):
        self.trainer.step(*next(self.batches))


def against_autograd(sizes, rule, activation="tanh", optimizer="sgd", learning_rate=0.1, calls=60):
    data = load_mnist()
    ours = OurRun(data, sizes, rule, activation, optimizer, learning_rate)
    theirs = AutogradRun(data, sizes, activation, optimizer, learning_rate)
    times = seconds_per_call({"ours": ours.step, "autograd": theirs.step}, calls=calls)
    return times["autograd"] / times["ours"], _note(sizes, times["ours"])


def replicas_against_one(sizes, rule, replicas):
    data = load_mnist()
    one = OurRun(data, sizes, rule, "sigmoid", "sgd", 0.5)
    many = OurRun(data, sizes, rule, "sigmoid", "sgd", 0.5, replicas)
    times = seconds_per_call({"one": one.step, "many": many.step})
    return replicas * times["one"] / times["many"], _note(sizes, times["many"] / replicas)


def replicas_against_autograd(sizes, rule, replicas, optimizer):
    """One step of all replicas against as many separate autograd networks, one step each."""
    data = load_mnist()
    ours = OurRun(data, sizes, rule, "tanh", optimizer, 1e-4, replicas)
    theirs = [AutogradRun(data, sizes, "tanh", optimizer, 1e-4) for _ in range(replicas)]

    def one_after_the_other():
        for run in theirs:
            run.step()

    times = seconds_per_call({"ours": ours.step, "autograd": one_after_the_other}, rounds=5, calls=3)
    return times["autograd"] / times["ours"], _note(sizes, times["ours"] / replicas)


def _note(sizes, seconds):
    """What bounds a step: its arithmetic (2 operations a weight and example, forward, backward, update)."""
    weights = sum(a * b for a, b in pairwise(sizes))
    backward = weights - sizes[0] * sizes[1]
    operations = 2 * 64 * (2 * weights + backward)
    return f"{1 / seconds:,.0f} replica-steps/s, {operations / seconds / 1e9:.0f} GFLOP/s"


BENCHMARKS = {
    "FA 784-100-10 vs autograd": partial(against_autograd, (784, 100, 10), "fa", "sigmoid", learning_rate=0.5),
    "FA 784-1000-10 vs autograd": partial(against_autograd, (784, 1000, 10), "fa"),
    "DFA 784-800-800-10 vs autograd": partial(against_autograd, (784, 800, 800, 10), "dfa", calls=30),
    "DFA 784-800-800-10, RMSprop, vs autograd": partial(
        against_autograd, (784, 800, 800, 10), "dfa", optimizer="rmsprop", learning_rate=1e-4, calls=30
    ),
    "20 replicas of DFA 784-800-800-10, RMSprop, vs 20 autograd runs": partial(
        replicas_against_autograd, (784, 800, 800, 10), "dfa", 20, "rmsprop"
    ),
    "20 replicas of DFA 784-100-10, RMSprop, vs 20 autograd runs": partial(
        replicas_against_autograd, (784, 100, 10), "dfa", 20, "rmsprop"
    ),
    "8 replicas of 784-100-10 vs one, per replica": partial(replicas_against_one, (784, 100, 10), "fa", 8),
}
