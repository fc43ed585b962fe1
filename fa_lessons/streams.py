"""Streams of every encoding: what the package says stops nowhere, and what others print fares as without it."""

import codecs
import sys
from contextlib import suppress

PLAIN = {
    **{"✓": "+", "✗": "x", "✎": "?", "★": "*", "☆": "o", "…": "...", "–": "-", "−": "-", "·": ".", "′": "'"},
    **{"→": "->", "←": "<-", "≤": "<=", "≥": ">=", "“": '"', "”": '"', "’": "'", "⟨": "<", "⟩": ">", "‖": "||"},
    **{"°": " degrees", "±": "+-", "×": "x", "⊙": "*", "√": "sqrt ", "∂": "d", "∝": "~", "Σ": "sum ", "Π": "product "},
    **{"β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "ε": "epsilon", "η": "eta", "λ": "lambda", "π": "pi"},
    **{"σ": "sigma", "τ": "tau", "φ": "phi", "ᵀ": "^T", "ᵏ": "^k", "ⁿ": "^n", "ᵗ": "^t", "⁺": "^+", "⁻": "^-"},
    **{"⁰": "^0", "¹": "^1", "²": "^2", "³": "^3", "⁵": "^5", "₀": "0", "₁": "1", "₂": "2", "ᵢ": "_i", "Ȧ": "A'"},
    **{"Ẇ": "W'", "ẇ": "w'", "\N{COMBINING DOT ABOVE}": "'", "ŷ": "y^", "½": "1/2", "⅓": "1/3", "⅔": "2/3"},
    **{"¼": "1/4", "⅛": "1/8", "∇": "grad ", "∞": "infinity", "α": "alpha"},
}
PLAINLY = {former: f"fa-lessons-{former}" for former in ("strict", "surrogateescape")}
ANYHOW = "fa-lessons-anyhow"


def degrade():
    """Let standard output and error write the signs of `PLAIN` in plain letters where their encoding lacks them.

    Whatever else it lacks fares as before: it raises an error, or is written as the bytes that it was read from.
    """
    _handle(PLAINLY)


def never_stop():
    """As `degrade`, for a process in which nobody but the package speaks: what else they lack becomes “?”."""
    _handle(dict.fromkeys([*PLAINLY, *PLAINLY.values()], ANYHOW))


def say(text):
    """Print `text`, whatever standard output lacks of it, and leave how others print as it is."""
    try:
        print(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        print(text.encode(encoding, ANYHOW).decode(encoding, "replace"))


def is_open(stream):
    """Whether there is such a standard stream: a program may be started without it, or have closed it."""
    return stream is not None and not getattr(stream, "closed", False)


def _handle(handlers):
    for stream in (sys.stdout, sys.stderr):
        # None, closed, another's class, or with an error handler that somebody chose
        with suppress(AttributeError, KeyError, ValueError, OSError):
            stream.reconfigure(errors=handlers[stream.errors])


def _plainly(otherwise):
    """An error handler that writes a sign of `PLAIN` plainly and leaves all others to the handler `otherwise`."""

    def handle(error):
        text, start = error.object, error.start
        if text[start] in PLAIN:
            return PLAIN[text[start]], start + 1
        end = next((index for index in range(start, error.end) if text[index] in PLAIN), error.end)
        return otherwise(UnicodeEncodeError(error.encoding, text, start, end, error.reason))

    return handle


def _anyhow(error):
    sign = error.object[error.start]
    byte = "\udc80" <= sign <= "\udcff"  # of a file's name that was in no encoding
    return bytes([ord(sign) - 0xDC00]) if byte else "?", error.start + 1


for _former, _name in PLAINLY.items():
    codecs.register_error(_name, _plainly(codecs.lookup_error(_former)))
codecs.register_error(ANYHOW, _plainly(_anyhow))
