"""The commands, as a user types them."""

import json
import sys

import nbformat
import pytest
from typer.testing import CliRunner

from fa_lessons import doctor, lessons
from fa_lessons.cli import app
from fa_lessons.data import DamagedFile, digits

runner = CliRunner()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder of small lessons; returns a function that writes one."""
    monkeypatch.setattr(lessons, "folder", lambda: tmp_path)

    def write(name, *sources):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        notebook.metadata["widgets"] = {"state": 1}
        nbformat.write(notebook, tmp_path / name)
        return tmp_path / name

    return write


def test_run_prints_lesson_seconds_and_result(course):
    course("01_good.ipynb", "print(1 + 1)")
    course("02_bad.ipynb", "1 / 0")
    result = runner.invoke(app, ["run"])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["lesson", "seconds", "result"]
    assert lines[1].split()[0] == "01_good" and lines[1].split()[2] == "ok"
    assert "failed: ZeroDivisionError: division by zero" in lines[2]
    assert runner.invoke(app, ["run", "1"]).exit_code == 0


def test_run_stores_outputs_only_when_asked_and_only_of_a_good_run(course):
    good, bad = course("01_good.ipynb", "print(1 + 1)"), course("02_bad.ipynb", "print(3)", "1 / 0")
    before = good.read_bytes(), bad.read_bytes()
    runner.invoke(app, ["run"])
    assert (good.read_bytes(), bad.read_bytes()) == before
    runner.invoke(app, ["run", "--store"])
    stored = json.loads(good.read_text())
    assert stored["cells"][0]["outputs"][0]["text"] == ["2\n"] and stored["cells"][0]["execution_count"] == 1
    assert "widgets" not in stored["metadata"] and "execution" not in stored["cells"][0]["metadata"]
    assert bad.read_bytes() == before[1] and sorted(p.name for p in good.parent.iterdir()) == [good.name, bad.name]


def test_an_unknown_lesson_is_named_with_the_known_ones(course):
    course("01_good.ipynb", "1")
    result = runner.invoke(app, ["run", "7"])
    assert result.exit_code == 2 and "01_good" in result.output and "'7'" in result.output


def test_doctor_says_how_to_mend(monkeypatch, tmp_path):
    def damaged(*arguments):
        raise DamagedFile("x.xz is damaged: expected SHA-256 1, found 2. To mend it: copy it again")

    monkeypatch.setattr(digits, "verify_mnist", damaged)
    monkeypatch.setattr(doctor, "_kernel", lambda: doctor.Finding("kernel", "starts"))
    monkeypatch.setattr(doctor, "_threads", lambda: doctor.Finding("CPU threads", "2 of 2"))
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("FA_LESSONS_CACHE", str(blocked))
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "✗ MNIST: x.xz is damaged: expected SHA-256 1, found 2." in result.stdout
    assert "mend: copy it again" in result.stdout
    assert "cannot be written; all works" in result.stdout
    assert "1 of 10 checks need mending" in result.stdout


def test_doctor_names_a_package_that_does_not_import(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    finding = doctor._package("torch")
    assert not finding.well and "does not import" in finding.found and "constraints.txt" in finding.mend


def test_doctor_tries_the_kernel():
    assert doctor._kernel().well
