"""A terminal of another encoding shows plain letters for the package's signs; what others print stays as it is."""

import ast
import io
import json
import os
import subprocess
import sys

import pytest
import yaml

from fa_lessons import places, progress, streams
from fa_lessons.experiments import grid

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
settle("\\u0141\\u00f3d\\u017a \\u96ea", "c")
standing(1)
lesson = claims.LessonClaims(1)
for name, claim in lesson._known.items():
    if 1 in claim.measured:
        lesson.measured(name, "reproduced", True)
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


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("words", [["doctor"], ["reproduce", "table1", "--report"], ["claims", "--check"], ["--help"]])
def test_the_command(words, encoding):
    done = run(["-c", "from fa_lessons.cli import app; app()", *words], encoding)
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stdout + done.stderr


OTHERS = """
import sys
{}
for text in ("\\u0141\\xf3d\\u017a", "caf\\udce9", "\\u2713 caf\\udce9", "\\u2603 \\u2713"):
    try:
        print(text)
    except UnicodeEncodeError as error:
        print(ascii(error))
print(sys.stdout.encoding, sys.stdout.line_buffering, sys.stderr.errors)
"""


@pytest.mark.parametrize("encoding", [*ENCODINGS, "chosen"])
def test_what_others_print_is_as_without_the_package(encoding, monkeypatch):
    monkeypatch.setitem(ENCODINGS, "chosen", {"PYTHONIOENCODING": "cp1252:xmlcharrefreplace"})
    with_it, without = (run(["-c", OTHERS.format(line)], encoding) for line in ("import fa_lessons", "pass"))
    assert with_it.stderr == without.stderr == b""
    if encoding in ("utf-8", "chosen"):
        assert with_it.stdout == without.stdout
    else:  # the package's own signs apart, which no longer raise an error
        first, last = with_it.stdout.splitlines(), without.stdout.splitlines()
        assert [*first[:2], first[-1]] == [*last[:2], last[-1]]
        assert (first[2] == b"+ caf\xe9") == (encoding == "C")
        assert b"u2603" in first[3]  # refused, as before


@pytest.mark.parametrize("encoding", ["cp1252", "cp932", "ascii"])
def test_what_the_package_says_stops_nowhere(encoding, monkeypatch):
    def said(speak, text):
        stream = io.TextIOWrapper(io.BytesIO(), encoding, newline="\n")
        monkeypatch.setattr(sys, "stdout", stream)
        speak(text)
        stream.flush()
        return stream.buffer.getvalue(), stream.errors

    def as_a_command(text):
        streams.never_stop()
        print(text)

    text, plain = "✓ \N{SNOWMAN} δ", b"+ ? " + "δ".encode(encoding, streams.PLAINLY["strict"]) + b"\n"
    assert said(streams.say, text) == (plain, "strict")
    assert said(as_a_command, text) == (plain, streams.ANYHOW)
    assert said(as_a_command, "caf\udce9")[0] == b"caf\xe9\n"
    assert said(streams.say, "caf\ud800")[0] == b"caf?\n"


@pytest.mark.parametrize("end", ["close", "detach"])
def test_a_stream_that_is_gone_stops_nothing(end, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), "cp1252")
    getattr(stream, end)()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", None)
    streams.degrade()
    streams.never_stop()


@pytest.mark.parametrize("gone", [None, "closed"])
def test_without_a_standard_error_no_bar_is_shown_and_no_word_is_lost_on_another_stream(gone, monkeypatch, capsys):
    monkeypatch.delenv("TQDM_DISABLE")
    if gone:
        gone = io.StringIO()
        gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    with progress.progress_bar(3, "training", "step") as bar:
        grid.tell(bar, {"name": "one", "seconds": 1.0})
    assert bar.disable and capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("word", "hidden"),
    [("", False), ("0", False), ("false", False), ("No", False), ("1", True), ("true", True), ("yes", True)],
)
def test_the_variable_that_hides_bars_can_say_no(word, hidden, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", word)
    with progress.progress_bar(3, "training", "step") as bar:
        assert bool(bar.disable) == hidden


def own_texts():
    """What the package says in a script: the strings of its code, the lessons' code, and what was measured."""
    for path in [*places.PACKAGE.glob("*.py"), *(places.PACKAGE / "lessons").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for path in places.brought("notebooks").glob("0*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            yield "".join(cell["source"]) if cell["cell_type"] == "code" else ""
    for claim in yaml.safe_load((places.brought("notebooks") / "claims.yml").read_text(encoding="utf-8")):
        yield from claim.get("measured", {}).values()


def test_every_sign_of_the_package_has_a_plain_form():
    signs = {sign for text in own_texts() for sign in text if sign.isprintable() and not sign.isascii()}
    assert signs - set(streams.PLAIN) <= set("èø")  # the letters of names
    assert all(plain.isascii() for plain in streams.PLAIN.values())
