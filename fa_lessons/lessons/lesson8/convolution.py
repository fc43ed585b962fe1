"""A small convolutional network whose backward pass is written out, with its filters shared by all places or not.

A convolution is a matrix product over patches: every row is the patch of one image at one place, and rows @ filters + b
gives the layer's a. So a convolution has matrices as an `MLP` has, and the rules of the engine send errors through it.
A map is (replicas, side, side, batch, channels) everywhere; as rows it is (groups, rows, channels), without a copy.
"""

from itertools import product

import torch

from fa_lessons import losses, measures, optimizers, require, rules
from fa_lessons.draws import generator, uniform

SIDE, KERNEL, CLASSES = 28, 5, 10
MAPS = (24, 8)  # sides of the two layers' maps; pooling halves them
PROBE = 64  # training images on which the angles are measured


class ConvNet:
    """5×5 convolution – tanh – mean pool – 5×5 convolution – tanh – mean pool – softmax over ten classes.

    channels: of the two layers. own: whether every place has filters of its own, in place of shared ones.
    weights: filters of two layers, (groups, patch, channels), and the readout, (replicas, units, classes). A group is a
    replica where filters are shared, and one place of one replica where they are not.
    Raises ValueError for replicas or channels below 1, channels of more or fewer layers, or a seed that is none.
    """

    output, device = "softmax", "cpu"

    def __init__(self, replicas=1, channels=(8, 16), own=False, seed=0, dtype=torch.float32):
        replicas, seed = require.count("replicas", replicas), require.seed("seed", seed)
        if not isinstance(channels, tuple | list) or len(channels) != 2:
            raise ValueError(f"channels must be a pair, such as (8, 16), got {channels!r}")
        channels = tuple(require.count(f"channels[{layer}]", n) for layer, n in enumerate(channels))
        self.replicas, self.channels, self.seed, self.dtype = replicas, channels, seed, dtype
        self.groups = [replicas * (side**2 if own else 1) for side in MAPS] + [replicas]
        adds = [KERNEL**2, channels[0] * KERNEL**2, channels[1] * (MAPS[1] // 2) ** 2]
        self.weights = [
            _draw((n, outputs), n, count, (seed, "conv", layer), dtype)
            for layer, (n, outputs, count) in enumerate(zip(adds, (*channels, CLASSES), self.groups, strict=True))
        ]
        self.biases = [W.new_zeros(len(W), 1, W.shape[-1]) for W in self.weights]

    def forward(self, images):
        """(rows, maps, prediction): what each layer's product reads, the maps h = tanh(a), and the output.

        images: (batch, 784). rows: (groups, rows, patch) of two layers and (replicas, batch, units) of the readout;
        prediction: (replicas, batch, 10).
        """
        x = images.to(self.dtype).T.reshape(1, SIDE, SIDE, -1, 1)
        rows, maps = [], []
        for W, b, side in zip(self.weights, self.biases, MAPS, strict=False):
            rows.append(patches(x).expand(self.replicas, *[-1] * 4).reshape(len(W), -1, W.shape[1]))
            h = torch.tanh_(torch.baddbmm(b, rows[-1], W))
            maps.append(h.view(self.replicas, side, side, -1, W.shape[2]))
            x = pool(maps[-1])
        rows.append(x.movedim(3, 1).flatten(2))
        prediction = torch.softmax(torch.baddbmm(self.biases[-1], rows[-1], self.weights[-1]), -1)
        return rows, maps, prediction

    def signals(self, rule, maps, error):
        """δa of both maps, in their shape, as `rule` sends the error (replicas, batch, 10) down."""
        lower, upper = rule.feedback_path(self)
        second = self._from_units(error @ upper, maps[1])
        if rule.direct:
            return self._from_units(error @ lower, maps[0]), second
        columns = second.view(self.groups[1], -1, second.shape[-1]) @ lower
        below = unpatch(columns.view(*second.shape[:4], -1))
        return spread(below) * (1 - maps[0] ** 2), second

    def _from_units(self, below, h):
        """A map's signal from that of its pooled units, (replicas, batch, units)."""
        half = h.shape[1] // 2
        return spread(below.unflatten(2, (half, half, -1)).movedim(1, 3)) * (1 - h**2)

    def attach(self, rule, feedback_scale=1.0):
        """Give `rule` feedback for this network: uniform in ± feedback_scale / √(errors that it adds up)."""
        if rule.direct:
            units = [channels * (side // 2) ** 2 for channels, side in zip(self.channels, MAPS, strict=True)]
            shapes = [((CLASSES, n), CLASSES, self.replicas) for n in units]
        else:
            lower, upper = (W.shape[:0:-1] for W in self.weights[1:])
            shapes = [(lower, lower[0] * KERNEL**2, self.groups[1]), (upper, CLASSES, self.replicas)]
        rule.feedback = [
            feedback_scale * _draw(shape, adds, count, (self.seed, rule.name, layer), self.dtype)
            for layer, (shape, adds, count) in enumerate(shapes)
        ]
        rule.replicas = self.replicas
        return rule


def _draw(shape, adds, count, key, dtype):
    """Uniform in ± 1 / √(numbers that are added up)."""
    return uniform(shape, torch.tensor([adds**-0.5]), count, key).to(dtype)


PLACES = list(product(range(KERNEL), range(KERNEL)))  # in a patch, row by row


def patches(x):
    """(…, side, side, batch, channels) → (…, side - 4, side - 4, batch, 25 · channels): what each place reads."""
    side = x.shape[1] - KERNEL + 1
    return torch.cat([x[:, i : i + side, j : j + side] for i, j in PLACES], -1)


def unpatch(columns):
    """The way back of `patches`: every place sends its 25 errors to where it read, and they add up there."""
    replicas, side, _, batch, _ = columns.shape
    parts = columns.chunk(len(PLACES), -1)
    below = columns.new_zeros(replicas, side + KERNEL - 1, side + KERNEL - 1, batch, parts[0].shape[-1])
    for (i, j), part in zip(PLACES, parts, strict=True):
        below[:, i : i + side, j : j + side] += part
    return below


def pool(h):
    """The mean of each 2 × 2 places."""
    return (h[:, ::2, ::2] + h[:, 1::2, ::2] + h[:, ::2, 1::2] + h[:, 1::2, 1::2]) / 4


def spread(below):
    """The way back of `pool`: a quarter of the error for each of the four."""
    return (below / 4).repeat_interleave(2, 1).repeat_interleave(2, 2)


def train(
    network,
    data,
    rule,
    learning_rate,
    readout_rate=None,
    weight_decay=0.0,
    steps=None,
    every=20,
    batch=64,
    on_step=lambda: None,
):
    """Once through the data or for `steps` by `rule`; None trains the readout alone.

    Returns (steps of the records, signal angles of both maps in degrees, (records, 2, replicas), test error in percent,
    (replicas,)). readout_rate: that of the readout where it differs. on_step is called after every step.
    Raises ValueError for what is no rule, and for counts and rates out of range.
    """
    if not (rule is None or isinstance(rule, rules.Rule)):
        raise ValueError(f"rule must be a Rule, such as rules.FeedbackAlignment(), or None, got {rule!r}")
    every, batch = require.count("every", every), require.count("batch", batch)
    steps = None if steps is None else require.count("steps", steps)
    learning_rate = require.number("learning_rate", learning_rate, open_minimum=True)
    readout_rate = learning_rate if readout_rate is None else require.number("readout_rate", readout_rate)
    weight_decay = require.number("weight_decay", weight_decay)
    rates = [learning_rate, learning_rate, readout_rate]
    descents = [optimizers.SGD(network, *(torch.tensor([x]) for x in (rate, weight_decay))) for rate in rates]
    images, labels = torch.as_tensor(data.train_images), torch.as_tensor(data.train_labels)
    target = losses.one_hot(labels, CLASSES, network.dtype)
    order = torch.randperm(len(images), generator=generator(network.seed, "order"))
    records, angles = [], []
    for step, chosen in enumerate(order.split(batch)[:steps]):
        if rule and step % every == 0:
            records.append(step)
            angles.append(signal_angles(network, rule, images[:PROBE], target[:PROBE]))
        rows, maps, prediction = network.forward(images[chosen])
        error = losses.error_signal(network, prediction, target[chosen])
        signals = network.signals(rule, maps, error) if rule else []
        deltas = [s.view(len(W), -1, s.shape[-1]) for s, W in zip(signals, network.weights, strict=False)]
        deltas = [*deltas, error] if rule else [None, None, error]
        for layer, delta in enumerate(deltas):
            if delta is not None:
                descents[layer].update(layer, rows[layer], delta)
        if rule:
            rule.learn(network, [*rows, prediction], deltas, descents[0])
        on_step()
    error = error_rate(network, data.test_images, data.test_labels)
    return records, torch.stack(angles).numpy() if rule else None, error.numpy()


def signal_angles(network, rule, images, target):
    """Mean angle over the images between the rule's signal and backprop's, (2, replicas), in degrees."""
    _, maps, prediction = network.forward(images)
    error = losses.error_signal(network, prediction, target)
    pairs = zip(network.signals(rule, maps, error), network.signals(measures.BACKPROP, maps, error), strict=True)
    return torch.stack([measures.angle(one, other, (1, 2, 4)).mean(-1) for one, other in pairs])


def error_rate(network, images, labels):
    """Percent of images whose largest output is not the label's, (replicas,); NaN where an output is not finite."""
    wrong = torch.zeros(network.replicas)
    for rows, answers in zip(torch.as_tensor(images).split(500), torch.as_tensor(labels).split(500), strict=True):
        prediction = network.forward(rows)[-1]
        finite = prediction.isfinite().all(-1).all(-1)
        wrong += torch.where(finite, (prediction.argmax(-1) != answers).sum(-1), torch.nan)
    return 100 * wrong / len(images)
