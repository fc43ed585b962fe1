"""Training in stages: chosen layers learn in turn, as in the layerwise demonstration of lessons 5 and 6."""

from itertools import islice

from fa_lessons import require


def staged(trainer, stages):
    """Train by `stages`, pairs (layers that learn, steps); yields the number of steps taken, after every step.

    A stage counts as an epoch of the trainer, so each draws its own order of the examples; a trainer goes on after the
    stages that it has behind it. To measure on the way, look between the steps:

        for step in staged(trainer, [([0, 1], 90), ([2], 30)]):
            if step % 10 == 0:
                errors.append(...)

    Raises ValueError for a layer that the network lacks, and for a stage that is longer than an epoch.
    """
    longest = -(-len(trainer.images) // trainer.batch_size)
    for layers, steps in stages:
        require.indices("layers", layers, len(trainer.network.weights))
        if steps:
            require.count("steps", steps, maximum=longest)
    taken = sum(steps for _, steps in stages[: trainer.epoch])
    for layers, steps in stages[trainer.epoch :]:
        trainer.layers = layers
        for images, target in islice(trainer.batches(), steps):
            taken += 1
            trainer.step(images, target, taken)
            yield taken
        trainer.epoch += 1
