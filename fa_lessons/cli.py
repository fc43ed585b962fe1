"""The command `fa-lessons`: open the lessons, run them, look after the installation."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def lab():
    """Open JupyterLab on the lessons."""
    from fa_lessons.course.notebooks import folder

    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyter", "lab", str(folder())]))


@app.command()
def run(
    lessons: Annotated[list[str] | None, typer.Argument(help="numbers or file names; all when left out")] = None,
    store: Annotated[bool, typer.Option("--store", help="write the new outputs into the notebooks")] = False,
):
    """Run lessons headless and print lesson, seconds, result."""
    from fa_lessons.course.notebooks import find, run_lesson

    try:
        paths = find(lessons or [])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    rows = []
    for path in paths:
        seconds, result = run_lesson(path, store)
        rows.append((path.stem, seconds, result))
    width = max(len(name) for name, _, _ in rows)
    print(f"{'lesson':<{width}}  seconds  result")
    for name, seconds, result in rows:
        print(f"{name:<{width}}  {seconds:7.1f}  {result}")
    raise typer.Exit(any(result != "ok" for _, _, result in rows))


@app.command()
def reproduce(
    name: Annotated[str, typer.Argument(help="table1, sensitivity, frozen-layer, layerwise or depth")],
    rows: Annotated[
        str | None, typer.Option(help="of table1, such as 2x800-tanh,2x800-relu; all when left out")
    ] = None,
    rules: Annotated[str | None, typer.Option(help="such as bp,dfa; the paper's when left out")] = None,
    seeds: Annotated[int | None, typer.Option(help="independent networks in each cell")] = None,
    epochs: Annotated[
        int | None, typer.Option(help="at most; the paper's 300 when left out, except sensitivity")
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(help="units a layer, of frozen-layer (800 when left out) and depth (240)")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="minutes; chooses the epochs to fit", metavar="MINUTES")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, …")] = "cpu",
    results: Annotated[Path, typer.Option(help="folder of the results")] = Path("results"),
    report: Annotated[bool, typer.Option("--report", help="show the results found and run nothing")] = False,
    again: Annotated[bool, typer.Option("--again", help="forget these cells' results first, then run")] = False,
    dask: Annotated[
        str | None,
        typer.Option(help="run on the Dask cluster of this scheduler; on GPUs, one thread a worker", metavar="ADDRESS"),
    ] = None,
):
    """Run a paper's table or a sensitivity map, one result file a cell, and show it beside the paper's numbers.

    Lists are separated by commas. An interrupted run goes on where it was when the same command is given again; a
    finished cell is not run twice.
    """
    from fa_lessons import require
    from fa_lessons.experiments import find, grid

    given = {"rows": _listed(rows), "rules": _listed(rules), "seeds": seeds, "epochs": epochs, "hidden": hidden}
    given = {option: value for option, value in given.items() if value is not None}
    try:
        experiment = find(name)
        for option in [*given, *(["epochs"] if budget is not None else [])]:
            if option not in experiment.options:
                raise ValueError(f"{name} takes no {option}")
        if report and (given or again or dask or budget is not None):
            raise ValueError("--report shows all results of the folder and runs nothing; it goes with --results alone")
        if budget is not None:
            require.number("budget", budget, open_minimum=True)
            if dask:
                raise ValueError("--budget times the cells on this machine, so it does not go with --dask")
        if not dask:
            _require_device(device)
        cells = experiment.cells(**given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    try:
        if budget is not None:
            given["epochs"], said = grid.epochs_within(budget, experiment, given, results, device, again)
            print(said, file=sys.stderr)
            cells = experiment.cells(**given)
        if dask:
            from fa_lessons.experiments.cluster import run_on_cluster

            run_on_cluster(experiment, cells, results, dask, device, again)
        elif not report:
            grid.run_grid(experiment, cells, results, device, again)
        found = grid.read_all(experiment, results)
    except grid.ResultsError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print("stopped; the same command goes on where it was", file=sys.stderr)
        raise typer.Exit(130) from None
    print(experiment.report(found) if found else f"no results of {name} in {experiment.folder(results)}")


def _listed(text):
    return None if text is None else [item.strip() for item in text.split(",") if item.strip()]


def _require_device(name):
    """Raises ValueError for a device that this machine lacks."""
    import torch

    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device must be one of this machine, got {name!r} ({reason})") from None


@app.command()
def claims(
    check: Annotated[
        bool, typer.Option("--check", help="write nothing; fail where CLAIMS.md is not up to date")
    ] = False,
):
    """Write the ledger of claims, CLAIMS.md, from what the lessons and the experiments stored."""
    from fa_lessons.course import ledger

    if not check:
        print(ledger.write())
        return
    lines = ledger.differences()
    print("\n".join(lines) if lines else f"CLAIMS.md is up to date. {ledger.summary(ledger.rows())}")
    raise typer.Exit(bool(lines))


@app.command()
def doctor():
    """Say what is wrong with this installation, and how to mend it."""
    from fa_lessons.course.doctor import examine

    findings = examine()
    for finding in findings:
        print(finding)
    sick = sum(not finding.well for finding in findings)
    print("all well" if not sick else f"{sick} of {len(findings)} checks need mending")
    raise typer.Exit(bool(sick))
