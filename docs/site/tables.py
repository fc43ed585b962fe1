"""The pages that are computed from what is stored: map of the lessons, ledger, Table 1, bibliography, citation."""

import html
import re

import yaml

from docs.site import map as lesson_map
from docs.site.files import write
from fa_lessons import claims, places
from fa_lessons.course import ledger, notebooks
from fa_lessons.experiments import grid, table1

SOURCES = ("slides", "Lillicrap et al. 2016", "Nøkland 2016")  # whom most sentences come from
ROOT = places.PACKAGE.parent


def write_pages(folder):
    """Write them all into `folder`."""
    write(folder / "map.md", lesson_map.page())
    write(folder / "ledger.md", ledger_page())
    write(folder / "table1.md", table1_page())
    write(folder / "bibliography.md", bibliography_page())
    write(folder / "citing.md", citing_page())


def ledger_page():
    """The ledger of claims, with the controls that filter it."""
    rows = ledger.rows()
    stems = {str(int(path.stem[:2])): path.stem for path in notebooks.find()}
    table = ["| claim | source | verdict | unseen seeds | measured here |", "|---|---|---|---|---|"]
    table += [ledger.line(row, _measured(row, stems)) for row in rows]
    lessons = {f"lesson {number}": f"lesson {number}" for number in stems} | {"experiment": "an experiment"}
    controls = [
        _choice("measured", "Measured in", lessons),
        _choice("verdict", "Verdict", {v: v for v in claims.VERDICTS if any(v == row["verdict"] for row in rows)}),
        _choice("source", "Source", {source: source for source in SOURCES}),
    ]
    return f"""# Ledger of claims

What the slides and the two founding papers assert, one sentence a row, and what was measured here. “Unseen seeds”: in
how many runs with all seeds shifted the measurement held. Each measurement leads to the place in the lesson where it is
made; the command beside it makes it again.

**{ledger.summary(rows)}**

<form class="filter" data-filters="ledger" hidden>{"".join(controls)}<output></output></form>
<div id="ledger">

{chr(10).join(table)}

</div>
"""


def _measured(row, stems):
    return "<br>".join(f"{text} ({_place(row, command, stems)}`{command}`)" for text, command in row["measured"])


def _place(row, command, stems):
    """A link to where the lesson measures the row's sentence; a word for an experiment."""
    lesson = re.fullmatch(r"fa-lessons run (\d+)", command)
    if not lesson:
        return "experiment, "
    return f'<a href="lessons/{stems[lesson[1]]}.html#claim-{row["id"]}">lesson {lesson[1]}</a>, '


def _choice(name, label, options):
    inside = "".join(f'<option value="{html.escape(value)}">{text}</option>' for value, text in options.items())
    return f'<label>{label} <select name="{name}"><option value="">all</option>{inside}</select></label> '


def table1_page():
    """Nøkland's Table 1, the paper's numbers beside ours."""
    about = " ".join(table1.__doc__.partition("\n\n")[2].split())
    return f"""# Table 1, again

A. Nøkland's Table 1 (NIPS 2016): test error on MNIST, in percent, of ten architectures trained by backprop, FA and DFA.
The paper's numbers stand beside the ones measured here. A verdict is an equivalence test: *reproduced* where the 95 %
confidence interval of the difference lies within ± {table1.MARGIN:g} points, *not reproduced* where it leaves out zero
and does not, *inconclusive* where it is too wide to say. Any row runs again: `fa-lessons reproduce table1 --rows ROW`.

<div class="wide">

{table1.report(grid.read_all(table1.EXPERIMENT))}

</div>

## How it was run

{about}
"""


def bibliography_page():
    """Every work that a lesson refers to, from docs/bibliography.yml."""
    entries = yaml.safe_load((ROOT / "docs" / "bibliography.yml").read_text(encoding="utf-8"))
    lines = [_reference(entry) for entry in entries]
    return "# Bibliography\n\nThe works that the lessons refer to, and where.\n\n" + "\n".join(lines) + "\n"


def _reference(entry):
    found = [f"DOI [{entry['doi']}](https://doi.org/{entry['doi']})"] if "doi" in entry else []
    found += [f"[arXiv {entry['arxiv']}](https://arxiv.org/abs/{entry['arxiv']})"] if "arxiv" in entry else []
    found += [f"<{entry['url']}>"] if "url" in entry else []
    lessons = ", ".join(map(_lesson, entry["lessons"]))
    title = entry["title"] + "." * (not entry["title"].endswith("?"))
    parts = [
        f"{entry['in']}, {entry['year']}" if "year" in entry else entry["in"],
        *([", ".join(found)] if found else []),
    ]
    return f"- {entry['authors']}: *{title}* {'. '.join(parts)}. Lesson{'s' * (len(entry['lessons']) > 1)} {lessons}."


def _lesson(number):
    """A link to the lesson of that number, where it is there; else its number."""
    stem = next((path.stem for path in notebooks.find() if int(path.stem[:2]) == number), None)
    return f"[{number}](lessons/{stem}.ipynb)" if stem else str(number)


def citing_page():
    """How to cite, from CITATION.cff."""
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    author = " and ".join(f"{{{person['name']}}}" for person in cff["authors"])
    year = str(cff["date-released"])[:4]
    works = []
    for work in cff["references"]:
        people = ", ".join(f"{p['given-names']} {p['family-names']}" for p in work["authors"])
        where = work.get("journal") or work["conference"]["name"]
        doi = f" DOI [{work['doi']}](https://doi.org/{work['doi']})." if "doi" in work else ""
        works.append(f"- {people}: *{work['title']}*. {where}, {work['year']}.{doi}")
    return f"""# How to cite

{cff["message"]}

```bibtex
@software{{fa_lessons,
  author  = {{{author}}},
  title   = {{{cff["title"]}}},
  version = {{{cff["version"]}}},
  year    = {{{year}}}
}}
```

The papers:

{chr(10).join(works)}
"""
