"""Files that are written whole or not at all, with the permissions that an ordinary write gives."""

import os
import secrets
from pathlib import Path


def user_path(path):
    """`path` as a Path, with ~ as the home folder.

    Raises ValueError for what is no path, and for a ~ whose home folder is not known.
    """
    try:
        return Path(path).expanduser()
    except (TypeError, RuntimeError) as error:
        raise ValueError(f"path must be a file's name, got {path!r} ({error})") from None


def write_atomically(path, write):
    """Call `write(file)` on a new binary file beside `path`, then put it in `path`'s place.

    A file that is there keeps its permissions; a new one gets those that the umask leaves. A link stays, what it points
    to is replaced. Raises PermissionError for a file that may not be written, and IsADirectoryError for a folder.
    """
    path = Path(os.path.realpath(user_path(path)))
    if path.is_dir():
        raise IsADirectoryError(f"path must be a file, got the folder {path}")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} may not be written")
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}-{secrets.token_hex(4)}.tmp")
    try:
        with open(new, "xb") as file:
            write(file)
        if path.exists():
            os.chmod(new, path.stat().st_mode & 0o7777)
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
