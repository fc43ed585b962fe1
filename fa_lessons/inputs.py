"""The gate through which settings and data become tensors: each check returns a tensor or raises ValueError."""

import numpy as np
import torch

from fa_lessons import require

LARGEST = 100  # of an image's values: pixels as 0 to 1, other features of about that size
DTYPES = {"float32": torch.float32, "float64": torch.float64}
WHOLE = 1e-4  # how far from 1 the sum of a row of probabilities may be


def dtype(name, value):
    """torch.float32 or torch.float64, from itself, its name or numpy's type."""
    try:
        word = str(value).removeprefix("torch.") if isinstance(value, torch.dtype | str) else np.dtype(value).name
    except Exception:  # numpy raises of several kinds
        word = ""
    if value is None or word not in DTYPES:
        raise ValueError(f"{name} must be torch.float32 or torch.float64, got {value!r}")
    return DTYPES[word]


def device(name, value):
    """A torch.device that this machine has."""
    try:
        found = torch.device(value)
        torch.zeros(1, device=found, dtype=torch.float32).item()
    except Exception as error:  # torch raises of several kinds
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{name} must be a device of this machine, such as 'cpu', got {value!r} ({reason})") from None
    return found


def per_replica(name, value, replicas, minimum=0.0, open_minimum=False):
    """A float64 tensor (replicas,) from one number, or from a list with one number per replica."""
    if isinstance(value, torch.Tensor):
        value = array(name, value).cpu().numpy()
    try:
        if np.ma.is_masked(value):
            raise ValueError
        values = np.asarray(value, dtype=object)
    except Exception:  # whatever an object raises
        raise ValueError(f"{name} must be a number or a list of {replicas}, one per replica, got {value!r}") from None
    if values.ndim > 1:
        raise ValueError(f"{name} must be a number or a list of {replicas}, one per replica, got {value!r}")
    if values.ndim and len(values) != replicas:
        raise ValueError(f"{name} must be a number or a list of {replicas}, one per replica, got {len(values)} values")
    for index, item in enumerate(values.ravel()):
        require.number(f"{name}[{index}]" if values.ndim else name, item, minimum, open_minimum=open_minimum)
    numbers = torch.from_numpy(values.ravel().astype(np.float64))
    if numbers.max() > torch.finfo(torch.float32).max:
        raise ValueError(f"{name} must be at most {torch.finfo(torch.float32).max:.1e}, got {value!r}")
    return numbers.expand(replicas).clone()


def array(name, value):
    """A tensor of numbers, float32, float64, int64 or bool, without autograd, from anything like an array."""
    if isinstance(value, torch.Tensor):
        odd = value.is_complex() or value.is_quantized or value.is_nested or value.is_meta
        if odd or value.layout != torch.strided:
            raise ValueError(f"{name} must be a dense array of real numbers, got a tensor of {value.dtype}")
        value = value.detach()
        if value.is_floating_point():
            return value if value.dtype in DTYPES.values() else value.to(torch.float32)
        return value if value.dtype == torch.bool else value.to(torch.int64)
    if np.ma.is_masked(value):
        raise ValueError(f"{name} must hold numbers only, got masked entries")
    try:
        values = np.asarray(value)
    except Exception as error:  # of ragged lists, and of whatever an array-like raises
        raise ValueError(f"{name} must be an array of numbers, got {type(value).__name__} ({error})") from None
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be an array of numbers, got {type(value).__name__} of {values.dtype}: {value!r:.60}"
        )
    if values.dtype.kind == "u" and values.size and values.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must be smaller, got {values.max()}")
    if values.dtype.kind in "iu":
        values = values.astype(np.int64)
    elif values.dtype.kind == "f" and values.dtype.str[1:] not in ("f4", "f8"):
        values = values.astype(np.float64)
    values = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    return torch.from_numpy(values if values.flags.writeable else values.copy())


def images(name, value, width):
    """A tensor (count, width) of finite numbers, at most 100 in size; whole-number types at most 1."""
    value = _rows(name, value, width)
    low, high = (float(end) for end in torch.aminmax(value.to(torch.uint8) if value.dtype == torch.bool else value))
    whole = not value.is_floating_point()
    largest = 1 if whole else LARGEST
    if not (-largest <= low and high <= largest):
        raise ValueError(
            f"{name} must be of about 0 to 1{' as floats' if whole else f', at most {LARGEST} in size'}, got "
            f"{value.dtype} from {low:g} to {high:g}: divide pixels by 255"
        )
    return value


def _rows(name, value, width):
    value = array(name, value)
    if value.ndim != 2 or value.shape[1] != width or len(value) == 0:
        raise ValueError(f"{name} must have shape (count, {width}) for this network, got {tuple(value.shape)}")
    if value.is_floating_point() and not all(end.isfinite() for end in torch.aminmax(value)):
        raise ValueError(f"{name} must hold finite numbers only, got NaN or infinity")
    return value


def targets(name, value, length, network):
    """Labels (count,) from 0 to classes − 1, 0 or 1 for one output; or a tensor of targets (count, classes).

    Targets are probabilities for softmax outputs, from 0 to 1 for sigmoid ones, and any numbers for linear ones.
    """
    value, classes = array(name, value), network.sizes[-1]
    if value.ndim == 0 or len(value) != length:
        found = len(value) if value.ndim else "a single value"
        raise ValueError(f"{name} must have one entry for each of the {length} images, got {found}")
    if value.ndim == 2 and value.shape[1] == classes:
        return _within(name, _rows(name, value, classes).to(network.dtype), network.output)
    if value.ndim != 1 or value.is_floating_point():
        raise ValueError(
            f"{name} must be whole-number labels (count,) or targets (count, {classes}), "
            f"got {value.dtype} of shape {tuple(value.shape)}"
        )
    value = value.long()
    binary = classes == 1 and network.output != "softmax"
    low, high, last = int(value.min()), int(value.max()), 1 if binary else classes - 1
    if low < 0 or high > last:
        raise ValueError(f"{name} must be labels from 0 to {last}, got {low if low < 0 else high}")
    return value.view(-1, 1) if binary else value


def _within(name, value, output):
    if not value.isfinite().all():  # after the change to the network's type
        raise ValueError(f"{name} must hold numbers that {value.dtype} can, got larger ones")
    low, high = (float(end) for end in torch.aminmax(value))
    if output != "linear" and (low < 0 or high > 1):
        raise ValueError(f"{name} must be from 0 to 1 for {output} outputs, got {low if low < 0 else high:g}")
    if output == "softmax" and (sums := value.sum(1)).sub(1).abs().max() > WHOLE:
        odd = float(sums[sums.sub(1).abs().argmax()])
        raise ValueError(f"{name} must have rows that sum to 1 for softmax outputs, got a sum of {odd:.3g}")
    return value


def network(name, value):
    """`value`, where it is a network that rules and measures can take."""
    if isinstance(value, type) or not all(hasattr(value, part) for part in ("sizes", "weights", "forward")):
        raise ValueError(f"{name} must be a network, such as MLP((784, 100, 10)), got {value!r:.60}")
    return value
