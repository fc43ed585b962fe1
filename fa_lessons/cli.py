"""The command `fa-lessons`: open the lessons, run them, look after the installation."""

import subprocess
import sys
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def lab():
    """Open JupyterLab on the lessons."""
    from fa_lessons.lessons import folder

    raise typer.Exit(subprocess.call([sys.executable, "-m", "jupyter", "lab", str(folder())]))


@app.command()
def run(
    lessons: Annotated[list[str] | None, typer.Argument(help="numbers or file names; all when left out")] = None,
    store: Annotated[bool, typer.Option("--store", help="write the new outputs into the notebooks")] = False,
):
    """Run lessons headless and print lesson, seconds, result."""
    from fa_lessons.lessons import find, run_lesson

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
def doctor():
    """Say what is wrong with this installation, and how to mend it."""
    from fa_lessons.doctor import examine

    findings = examine()
    for finding in findings:
        print(finding)
    sick = sum(not finding.well for finding in findings)
    print("all well" if not sick else f"{sick} of {len(findings)} checks need mending")
    raise typer.Exit(bool(sick))
