"""Optimisers: how an error signal becomes a change of the weights, the same way for every learning rule.

The gradient of layer l is hᵀ δa, with the activation h below and the error signal δa of the layer. Settings are
per replica, (replicas,). Weight decay is L2: it adds weight_decay · W to the gradient of W, biases excepted.
"""

import torch

from fa_lessons import require


class SGD:
    """W ← W − learning_rate (hᵀ δa + weight_decay W); with momentum, of the running sum v ← momentum v + gradient."""

    name = "sgd"

    def __init__(self, network, learning_rate, weight_decay, momentum=0.0):
        self.network, self.momentum = network, momentum
        self.learning_rate, self.weight_decay = _columns(network, learning_rate, weight_decay)
        self.decays = bool((self.weight_decay > 0).any())
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

    def state(self):
        """The tensors that a resumed run needs."""
        return self.velocity


class RMSprop:
    """W ← W − learning_rate g / (√s + 1e-8), s ← 0.99 s + 0.01 g² (Tieleman & Hinton 2012; as torch.optim.RMSprop)."""

    name = "rmsprop"
    SMOOTHING, EPSILON = 0.99, 1e-8

    def __init__(self, network, learning_rate, weight_decay, momentum=0.0):
        if momentum:
            raise ValueError(f"momentum must be 0 with optimizer 'rmsprop', got {momentum!r}")
        self.network = network
        self.learning_rate, self.weight_decay = _columns(network, learning_rate, weight_decay)
        self.decays = bool((self.weight_decay > 0).any())
        self.square = [torch.zeros_like(p) for p in network.weights + network.biases]
        self.gradient = [torch.empty_like(w) for w in network.weights]

    def update(self, layer, below, delta):
        """Change the weights and biases of `layer`, in place."""
        weight, gradient = self.network.weights[layer], self.gradient[layer]
        torch.bmm(below.mT, delta, out=gradient)
        if self.decays:
            gradient.addcmul_(weight, self.weight_decay)
        depth = len(self.network.weights)
        self._descend(weight, gradient, self.square[layer])
        self._descend(self.network.biases[layer], delta.sum(1, keepdim=True), self.square[depth + layer])

    def _descend(self, parameter, gradient, square):
        square.mul_(self.SMOOTHING).addcmul_(gradient, gradient, value=1 - self.SMOOTHING)
        gradient.mul_(-self.learning_rate)
        parameter.addcdiv_(gradient, square.sqrt().add_(self.EPSILON))

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
    learning_rate = require.per_replica("learning_rate", learning_rate, network.replicas, open_minimum=True)
    weight_decay = require.per_replica("weight_decay", weight_decay, network.replicas)
    momentum = require.number("momentum", momentum, maximum=1, open_maximum=True)
    return OPTIMIZERS[name](network, learning_rate, weight_decay, momentum)


def _columns(network, *settings):
    """Per-replica settings as (replicas, 1, 1), to multiply any parameter."""
    return [setting.to(network.device, network.dtype).view(-1, 1, 1) for setting in settings]
