"""The papers' tables and the sensitivity maps: grids of settings that run, resume and report.

An experiment is a grid of cells and a function that starts one; `EXPERIMENTS` names them.
"""

from importlib import import_module

EXPERIMENTS = (
    "table1",
    "one-change",
    "sensitivity",
    "frozen-layer",
    "layerwise",
    "depth",
    "starts",
    "one-hidden-layer",
    "lillicrap",
    "slides",
    "convolutions",
    "transformers",
)


def find(name):
    """The experiment called `name`. Raises ValueError for an unknown one, listing the known ones."""
    if name not in EXPERIMENTS:
        raise ValueError(f"experiment must be one of {', '.join(EXPERIMENTS)}, got {name!r}")
    return import_module(f"fa_lessons.experiments.{name.replace('-', '_')}").EXPERIMENT
