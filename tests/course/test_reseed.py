"""Runs with other seeds: what is noted, what is shifted, and that nothing stops a lesson."""

import json

import nbformat
import pytest
from typer.testing import CliRunner

from fa_lessons.cli import app
from fa_lessons.course import reseed


def lesson(tmp_path, *cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    for index, cell in enumerate(notebook.cells):
        cell.id = f"cell-{index}"
    path = tmp_path / "09_trial.ipynb"
    nbformat.write(notebook, path)
    return path


DRAWS = """
import numpy as np, torch
from fa_lessons import MLP
numbers = [np.random.default_rng(0).normal(), np.random.default_rng((0, 1)).normal()]
numbers += [torch.rand(1, generator=torch.Generator().manual_seed(0)).item(), MLP((2, 1)).weights[0][0, 0, 0].item()]
print(numbers)
"""


def test_asserts_outside_functions_are_noted_one_by_one():
    source = "assert a and b, 'why'\nfor x in y:\n    assert x\ndef f(x):\n    assert x\n    return x"
    assert reseed.noted(source, "c").splitlines() == [
        "__note__('c', 'a', a)",
        "__note__('c', 'b', b)",
        "for x in y:",
        "    __note__('c', 'x', x)",
        "",
        "def f(x):",
        "    assert x",
        "    return x",
    ]


def test_a_lesson_goes_on_past_what_does_not_hold(tmp_path, monkeypatch):
    path = lesson(
        tmp_path,
        "for x in (1, 2, 3):\n    assert x < 3 and x > 0\nassert 1 + 1 == 2",
        "1 / 0",
        "from fa_lessons.claims import LessonClaims, REPRODUCED\nclaims = LessonClaims(4)",
        "import numpy as np\nname = next(n for n, c in claims._known.items() if 4 in c.measured)\n"
        "claims.measured(name, REPRODUCED, np.bool_(False))",
    )
    found = reseed.run(path, 1)
    assert [(text, held) for _, text, held in found.asserts] == [
        ("x < 3", False),
        ("x > 0", True),
        ("1 + 1 == 2", True),
    ]
    assert list(found.claims.values()) == [False] and found.errors == [
        ["cell-1", "ZeroDivisionError: division by zero"]
    ]
    assert len(found.failures) == 3
    monkeypatch.setattr(reseed, "folder", lambda: tmp_path)
    assert reseed.Reseeded(**json.loads(reseed.keep(found).read_text(encoding="utf-8"))) == found
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert reseed.kept(notebook, path.stem) == [found]
    notebook["cells"][1]["source"] = ["1 / 1"]
    assert reseed.kept(notebook, path.stem) == []


def test_every_root_of_draws_is_shifted_and_none_at_zero(tmp_path):
    rounds = [drawn(tmp_path, shift) for shift in (0, 1, 1, 2)]
    assert rounds[1] == rounds[2] and rounds[0] == plainly()
    assert all(len({values[i] for values in rounds}) == 3 for i in (0, 2, 3))


def drawn(tmp_path, shift):
    path = lesson(tmp_path, DRAWS, "raise ValueError(numbers)")
    (_, message), *_ = reseed.run(path, shift).errors
    return json.loads(message.removeprefix("ValueError: "))


def plainly():
    space = {}
    exec(DRAWS, space)
    return space["numbers"]


@pytest.mark.parametrize("shift", ["0", "-1", "x"])
def test_a_shift_is_a_whole_number_from_one(shift):
    assert CliRunner().invoke(app, ["run", "2", "--reseed", shift]).exit_code == 2
