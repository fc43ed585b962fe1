"""MNIST and Fashion-MNIST as arrays."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fa_lessons.data.verified import DamagedFile, cache_folder, decompressed, verified, writable_cache

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

# Of the decompressed files, in the order of FILES.
MNIST_SHA256 = (
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
MNIST_MEND = "`git checkout fa_lessons/data`, or install the package again"


@dataclass(frozen=True)
class Digits:
    """A data set of 28 × 28 grey images in ten classes.

    Images are (count, 784) float32 in [0, 1], row by row from the top left; labels are (count,) int64.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

    def validation_split(self, count=10_000):
        """The same data with the last `count` training digits in the test set's place.

        Choose hyperparameters on it, so that the test digits stay unseen.
        Raises ValueError unless 1 <= count < the number of training digits.
        """
        total = len(self.train_images)
        whole = isinstance(count, int | np.integer) and not isinstance(count, bool)
        if not (whole and 1 <= count < total):
            raise ValueError(f"count must be from 1 to {total - 1}, a whole number, got {count!r}")
        images, labels = self.train_images, self.train_labels
        return Digits(f"{self.name} (validation)", images[:-count], labels[:-count], images[-count:], labels[-count:])


def load_mnist():
    """The full MNIST: 60,000 training and 10,000 test digits, as `Digits`.

    Embedded in the package, verified by SHA-256 at every load, cached decompressed.
    Raises DamagedFile (a ValueError) for a damaged file.
    """
    return _digits("MNIST", _embedded(), MNIST_SHA256, MNIST_MEND)


def verify_mnist():
    """Check the embedded files themselves, whatever the cache holds. Raises DamagedFile for the first bad one."""
    for source, checksum in zip(_embedded(), MNIST_SHA256, strict=True):
        verified(source, checksum, MNIST_MEND)


def _embedded():
    return [Path(__file__).parent / f"{name}.xz" for name in FILES]


def _digits(name, sources, checksums, mend):
    with ThreadPoolExecutor() as pool:
        train_images, train_labels, test_images, test_labels = pool.map(
            lambda source, checksum: _array(decompressed(source, checksum, mend)), sources, checksums
        )
    return Digits(name, train_images, train_labels, test_images, test_labels)


def _array(content):
    """The array in an IDX file: images scaled to [0, 1] in rows, labels as integers."""
    dimensions = content[3]
    shape = np.frombuffer(content, ">i4", dimensions, offset=4)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
    if dimensions == 1:
        return values.astype(np.int64)
    return np.multiply(values, np.float32(1 / 255), dtype=np.float32).reshape(shape[0], -1)


FASHION_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
# The publisher's MD5 of the compressed files, for pooch; then SHA-256 of the decompressed ones. Order of FILES.
FASHION_GZ_MD5 = (
    "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "25c81989df183df01b3e8a0aad5dffbe",
    "bef4ecab320f06d8554ea6380940ec79",
    "bb300cfdad3c16e7a12a480ee83cd310",
)
FASHION_SHA256 = (
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
)
# Debian's package dataset-fashion-mnist puts the files here.
FASHION_FOLDER = Path("/usr/share/datasets/fashion-mnist")


def load_fashion_mnist():
    """Fashion-MNIST: ten kinds of clothing in MNIST's format, as `Digits`.

    Uses the local copy of Debian's package dataset-fashion-mnist or an earlier download where there is
    one, and downloads 30 MB through pooch, with checksums, where there is none.
    Raises DamagedFile for a damaged file, ConnectionError where there is neither copy nor network, and another OSError
    or a ValueError where there is no folder to keep a download in.
    """
    if all((FASHION_FOLDER / f"{name}.gz").is_file() for name in FILES):
        sources = [FASHION_FOLDER / f"{name}.gz" for name in FILES]
        mend = "`apt-get install --reinstall dataset-fashion-mnist`"
    else:
        sources = [_download(name, checksum) for name, checksum in zip(FILES, FASHION_GZ_MD5, strict=True)]
        mend = f"delete the file; the next call downloads it again from {FASHION_URL}"
    return _digits("Fashion-MNIST", sources, FASHION_SHA256, mend)


def _download(name, checksum):
    import pooch

    folder = _folder_for(f"fashion-{name}.gz")
    try:
        path = pooch.retrieve(
            FASHION_URL + f"{name}.gz",
            known_hash=f"md5:{checksum}",
            fname=f"fashion-{name}.gz",
            path=folder,
            progressbar=True,
        )
    except OSError as error:
        raise ConnectionError(
            f"Fashion-MNIST is not on this machine and could not be downloaded ({error}). Connect to the network, "
            "or install Debian's package dataset-fashion-mnist."
        ) from error
    except ValueError as error:
        raise DamagedFile(f"the download of {name}.gz is damaged: {error}") from error
    return Path(path)


def _folder_for(name):
    """The cache folder, in which the file `name` is or can be written."""
    folder = cache_folder()
    try:
        return folder if (folder / name).is_file() else writable_cache()
    except OSError as error:
        raise OSError(
            f"Fashion-MNIST is not on this machine, with no place for it: {folder} cannot be written ({error}). "
            "Let FA_LESSONS_CACHE name a folder of yours, or install Debian's package dataset-fashion-mnist."
        ) from error
