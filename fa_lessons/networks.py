"""Multilayer perceptrons: weights and the forward pass, for many replicas at once.

Row vectors: a batch is a matrix with one example a row, and a layer computes `a = h @ W + b` with W of shape
(n_in, n_out), the transpose of the papers' W h. Every parameter has a leading axis of `replicas` independent
networks, which advance together in one batched product; one network is replicas=1.
"""

from itertools import pairwise

import torch

from fa_lessons import inputs, require
from fa_lessons.draws import uniform
from fa_lessons.torch_state import plainly

# f and its derivative f', written in terms of the activation h = f(a).
ACTIVATIONS = {
    "tanh": (torch.tanh_, lambda h: torch.addcmul(h.new_ones(()), h, h, value=-1)),  # 1 - h²
    "sigmoid": (torch.sigmoid_, lambda h: torch.addcmul(h, h, h, value=-1)),  # h - h²
    "relu": (torch.relu_, lambda h: (h > 0).to(h.dtype)),
    "linear": (lambda a: a, torch.ones_like),
}
# The output units, each with the loss for which the error signal is e = prediction - target.
OUTPUTS = {
    "softmax": lambda a: torch.softmax(a, -1),  # cross-entropy
    "sigmoid": torch.sigmoid_,  # binary cross-entropy
    "linear": lambda a: a,  # half the squared error
}
MOST_WEIGHTS = 2e9


class MLP:
    """`replicas` independent multilayer perceptrons of one shape.

    sizes: units per layer, input first, e.g. (784, 100, 10); one hidden layer or none or many.
    activation: "tanh", "sigmoid", "relu" or "linear", of every hidden layer.
    output: "softmax", "sigmoid" or "linear", with its matching loss.
    initial_scale: a number or one per replica. Weights start uniform in ± initial_scale / sqrt(n_in), biases
        at zero; 0 starts from zero weights.

    weights[l]: (replicas, n_in, n_out); biases[l]: (replicas, 1, n_out).
    rules: the learning rules that this network has been trained with, by name; a rule keeps its feedback here,
        so that training on goes on with the same feedback.
    device, dtype: where the parameters lie and torch.float32 or torch.float64, also by name.
    Raises ValueError, naming argument, value and what is allowed, for anything else.
    """

    @plainly
    def __init__(
        self,
        sizes,
        activation="tanh",
        output="softmax",
        replicas=1,
        seed=0,
        initial_scale=1.0,
        device="cpu",
        dtype=torch.float32,
    ):
        self.sizes = require.sizes("sizes", sizes)
        device, dtype = inputs.device("device", device), inputs.dtype("dtype", dtype)
        self.activation = require.one_of("activation", activation, ACTIVATIONS)
        self.output = require.one_of("output", output, OUTPUTS)
        self.replicas = require.count("replicas", replicas)
        _fits_in_memory(self.sizes, self.replicas)
        self.seed = require.seed("seed", seed)
        scale = inputs.per_replica("initial_scale", initial_scale, self.replicas)
        self.rules = {}
        self.weights = [
            _lay_out(uniform((n_in, n_out), scale / n_in**0.5, self.replicas, (self.seed, "weights", layer)))
            for layer, (n_in, n_out) in enumerate(pairwise(self.sizes))
        ]
        self.weights = [weight.to(device, dtype) for weight in self.weights]
        self.biases = [torch.zeros(self.replicas, 1, n, device=device, dtype=dtype) for n in self.sizes[1:]]

    @property
    def device(self):
        return self.weights[0].device

    @property
    def dtype(self):
        return self.weights[0].dtype

    def forward(self, images):
        """Activations of every layer, `[images, h_1, ..., prediction]`, each (replicas, batch, units).

        images: (batch, n_in), the same for every replica, or (replicas, batch, n_in).
        """
        hidden_unit, output_unit = ACTIVATIONS[self.activation][0], OUTPUTS[self.output]
        activations = [images if images.ndim == 3 else images.expand(self.replicas, *images.shape)]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            activations.append(hidden_unit(torch.baddbmm(bias, activations[-1], weight)))
        activations.append(output_unit(torch.baddbmm(self.biases[-1], activations[-1], self.weights[-1])))
        return activations

    def derivative(self, hidden):
        """f'(a), the slope of the hidden units, from their activation h = f(a)."""
        return ACTIVATIONS[self.activation][1](hidden)

    @plainly
    def predict(self, images):
        """The output units' values, (replicas, batch, classes), for an array or tensor (batch, n_in).

        Raises ValueError as `inputs.images` does: for another width, values that are not finite or far too large.
        """
        images = inputs.images("images", images, self.sizes[0])
        return self.forward(images.to(self.device, self.dtype))[-1]

    @plainly
    def select(self, replicas):
        """A new MLP with copies of the given replicas (an index or a list), their rules included.

        Raises ValueError for what is no index, a mask of truth values among it.
        """
        chosen = inputs.array("replicas", replicas)
        chosen = torch.atleast_1d(chosen).to(self.device)
        whole = chosen.dtype == torch.int64 and chosen.ndim == 1 and chosen.numel() > 0
        if not whole or chosen.min() < 0 or chosen.max() >= self.replicas:
            raise ValueError(f"replicas must be indices from 0 to {self.replicas - 1}, got {replicas}")
        part = MLP(self.sizes, self.activation, self.output, len(chosen), self.seed, 0, self.device, self.dtype)
        part.weights = [weight[chosen].clone() for weight in self.weights]
        part.biases = [bias[chosen].clone() for bias in self.biases]
        part.rules = {name: rule.attach(self).select(chosen) for name, rule in self.rules.items()}
        return part


def _fits_in_memory(sizes, replicas):
    count = replicas * sum(n_in * n_out for n_in, n_out in pairwise(sizes))
    if count > MOST_WEIGHTS:
        found = f"{count:.1e}" if count < 1e300 else "more than 1e300"
        raise ValueError(f"sizes and replicas must give at most {MOST_WEIGHTS:.0e} weights, got {found}")


def _lay_out(weight):
    """The same weights; those of a narrow layer transposed in memory, which makes its products twice as fast."""
    return weight.mT.contiguous().mT if weight.shape[-1] < 64 else weight
