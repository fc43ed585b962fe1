"""The error signal, the loss that it is the gradient of, and the error rate: what a prediction is worth."""

import torch

from fa_lessons import inputs


def error_signal(network, prediction, target):
    """e = (prediction − target) / batch, the one place where the error is divided by the batch.

    It is the gradient, with respect to the output's a, of the loss that matches the output units, averaged over
    the batch. Shapes: (replicas, batch, classes), (batch, classes) → (replicas, batch, classes).
    """
    return (prediction - target) / prediction.shape[1]


def one_hot(targets, classes, dtype):
    """(count, classes) targets from labels (count,); targets that are given as such stay as they are."""
    if targets.ndim == 2:
        return targets.to(dtype)
    return torch.nn.functional.one_hot(targets, classes).to(dtype)


def prepare(network, images, targets, prefix=""):
    """Images (count, n_in) and targets (count, classes) as tensors on the network's device.

    Raises ValueError for images of the wrong width or not finite, and for labels out of range or missing.
    """
    images = inputs.images(f"{prefix}images", images, network.sizes[0])
    targets = inputs.targets(f"{prefix}labels", targets, len(images), network.sizes[-1])
    images = images.to(network.device, network.dtype)
    return images, one_hot(targets.to(network.device), network.sizes[-1], network.dtype)


def loss(network, prediction, target):
    """The loss that matches the output units, averaged over the batch: (replicas,)."""
    tiny = torch.finfo(prediction.dtype).tiny
    if network.output == "softmax":
        total = -(target * prediction.clamp_min(tiny).log()).sum(-1)
    elif network.output == "sigmoid":
        inverse = (1 - prediction).clamp_min(tiny)
        total = -(target * prediction.clamp_min(tiny).log() + (1 - target) * inverse.log()).sum(-1)
    else:
        total = (prediction - target).square().sum(-1) / 2
    return total.mean(-1)


def misses(prediction, target):
    """How many predictions have their largest output elsewhere than `target`, (replicas,)."""
    return (prediction.argmax(-1) != target.argmax(-1)).sum(-1)


def error_rate(network, images, labels):
    """Percent of examples whose largest output is not the label's, (replicas,).

    NaN for a replica with a prediction that is not finite: argmax would call it class 0 and score it.
    Raises ValueError as `prepare` does.
    """
    return percent_wrong(network, *prepare(network, images, labels))


def percent_wrong(network, images, target):
    """`error_rate` of images and targets that are prepared already."""
    wrong = torch.zeros(network.replicas, device=network.device, dtype=torch.float64)
    for rows, answers in zip(images.split(2000), target.split(2000), strict=True):
        prediction = network.forward(rows)[-1]
        finite = prediction.isfinite().all(-1).all(-1)
        wrong += torch.where(finite, misses(prediction, answers).double(), torch.nan)
    return 100 * wrong / len(images)
