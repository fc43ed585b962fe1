"""Seed each fault in a copy of the package, run its tests there, and list the faults that no test noticed.

Words on the command line choose the faults whose file's name holds one of them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutants.faults import FAULTS

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("fa_lessons", "tests", "conftest.py")  # what is imported; the rest is only read
SECONDS = 300  # a fault that makes a test hang is noticed, too


def main(words):
    faults = [fault for fault in FAULTS if not words or any(word in fault.file for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for path in ROOT.iterdir():
            if path.name in COPIED and path.is_dir():
                shutil.copytree(path, copy / path.name, ignore=shutil.ignore_patterns("__pycache__"))
            elif path.name in COPIED:
                shutil.copy(path, copy)
            elif not path.name.startswith("."):
                (copy / path.name).symlink_to(path)
        for tests in sorted({fault.tests for fault in faults}):
            if not pass_in(copy, tests):
                sys.exit(f"{tests} must pass before a fault is seeded")
        survivors = []
        for fault in faults:
            noticed = is_noticed(fault, copy)
            print(f"{'noticed ' if noticed else 'SURVIVES'} {fault.file}: {fault.old!r} → {fault.new!r}", flush=True)
            survivors += [] if noticed else [fault]
    print(f"{len(survivors)} of {len(faults)} seeded faults survive")
    sys.exit(bool(survivors))


def is_noticed(fault, copy):
    path = copy / "fa_lessons" / fault.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(fault.old, fault.new), encoding="utf-8")
    try:
        return not pass_in(copy, fault.tests)
    finally:
        path.write_text(whole, encoding="utf-8")


def pass_in(copy, tests):
    """Whether the tests pass on the package in `copy`."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests.split()]
    # No bytecode: it would be taken for that of the next fault, written within the same second.
    plain = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    try:
        run = subprocess.run(command, cwd=copy, env={**os.environ, **plain}, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    if run.returncode not in (0, 1, 2):
        sys.exit(f"{tests} do not run: {run.stdout.decode()[-300:]}")
    return run.returncode == 0


if __name__ == "__main__":
    main(sys.argv[1:])
