"""Files that are written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_atomically(path, write):
    """Call `write(file)` on a new binary file beside `path`, then put it in `path`'s place."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp", delete=False) as file:
        try:
            write(file)
            file.close()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
