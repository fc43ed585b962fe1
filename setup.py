"""All is said in pyproject.toml, but that a wheel brings the lessons and the results of the experiments."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
BROUGHT = ("notebooks/*.ipynb", "notebooks/*.yml", "results/*/*.json")


class BuildWithLessons(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            for source, copy in self.brought():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)

    def brought(self):
        """(file, its copy in the package) of all that a wheel brings."""
        there = Path(self.build_lib) / "fa_lessons" / "brought"
        files = [file for pattern in BROUGHT for file in sorted(ROOT.glob(pattern))]
        return [(file, there / file.relative_to(ROOT)) for file in files]

    def get_outputs(self, include_bytecode=True):
        return super().get_outputs(include_bytecode) + [str(copy) for _, copy in self.brought()]


setup(cmdclass={"build_py": BuildWithLessons})
