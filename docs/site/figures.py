"""The stored figures of a notebook as files of the site, each with its alternative text."""

import base64
import hashlib
import re

from nbformat.v4 import new_output

from docs.site.files import write


def as_files(outputs, folder):
    """`outputs` with each picture as Markdown that names a file beside it, written into `folder`/figures."""
    return [_as_file(output, folder) if "image/png" in output.get("data", {}) else output for output in outputs]


def _as_file(output, folder):
    picture = base64.b64decode(output["data"]["image/png"])
    name = f"figures/{hashlib.sha256(picture).hexdigest()[:16]}.png"
    write(folder / name, picture)
    return new_output("display_data", data={"text/markdown": f"![{escaped(alt(output))}]({name})"})


def alt(output):
    """The alternative text of a stored picture. Raises ValueError where it has none."""
    text = output.get("metadata", {}).get("image/png", {}).get("alt", "")
    if not text.strip():
        raise ValueError("each stored figure must have an alternative text: show it by plots.show(figure, alt=…)")
    return text


def escaped(text):
    """Plain text as Markdown."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split()))
