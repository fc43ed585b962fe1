"""The playground's digits, from the package's MNIST: `python -m fa_lessons.playground.digits` writes the file."""

import zlib
from pathlib import Path

import numpy as np

from fa_lessons.data import load_mnist
from fa_lessons.files import write_atomically

FILE = Path(__file__).with_name("digits.bin")
TRAIN, TEST = 20_000, 2_000


def chosen(data):
    """(images, labels) as bytes, (22000, 784) and (22000,): TRAIN training digits, then TEST test digits.

    The first training digits; of the test digits, the first fifth of each class, so that a class has its share.
    data: `Digits` of MNIST.
    """
    rank = np.empty(len(data.test_labels), int)  # how many digits of its class come before a digit
    for k in range(10):
        own = data.test_labels == k
        rank[own] = np.arange(own.sum())
    share = np.bincount(data.test_labels, minlength=10) * TEST / len(data.test_labels)
    test = np.flatnonzero(rank < np.round(share)[data.test_labels])
    images = np.concatenate([data.train_images[:TRAIN], data.test_images[test]])
    labels = np.concatenate([data.train_labels[:TRAIN], data.test_labels[test]])
    return np.rint(255 * images).astype(np.uint8), labels.astype(np.uint8)


def packed(data):
    """The file's content: labels, then pixels, as one zlib stream."""
    images, labels = chosen(data)
    return zlib.compress(labels.tobytes() + images.tobytes(), 9)


def unpacked(content=None):
    """(images, labels) of the file, or of its content, as `chosen` gives them."""
    plain = np.frombuffer(zlib.decompress(FILE.read_bytes() if content is None else content), np.uint8)
    labels, images = np.split(plain, [TRAIN + TEST])
    return images.reshape(TRAIN + TEST, -1), labels


if __name__ == "__main__":
    write_atomically(FILE, lambda file: file.write(packed(load_mnist())))
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")
