"""`fa-lessons reproduce`: one subcommand an experiment, with the options of its own grid and those that all share."""

import inspect
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from fa_lessons import experiments, places, require
from fa_lessons.files import try_to_write
from fa_lessons.options import user_path

COMMON = {
    "device": (str, "cpu", typer.Option(help="cpu, cuda, cuda:1, …")),
    "results": (
        Path | None,
        None,
        typer.Option(
            help="folder of the results; the checkout's own when left out, or ./results outside of one",
            parser=user_path,
            metavar="FOLDER",
        ),
    ),
    "report": (bool, False, typer.Option("--report", help="show the results found and run nothing")),
    "again": (bool, False, typer.Option("--again", help="forget these cells' results first, then run")),
    "dask": (
        str | None,
        None,
        typer.Option(help="run on the Dask cluster of this scheduler; on GPUs, one thread a worker", metavar="ADDRESS"),
    ),
}
MOST_MINUTES = 1_000_000  # about two years
BUDGET = (float | None, None, typer.Option(help="minutes; chooses the epochs to fit", metavar="MINUTES"))


class Experiments(TyperGroup):
    """The subcommands, each made from its experiment when it is asked for: the others are not imported."""

    def list_commands(self, ctx):
        return list(experiments.EXPERIMENTS)

    def get_command(self, ctx, name):
        try:
            experiment = experiments.find(name)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        alone = typer.Typer(add_completion=False)
        alone.command(name)(command(experiment))
        return typer.main.get_command(alone)


app = typer.Typer(cls=Experiments, no_args_is_help=True, add_completion=False)


@app.callback()
def reproduce():
    """Run a paper's table or a sensitivity map, one result file a cell, and show it beside the paper's numbers.

    Lists are separated by commas. An interrupted run goes on where it was when the same command is given again; a
    finished cell is not run twice.
    """


def command(experiment):
    """A function for typer whose keyword parameters are the options of `experiment.cells` and the common ones."""

    def run(device, results, report, again, dask, budget=None, **options):
        given = {name: _plain(value) for name, value in options.items() if value is not None}
        _run(experiment, given, budget, device, results, report, again, dask)

    own = {name: _option(experiment, name) for name in experiment.options}
    budget = {"budget": BUDGET} if "epochs" in own else {}
    run.__signature__ = inspect.Signature(
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])
        for name, (kind, default, option) in {**own, **budget, **COMMON}.items()
    )
    run.__doc__ = inspect.getdoc(sys.modules[experiment.cells.__module__])
    return run


def _option(experiment, name):
    """(type, default, typer's option) of one parameter of `experiment.cells`: a whole number, or names with commas."""
    said = re.search(rf"^ *{name}: (.+)", experiment.cells.__doc__ or "", re.MULTILINE)  # python -OO has no docstrings
    default = inspect.signature(experiment.cells).parameters[name].default
    whole = isinstance(default, int)
    option = typer.Option(help=said and said[1], show_default=str(default) if whole else False)
    return (int if whole else str) | None, None, option


def _plain(value):
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


def _run(experiment, given, budget, device, results, report, again, dask):
    from fa_lessons.experiments import grid

    results = places.own("results") if results is None else results.expanduser()
    try:
        if report and (given or again or dask or budget is not None):
            raise ValueError("--report shows all results of the folder and runs nothing; it goes with --results alone")
        if budget is not None:
            require.number("budget", budget, maximum=MOST_MINUTES, open_minimum=True)
            if dask:
                raise ValueError("--budget times the cells on this machine, so it does not go with --dask")
        if not dask:
            _require_device(device)
        cells = experiment.cells(**given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    stopped = "stopped; nothing was run or forgotten yet"
    folder = experiment.folder(results)
    try:
        if not report:
            try_to_write(folder)
        if budget is not None:
            given["epochs"], said = grid.epochs_within(budget, experiment, given, results, device, again)
            print(said, file=sys.stderr)
            cells = experiment.cells(**given)
        stopped = f"stopped; {'without --again ' if again else ''}the same command goes on where it was"
        if dask:
            from fa_lessons.experiments.cluster import run_on_cluster

            run_on_cluster(experiment, cells, results, dask, device, again)
        elif not report:
            grid.run_grid(experiment, cells, results, device, again)
        found = grid.read_all(experiment, results)
        shown = grid.understood(experiment.report, found) if found else f"no results of {experiment.name} in {folder}"
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print(stopped, file=sys.stderr)
        raise typer.Exit(130) from None
    print(shown)


def _require_device(name):
    """Raises ValueError for a device that this machine lacks."""
    import torch

    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device must be one of this machine, got {name!r} ({reason})") from None
