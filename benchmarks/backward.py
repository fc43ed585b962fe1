"""The error signals of a hundred layers: DFA's have no chain. Does one large product for all layers pay?"""

from functools import partial

import torch

from benchmarks.timing import seconds_per_call
from fa_lessons import MLP, rules

SIZES = (784, *[240] * 100, 10)


def signals(against, replicas):
    """DFA's signals, layer by layer as in rules.py, against another way to get a network's signals."""
    network = MLP(SIZES, replicas=replicas)
    activations = network.forward(torch.rand(64, SIZES[0]))
    error = (activations[-1] - 0.1) / 64
    dfa = rules.resolve("dfa", network)
    ways = {
        "bp": lambda: rules.Backpropagation().deltas(network, activations, error),
        "layer by layer": lambda: dfa.deltas(network, activations, error),
        "one product": lambda: _one_product(network, dfa.feedback, activations, error),
    }
    chosen = {name: ways[name] for name in ("layer by layer", against)}
    times = seconds_per_call(chosen, rounds=7, calls=5)
    return times[against] / times["layer by layer"], f"{1000 * times['layer by layer']:.1f} ms, {replicas} replicas"


def _one_product(network, feedback, activations, error):
    """All feedback matrices side by side: equal or not, the layers' signals are one batched product."""
    sent = (error @ torch.cat(feedback, -1)).split([B.shape[-1] for B in feedback], -1)
    return [s * network.derivative(h) for s, h in zip(sent, activations[1:-1], strict=True)] + [error]


BENCHMARKS = {
    "DFA's signals vs BP's, 100x240": partial(signals, "bp", 1),
    "DFA's signals vs one product for all layers, 100x240": partial(signals, "one product", 1),
    "DFA's signals vs one product for all layers, 100x240, 5 replicas": partial(signals, "one product", 5),
}
