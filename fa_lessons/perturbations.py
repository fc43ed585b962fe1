"""What Nøkland's Table 1 adds to plain training: dropout, and adversarial examples by the fast gradient sign."""

import operator

import torch

from fa_lessons import losses, measures, require
from fa_lessons.draws import generator
from fa_lessons.networks import ACTIVATIONS, OUTPUTS


class Dropout:
    """Inverted dropout: each input is silenced with probability `inputs`, each hidden unit with `hidden`, and the
    others are scaled up to keep the mean (Srivastava et al. 2014).

    Masks depend on (seed, step) and on the kind of device, which draws them, alone.

    Raises ValueError for a probability outside 0 to below 1.
    """

    def __init__(self, inputs, hidden):
        self.inputs = require.number("dropout inputs", inputs, maximum=1, open_maximum=True)
        self.hidden = require.number("dropout hidden", hidden, maximum=1, open_maximum=True)

    def masks(self, network, batch, key):
        """The factors of one step for `ThinnedNetwork`: 0, or what keeps the mean, (replicas, batch, units) a layer."""
        source = generator(*key, "dropout", device=network.device)
        masks = []
        for layer, units in enumerate(network.sizes[:-1]):
            silenced = self.hidden if layer else self.inputs
            draws = torch.rand(
                *(network.replicas, batch, units), generator=source, device=network.device, dtype=torch.float32
            )
            masks.append((draws >= silenced).to(network.dtype) / (1 - silenced))
        return masks


class ThinnedNetwork:
    """A network whose activations are multiplied by `masks`, a list of (replicas, batch, units), output excepted.

    Rules take it for the network itself: for one step, in which an input is masked once.
    """

    def __init__(self, network, masks):
        self.network, self.masks, self.inputs, self.slopes = network, masks, [], []

    def __getattr__(self, name):
        if name == "network":  # in a copy that is not made yet
            raise AttributeError(name)
        return getattr(self.network, name)

    def forward(self, images):
        """As `MLP.forward`, through the masks."""
        hidden_unit, output_unit = ACTIVATIONS[self.activation][0], OUTPUTS[self.output]
        if any(images is masked for masked in self.inputs):
            activations = [images]
        else:
            whole = images if images.ndim == 3 else images.expand(self.replicas, *images.shape)
            activations = [whole * self.masks[0]]
            self.inputs.append(activations[0])
        for weight, bias, mask in zip(self.weights[:-1], self.biases[:-1], self.masks[1:], strict=True):
            h = hidden_unit(torch.baddbmm(bias, activations[-1], weight))
            activations.append(h * mask)
            self.slopes.append((activations[-1], self.network.derivative(h) * mask))
        activations.append(output_unit(torch.baddbmm(self.biases[-1], activations[-1], self.weights[-1])))
        return activations

    def derivative(self, hidden):
        """The slope of the masked units, for an activation that `forward` gave, or a copy of one.

        Raises ValueError for other values, whose mask is not known.
        """
        for same in (operator.is_, torch.equal):
            for h, slope in self.slopes:
                if same(h, hidden):
                    return slope
        raise ValueError(f"hidden must be an activation of this step under dropout, got one of {tuple(hidden.shape)}")


def adversarial(network, images, target, epsilon):
    """images + epsilon · sign(∂loss/∂images), (replicas, batch, n_in): the fast gradient sign (Goodfellow et al. 2015).

    The gradient with respect to the images is backprop's, whatever rule trains the weights, as in Nøkland's code:
    with this option no rule is free of weight transport.
    """
    activations = network.forward(images)
    error = losses.error_signal(network, activations[-1], target)
    first = measures.BACKPROP.deltas(network, activations, error)[0]
    return images + epsilon * torch.sign(first @ network.weights[0].mT)
