"""The playground: feedback alignment, live, in a browser. A static page, its digits, and the ways to open it."""

from fa_lessons.playground.server import address, serve, server

__all__ = ["address", "serve", "server"]
