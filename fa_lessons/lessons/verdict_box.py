"""Shows a verdict: a coloured box in a notebook, announced to a screen reader; plain text elsewhere."""

import html
import sys

from fa_lessons.plots import GREEN, ORANGE, VERMILION
from fa_lessons.streams import say

__all__ = ["GREEN", "ORANGE", "VERMILION", "Box", "shell_here", "show"]


class Box:
    """`text` with a bar in `color`. The text keeps the theme's own colours, light or dark."""

    def __init__(self, text, color):
        self.text, self.color = text, color

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        style = f"border-left: 0.4em solid {self.color}; padding: 0.3em 0.8em; white-space: pre-wrap; color: inherit"
        return f'<div role="status" aria-live="polite" style="{style}">{html.escape(self.text)}</div>'


def show(text, color):
    """Show `text` where this runs: boxed in a notebook, printed in a terminal."""
    shell = shell_here()
    if shell is not None and hasattr(shell, "kernel"):
        from IPython.display import display

        display(Box(text, color))
    else:
        say(text)


def shell_here():
    """The IPython shell that this runs in; None outside of one."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
