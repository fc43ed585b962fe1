"""Files that are written whole or not at all, with the permissions that an ordinary write gives."""

import os
import secrets
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def user_path(path):
    """`path` as a Path, with ~ as the home folder.

    Raises ValueError for what is no path, and for a ~ whose home folder is not known.
    """
    if path == "":
        raise ValueError("path must be a file's name, got ''")
    try:
        return Path(path).expanduser()
    except (TypeError, RuntimeError) as error:
        raise ValueError(f"path must be a file's name, got {path!r} ({error})") from None


def write_atomically(path, write):
    """Call `write(file)` on a new binary file beside `path`, then put it in `path`'s place.

    A file that is there keeps its permissions; a new one gets those that the umask leaves. A link stays, what it points
    to is replaced. Raises PermissionError for a file that may not be written, IsADirectoryError for a folder, and
    OSError for all else that is no regular file, such as a device, a pipe, or links in a circle.
    """
    path = Path(os.path.realpath(user_path(path)))
    if path.is_dir():
        raise IsADirectoryError(f"path must be a file, got the folder {path}")
    if os.path.lexists(path) and not path.is_file():
        raise OSError(f"path must be a regular file or new, got {path}")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} may not be written")
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name[:60]}-{secrets.token_hex(4)}.tmp")  # no longer than a file's name may be
    try:
        with open(new, "xb") as file:
            write(file)
        if path.exists():
            os.chmod(new, path.stat().st_mode & 0o7777)
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def try_to_write(folder):
    """Write and remove a small file in `folder`, which is made where it is missing. Raises OSError where that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(2**16))


@contextmanager
def alone(folder):
    """Hold the lock of `folder`: another process in `alone(folder)` waits. Where folders have no locks, none waits."""
    if not fcntl:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system on a network has locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
