"""Decompress files once, keep them in the user's cache, and never hand out an unverified byte."""

import gzip
import hashlib
import lzma
import os
import zlib
from contextlib import suppress
from pathlib import Path

import platformdirs

from fa_lessons.files import try_to_write, user_path, write_atomically


class DamagedFile(ValueError):
    """A data file is missing, truncated or altered; the message says which one and how to mend it."""


def cache_folder():
    """The user's cache folder for decompressed data; FA_LESSONS_CACHE names another one.

    Raises ValueError where neither is known: for a user without a home folder, or one that the variable invents.
    """
    named = os.environ.get("FA_LESSONS_CACHE")
    try:
        return user_path(named or platformdirs.user_cache_dir("fa-lessons"))
    except (ValueError, RuntimeError) as error:
        got = repr(named) if named else "none, and your home folder is not known"
        raise ValueError(f"FA_LESSONS_CACHE must name a folder, got {got} ({error})") from None


def writable_cache():
    """The cache folder, made where there is none.

    Raises OSError where files cannot be written into it, and ValueError as `cache_folder` does.
    """
    folder = cache_folder()
    try_to_write(folder)
    return folder


def decompressed(source, sha256, mend):
    """The decompressed bytes of `source` (.xz or .gz), whose SHA-256 is `sha256` (hex).

    They come from the cache where it holds them undamaged; otherwise from `source`, and the cache is
    written in one atomic step. A cache that is not known or cannot be written is done without.
    Raises DamagedFile, naming file, expected and found checksum and `mend`, for a bad source.
    """
    try:
        cached = cache_folder() / f"{sha256[:16]}-{Path(source).stem}"
    except ValueError:
        return verified(source, sha256, mend)
    try:
        content = cached.read_bytes()
    except OSError:
        content = b""
    if _checksum(content) == sha256:
        return content
    content = verified(source, sha256, mend)
    with suppress(OSError):
        write_atomically(cached, lambda file: file.write(content))
    return content


def verified(source, sha256, mend):
    """The decompressed bytes of `source` itself; raises DamagedFile as `decompressed` does."""
    content, found = _decompress(Path(source))
    if found != sha256:
        raise DamagedFile(f"{source} is damaged: expected SHA-256 {sha256}, found {found}. To mend it: {mend}")
    return content


def _decompress(source):
    """Content and its checksum, or a word for what went wrong in the checksum's place."""
    opener = {".xz": lzma.open, ".gz": gzip.open}[source.suffix]
    try:
        with opener(source) as file:
            content = file.read()
    except FileNotFoundError:
        return b"", "no file"
    except (lzma.LZMAError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        return b"", f"no checksum, since it cannot be decompressed ({error})"
    except OSError as error:
        return b"", f"no checksum, since it cannot be read ({error})"
    return content, _checksum(content)


def _checksum(content):
    return hashlib.sha256(content).hexdigest()
