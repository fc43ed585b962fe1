"""The public CI file and the issue templates: they parse, and say what the project says elsewhere."""

import re
from pathlib import Path

import pytest
import yaml

from tests import __main__ as runner
from tests.test_packaging import PROJECT

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TEMPLATES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


@pytest.fixture(scope="module")
def job():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    assert {"push", "pull_request"} == set(workflow[True])  # YAML reads `on` as true
    (job,) = workflow["jobs"].values()
    return job


def test_it_runs_on_every_system_and_every_python_of_the_classifiers(job):
    matrix = job["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "macos", "windows"}
    versions = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if "Python :: 3." in c]
    assert versions and matrix["python"] == versions
    (setup,) = [step for step in job["steps"] if "setup-python" in step.get("uses", "")]
    assert setup["with"]["python-version"] == "${{ matrix.python }}"


def test_it_runs_the_readmes_test_command(job):
    conditions = {step["if"]: step["run"] for step in job["steps"] if "run" in step}
    assert set(conditions) == {"runner.os != 'Windows'", "runner.os == 'Windows'"}
    assert conditions["runner.os != 'Windows'"].startswith("make test ") and "\nmake test " in README
    for line in conditions["runner.os == 'Windows'"].splitlines():
        assert f"\n{line}\n" in README, line


def test_make_test_and_the_command_without_make_are_one():
    assert re.search(r"^test: .*\n\t\$\(BIN\)/python -m tests$", MAKEFILE, re.MULTILINE)
    asked = [" ".join(command) for command in runner.COMMANDS]
    assert asked[:2] == ["ruff check .", "ruff format --check ."]
    assert asked[2].startswith("pytest ") and "--nbval " in asked[2] and "--nbval-current-env" in asked[2]


def test_a_command_that_fails_stops_the_rest(monkeypatch):
    ran = []

    def run(command, env):
        ran.append(command[2])
        assert env["OMP_NUM_THREADS"] == "1"
        return type("Done", (), {"returncode": 3 * (command[2:4] == ["ruff", "format"])})

    monkeypatch.setattr(runner.subprocess, "run", run)
    assert runner.main() == 3 and ran == ["ruff", "ruff"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_asks_for_what_is_needed(template):
    form = yaml.safe_load(template.read_text(encoding="utf-8"))
    if template.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert {"name", "description", "labels", "body"} == set(form)
    fields = [field["id"] for field in form["body"]]
    assert len(set(fields)) == len(fields) >= 2 and all(field["attributes"]["label"] for field in form["body"])
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def test_the_release_list_names_commands_that_exist():
    text = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", text))
    assert {"test", "slides", "contact-sheet"} <= named <= targets
