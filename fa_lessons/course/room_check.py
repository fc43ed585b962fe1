"""Which walls of the room hold on this machine: each is tried from inside. Behind `fa-lessons course check`."""

import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from fa_lessons import places
from fa_lessons.course import sandbox
from fa_lessons.course.doctor import Finding

CONTAINER = "grade in a container, as docs/teaching.md says"
MEND = f"install bubblewrap (Linux), or {CONTAINER}"

PROBE = """
import json, os, signal, socket, sys, time
asked = json.loads(sys.stdin.read())
try:
    import resource
    for name, value in asked["limits"].items():
        try: resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError): pass
except ImportError: pass
def can(act):
    try: act()
    except BaseException: return False
    return True
def forks():
    children = []
    try:
        while len(children) < 300:
            pid = os.fork()
            if pid == 0:
                time.sleep(30); os._exit(0)
            children.append(pid)
    except OSError: pass
    for pid in children:
        os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0)
    return len(children)
def fill():
    with open("/tmp/fa-lessons-probe", "wb") as file:
        for _ in range(64): file.write(bytes(2**20))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
print(json.dumps({
    "network": can(lambda: socket.create_connection(("127.0.0.1", asked["port"]), 3)),
    "files": [path for path in asked["private"] if can(lambda: open(path, "rb").read(1))],
    "truth": [path for path in asked["truth"] if can(lambda: open(path, "rb").read(1))],
    "writes": [path for path in asked["folders"] if can(lambda: open(path + "/fa-lessons-probe", "w").close())],
    "memory": can(lambda: bytearray(asked["memory"])),
    "disk": can(fill),
    "processes": can(lambda: os.kill(asked["grader"], 0)),
    "forks": forks(),
}))
"""
ORPHAN = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", sys.argv[1]], start_new_session=True)
if os.fork(): os._exit(0)
os.setsid()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", sys.argv[1]], start_new_session=True)
time.sleep(60)
"""


def examine(course=None):
    """All findings, the room's kind first; with a `course`, its own secret and submissions are tried."""
    kind = sandbox.apart()
    said = {
        "unshare": "name spaces of its own, and a user without rights",
        "bwrap": "bubblewrap, as you",
        "unshare-user": "name spaces of its own, as you",
        "none": "a process group with limits, nothing more",
    }
    room = Finding("the room", f"{kind}: {said[kind]}", MEND if kind == "none" else "")
    found = _probed(course)
    if not found:
        return [room, Finding("the probe", "did not answer", CONTAINER)]
    return [
        room,
        _wall("network", "out of reach", found["network"] and "within reach"),
        _wall("the grader's files", "out of reach", found["files"] and f"can be read: {', '.join(found['files'])}"),
        _wall("the truths", "out of reach", found["truth"] and f"can be read: {', '.join(found['truth'])}"),
        _wall("files elsewhere", "cannot be written", found["writes"] and f"written: {', '.join(found['writes'])}"),
        _wall("other processes", "out of reach", found["processes"] and "can be signalled"),
        _wall("memory", f"at most {sandbox.MEMORY >> 30} GB", found["memory"] and "without a limit"),
        _wall("a file", f"at most {sandbox.FILE >> 20} MB", found["disk"] and "without a limit"),
        _wall("processes", f"at most {found['forks']} more", found["forks"] >= 300 and "300 and more were started"),
        _wall("the end", "nothing is left behind", _orphans() and "a process lived on that had left its group"),
    ]


def _wall(name, holds, broken):
    return Finding(name, broken or holds, MEND if broken else "")


def _probed(course):
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder, socket.create_server(("127.0.0.1", 0)) as server:
        private = Path(folder) / "private"
        private.write_text("a secret", encoding="utf-8")
        private.chmod(0o600)
        asked = {
            "limits": sandbox.limits(),
            "port": server.getsockname()[1],
            "private": [str(private), *([str(course.root / "secret")] if course else [])],
            "truth": [str(path) for path in _truths()],
            "folders": [folder, *([str(course.root)] if course else []), str(sandbox.room())],
            "memory": sandbox.MEMORY + 2**29,
            "grader": os.getpid(),
        }
        process = sandbox.start(("-c", PROBE))
        try:
            out, _ = process.communicate(json.dumps(asked).encode(), timeout=60)
            return json.loads(out)
        except (subprocess.TimeoutExpired, ValueError):
            return {}
        finally:
            sandbox.end(process)
            for written in asked["folders"]:
                (Path(written) / "fa-lessons-probe").unlink(missing_ok=True)


def _truths():
    brought = sorted(places.brought("notebooks").glob("*.ipynb"))[:1]
    return [next((places.PACKAGE / "lessons").rglob("*exercises.py")), *brought]


def _orphans():
    """Whether a process is left that has turned its back on the one that is ended."""
    token = f"fa-lessons-{secrets.token_hex(8)}"
    process = sandbox.start(("-c", ORPHAN, token))
    time.sleep(1.5)
    sandbox.end(process)
    time.sleep(0.3)
    left = [p for p in psutil.process_iter(["cmdline"]) if token in (p.info["cmdline"] or ())]
    for orphan in left:
        orphan.kill()
    return bool(left)
