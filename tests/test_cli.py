"""The commands, as a user types them."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress

import nbformat
import psutil
import pytest
from typer.testing import CliRunner

from fa_lessons import experiments, places
from fa_lessons.cli import app
from fa_lessons.course import doctor, kernels, notebooks
from fa_lessons.data import DamagedFile, digits
from tests.experiments import tiny

runner = CliRunner()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder of small lessons; returns a function that writes one."""
    monkeypatch.setattr(places, "brought", lambda name: tmp_path)

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
    assert "cell 1 failed: ZeroDivisionError: division by zero" in lines[2]
    assert runner.invoke(app, ["run", "1"]).exit_code == 0


def test_run_stores_outputs_only_when_asked_and_only_of_a_good_run(course):
    good, bad = course("01_good.ipynb", "print(1 + 1)"), course("02_bad.ipynb", "print(3)", "1 / 0")
    before = good.read_bytes(), bad.read_bytes()
    runner.invoke(app, ["run"])
    assert (good.read_bytes(), bad.read_bytes()) == before
    runner.invoke(app, ["run", "--store"])
    stored = json.loads(good.read_text(encoding="utf-8"))
    assert stored["cells"][0]["outputs"][0]["text"] == ["2\n"] and stored["cells"][0]["execution_count"] == 1
    assert "widgets" not in stored["metadata"] and "execution" not in stored["cells"][0]["metadata"]
    assert bad.read_bytes() == before[1] and sorted(p.name for p in good.parent.iterdir()) == [good.name, bad.name]


INTERRUPT = "import os, signal, threading\nos.kill(os.getppid(), signal.SIGINT)\nthreading.Event().wait()"


def beside_a_loop(call):
    """`call()` where an event loop runs already, as in a notebook or beside a browser that is driven."""

    async def within():
        return call()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
    else:
        return call()  # a test of a browser has left one running here
    try:
        return loop.run_until_complete(within())
    finally:
        loop.close()


@pytest.mark.parametrize("beside", [lambda call: call(), beside_a_loop])
@pytest.mark.parametrize("reseed", [(), ("--reseed", "1")])
def test_an_interrupted_run_keeps_what_was_done_and_says_where_it_stopped(course, reseed, beside):
    course("01_good.ipynb", "assert True")
    course("02_long.ipynb", INTERRUPT)
    course("03_next.ipynb", "assert True")
    before = running_kernels()
    result = beside(lambda: runner.invoke(app, ["run", *reseed]))
    assert result.exit_code == 130
    assert "01_good" in result.stdout and "03_next" not in result.output
    assert result.stderr.splitlines()[-1].startswith("stopped in 02_long") and "Traceback" not in result.output
    assert running_kernels() <= before


def running_kernels():
    """The process ids of the kernels that this process has; those of lessons tested before may be among them."""
    found = set()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # one that has ended, or that nobody has waited for yet
            if "ipykernel" in " ".join(child.cmdline()):
                found.add(child.pid)
    return found


def test_an_interrupt_while_the_kernel_starts_stops_the_run_too(course, monkeypatch):
    async def never(*arguments, **named):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    course("01_good.ipynb", "print(1)")
    monkeypatch.setattr(kernels.NotebookClient, "async_start_new_kernel_client", never)
    result = runner.invoke(app, ["run"])
    assert result.exit_code == 130 and "stopped in 01_good" in result.stderr


def test_asserts_count_whatever_python_is_told(course, monkeypatch):
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    course("01_wrong.ipynb", "assert 1 == 2, 'wrong'")
    assert "AssertionError: wrong" in runner.invoke(app, ["run"]).stdout
    assert "0 of 1 asserts" in runner.invoke(app, ["run", "--reseed", "1"]).stdout


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_kernel_is_handed_no_closed_stream(course, monkeypatch, name):
    asked = []
    monkeypatch.setattr(kernels._Client, "execute", lambda client, **named: asked.append(named))
    monkeypatch.setattr(sys, name, None)
    notebooks.run_lesson(course("01_good.ipynb", "1"))
    (named,) = asked
    assert named.pop("env") and named == {name: subprocess.DEVNULL}


def test_an_unknown_lesson_is_named_with_the_known_ones(course):
    course("01_good.ipynb", "1")
    result = runner.invoke(app, ["run", "7"])
    assert result.exit_code == 2 and "01_good" in result.output and "'7'" in result.output


def test_a_name_with_a_folder_is_that_of_the_file_itself(course, tmp_path):
    lesson = course("01_good.ipynb", "1")
    (tmp_path / "mine").mkdir()
    mine = tmp_path / "mine" / "01_good.ipynb"
    mine.write_bytes(lesson.read_bytes())
    assert notebooks.find([str(lesson)]) == notebooks.find(["1"]) == notebooks.find(["01_good.ipynb"]) == [lesson]
    assert notebooks.find([str(mine.parent / ".." / lesson.name)]) == [lesson]
    for name in (str(mine), str(tmp_path / "nowhere" / "01_good.ipynb"), "nowhere/1", "x\0/1", "", "/"):
        with pytest.raises(ValueError, match=r"lesson must be one of 01_good|null byte"):
            notebooks.find([name])
    assert runner.invoke(app, ["run", str(mine)]).exit_code == 2


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"cells": 3, "nbformat": 4}', "\xff", "[" * 100_000])
def test_what_is_no_notebook_is_named(course, content):
    path = course("01_broken.ipynb")
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ValueError, match=r"01_broken\.ipynb must be a notebook, got one that does not read"):
        notebooks.read(path)


@pytest.mark.parametrize("options", [[], ["--reseed", "1"]])
def test_a_lesson_that_does_not_read_or_whose_kernel_dies_is_a_result_and_stops_no_other(course, options):
    course("01_broken.ipynb").write_text("", encoding="utf-8")
    course("02_dead.ipynb", "import os; os._exit(1)")
    course("03_good.ipynb", "1")
    result = runner.invoke(app, ["run", *options])
    broken, dead, good = result.stdout.splitlines()[-3:]
    assert "01_broken.ipynb must be a notebook" in broken and "DeadKernelError" in dead and "03_good" in good
    assert result.exit_code == 1


def test_what_was_saved_while_a_lesson_ran_is_not_replaced(course, tmp_path):
    path = course("01_good.ipynb", "from pathlib import Path", "Path('01_good.ipynb').write_text('mine')")
    result = runner.invoke(app, ["run", "--store"])
    assert path.read_text(encoding="utf-8") == "mine"
    assert result.exit_code == 1 and "was changed while it ran" in result.stdout


def test_doctor_says_how_to_mend(monkeypatch, tmp_path):
    def damaged(*arguments):
        raise DamagedFile("x.xz is damaged: expected SHA-256 1, found 2. To mend it: copy it again")

    monkeypatch.setattr(digits, "verify_mnist", damaged)
    monkeypatch.setattr(doctor, "_kernel", lambda: doctor.Finding("kernel", "starts"))
    monkeypatch.setattr(doctor, "_threads", lambda: doctor.Finding("CPU threads", "2 of 2"))
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("FA_LESSONS_CACHE", str(blocked))
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "✗ MNIST: x.xz is damaged: expected SHA-256 1, found 2." in result.stdout
    assert "mend: copy it again" in result.stdout
    assert "cannot be written; all works" in result.stdout
    assert "1 of 11 checks need mending" in result.stdout


def test_doctor_names_a_package_that_does_not_import(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    finding = doctor._package("torch")
    assert not finding.well and "does not import" in finding.found and "constraints.txt" in finding.mend


def test_doctor_tries_the_kernel():
    assert doctor._kernel().well


@pytest.fixture
def tiny_experiment(monkeypatch, tmp_path):
    """`fa-lessons reproduce` finds the tiny experiment alone; returns a function that calls it."""
    monkeypatch.setattr(experiments, "find", lambda name: tiny.experiment(tmp_path / "log"))
    return lambda *options: runner.invoke(app, ["reproduce", "tiny", "--results", str(tmp_path), *options])


def test_reproduce_runs_what_is_missing_and_reports(tiny_experiment, tmp_path):
    assert f"no results of tiny in {tmp_path / 'tiny'}" in tiny_experiment("--report").output
    result = tiny_experiment()
    assert result.exit_code == 0 and result.stdout.endswith("one, three, two\n")
    assert "two: done, 0 s" in result.output
    logged = (tmp_path / "log").read_text(encoding="utf-8")
    assert tiny_experiment().stdout.endswith("one, three, two\n")
    assert tiny_experiment("--report").stdout == "one, three, two\n"
    assert (tmp_path / "log").read_text(encoding="utf-8") == logged
    assert tiny_experiment("--again").exit_code == 0
    assert (tmp_path / "log").read_text(encoding="utf-8") == 2 * logged


def test_reproduce_names_what_is_in_its_way(tiny_experiment, tmp_path):
    assert tiny_experiment().exit_code == 0
    refused = tiny_experiment("--epochs", "5")
    assert refused.exit_code == 1 and "one.json holds other settings (epochs 4 instead of 5)" in refused.output
    (tmp_path / "tiny" / "two.json").write_text("{", encoding="utf-8")
    broken = tiny_experiment("--report")
    assert broken.exit_code == 1 and "two.json is no result" in broken.output
    nowhere = tiny_experiment("--dask", "nowhere")
    assert nowhere.exit_code == 1 and "no Dask scheduler at 'nowhere'" in nowhere.output


@pytest.mark.parametrize("place", ["file", "file/below", "circle"])
def test_reproduce_writes_its_folder_before_it_trains(tiny_experiment, tmp_path, place):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "circle").symlink_to("circle")
    for options in ([], ["--budget", "1"], ["--dask", "nowhere"], ["--report"]):
        result = tiny_experiment("--results", str(tmp_path / place), *options)
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit) and result.output.count("\n") == 1
    assert not (tmp_path / "log").exists() and (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_reproduce_says_in_a_line_what_cannot_be_trained_or_shown(tiny_experiment, tmp_path):
    result = tiny_experiment("--seeds", "100000000000")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit) and "Traceback" not in result.output
    assert tiny_experiment("--budget", "1e308").exit_code == 2


def test_reproduce_says_how_an_interrupted_run_goes_on(tiny_experiment, monkeypatch, tmp_path):
    def interrupted(cell, log):
        raise KeyboardInterrupt

    monkeypatch.setattr(experiments, "find", lambda name: tiny.experiment(tmp_path / "log", interrupted))
    result = tiny_experiment()
    assert result.exit_code == 130 and "stopped; the same command goes on where it was\n" in result.output
    result = tiny_experiment("--again")
    assert (
        result.exit_code == 130 and "stopped; without --again the same command goes on where it was\n" in result.output
    )


def test_what_again_forgot_is_not_forgotten_a_second_time(tiny_experiment, monkeypatch, tmp_path):
    def interrupted(cell, log):
        if cell.name == "two":
            raise KeyboardInterrupt

    assert tiny_experiment().exit_code == 0
    with monkeypatch.context() as patch:
        patch.setattr(experiments, "find", lambda name: tiny.experiment(tmp_path / "log", interrupted))
        (tmp_path / "log").unlink()
        assert tiny_experiment("--again").exit_code == 130
    assert tiny_experiment().exit_code == 0
    logged = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert sorted(set(logged)) == sorted(f"{name} {epoch}" for name in tiny.NAMES for epoch in range(4))
    assert len(logged) == 13  # the epoch that was cut off, twice


def test_an_interrupt_before_the_first_cell_says_that_nothing_was_forgotten(tiny_experiment, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    assert tiny_experiment().exit_code == 0
    monkeypatch.setattr(experiments.grid, "seconds_per_epoch", interrupted)
    result = tiny_experiment("--again", "--budget", "1")
    assert result.exit_code == 130 and "stopped; nothing was run or forgotten yet\n" in result.output
    assert tiny_experiment("--report").stdout == "one, three, two\n"


def test_without_docstrings_the_commands_run_and_the_doctor_says_why_there_is_no_help(tmp_path):
    code = "from fa_lessons.cli import app; app()"
    environment = {**os.environ, "COLUMNS": "200"}

    def said(*words):
        command = [sys.executable, "-OO", "-c", code, *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8").stdout

    for name in ("table1", "lillicrap"):
        assert "--seeds" in said("reproduce", name, "--help")
    assert "no results of table1" in said("reproduce", "table1", "--report", "--results", tmp_path)
    assert "mend: run Python without -O and -OO, and unset PYTHONOPTIMIZE" in said("doctor")


def test_a_budget_is_turned_into_epochs(tiny_experiment, monkeypatch, tmp_path):
    monkeypatch.setattr(experiments.grid, "seconds_per_epoch", lambda *arguments: 10)
    result = tiny_experiment("--budget", "1")
    assert "2 of 4 epochs for a budget of 1 minutes" in result.output
    assert len((tmp_path / "log").read_text(encoding="utf-8").splitlines()) == 3 * 2


def test_results_have_one_root_from_any_folder(tmp_path, monkeypatch):
    checkout = places.checkout()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    stored = len(list((checkout / "results" / "depth").glob("*epochs*.json")))
    assert len(runner.invoke(app, ["reproduce", "depth", "--report"]).stdout.splitlines()) == 2 + stored > 2
    for given, folder in (("here", tmp_path / "here"), ("~/there", tmp_path / "home" / "there")):
        said = runner.invoke(app, ["reproduce", "depth", "--report", "--results", given]).stdout
        assert said == f"no results of depth in {folder / 'depth'}\n"
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "site-packages" / "fa_lessons")
    said = runner.invoke(app, ["reproduce", "depth", "--report"]).stdout
    assert said == f"no results of depth in {tmp_path / 'results' / 'depth'}\n"


@pytest.mark.parametrize("name", experiments.EXPERIMENTS)
def test_a_subcommand_offers_its_experiments_options_with_their_help(name):
    shown = runner.invoke(app, ["reproduce", name, "--help"], env={"COLUMNS": "200"}).output
    offered = set(re.findall(r"--([\w-]+)", shown)) - {"help"}
    own = set(experiments.find(name).options)
    common = {"device", "results", "report", "again", "dask", *(["budget"] if "epochs" in own else [])}
    assert offered == own | common
    assert all(re.search(rf"--{option} +\S+ +\w", shown) for option in own)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["table2"], "transformers, got 'table2'"),
        (["table1", "--rows", "1x800-tanh,3x8"], "7x240-tanh"),
        (["table1", "--rows", "1x800-tanh,3x8"], "got '3x8'"),
        (["table1", "--rules", "bp,hebb"], "rules must be among bp, fa, dfa, ifa, got 'hebb'"),
        (["table1", "--seeds", "0"], "seeds must be a whole number at least 1, got 0"),
        (["table1", "--device", "abacus"], "device must be one of this machine, got 'abacus'"),
        (["table1", "--budget", "-1"], "budget must be above 0 to 1e+06, got -1"),
        (["table1", "--budget", "5", "--dask", "tcp://127.0.0.1:1"], "does not go with --dask"),
        (["table1", "--report", "--rows", "1x800-tanh"], "--results alone"),
        (["layerwise", "--epochs", "3"], "No such option: --epochs"),
        (["layerwise", "--budget", "3"], "No such option: --budget"),
        (["sensitivity", "--hidden", "3"], "No such option: --hidden"),
        (["depth", "--seeds", "many"], "Invalid value for '--seeds'"),
    ],
)
def test_reproduce_refuses_wrong_options(options, message):
    result = runner.invoke(app, ["reproduce", *options], env={"COLUMNS": "200"})
    text = " ".join(result.output.replace("│", " ").split())
    assert result.exit_code == 2 and message in text
