"""The ledger of claims: every asserting sentence of the slides and the papers that a lesson or an experiment tested."""

import json
from collections import Counter

from fa_lessons import claims, places
from fa_lessons.course import notebooks, reseed
from fa_lessons.experiments import grid, table1
from fa_lessons.files import write_atomically

HEAD = """# Ledger of claims

What the slides and the two founding papers assert, one sentence a row, and what was measured here. Written by
`fa-lessons claims`, from `notebooks/claims.yml`, from what the lessons stored and from the result files of the
experiments; a test fails when this page and they disagree, and another when a lesson, run again, measures something
else. “Unseen seeds”: in how many runs with all seeds shifted the measurement held (`fa-lessons run LESSON --reseed K`,
kept in `results/reseed`). A verdict that a lesson measures needs five such runs of its code as it stands; a number from
an experiment has its seeds beside it.
"""


MEASURED = ("id", "lesson", "verdict", "measured")  # what a lesson stores of a claim


def path():
    """CLAIMS.md, of the checkout or else in the current folder."""
    return places.own("CLAIMS.md")


def rows():
    """One row a sentence: id, sentence, source, verdict, because, unseen, and `measured`, a list of (text, command).

    unseen: (on how many runs with other seeds it held, how many there are), or None where no lesson measures it.
    short: the lessons whose runs with other seeds are fewer than a verdict needs, `reseed.NEEDED`.

    Raises ValueError where lessons disagree on a sentence that `claims.yml` gives no final verdict, where a lesson
    stored a claim that the file does not state, and where a claim of the file was never measured.
    """
    found, runs = {}, {}
    for number, stem, notebook, measured in _lessons():
        runs[number] = reseed.kept(notebook, stem)
        for row in measured:
            found.setdefault(row["id"], []).append(row)
    stated = claims.stated()
    if strangers := set(found) ^ set(stated):
        raise ValueError(f"claims.yml and the lessons must have the same claims, got {', '.join(sorted(strangers))}")
    table = grid.understood(table1.claims, grid.read_all(table1.EXPERIMENT))
    return [_row(claim, found[claim.id], runs) for claim in stated.values()] + table


def reseeded():
    """{lesson: its runs with other seeds, of its code as it stands}."""
    return {number: reseed.kept(notebook, stem) for number, stem, notebook, _ in _lessons()}


def _lessons():
    """(number, stem, parsed notebook, the rows of its claims box) of every lesson."""
    for path in notebooks.find():
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            rows = [{name: row[name] for name in MEASURED} for row in notebooks.claims_of(notebook)]
            reseed.code_hash(notebook)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"{path} must be a lesson as it was run ({notebooks.first_line(error)})") from None
        yield int(path.stem[:2]), path.stem, notebook, rows


def _row(claim, measurements, runs):
    verdicts = {m["verdict"] for m in measurements}
    if not claim.verdict and len(verdicts) > 1:
        raise ValueError(f"{claim.id} needs a final verdict in claims.yml: lessons say {', '.join(sorted(verdicts))}")
    tested = [m for m in measurements if m["lesson"] in claim.measured]
    held = [run.claims.get(claim.id, False) for m in tested for run in runs[m["lesson"]]]
    return {
        "id": claim.id,
        "sentence": claim.sentence,
        "source": claim.source,
        "verdict": claim.verdict or verdicts.pop(),
        "because": claim.because,
        "unseen": (sum(held), len(held)) if tested else None,
        "short": [m["lesson"] for m in tested if len(runs[m["lesson"]]) < reseed.NEEDED],
        "measured": [(m["measured"], f"fa-lessons run {m['lesson']}") for m in tested],
    }


def summary(found):
    """One line: how many sentences there are, by verdict."""
    counts = Counter(row["verdict"] for row in found)
    parts = [f"{counts[verdict]} {verdict}" for verdict in claims.VERDICTS if counts[verdict]]
    return f"{len(found)} claims: {', '.join(parts)}."


def render(found):
    """The ledger as Markdown."""
    table = ["| claim | source | verdict | unseen seeds | measured here, and the command that shows it |"]
    table.append("|---|---|---|---|---|")
    for row in found:
        table.append(line(row, "<br>".join(f"{text} (`{command}`)" for text, command in row["measured"])))
    return "\n".join([HEAD, f"**{summary(found)}**\n", *table, "", *_missed(reseeded())]) + "\n"


def line(row, measured):
    """A row as a line of a Markdown table; `measured` is what stands in its last column."""
    verdict = f"**{row['verdict']}**" + (f": {row['because']}" if row["because"] else "")
    cells = (row["sentence"], row["source"], verdict, _unseen(row), measured or "–")
    return "| " + " | ".join(map(_escaped, cells)) + " |"


def _escaped(text):
    return text.replace("|", "\\|")


def _unseen(row):
    if not row.get("unseen"):
        return "–"
    lessons = f"; too few of lesson {', '.join(map(str, row['short']))}" if row["short"] else ""
    return "{} of {}".format(*row["unseen"]) + lessons


def _missed(runs):
    """What did not hold with other seeds, as Markdown lines: a summary, and a row each."""
    every = [run for lesson in runs.values() for run in lesson]
    count = sum(len(run.asserts) + len(run.claims) for run in every)
    missed = [(run, text) for run in every for text in run.failures]
    lines = [
        "## What did not hold with unseen seeds\n",
        f"{len(missed)} of {count} asserts and claims, in {len(every)} runs.",
    ]
    if missed:
        lines += ["", "| lesson | seeds + | what |", "|---|---|---|"]
        lines += [f"| {run.lesson} | {run.shift} | `{_escaped(text)}` |" for run, text in missed]
    return lines


def write():
    """Write CLAIMS.md in one atomic step; return its summary. Raises ValueError for a CLAIMS.md of another project."""
    found, title = rows(), HEAD.partition("\n")[0]
    if path().is_file() and not path().read_text(encoding="utf-8", errors="replace").startswith(title):
        raise ValueError(f"{path()} is not this project's, which begins with {title!r}: run this in another folder")
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
