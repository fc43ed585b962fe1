"""Optimisers: how an error signal becomes a change of the weights, the same way for every learning rule.

The gradient of layer l is hᵀ δa, with the activation h below and the error signal δa of the layer. Settings are
per replica, (replicas,). Weight decay is L2: it adds weight_decay · W to the gradient of W, biases excepted.
`layers` are those whose weights learn; all, unless a trainer says otherwise.
"""

from importlib.util import find_spec

import torch
from torch.optim.adam import adam

from fa_lessons import inputs, require


class SGD:
    """W ← W − learning_rate (hᵀ δa + weight_decay W); with momentum, of the running sum v ← momentum v + gradient."""

    name = "sgd"

    def __init__(self, network, learning_rate, weight_decay, momentum=0.0):
        self.network, self.momentum = network, momentum
        self.learning_rate, self.weight_decay = _columns(network, learning_rate, weight_decay)
        self.decays = bool((self.weight_decay > 0).any())
        self.layers = range(len(network.weights))
        self.velocity = [torch.zeros_like(p) for p in network.weights + network.biases] if momentum else []

    def update(self, layer, below, delta):
        """Change the weights and biases of `layer`, in place."""
        weight, bias = self.network.weights[layer], self.network.biases[layer]
        if not self.momentum:
            step = delta * -self.learning_rate
            if self.decays:
                weight.mul_(1 - self.learning_rate * self.weight_decay)
            weight.baddbmm_(below.mT, step)
            bias.add_(step.sum(1, keepdim=True))
            return
        gradient = torch.bmm(below.mT, delta)
        if self.decays:
            gradient.addcmul_(weight, self.weight_decay)
        depth = len(self.network.weights)
        for parameter, slope, velocity in (
            (weight, gradient, self.velocity[layer]),
            (bias, delta.sum(1, keepdim=True), self.velocity[depth + layer]),
        ):
            velocity.mul_(self.momentum).add_(slope)
            parameter.addcmul_(velocity, self.learning_rate, value=-1)

    def update_feedback(self, B, below, delta):
        """Change B, (replicas, n_out, n_in), as `update` changes its layer's W, transposed (Kolen & Pollack 1994).

        Nothing for a δa of None, where W stood still. Raises ValueError with momentum: B keeps no running sum.
        """
        if self.momentum:
            raise ValueError(f"momentum must be 0 for feedback that takes the update of W, got {self.momentum!r}")
        if delta is not None:
            if self.decays:
                B.mul_(1 - self.learning_rate * self.weight_decay)
            B.baddbmm_((delta * -self.learning_rate).mT, below)

    def state(self):
        """The tensors that a resumed run needs."""
        return self.velocity


class RMSprop:
    """W ← W − learning_rate g / (√s + 1e-8), s ← 0.99 s + 0.01 g² (Tieleman & Hinton 2012; as torch.optim.RMSprop).

    That is Adam without momentum, long after its start-up correction has died away, so torch's fused Adam does it in
    one pass through memory; a few replicas at a time on a CPU, so that their gradients stay in its cache. On a GPU
    one kernel of our own makes the gradient as well.
    """

    name = "rmsprop"
    SMOOTHING, EPSILON, LATE = 0.99, 1e-8, 1e9
    CACHED = 2**20  # gradient entries

    def __init__(self, network, learning_rate, weight_decay, momentum=0.0):
        if momentum:
            raise ValueError(f"momentum must be 0 with optimizer 'rmsprop', got {momentum!r}")
        self.network, self.learning_rate = network, learning_rate.tolist()
        rates, self.weight_decay = _columns(network, learning_rate, weight_decay)
        self.of_replicas = rates.flatten(), self.weight_decay.flatten()
        self.one_kernel = _has_kernel(network)
        self.decays = bool((self.weight_decay > 0).any())
        self.layers = range(len(network.weights))
        self.square = [torch.zeros_like(p) for p in network.weights + network.biases]
        self.groups = [self._groups(weight) for weight in network.weights]
        self.late = torch.tensor(self.LATE, dtype=torch.float32, device=network.device)

    def _groups(self, weight):
        """(first, count, learning rate) of neighbouring replicas with one learning rate, few enough for the cache."""
        most = max(1, self.CACHED // weight[0].numel()) if weight.device.type == "cpu" else len(weight)
        groups, first = [], 0
        for last, rate in enumerate(self.learning_rate):
            following = self.learning_rate[last + 1 : last + 2]
            if following != [rate] or last + 1 - first == most:
                groups.append((first, last + 1 - first, rate))
                first = last + 1
        return groups

    def update(self, layer, below, delta):
        """Change the weights and biases of `layer`, in place."""
        if self.one_kernel:
            self._update_by_one_kernel(layer, below, delta)
            return
        depth, slope = len(self.network.weights), delta.sum(1, keepdim=True)
        of_all = (
            *(self.network.weights[layer], self.network.biases[layer], below, delta, slope),
            *(self.square[layer], self.square[depth + layer], self.weight_decay),
        )
        for first, count, rate in self.groups[layer]:
            whole = count == self.network.replicas
            group = of_all if whole else (t.narrow(0, first, count) for t in of_all)
            weight, bias, h, d, bias_gradient, square, bias_square, decay = group
            gradient = torch.empty_like(weight)
            torch.bmm(h.mT, d, out=gradient)
            if self.decays:
                gradient.addcmul_(weight, decay)
            self._descend([weight, bias], [gradient, bias_gradient], [square, bias_square], rate)

    def _update_by_one_kernel(self, layer, below, delta):
        from fa_lessons import fused  # needs Triton, which comes with torch's CUDA builds on Linux

        weight, square, of_bias = self.network.weights[layer], self.square[layer], len(self.network.weights) + layer
        fused.rmsprop(weight, square, below, delta, *self.of_replicas, self.SMOOTHING, self.EPSILON)
        of_all = self.network.biases[layer], delta.sum(1, keepdim=True), self.square[of_bias]
        for first, count, rate in self.groups[layer]:
            bias, slope, bias_square = (t.narrow(0, first, count) for t in of_all)
            self._descend([bias], [slope], [bias_square], rate)

    def _descend(self, parameters, gradients, squares, rate):
        means = gradients  # Adam's running means of the gradients, which have no memory here
        adam(
            parameters,
            gradients,
            means,
            squares,
            [],
            [self.late] * len(parameters),
            fused=True,
            amsgrad=False,
            beta1=0.0,
            beta2=self.SMOOTHING,
            lr=rate,
            weight_decay=0.0,
            eps=self.EPSILON,
            maximize=False,
        )

    def state(self):
        """The tensors that a resumed run needs."""
        return self.square


OPTIMIZERS = {"sgd": SGD, "rmsprop": RMSprop}


def resolve(name, network, learning_rate, weight_decay, momentum):
    """The optimiser called `name` for `network`.

    Raises ValueError for an unknown name, a learning rate that is not positive and finite, a weight decay below 0,
    a momentum outside 0 to below 1, or lists that do not fit the number of replicas.
    """
    require.one_of("optimizer", name, OPTIMIZERS)
    learning_rate = inputs.per_replica("learning_rate", learning_rate, network.replicas, open_minimum=True)
    weight_decay = inputs.per_replica("weight_decay", weight_decay, network.replicas)
    momentum = require.number("momentum", momentum, maximum=1, open_maximum=True)
    return OPTIMIZERS[name](network, learning_rate, weight_decay, momentum)


def _has_kernel(network):
    return network.device.type == "cuda" and network.dtype == torch.float32 and find_spec("triton") is not None


def _columns(network, *settings):
    """Per-replica settings as (replicas, 1, 1), to multiply any parameter."""
    return [setting.to(network.dtype).to(network.device).view(-1, 1, 1) for setting in settings]
