"""The command `fa-lessons`: open the lessons, run them, look after the installation."""

import os
import sys
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from fa_lessons import places, streams
from fa_lessons.course import cli as course
from fa_lessons.experiments import cli as experiments
from fa_lessons.options import user_path


class _Speaking(TyperGroup):
    """The command and its help, in a terminal of any encoding."""

    def main(self, *arguments, **named):
        streams.never_stop()
        return super().main(*arguments, **named)


app = typer.Typer(cls=_Speaking, no_args_is_help=True, add_completion=False, help=__doc__)
app.add_typer(experiments.app, name="reproduce")
app.add_typer(course.app, name="course")
_PATH = {"parser": user_path, "metavar": "FOLDER"}
_FOLDER = "left out: workbook, in the checkout or else here"


@app.command()
def lab(
    lesson: Annotated[str | None, typer.Option(help="open this one; a number or a file name")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="move the old workbook aside first; asks")] = False,
    solutions: Annotated[bool, typer.Option("--solutions", help="open a copy of the solved lessons")] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="open a browser")] = True,
    folder: Annotated[Path | None, typer.Option(help=_FOLDER, **_PATH)] = None,
):
    """Write the workbook, in which the exercises are yours to solve, and open it in JupyterLab."""
    from fa_lessons.course import lab, notebooks, start
    from fa_lessons.course import workbook as edition

    with _complaints():
        # absolute before anything moves: what "." is called is moved aside, too
        folder = Path(os.path.abspath(folder or places.own("workbook")))
        page = notebooks.find([lesson])[0].name if lesson else "" if solutions else start.NAME
        if fresh and folder.exists():
            typer.confirm(f"Move {folder} aside and start afresh?", abort=True)
            print(f"The old workbook is now {lab.move_aside(folder)}.")
        if solutions:
            folder = folder / "solutions"
        print("\n".join(edition.write(folder, solved=solutions)))
        status = lab.serve(folder, page, browser)
    raise typer.Exit(status)


@app.command()
def workbook(
    folder: Annotated[Path | None, typer.Argument(help=_FOLDER, **_PATH)] = None,
):
    """Write the workbook into a folder. What you changed there stays as it is."""
    from fa_lessons.course import workbook as edition

    with _complaints():
        print("\n".join(edition.write(folder or places.own("workbook"))))


@app.command()
def carry_over(
    folder: Annotated[Path | None, typer.Argument(help=_FOLDER, **_PATH)] = None,
    lesson: Annotated[str | None, typer.Option(help="this one alone; a number or a file name")] = None,
):
    """Bring your answers into the new edition of a lesson that lies beside yours. Your old file is kept whole."""
    from fa_lessons.course import carry

    with _complaints():
        print("\n".join(carry.carry_over(folder or places.own("workbook"), [lesson] if lesson else [])))


@app.command()
def progress(
    folders: Annotated[list[Path] | None, typer.Argument(help="workbooks, taken as one; " + _FOLDER, **_PATH)] = None,
):
    """Say which exercises pass, since when, and in how many tries. It stays in your workbook's progress.json."""
    from fa_lessons.course import progress

    with _complaints():
        print("\n".join(progress.report(folders or [places.own("workbook")])))


@app.command()
def playground(
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="open a browser")] = True,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes an unused one")] = 0,
    file: Annotated[
        Path | None, typer.Option(help="write the page as this one file, and serve nothing", parser=user_path)
    ] = None,
):
    """Watch backprop and feedback alignment learn side by side, in your browser."""
    from fa_lessons import playground as page

    with _complaints():
        if file is None:
            page.serve(port, browser)
        else:
            page.save(file)
            print(f"{file} opens in any browser, from a disk, too.")


@app.command()
def slides(
    decks: Annotated[
        list[str] | None, typer.Argument(help="numbers or file names of lessons, or “talk”; all when left out")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="left out: build/slides in the checkout, or else slides here", **_PATH)
    ] = None,
):
    """Write slides of the lessons, and of the whole series in half an hour, as pages that need no network.

    The key S opens the speaker's view, with notes and a clock. Once, npm fetches reveal.js and MathJax.
    """
    from fa_lessons.course import slides

    with _complaints():
        folder = folder or places.own("build/slides" if places.checkout() else "slides")
        for line in slides.write(folder, decks or []):
            print(line)


@contextmanager
def _complaints():
    """Says what was wrong with a folder, a lesson or a disk in one line."""
    try:
        yield
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None


@app.command()
def run(
    lessons: Annotated[list[str] | None, typer.Argument(help="numbers or file names; all when left out")] = None,
    store: Annotated[bool, typer.Option("--store", help="write the new outputs into the notebooks")] = False,
    reseed: Annotated[
        list[int] | None,
        typer.Option(min=1, help="shift every seed by this whole number, and list what does not hold; may be repeated"),
    ] = None,
):
    """Run lessons headless and print lesson, seconds, result, and what each claim's measurement says.

    With --reseed nothing stops a lesson: every assert and claim that does not hold with other seeds is listed, and
    --store keeps the list for the ledger.
    """
    from fa_lessons.course.notebooks import claims_of, find, run_lesson

    with _complaints():
        paths = find(lessons or [])
    if store and not places.checkout():
        raise typer.BadParameter("--store writes into a checkout of the project, and there is none")
    if reseed:
        raise typer.Exit(_run_reseeded(paths, reseed, store))
    rows, measured, stopped = [], [], None
    for path in paths:
        try:
            seconds, result, notebook = run_lesson(path, store)
        except KeyboardInterrupt:
            stopped = path.stem
            break
        rows.append((path.stem, seconds, result))
        measured += [f"{row['verdict']}: {row['sentence']}\n    {row['measured']}" for row in claims_of(notebook)]
    for line in measured:
        print(line)
    if rows:
        width = max(len(name) for name, _, _ in rows)
        print(f"{'lesson':<{width}}  seconds  result")
    for name, seconds, result in rows:
        print(f"{name:<{width}}  {seconds:7.1f}  {result}")
    if stopped:
        raise _stopped(stopped)
    raise typer.Exit(any(result != "ok" for _, _, result in rows))


def _stopped(what):
    print(f"stopped in {what}; what is listed was run to its end", file=sys.stderr)
    return typer.Exit(130)


def _run_reseeded(paths, shifts, store):
    """Run each lesson with each shift and print what does not hold; whether anything did not."""
    from fa_lessons.course import notebooks, reseed

    failed = False
    for path, shift in product(paths, shifts):
        try:
            found = reseed.run(path, shift)
        except KeyboardInterrupt:
            raise _stopped(f"{path.stem}, seeds + {shift}") from None
        except Exception as error:  # a kernel that dies, a file that is no notebook
            print(f"{path.stem}, seeds + {shift}: {notebooks.first_line(error)}")
            failed = True
            continue
        if store:
            reseed.keep(found)
        held = f"{sum(held for *_, held in found.asserts)} of {len(found.asserts)} asserts"
        held += f", {sum(found.claims.values())} of {len(found.claims)} claims hold"
        print("\n    ".join([f"{path.stem}, seeds + {shift}: {held} ({found.seconds:.0f} s)", *found.failures]))
        failed |= bool(found.failures)
    return failed


@app.command()
def claims(
    check: Annotated[
        bool, typer.Option("--check", help="write nothing; fail where CLAIMS.md is not up to date")
    ] = False,
):
    """Write the ledger of claims, CLAIMS.md, from what the lessons and the experiments stored."""
    from fa_lessons.course import ledger

    with _complaints():
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
