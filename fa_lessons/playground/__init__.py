"""The playground: feedback alignment, live, in a browser. A static page, its digits, and the ways to open it."""

from fa_lessons.playground.bundle import save
from fa_lessons.playground.serving import address, serve, server
from fa_lessons.playground.widget import widget

__all__ = ["address", "save", "serve", "server", "widget"]
