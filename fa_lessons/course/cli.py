"""`fa-lessons course`: write an nbgrader course, grade a class, say what it did."""

import os
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from fa_lessons.options import user_path

HERE = typer.Option("--folder", help="the course", parser=user_path, metavar="FOLDER")


class _FolderOrCommand(TyperGroup):
    """`course NEW_FOLDER` is short for `course new NEW_FOLDER`, but for what looks like a command mistyped."""

    def resolve_command(self, ctx, args):
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            if meant := get_close_matches(args[0], self.commands, n=1, cutoff=0.8):
                ctx.fail(f"no command {args[0]!r}; {meant[0]!r} is one, and a folder's name goes after 'new'")
            args = ["new", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(cls=_FolderOrCommand, no_args_is_help=True, add_completion=False)


@app.callback()
def course():
    """Write an nbgrader course into a new folder, grade a class, say what it did. The guide: docs/teaching.md.

    `fa-lessons course NEW_FOLDER` writes the course; the other commands work on the course in the current folder.
    """


@app.command()
def new(folder: Annotated[Path, typer.Argument(parser=user_path, metavar="NEW_FOLDER")]):
    """Write a complete nbgrader course from the installed lessons."""
    from fa_lessons.course import nbgrader_course

    _say(lambda: nbgrader_course.write(folder), "; the same command starts afresh")


@app.command()
def check(folder: Annotated[Path | None, HERE] = None):
    """Try, from inside, which walls between a student's code and this machine hold."""
    from fa_lessons.course import room_check
    from fa_lessons.course.nbgrader_course import Course, is_course

    findings = []

    def work():
        findings.extend(room_check.examine(Course(folder or ".") if folder or is_course(Path(".")) else None))
        return findings

    _say(work)
    raise typer.Exit(not all(finding.well for finding in findings))


@app.command()
def grade(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="lesson1, …; all that were handed in for none")
    ] = None,
    folder: Annotated[Path, HERE] = Path("."),
    jobs: Annotated[int | None, typer.Option(min=1, help="submissions at a time; the cores when left out")] = None,
    dask: Annotated[
        str | None, typer.Option(help="judge on the Dask cluster of this scheduler", metavar="ADDRESS")
    ] = None,
    unprotected: Annotated[
        bool, typer.Option("--unprotected", help="grade where the walls do not hold; for code that you trust")
    ] = False,
):
    """Repair, judge and book what was handed in. What is graded already is not graded again; a killed run goes on."""
    from joblib import cpu_count

    from fa_lessons.course import grading, sandbox
    from fa_lessons.course.nbgrader_course import Course

    failed = []

    def work():
        found = Course(folder)
        if os.name == "nt":
            raise ValueError("grading needs Linux or macOS; on Windows, WSL or a container (docs/teaching.md)")
        if sandbox.apart() == "none" and not (unprotected or dask):
            raise ValueError("no wall holds here (fa-lessons course check): add --unprotected for code that you trust")
        named = assignments or [name for name in found.assignments() if found.students(name)]
        for name in named:
            found.name(name)
        for name in named:
            graded = grading.grade(found, name, jobs or cpu_count(), dask)
            wrong = {student: one["error"] for student, one in graded.items() if "error" in one}
            yield f"{name}: {len(graded) - len(wrong)} of {len(graded)} submissions graded"
            yield from (f"  {student}: {error}" for student, error in wrong.items())
            failed.extend(wrong)
        lost = found.misplaced()
        failed.extend(lost)
        yield from (f"not graded: {path} is not in submitted/STUDENT/LESSON" for path in lost)
        if lost or not named:
            lessons = ", ".join(found.assignments())
            yield f"submissions are looked for in submitted/STUDENT/LESSON, LESSON one of {lessons}"

    _say(work, "; the same command goes on where it was")
    raise typer.Exit(bool(failed))


@app.command()
def report(folder: Annotated[Path, HERE] = Path(".")):
    """Write marks.csv and report.md: the commonest mistakes, and what a person should look at."""
    from fa_lessons.course import report
    from fa_lessons.course.nbgrader_course import Course

    _say(lambda: [report.write(Course(folder))])


@app.command()
def table(write: Annotated[bool, typer.Option("--write", help="write it into docs/teaching.md")] = False):
    """The table of all exercises, from the lessons and their checks."""
    from fa_lessons.course import exercise_table

    _say(lambda: [exercise_table.write() if write else exercise_table.table()])


def _say(lines, stopped=""):
    """Print lines; say what was wrong in one line, and of an interrupted command what follows from that."""
    try:
        for line in lines():
            print(line)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except OSError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print(f"stopped{stopped}", file=sys.stderr)
        raise typer.Exit(130) from None
