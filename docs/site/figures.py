"""The stored figures of a notebook as files of the site, each with its alternative text."""

import base64
import hashlib
import re
import struct

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


def sized(body, folder):
    """The HTML `body` with the size of each picture from `folder`/figures, so that no text jumps when one arrives."""

    def turn(tag):
        picture = folder / "figures" / tag[2]
        if not picture.exists():
            return tag[0]
        width, height = struct.unpack(">II", picture.read_bytes()[16:24])  # a PNG says so in its head
        return f'{tag[1]} width="{width}" height="{height}"'

    return re.sub(r'(<img [^>]*src="[^"]*_images/(\w+\.png)")', turn, body)
