"""A lesson's first cell answers at once: what lessons 1 to 3 use does not import torch, which takes seconds."""

import subprocess
import sys

import pytest

LIGHT = ["fa_lessons.require", "fa_lessons.claims"] + [
    f"fa_lessons.lessons.lesson{number}.{name}" for number in (1, 2, 3) for name in ("theory", "exercises", "explorer")
]


@pytest.mark.parametrize("module", [*LIGHT, "fa_lessons.lessons.lesson3.task", "fa_lessons.lessons.lesson5.theory"])
def test_no_torch(module):
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
