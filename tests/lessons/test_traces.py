"""A figure says that it rests on the lesson's own solution, however far above that was used; a right answer ends it."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from fa_lessons.lessons import traces, verdict_box

NOTE = "(This cell uses the lesson's own solution of exercise 1.1.)\n"
WRONG, RIGHT = "d @ W2.T", "(d @ W2.T) * h * (1 - h)"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs a cell in a shell of its own and returns what it printed."""
    shell = InteractiveShell()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(traces, "_rests", {})
    monkeypatch.setattr(traces, "shell_here", lambda: shell)
    monkeypatch.setattr(verdict_box, "shell_here", lambda: shell)

    def run_cell(source):
        capsys.readouterr()
        shell.run_cell(source, store_history=True).raise_error()
        return capsys.readouterr().out

    run_cell("import numpy as np\nfrom fa_lessons.lessons.attempts import attempt\nfrom types import ModuleType")
    run_cell("plots = ModuleType('plots')\nplots.show = lambda *figure: None\nrng = np.random.default_rng(0)")
    run_cell("d, W2, h = rng.normal(size=(4, 2)), rng.normal(size=(3, 2)), rng.uniform(size=(4, 3))")
    answer(run_cell, WRONG)
    return run_cell


def answer(run, body):
    run(f"def hidden_delta(d, W2, h, y):\n    return {body}")
    return run('hidden_delta = attempt("lesson1.hidden_delta", hidden_delta)')


def test_a_chain_of_cells_leads_to_the_figure(run):
    assert run("signal = hidden_delta(d, W2, h, 0)") == NOTE
    assert run("size = np.abs(signal)\nother = np.abs(d)") == ""
    assert run("class Curve:\n    height = size.max()\n\ndef draw():\n    return Curve.height") == ""
    assert run("plots.show(draw())") == NOTE
    assert run("plots.show(other)") == ""
    assert run("plots.show(hidden_delta(d, W2, h, 0))") == NOTE


@pytest.mark.parametrize(
    "adding",
    ["kept['a'] = signal", "kept.update(a=signal)", "kept |= {'a': signal}", "for s in signal:\n    kept[0] = s"],
)
def test_what_a_cell_adds_to_a_variable_counts_and_stays(run, adding):
    run("kept = {}\nsignal = hidden_delta(d, W2, h, 0)")
    run("kept = {}")
    assert run("plots.show(kept)") == ""
    run(adding)
    run("kept['b'] = 3")
    assert run("plots.show(kept)") == NOTE
    run("kept = {}")
    assert run("plots.show(kept)") == ""


def test_the_tool_that_shows_does_not_rest_on_what_it_showed(run):
    run(
        "from fa_lessons import plots as tools\nsignal = hidden_delta(d, W2, h, 0)\ntools.log_percent.__name__.join(())"
    )
    run("tools.__dict__.get(signal.size)")
    assert run("plots.show(tools)") == ""


def test_a_right_answer_ends_it_once_the_cells_between_run_again(run):
    run("signal = hidden_delta(d, W2, h, 0)")
    assert answer(run, RIGHT).startswith("Exercise 1.1 ✓")
    assert run("plots.show(signal)") == NOTE  # drawn from what is there still
    assert run("signal = hidden_delta(d, W2, h, 0)") == ""
    assert run("plots.show(signal)") == ""
    answer(run, WRONG)
    run("signal = hidden_delta(d, W2, h, 0)")
    assert run("plots.show(signal)") == NOTE


@pytest.mark.parametrize(
    "again",
    [
        "for s in signal:\n    total = s\n    if total.sum() > 0:\n        last = total",
        "last = [s for s in signal][-1]",
        "last = max(signal, key=lambda s: s.sum())",
        "def total(s):\n    last = s\n    return last\nlast = total(signal)",
        "try:\n    last = signal\nexcept ValueError as last:\n    raise\nfinally:\n    s = last",
        "with np.errstate(all='ignore') as s:\n    last = signal",
    ],
)
def test_what_a_cell_used_before_does_not_stick_when_it_runs_again(run, again):
    run("signal = hidden_delta(d, W2, h, 0)")
    run("s = total = last = signal")
    run(again)
    assert run("plots.show(last)") == NOTE
    run("signal = np.abs(d)")
    run(again)
    assert run("plots.show(last)") == ""


def test_a_value_of_the_lessons_own_says_so_where_it_is_named(run):
    run("passes = ...")
    run('passes = attempt("lesson1.passes", passes)')
    value = NOTE.replace("1.1", run("passes").split("exercise ")[1][:3])
    assert run("twice = passes") == value
    assert run("plots.show(twice)") == value


def test_a_cell_that_does_not_parse_says_so_itself(run):
    with pytest.raises(SyntaxError):
        run("signal = (")
    assert run("%time signal = hidden_delta(d, W2, h, 0)").startswith(NOTE)
