"""One source of dependencies: pyproject.toml. The other files must agree with it."""

import re
import sys
from pathlib import Path

import pytest
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}


def test_environment_yml_asks_for_what_pyproject_asks_for():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    asked = [item for item in environment["dependencies"] if isinstance(item, str)]
    names = {}
    for item in asked:
        name, version = re.fullmatch(r"([\w.-]+)(.*)", item).groups()
        names[CONDA_NAMES.get(name, name)] = version
    assert names.pop("pip") == ""
    assert names.pop("python") == f"{PROJECT['requires-python']},<3.14"
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert names == dict(re.fullmatch(r"([\w.-]+)(.*)", item).groups() for item in wanted)
    assert {"pip": ["-e ."]} in environment["dependencies"]


def test_constraints_pin_every_direct_dependency():
    pinned = {
        re.split(r"[=<>; ]", line)[0]
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line[:1] != "#"
    }
    extras = PROJECT["optional-dependencies"]
    for item in [*PROJECT["dependencies"], *(item for extra in extras.values() for item in extra)]:
        assert re.match(r"[\w.-]+", item).group() in pinned, item


def test_the_supported_pythons_are_declared():
    versions = {c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if "Python :: 3." in c}
    assert versions == {"3.10", "3.11", "3.12", "3.13"} and PROJECT["requires-python"] == ">=3.10"


def test_the_readme_maps_every_lesson():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for lesson in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{lesson.name}" in readme


def test_the_versions_agree():
    import fa_lessons

    assert fa_lessons.__version__ == PROJECT["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == PROJECT["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
