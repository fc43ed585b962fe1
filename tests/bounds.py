"""The unit tests with the lower and with the latest versions of every direct dependency: `make test-bounds`.

The lower ones are tried on the oldest Python here of 3.10 to 3.13, the latest on the oldest and on the newest.
What came of it goes to `docs/bounds.md`. UV_TORCH_BACKEND=cpu takes torch's build without CUDA.
"""

import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from fa_lessons.files import write_atomically

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "bounds.md"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
EXTRAS = ("dev", "cluster")
UV = [sys.executable, "-m", "uv", "--quiet", "--no-python-downloads"]


def here():
    """The Pythons of this machine, oldest first, as "3.10"."""
    return [version for version in PYTHONS if _answers(f"python{version}")]


def _answers(program):
    return shutil.which(program) and not subprocess.run([program, "--version"], capture_output=True).returncode


def runs(pythons):
    """(Python, resolution of uv) of each run."""
    return [
        (pythons[0], "lowest-direct"),
        *((version, "highest") for version in dict.fromkeys((pythons[0], pythons[-1]))),
    ]


def attempt(python, resolution):
    """Install and test in a new environment; return ({direct dependency: version}, pytest's closing line)."""
    with tempfile.TemporaryDirectory() as folder:
        environment, pins = Path(folder) / "environment", Path(folder) / "pins.txt"
        extras = [word for extra in EXTRAS for word in ("--extra", extra)]
        choice = ["--resolution", resolution, "--python-version", python, *extras]
        subprocess.run([*UV, "pip", "compile", "pyproject.toml", *choice, "-o", pins], cwd=ROOT, check=True)
        subprocess.run([*UV, "venv", "--seed", "--python", f"python{python}", environment], check=True)
        program = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
        subprocess.run([*UV, "pip", "install", "--python", program, "-r", pins], check=True)
        subprocess.run([*UV, "pip", "install", "--python", program, "--no-deps", "-e", ROOT], check=True)
        command = [program, "-m", "pytest", "tests", "--ignore=tests/browser", "-p", "no:cacheprovider", "-n", "2"]
        command += ["--dist", "loadscope"]
        tests = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, text=True, encoding="utf-8", stdout=-1
        )
        lines = tests.stdout.splitlines()
        print(*(line for line in lines if line.startswith(("FAILED", "ERROR"))), lines[-1], sep="\n", flush=True)
        return versions(pins.read_text(encoding="utf-8")), lines[-1].strip("= ")


def direct():
    """Names of the package's direct dependencies, and of those of its extras that are tried."""
    wanted = [item for item in metadata.requires("fa-lessons") if "extra ==" not in item or _is_tried(item)]
    return sorted(re.match(r"[\w.-]+", item).group().lower() for item in wanted)


def _is_tried(item):
    return any(re.search(rf"extra == ['\"]{extra}['\"]", item) for extra in EXTRAS)


def versions(pins):
    """{direct dependency: version} of what uv resolved."""
    found = dict(re.findall(r"^([\w.-]+)==([\w.+]+)", pins, re.MULTILINE))
    return {name: found[name] for name in direct()}


def report(results):
    """The table as text. results: {(Python, resolution): (versions, closing line)}."""
    names = {"lowest-direct": "lower bounds", "highest": "latest"}
    rows = ["| | " + " | ".join(f"{names[kind]}, Python {python}" for python, kind in results) + " |"]
    rows += ["|---" * (len(results) + 1) + "|"]
    rows += ["| **unit tests** | " + " | ".join(line for _, line in results.values()) + " |"]
    for name in direct():
        rows.append(f"| {name} | " + " | ".join(found[name] for found, _ in results.values()) + " |")
    head = f"# The bounds of the dependencies, tried\n\nWritten by `make test-bounds` on {datetime.date.today()}.\n"
    return head + "\n" + "\n".join(rows) + "\n"


def main():
    results = {}
    for python, resolution in runs(here()):
        print(f"Python {python}, {resolution}", flush=True)
        results[python, resolution] = attempt(python, resolution)
    text = report(results)
    write_atomically(REPORT, lambda file: file.write(text.encode()))
    print(REPORT.relative_to(ROOT))
    return not all(" passed" in line and " failed" not in line for _, line in results.values())


if __name__ == "__main__":
    sys.exit(main())
