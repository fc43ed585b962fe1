"""JupyterLab on the workbook: on this machine alone, with a token, as root too, and over SSH."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from fa_lessons.course import workbook

PORT = 8888


def arguments(folder, port, page="", browser=True, root=False):
    """The command that serves `folder` on loopback and opens `page`, a file in it, "" for the list of files."""
    return [
        *(sys.executable, "-m", "jupyter", "lab"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab{_tree(page)}",
        "--LabApp.news_url=None",
        *([] if browser else ["--no-browser"]),
        *(["--allow-root"] if root else []),
    ]


def address(port, page, token):
    """What to type into a browser."""
    return f"http://127.0.0.1:{port}/lab{_tree(page)}?token={token}"


def _tree(page):
    return f"/tree/{quote(page)}" if page else ""


def free_port(start=PORT):
    """The first port from `start` on that nothing on this machine listens on.

    Raises ValueError where fifty in a row are taken.
    """
    for port in range(start, start + 50):
        with socket.socket() as probe:
            if os.name != "nt":  # there, this would share a port in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ValueError(f"a port from {start} to {start + 49} must be free, and all are in use")


def advice(environment, port):
    """Over SSH, the lines that say how to reach the address from the reader's own machine; none elsewhere."""
    connection = environment.get("SSH_CONNECTION", "").split()
    if not connection:
        return []
    there = connection[2] if len(connection) == 4 else "this-machine"
    user = environment.get("USER", "you")
    return [f"You are connected by SSH. On your own machine: ssh -N -L {port}:127.0.0.1:{port} {user}@{there}"]


def move_aside(folder):
    """Rename a workbook to workbook-backup-N beside it, N the first number that is free; return the new path.

    Of a link to a workbook the link is renamed. Raises ValueError for a folder that is no workbook.
    """
    folder = Path(os.path.abspath(folder))
    if not (folder / workbook.MANIFEST).exists():
        raise ValueError(f"folder must be a workbook to start afresh, got {folder}, which fa-lessons did not write")
    number = 1
    while os.path.lexists(folder.with_name(f"{folder.name}-backup-{number}")):
        number += 1
    return folder.rename(folder.with_name(f"{folder.name}-backup-{number}"))


def serve(folder, page="", browser=True):
    """Run JupyterLab on `folder` until it is stopped; return its exit status. Prints the address."""
    port, token = free_port(), secrets.token_hex(24)
    if port != PORT:
        print(f"Port {PORT} is in use; this is port {port}.")
    hints = advice(os.environ, port)
    print(*hints, f"JupyterLab: {address(port, page, token)}", "Stop it by Ctrl-C.", sep="\n", flush=True)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = arguments(Path(folder).resolve(), port, page, browser and not hints, root)
    # In the environment, other users of the machine cannot read the token from the list of processes.
    process = subprocess.Popen(command, env={**os.environ, "JUPYTER_TOKEN": token})
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # JupyterLab hears it too, and asks
            pass
