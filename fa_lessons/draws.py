"""Random draws that depend on their key alone: the same on every machine, for any number of replicas."""

import hashlib

import torch


def uniform(shape, bound, replicas, key):
    """Independent uniform draws in ± bound, (replicas, *shape), on the CPU in float32.

    key: what tells these draws from all others, e.g. (seed, "weights", layer). Replica r's draws depend only on
    `key` and r, so they are the same whatever the number of replicas.
    """
    bound = bound.expand(replicas)
    plain = {"device": "cpu", "dtype": torch.float32}
    draws = [torch.rand(shape, generator=generator(*key, r), **plain).mul_(2).sub_(1) for r in range(replicas)]
    return torch.stack(draws) * bound.view(-1, *[1] * len(shape)).to(torch.float32)


def generator(*key, device="cpu"):
    """A random generator seeded by all of `key` (numbers and words), the same on every machine."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:7], "little"))
