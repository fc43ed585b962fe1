"""The package as a reader installs it: a wheel, outside of any checkout, in folders with odd names."""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from fa_lessons import places


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """(the new environment's folder, a function that runs `fa-lessons` from it in another folder)."""
    root = tmp_path_factory.mktemp("mein Gerät")
    wheels, there, here = root / "wheels", root / "env ñ", root / "Übungen am Abend"
    here.mkdir()
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(places.checkout())]
    subprocess.run(build, check=True, capture_output=True)
    venv.create(there)
    (wheel,) = wheels.glob("*.whl")
    python = there / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run(
        [*pip, "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)], check=True, capture_output=True
    )
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    site = Path(
        subprocess.run(where, env=environment, check=True, capture_output=True, encoding="utf-8").stdout.strip()
    )
    # The dependencies as they are here; a plain path brings no editable installation along.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    def run(*words):
        plain = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "", "TQDM_DISABLE": "1", "PYTHONUTF8": "1"}
        command = [str(python.with_name("fa-lessons")), *words]
        return subprocess.run(command, cwd=here, env={**os.environ, **plain}, capture_output=True, encoding="utf-8")

    return site / "fa_lessons", here, run


def digests(folder):
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_a_lesson_runs_from_the_wheel_and_writes_nothing_there(installed):
    package, _, run = installed
    before = digests(package)
    result = run("run", "2")
    assert result.returncode == 0 and "02_two_neuron_toy" in result.stdout and " ok" in result.stdout, result.stderr
    assert digests(package) == before and places.checkout() not in package.parents
    refused = run("run", "2", "--store")
    assert refused.returncode == 2 and "checkout" in refused.stderr


def test_the_playground_comes_whole(installed):
    there = {path.name for path in (installed[0] / "playground").iterdir()}
    here = {path.name for path in (places.PACKAGE / "playground").iterdir() if path.is_file()}
    assert here <= there and {"index.html", "digits.bin", "main.js"} <= there


def test_the_workbook_and_the_ledger_come_to_the_folder_that_one_is_in(installed):
    _, here, run = installed
    assert run("workbook").returncode == 0
    lessons = {path.name for path in places.brought("notebooks").glob("*.ipynb")}
    assert {path.name for path in (here / "workbook").glob("*.ipynb")} == lessons | {"start.ipynb"}
    for path in (here / "workbook").glob("*.ipynb"):
        assert "BEGIN SOLUTION" not in json.dumps(json.loads(path.read_text(encoding="utf-8")))
    assert run("claims").returncode == 0
    assert (here / "CLAIMS.md").read_bytes() == places.own("CLAIMS.md").read_bytes()
    assert run("reproduce", "depth", "--report").stdout.startswith("no results of depth in")


def test_doctor_knows_the_installation(installed):
    said = installed[2]("doctor").stdout
    assert "✓ torch build: " in said and "✓ kernel python3" in said and "✓ MNIST" in said
