"""Data sets, verified at every load: MNIST (embedded) and Fashion-MNIST (a local copy, or a download)."""

from fa_lessons.data.digits import Digits, load_fashion_mnist, load_mnist
from fa_lessons.data.verified import DamagedFile, cache_folder

__all__ = ["DamagedFile", "Digits", "cache_folder", "load_fashion_mnist", "load_mnist"]
