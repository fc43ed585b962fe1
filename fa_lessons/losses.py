"""The error signal, the loss that it is the gradient of, and the error rate: what a prediction is worth."""

import torch

from fa_lessons import inputs
from fa_lessons.torch_state import plainly


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

    Raises ValueError as `inputs.images` and `inputs.targets` do, and for what is no network.
    """
    inputs.network("network", network)
    images = inputs.images(f"{prefix}images", images, network.sizes[0])
    targets = inputs.targets(f"{prefix}labels", targets, len(images), network)
    images = images.to(network.dtype).to(network.device)
    return images, one_hot(targets.to(network.device), network.sizes[-1], network.dtype)


def prepare_part(network, data, part):
    """`prepare` for the "train" or "test" part of `data`. Raises ValueError for data without it, too."""
    try:
        images, labels = getattr(data, f"{part}_images"), getattr(data, f"{part}_labels")
    except AttributeError:
        raise ValueError(f"data must have {part}_images and {part}_labels, got {type(data).__name__}") from None
    return prepare(network, images, labels, prefix=f"{part}_")


def loss(network, prediction, target):
    """The loss that matches the output units, averaged over the batch: (replicas,).

    A probability that rounds to 0 or 1 counts as its nearest neighbour: in float32 an output costs at most 87, and a
    sigmoid's that should be 0 at most 17.
    """
    kind = torch.finfo(prediction.dtype)
    if network.output == "softmax":
        total = -(target * prediction.clamp_min(kind.tiny).log()).sum(-1)
    elif network.output == "sigmoid":
        inverse = (1 - prediction).clamp_min(kind.eps / 2)
        total = -(target * prediction.clamp_min(kind.tiny).log() + (1 - target) * inverse.log()).sum(-1)
    else:
        total = (prediction - target).square().sum(-1) / 2
    return total.mean(-1)


def misses(prediction, target):
    """How many predictions have their largest output elsewhere than `target`, (replicas,).

    One output unit says 0 or 1, whichever is nearer.
    """
    if target.shape[-1] == 1:
        return ((prediction > 0.5) != (target > 0.5)).squeeze(-1).sum(-1)
    return (prediction.argmax(-1) != target.argmax(-1)).sum(-1)


def have_classes(network, target):
    """Whether each row of `target`, (count, classes), stands for one class, so that an answer can be wrong.

    One output unit: 0 or 1, and no softmax. Softmax outputs: one largest probability. Others: the larger of two values
    once, and the other elsewhere, the same two in all rows.
    """
    if target.shape[-1] == 1:
        return network.output != "softmax" and bool(((target == 0) | (target == 1)).all())
    high = target.amax(-1, keepdim=True)
    alone = bool(((target == high).sum(-1) == 1).all())
    two = (target == target.min()) | (target == target.max())
    return alone and (network.output == "softmax" or bool(two.all() and (high == target.max()).all()))


def counting_type(device):
    """The type in which counts and losses are summed: float64, where the device has it."""
    return torch.float32 if torch.device(device).type == "mps" else torch.float64


@plainly
def error_rate(network, images, labels):
    """Percent of examples whose largest output is not the label's, (replicas,). One output unit says 0 or 1.

    NaN where targets stand for no classes (`have_classes`), and for a replica with a prediction that is not finite:
    argmax would call it class 0 and score it. Raises ValueError as `prepare` does.
    """
    return percent_wrong(network, *prepare(network, images, labels))


def percent_wrong(network, images, target):
    """`error_rate` of images and targets that are prepared already."""
    return judge(network, images, target)[0]


def judge(network, images, target):
    """(`percent_wrong`, whether every prediction is finite), each (replicas,)."""
    wrong = torch.zeros(network.replicas, device=network.device, dtype=counting_type(network.device))
    finite = torch.ones(network.replicas, device=network.device, dtype=torch.bool)
    for rows, answers in zip(images.split(2000), target.split(2000), strict=True):
        prediction = network.forward(rows)[-1]
        wrong += misses(prediction, answers)
        finite &= prediction.isfinite().all(-1).all(-1)
    known = finite & have_classes(network, target)
    return torch.where(known, 100 * wrong / len(images), torch.nan), finite
