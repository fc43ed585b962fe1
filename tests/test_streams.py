"""A terminal of another encoding shows plain letters for the signs that it lacks; nothing stops."""

import os
import subprocess
import sys

import pytest

SPEAKS = """
import numpy as np
from fa_lessons import MLP, claims, verify_rule
from fa_lessons.course.doctor import examine
from fa_lessons.lessons import CheckFailed, check, settle
from fa_lessons.lessons.attempts import attempt, standing
print(*examine(), sep="\\n")
network = MLP((4, 3, 3, 2))
print(verify_rule(network, "fa", (np.zeros((3, 4)), [0, 1, 0])))
try:
    check("lesson1.passes", 3)
except CheckFailed as error:
    print(error)
attempt("lesson1.hidden_delta", lambda *arguments: arguments[0])
settle(..., "c")
standing(1)
lesson = claims.LessonClaims(1)
for name, claim in lesson._known.items():
    if 1 in claim.measured:
        lesson.measured(name, "reproduced", True)
print("\\N{SNOWMAN}")
"""
ENCODINGS = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp932": {"PYTHONIOENCODING": "cp932"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}


def run(words, encoding):
    environment = {**os.environ, "PYTHONUTF8": "0", "TQDM_DISABLE": "1", **ENCODINGS[encoding]}
    environment.pop("OMP_NUM_THREADS", None)  # of which doctor complains
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_all_that_speaks(encoding):
    done = run(["-c", SPEAKS], encoding)
    text = done.stdout.decode("utf-8" if encoding == "utf-8" else "ascii", "replace")
    assert "Error" not in done.stderr.decode("ascii", "replace"), done.stderr
    assert ("✓ fa: its signals" if encoding == "utf-8" else "+ fa: its signals") in text
    assert ("\N{SNOWMAN}" in text) == (encoding == "utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("words", [["doctor"], ["reproduce", "table1", "--report"], ["claims", "--check"], ["--help"]])
def test_the_command(words, encoding):
    done = run(["-c", "from fa_lessons.cli import app; app()", *words], encoding)
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stdout + done.stderr
