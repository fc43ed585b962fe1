"""The command `fa-lessons`: open the lessons, run them, look after the installation."""

import subprocess
import sys
from typing import Annotated

import typer

from fa_lessons.experiments import cli as experiments

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.add_typer(experiments.app, name="reproduce")


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
