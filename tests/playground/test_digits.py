"""The playground's digits are the package's."""

import subprocess
import sys
import zlib

import numpy as np
import pytest

from fa_lessons import load_mnist
from fa_lessons.playground import digits


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def test_every_digit_is_one_of_the_packages_with_its_label(mnist):
    images, labels = digits.unpacked()
    assert images.shape == (22_000, 784) and images.dtype == labels.dtype == np.uint8
    grey = np.multiply(images, np.float32(1 / 255), dtype=np.float32)
    np.testing.assert_array_equal(grey[:20_000], mnist.train_images[:20_000])
    np.testing.assert_array_equal(labels[:20_000], mnist.train_labels[:20_000])
    where = {row.tobytes(): index for index, row in enumerate(mnist.test_images)}
    places = [where[row.tobytes()] for row in grey[20_000:]]
    assert places == sorted(places) and len(set(places)) == 2_000
    np.testing.assert_array_equal(labels[20_000:], mnist.test_labels[places])


def test_each_class_has_its_share_of_the_test_digits(mnist):
    counts = np.bincount(digits.unpacked()[1][20_000:])
    np.testing.assert_allclose(counts, np.bincount(mnist.test_labels) / 5, atol=0.5)
    assert counts[0] == 196  # 9.8 %


def test_the_module_writes_what_lies_there(mnist, tmp_path, monkeypatch):
    assert zlib.decompress(digits.packed(mnist)) == zlib.decompress(digits.FILE.read_bytes())


def test_a_damaged_file_is_refused():
    content = bytearray(digits.FILE.read_bytes())
    content[100_000] ^= 1
    with pytest.raises(zlib.error):
        digits.unpacked(bytes(content))


def test_importing_the_playground_costs_no_torch():
    code = "import sys, fa_lessons.playground; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
