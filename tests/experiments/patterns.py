"""Digits that are quickly learnt, cells made small, and a run that goes on from where another was stopped."""

import io

import numpy as np
import torch

from fa_lessons.data import Digits
from fa_lessons.experiments.grid import Cell


def digits(train, test, flipped):
    """Images of ten patterns in MNIST's format, mostly dark as digits are, with a part of the pixels flipped."""
    rng, count = np.random.default_rng(1), train + test
    labels = rng.integers(10, size=count)
    images = ((rng.random((10, 784)) < 0.15)[labels] ^ (rng.random((count, 784)) < flipped)).astype(np.float32)
    return Digits("patterns", images[:train], labels[:train], images[train:], labels[train:])


def shrunk(cell, **settings):
    """The same cell with other settings."""
    return Cell(cell.name, {**cell.settings, **settings})


def whole_and_resumed(make, epochs=1):
    """A run at its end, after it was compared with one that went on from a checkpoint after so many epochs."""
    whole, first, second = make(), make(), make()
    steps = []
    while not whole.finished():
        assert len(steps) == whole.done
        whole.run_epoch(lambda: steps.append(1))
    assert len(steps) == whole.done == whole.steps
    for _ in range(epochs):
        first.run_epoch()
    checkpoint = io.BytesIO()
    torch.save(first.state(), checkpoint)
    checkpoint.seek(0)
    second.restore(torch.load(checkpoint, weights_only=True))  # as `grid` keeps it
    assert second.epoch == epochs
    while not second.finished():
        second.run_epoch()
    assert second.result() == whole.result()
    return whole
