"""The package's docstrings, which are plain text, as reStructuredText for autodoc.

They have a first line that is a sentence, paragraphs, `code` in single quotes, lists with "- ", indented code, and
fields: `name, name: text`, whose further lines are indented.
"""

import re

NAME = r"[A-Za-z_]\w*(?:\[\w+\])?"
FIELD = re.compile(rf"({NAME}(?:, {NAME})*): (.*)")
CODE = re.compile(r"(`[^`]+`)")


def convert(lines):
    """The lines of a docstring as lines of reStructuredText."""
    found, kind = [], None  # the kind of the block that the last line belongs to
    for line in lines:
        text, indented = line.strip(), line.startswith(" ")
        if not text:
            kind = kind if kind == "code" else None
            found.append("")
        elif indented and (kind == "code" or (kind is None and found)):
            found += [*(["::", ""] if kind != "code" else []), line]
            kind = "code"
        elif indented and kind in ("field", "list"):
            found.append(f"  {inline(text)}")
        elif found and (field := FIELD.fullmatch(text)):
            found += [*_parted(found, kind, "field"), f"* **{inline(field[1])}**: {inline(field[2])}"]
            kind = "field"
        elif text.startswith("- "):
            found += [*_parted(found, kind, "list"), f"* {inline(text[2:])}"]
            kind = "list"
        else:
            found += [*_parted(found, kind, "text"), inline(text)]
            kind = "text"
    return found


def _parted(found, kind, new):
    """The empty line between blocks of two kinds, where there is none yet."""
    return [""] if kind not in (None, new) and found[-1] else []


def inline(text):
    """A line with its code marked, and everything else taken literally."""
    return "".join(f"`{part}`" if CODE.fullmatch(part) else _literal(part) for part in CODE.split(text))


def _literal(text):
    return re.sub(r"([\\*`|_])", r"\\\1", text)
