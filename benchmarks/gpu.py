"""The recorded step on a GPU against autograd's, both on the same card; nothing where there is none."""

from functools import partial
from itertools import islice, pairwise

import torch

from benchmarks.autograd import AutogradRun
from benchmarks.timing import seconds_per_call
from fa_lessons import MLP, load_mnist
from fa_lessons.experiments.recorded import RecordedTrainer

SIZES, REPLICAS, STEPS = (784, 800, 800, 10), 20, 50


def replicas_against_autograd(rule):
    """Replica-steps a second of RMSprop, ours and autograd's one network."""
    torch.backends.cuda.matmul.allow_tf32 = True
    data = load_mnist()
    network = MLP(SIZES, "tanh", replicas=REPLICAS, device="cuda")
    trainer = RecordedTrainer(network, data, rule, optimizer="rmsprop", learning_rate=1e-4)
    theirs = AutogradRun(data, SIZES, "tanh", "rmsprop", 1e-4, device="cuda")

    def ours():
        for images, target in islice(trainer.batches(), STEPS):
            trainer.advance(images, target, 0)
        torch.cuda.synchronize()

    def autograd():
        for _ in range(STEPS):
            theirs.step()
        torch.cuda.synchronize()

    times = seconds_per_call({"ours": ours, "autograd": autograd}, calls=3)
    rate = REPLICAS * STEPS / times["ours"]
    share = rate * bytes_per_step(rule) / copied_per_second()
    note = f"{rate:,.0f} replica-steps/s, {bytes_per_step(rule) / 1e6:.0f} MB each, {share:.0%} of a copy's bandwidth"
    return REPLICAS * times["autograd"] / times["ours"], note


def bytes_per_step(rule):
    """What one replica's step moves, four bytes a number: each weight is read forwards, its gradient written, and the
    update reads weight, gradient and running square and writes all three; BP reads the weights above the first layer
    once more, and FA as many of its feedback. Activations and DFA's feedback are small beside that."""
    weights = [a * b for a, b in pairwise(SIZES)]
    return 4 * (8 * sum(weights) + (sum(weights[1:]) if rule in ("bp", "fa") else 0))


def copied_per_second():
    """Bytes read and written a second by a large copy."""
    source = torch.rand(2**28, device="cuda")
    target = torch.empty_like(source)

    def copy():
        target.copy_(source)
        torch.cuda.synchronize()

    return 2 * source.nbytes / seconds_per_call({"copy": copy}, calls=5)["copy"]


BENCHMARKS = {
    f"GPU: {REPLICAS} replicas of {rule.upper()} 784-800-800-10, RMSprop, vs autograd, per replica": partial(
        replicas_against_autograd, rule
    )
    for rule in (("bp", "fa", "dfa") if torch.cuda.is_available() else ())
}
