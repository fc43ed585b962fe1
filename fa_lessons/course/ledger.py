"""The ledger of claims: every asserting sentence of the slides and the papers that a lesson or an experiment tested."""

import json
from collections import Counter

from fa_lessons import claims
from fa_lessons.course import notebooks
from fa_lessons.experiments import grid, table1
from fa_lessons.files import write_atomically

HEAD = """# Ledger of claims

What the slides and the two founding papers assert, and what was measured here. Written by `fa-lessons claims`, from the
claims boxes that the lessons store and from the result files of the experiments; a test fails when this page and they
disagree, and another when a lesson, run again, measures something else.
"""


def path():
    """CLAIMS.md of this checkout."""
    return notebooks.folder().parent / "CLAIMS.md"


def rows():
    """All claims, as dictionaries with id, sentence, source, verdict, measured and test (the command that shows it).

    Raises ValueError for an id that two claims share.
    """
    found = [row for lesson in notebooks.find() for row in _of_lesson(lesson)]
    found += table1.claims(grid.read_all(table1.EXPERIMENT, path().parent / "results"))
    twice = [name for name, count in Counter(row["id"] for row in found).items() if count > 1]
    if twice:
        raise ValueError(f"each claim must have its own id, got {', '.join(twice)} more than once")
    return found


def summary(found):
    """One line: how many claims there are, by verdict."""
    counts = Counter(row["verdict"] for row in found)
    parts = [f"{counts[verdict]} {verdict}" for verdict in claims.VERDICTS if counts[verdict]]
    return f"{len(found)} claims: {', '.join(parts)}."


def render(found):
    """The ledger as Markdown."""
    table = ["| | claim | source | verdict | measured here | shown by |", "|---|---|---|---|---|---|"]
    for row in found:
        verdict, test = f"**{row['verdict']}**", f"`{row['test']}`"
        cells = (row["id"], row["sentence"], row["source"], verdict, row["measured"], test)
        table.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([HEAD, f"**{summary(found)}**\n", *table]) + "\n"


def write():
    """Write CLAIMS.md in one atomic step; return its summary."""
    found = rows()
    write_atomically(path(), lambda file: file.write(render(found).encode()))
    return summary(found)


def differences():
    """The lines in which CLAIMS.md and the stored results disagree, `-` as it stands and `+` as it should be."""
    import difflib

    stands = path().read_text(encoding="utf-8").splitlines() if path().exists() else []
    return [
        line
        for line in difflib.unified_diff(stands, render(rows()).splitlines(), lineterm="", n=0)
        if line[:3] not in ("---", "+++", "@@ ")
    ]


def _of_lesson(lesson):
    notebook = json.loads(lesson.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for row in output.get("data", {}).get(claims.MIME, []):
                yield {**row, "test": f"fa-lessons run {int(lesson.stem[:2])}"}
