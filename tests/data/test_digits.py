"""MNIST arrives whole or not at all."""

import gzip
import lzma
import os
import shutil
import stat

import numpy as np
import pytest

from fa_lessons import load_fashion_mnist, load_mnist
from fa_lessons.course import doctor
from fa_lessons.data import DamagedFile, digits, verified


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("FA_LESSONS_CACHE", str(folder))
    return folder


@pytest.fixture
def small(tmp_path):
    """A compressed file, its checksum and its content."""
    content = bytes(range(256)) * 40
    path = tmp_path / "small.xz"
    path.write_bytes(lzma.compress(content))
    return path, verified._checksum(content), content


def test_mnist_is_the_full_data_set(cache):
    data = load_mnist()
    assert data.train_images.shape == (60000, 784) and data.test_images.shape == (10000, 784)
    assert data.train_images.dtype == np.float32 and data.train_labels.dtype == np.int64
    assert data.train_images.min() == 0 and data.train_images.max() == 1
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9] and data.test_labels[:3].tolist() == [7, 2, 1]
    assert np.bincount(data.test_labels)[0] == 980  # the zeros that an argmax of NaN scores, 9.8 %
    again = load_mnist()  # from the cache now
    assert np.array_equal(data.train_images, again.train_images)
    assert len(list(cache.iterdir())) == 4


def test_the_validation_split_takes_no_test_digit():
    data = load_mnist()
    split = data.validation_split(10_000)
    assert len(split.train_images) == 50_000
    assert np.array_equal(split.test_images, data.train_images[50_000:])
    assert np.array_equal(np.concatenate([split.train_labels, split.test_labels]), data.train_labels)
    for count in (0, 60_000, 10.0, True, "10"):
        with pytest.raises(ValueError, match="count must be from 1 to 59999"):
            data.validation_split(count)


def test_a_file_is_read_and_cached(small, cache):
    path, checksum, content = small
    assert verified.decompressed(path, checksum, "mend") == content
    path.unlink()
    assert verified.decompressed(path, checksum, "mend") == content


def refused(source):
    raise PermissionError(f"{source} may not be read")


@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing", "other", "a folder", "not to be read"])
def test_a_damaged_file_is_named_and_never_read(small, cache, damage, monkeypatch):
    path, checksum, _ = small
    whole = path.read_bytes()
    if damage == "flipped":
        path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    elif damage == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "missing":
        path.unlink()
    elif damage == "a folder":
        path.unlink()
        path.mkdir()
    elif damage == "not to be read":
        monkeypatch.setattr(lzma, "open", refused)
    else:
        path.write_bytes(lzma.compress(b"another file"))
    with pytest.raises(DamagedFile) as failure:
        verified.decompressed(path, checksum, "copy it again")
    for part in (str(path), checksum, "found", "copy it again"):
        assert part in str(failure.value)
    assert not cache.exists()


def test_a_damaged_cache_is_written_anew(small, cache):
    path, checksum, content = small
    verified.decompressed(path, checksum, "mend")
    (cached,) = cache.iterdir()
    cached.write_bytes(content[:-1])
    assert verified.decompressed(path, checksum, "mend") == content
    assert cached.read_bytes() == content


def test_a_read_only_cache_is_done_without(small, cache, monkeypatch):
    path, checksum, content = small
    cache.write_text("a file where the folder should be", encoding="utf-8")  # refuses even the superuser
    assert verified.decompressed(path, checksum, "mend") == content


def nobody(monkeypatch):
    """A user without a home folder, in an environment that names no cache."""
    monkeypatch.delenv("FA_LESSONS_CACHE", raising=False)

    def unknown(self):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(verified.platformdirs, "user_cache_dir", lambda name: f"~/.cache/{name}")
    monkeypatch.setattr(verified.Path, "expanduser", unknown)


def somebody_unknown(monkeypatch):
    monkeypatch.setenv("FA_LESSONS_CACHE", "~nosuchuser/x")


@pytest.mark.parametrize("user", [nobody, somebody_unknown])
def test_a_cache_that_is_not_known_is_done_without_and_named(small, clothing, tmp_path, monkeypatch, user):
    path, checksum, content = small
    user(monkeypatch)
    monkeypatch.setattr("pooch.retrieve", None)
    monkeypatch.setattr(digits, "FASHION_FOLDER", tmp_path / "nowhere")
    assert verified.decompressed(path, checksum, "mend") == content
    with pytest.raises(ValueError, match="FA_LESSONS_CACHE must name a folder") as failure:
        load_fashion_mnist()
    assert not isinstance(failure.value, DamagedFile)
    finding = doctor._cache()
    assert finding.well and "FA_LESSONS_CACHE must name a folder" in finding.found


def test_nothing_is_downloaded_that_cannot_be_kept(cache, tmp_path, monkeypatch):
    cache.write_text("a file where the folder should be", encoding="utf-8")
    monkeypatch.setattr("pooch.retrieve", None)
    monkeypatch.setattr(digits, "FASHION_FOLDER", tmp_path / "nowhere")
    with pytest.raises(OSError, match=f"no place for it: {cache} cannot be written") as failure:
        load_fashion_mnist()
    assert not isinstance(failure.value, ConnectionError)


def test_an_interrupted_write_leaves_no_half_file(small, cache, monkeypatch):
    path, checksum, content = small

    def full_disk(*arguments):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    assert verified.decompressed(path, checksum, "mend") == content
    assert list(cache.iterdir()) == []


def test_the_embedded_files_are_checked_past_the_cache(tmp_path, cache, monkeypatch):
    load_mnist()
    folder = tmp_path / "embedded"
    folder.mkdir()
    for source in digits._embedded():
        shutil.copy(source, folder)
    target = folder / "t10k-labels-idx1-ubyte.xz"
    target.chmod(stat.S_IRUSR | stat.S_IWUSR)
    content = bytearray(target.read_bytes())
    content[200] ^= 1
    target.write_bytes(content)
    monkeypatch.setattr(digits, "_embedded", lambda: [folder / f"{name}.xz" for name in digits.FILES])
    with pytest.raises(DamagedFile, match="t10k-labels"):
        digits.verify_mnist()


def idx(values):
    header = bytes([0, 0, 8, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape)
    return header + values.astype(np.uint8).tobytes()


@pytest.fixture
def clothing(monkeypatch):
    """Two small sets in Fashion-MNIST's format, with their checksums in place of the real ones."""
    arrays = [np.arange(3 * 784).reshape(3, 28, 28) % 256, np.array([9, 0, 3]), np.ones((2, 28, 28)), np.array([1, 2])]
    contents = [idx(array) for array in arrays]
    monkeypatch.setattr(digits, "FASHION_SHA256", [verified._checksum(content) for content in contents])
    return contents


def test_fashion_mnist_uses_a_local_copy(clothing, cache, tmp_path, monkeypatch):
    for name, content in zip(digits.FILES, clothing, strict=True):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    monkeypatch.setattr(digits, "FASHION_FOLDER", tmp_path)
    data = load_fashion_mnist()
    assert data.name == "Fashion-MNIST" and data.train_images.shape == (3, 784)
    assert data.train_labels.tolist() == [9, 0, 3]


def test_fashion_mnist_downloads_with_checksums(clothing, cache, tmp_path, monkeypatch):
    asked = []

    def retrieve(url, known_hash, fname, path, progressbar):
        asked.append((url, known_hash))
        target = tmp_path / fname
        target.write_bytes(gzip.compress(clothing[digits.FILES.index(url.rsplit("/", 1)[1][:-3])]))
        return str(target)

    monkeypatch.setattr("pooch.retrieve", retrieve)
    monkeypatch.setattr(digits, "FASHION_FOLDER", tmp_path / "nowhere")
    assert load_fashion_mnist().test_labels.tolist() == [1, 2]
    assert len(asked) == 4 and all(known.startswith("md5:") for _, known in asked)


def test_fashion_mnist_without_network_says_what_to_do(cache, tmp_path, monkeypatch):
    def offline(*arguments, **options):
        raise OSError("network is unreachable")

    monkeypatch.setattr("pooch.retrieve", offline)
    monkeypatch.setattr(digits, "FASHION_FOLDER", tmp_path / "nowhere")
    with pytest.raises(ConnectionError, match="dataset-fashion-mnist"):
        load_fashion_mnist()
