"""Terminals of every encoding: what a stream cannot say it says in plain letters, and nothing stops."""

import codecs
import sys

PLAIN = {
    **{"✓": "+", "✗": "x", "✎": "?", "…": "...", "–": "-", "−": "-", "·": ".", "→": "->", "≤": "<=", "≥": ">="},
    **{"°": " degrees", "±": "+-", "×": "x", "“": '"', "”": '"', "’": "'", "η": "eta", "δ": "delta", "ε": "epsilon"},
}


def degrade():
    """Let standard output and error write plainly what their encoding lacks, where they would raise an error."""
    codecs.register_error("fa-lessons-plain", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) in ("strict", "surrogateescape") and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="fa-lessons-plain")


def _plainly(error):
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in lacking), error.end
