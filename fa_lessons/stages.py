"""Training in stages: chosen layers learn in turn, as in the layerwise demonstration of lessons 5 and 6."""

from itertools import islice

from fa_lessons import require


def staged(trainer, stages):
    """Train by `stages`, pairs (layers that learn, steps); yields the number of steps taken, after every step.

    A stage counts as an epoch of the trainer, so each draws its own order of the examples; a trainer goes on after the
    stages and steps that it has behind it. To measure on the way, look between the steps:

        for step in staged(trainer, [([0, 1], 90), ([2], 30)]):
            if step % 10 == 0:
                errors.append(...)

    Raises ValueError for what are no pairs, for a layer that the network lacks, and for a stage longer than an epoch.
    """
    stages = _pairs(trainer, stages)
    before = sum(steps for _, steps in stages[: trainer.epoch])
    for layers, steps in stages[trainer.epoch :]:
        trainer.layers = layers
        for images, target in islice(trainer.batches(), max(0, steps - trainer.taken)):
            trainer.step(images, target, before + trainer.taken + 1)
            trainer.taken += 1
            yield before + trainer.taken
        before += steps
        trainer.next_epoch()


def _pairs(trainer, stages):
    try:
        pairs = [(layers, steps) for layers, steps in stages]
    except Exception:  # whatever an object raises
        raise ValueError(f"stages must be pairs (layers that learn, steps), got {stages!r:.60}") from None
    return [
        (
            require.indices("layers", layers, len(trainer.network.weights)),
            require.count("steps", steps, maximum=trainer.steps_per_epoch, minimum=0),
        )
        for layers, steps in pairs
    ]
