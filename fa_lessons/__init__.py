"""Lessons on learning with random feedback weights. The names below are the stable ones.

They load on first use, so `import fa_lessons.lessons` does not pay for torch.
"""

from importlib import import_module

from fa_lessons.streams import degrade

__version__ = "0.1.0"

degrade()

_HOME = {
    "load_mnist": "data",
    "load_fashion_mnist": "data",
    "MLP": "networks",
    "train": "training",
    "tune": "tuning",
    "History": "training",
    "alignment_angles": "measures",
    "verify_rule": "verification",
    "Rule": "rules",
    "register": "registry",
    "check_rule": "rule_checks",
    "save": "checkpoints",
    "load": "checkpoints",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"fa_lessons.{_HOME[name]}"), name)
    raise AttributeError(f"module 'fa_lessons' has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *__all__])
