"""What a rule keeps: settings, feedback, generators, counters. Packed for a file, taken back, cut to some replicas."""

import copy
from contextlib import suppress

import numpy as np
import torch

PLAIN = (type(None), bool, int, float, str)


class Kept:
    """What all rules inherit: every attribute of theirs survives `select`, `save`, `load` and a resumed run.

    A tensor, an array or a list of numbers with one entry a replica follows its replica in `select`; what all replicas
    share is a number, a text, a tuple, or a tensor whose first axis has length 1.
    """

    def select(self, chosen):
        """A copy for the `chosen` replicas, an index tensor, with all settings and state."""
        part, replicas = copy.copy(self), len(self.feedback[0]) if self.feedback else self.replicas
        vars(part).update({key: select(kept, chosen, replicas) for key, kept in vars(self).items()})
        part.replicas = len(chosen)
        return part

    def state(self):
        """All that the rule keeps, as tensors (not copied) and plain values. Raises ValueError for what is neither."""
        return {key: pack(f"{self.name}.{key}", kept) for key, kept in vars(self).items()}

    def restore(self, state):
        """Take back what `state` gave, into the same tensors and generators where there are some already."""
        present = dict(vars(self))
        vars(self).update({key: unpack(kept, present.get(key)) for key, kept in state.items()})


def pack(name, value):
    """`value` as tensors and plain values only, which `torch.load(weights_only=True)` reads. Tensors are not copied.

    Raises ValueError, with the `name` of the value, for what cannot be packed, such as a function.
    """
    if isinstance(value, torch.Tensor) or type(value) in PLAIN:
        return value
    if type(value) in (list, tuple):
        return type(value)([pack(f"{name}[{index}]", item) for index, item in enumerate(value)])
    if type(value) is dict and all(type(key) in PLAIN for key in value):
        return {"dict": {key: pack(f"{name}[{key!r}]", item) for key, item in value.items()}}
    if type(value) is np.ndarray or isinstance(value, np.generic):
        with suppress(TypeError):  # of types that torch lacks
            native = np.array(value, dtype=value.dtype.newbyteorder("="))
            return {"numpy": torch.from_numpy(native), "scalar": isinstance(value, np.generic)}
    if isinstance(value, torch.Generator):
        return {"torch.Generator": value.get_state().numpy().tobytes().hex(), "device": str(value.device)}
    if isinstance(value, np.random.Generator):
        return {"numpy.random.Generator": pack(name, value.bit_generator.state)}
    raise ValueError(
        f"{name} must be a number, a text, a tensor, an array of numbers, a random generator, or a plain list, tuple "
        f"or dict of these, to be saved, got {type(value).__name__}"
    )


def unpack(packed, present=None):
    """What `pack` packed. A tensor or generator that is `present` already, and fits, is filled and given back."""
    if isinstance(packed, torch.Tensor):
        if isinstance(present, torch.Tensor) and present.shape == packed.shape and present.dtype == packed.dtype:
            return present.copy_(packed)
        return packed.clone()
    if isinstance(packed, list | tuple):
        fits = isinstance(present, list | tuple) and len(present) == len(packed)
        there = present if fits else [None] * len(packed)
        return type(packed)([unpack(*pair) for pair in zip(packed, there, strict=True)])
    if not isinstance(packed, dict):
        return packed
    if "dict" in packed:
        present = present if isinstance(present, dict) else {}
        return {key: unpack(item, present.get(key)) for key, item in packed["dict"].items()}
    if "numpy" in packed:
        array = packed["numpy"].cpu().numpy().copy()
        return array[()] if packed["scalar"] else array
    if "torch.Generator" in packed:
        generator = present if isinstance(present, torch.Generator) else torch.Generator(packed["device"])
        return generator.set_state(torch.frombuffer(bytearray.fromhex(packed["torch.Generator"]), dtype=torch.uint8))
    state = unpack(packed["numpy.random.Generator"])
    if not isinstance(present, np.random.Generator):
        present = np.random.Generator(getattr(np.random, state["bit_generator"])())
    present.bit_generator.state = state
    return present


def select(value, chosen, replicas):
    """A copy of `value` for the replicas `chosen`, an index tensor.

    A tensor or array with `replicas` entries along its first axis, and a list of as many single values, holds one
    entry a replica. All else is shared by the replicas, and copied where it can change.
    """
    if isinstance(value, torch.Tensor | np.ndarray):
        per_replica = value.ndim > 0 and len(value) == replicas
        rows = chosen.to(value.device) if isinstance(value, torch.Tensor) else chosen.cpu().numpy()
        return value[rows] if per_replica else unpack(pack("", value))
    if isinstance(value, list):
        nested = any(isinstance(item, torch.Tensor | np.ndarray | list | tuple | dict) for item in value)
        rows = chosen.tolist() if len(value) == replicas and not nested else range(len(value))
        return [select(value[row], chosen, replicas) for row in rows]
    if isinstance(value, tuple):
        return tuple(select(item, chosen, replicas) for item in value)
    if isinstance(value, dict):
        return {key: select(item, chosen, replicas) for key, item in value.items()}
    if isinstance(value, torch.Generator | np.random.Generator):
        return unpack(pack("", value))
    return value


def fingerprint(packed):
    """All that is packed except what tensors hold: it stays equal where a step changes tensors in place alone."""
    if isinstance(packed, torch.Tensor):
        return packed.data_ptr(), tuple(packed.shape)
    if isinstance(packed, list | tuple):
        return [fingerprint(item) for item in packed]
    if isinstance(packed, dict):
        return {key: fingerprint(item) for key, item in packed.items()}
    return packed
