"""Serve the playground's folder on this machine alone."""

import contextlib
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from fa_lessons import require

FOLDER = Path(__file__).parent
# What browsers ask of modules, whatever this machine's registry says.
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}
TYPES |= {".bin": "application/octet-stream"}


class Handler(SimpleHTTPRequestHandler):
    """Hands out the page's own files, quietly."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def send_head(self):
        """A file of the page; 404 for all else in the folder."""
        name = self.path.partition("?")[0].lstrip("/") or "index.html"
        if "/" in name or Path(name).suffix not in TYPES:
            self.send_error(404)
            return None
        return super().send_head()

    def log_message(self, *words):
        pass


def server(port=0):
    """An HTTP server of the page on 127.0.0.1, not yet running; port 0 takes an unused one.

    Its address is `address(server)`. Raises ValueError for a port out of range, OSError for one in use.
    """
    port = require.count("port", port, minimum=0, maximum=65535)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(FOLDER)))
    except OSError as error:
        raise OSError(f"port {port} of this machine cannot be listened on ({error})") from None


def address(running):
    """http://127.0.0.1:PORT/ of a `server`."""
    return f"http://127.0.0.1:{running.server_port}/"


def serve(port=0, browser=True):
    """Serve the playground until interrupted; prints the address, and opens it in a browser unless told not to.

    Raises as `server` does.
    """
    with server(port) as running:
        print(f"The playground is at {address(running)} (Ctrl+C ends it).", flush=True)
        if browser:
            webbrowser.open(address(running))
        with contextlib.suppress(KeyboardInterrupt):
            running.serve_forever()
