"""HTML pages that carry a hash of themselves: one that a person wrote or changed is not written over."""

import hashlib
import re

from fa_lessons.files import user_path, write_atomically

MARK = re.compile(r'(<meta name="fa-lessons-\w+" content=")(\w*)(">)')


def write(pages):
    """Write pages, {path: HTML with a mark in its head}.

    Raises ValueError, before anything is written, for a file in the way that is not as this wrote it.
    """
    for path in map(user_path, pages):
        if path.is_file() and not _is_ours(path.read_text(encoding="utf-8", errors="replace")):
            raise ValueError(f"{path} is not as it was written: move it aside, or choose another place")
    for path, text in pages.items():
        _put(path, text)


def _digest(text):
    return hashlib.sha256(MARK.sub(r"\1\3", text).encode()).hexdigest()


def _is_ours(text):
    mark = MARK.search(text)
    return bool(mark) and mark[2] == _digest(text)


def _put(path, text):
    text = MARK.sub(rf"\g<1>{_digest(text)}\g<3>", text)
    write_atomically(path, lambda file: file.write(text.encode()))
