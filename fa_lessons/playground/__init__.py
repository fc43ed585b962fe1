"""The playground: feedback alignment, live, in a browser. A static page, its digits, and the ways to open it."""

from fa_lessons.playground.bundle import page, save
from fa_lessons.playground.serving import address, serve, server
from fa_lessons.playground.widget import widget

__all__ = ["address", "page", "save", "serve", "server", "widget"]
