"""The lessons as pages: the solved notebooks as stored, with solutions folded and hidden tests left out."""

import copy
import re

import nbformat
from nbformat.v4 import new_markdown_cell

from docs.site import figures, live
from docs.site.files import write
from docs.site.links import rehomed
from fa_lessons.course import badges, notebooks, workbook
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.lessons import sources

WIDGET = "application/vnd.jupyter.widget-view+json"
CLAIM = re.compile(r'claims\.measured\(\s*"([\w.-]+)"')

# Between tags that stand alone, the inside of a fold is Markdown, with mathematics, however it is spaced.
FOLD_BEGINS, FOLD_ENDS = re.compile(r"</summary>\s*"), re.compile(r"\s*</details>[ \t]*\n*")


def write_pages(source, extra):
    """Write every lesson's page into `source`/lessons, and the workbook's edition of it into `extra`/downloads."""
    for path in notebooks.find():
        lesson = nbformat.read(path, as_version=4)
        shown = page(lesson, path, source / "lessons")
        write(source / "lessons" / path.name, nbformat.writes(shown))
        write(extra / "downloads" / path.name, workbook.content(path))


def page(lesson, path, folder):
    """The notebook of a lesson's page; its pictures are written as files into `folder`."""
    lesson = copy.deepcopy(lesson)
    number = workbook.number_of(lesson)
    variables = {slot.number: slot.variable for slot in MarkedLesson(lesson).slots}
    cells = []
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            text = rehomed(cell.source, "notebooks", "../")
            cell.source = FOLD_ENDS.sub("\n\n</details>\n\n", FOLD_BEGINS.sub("</summary>\n\n", text))
            cells.append(cell)
        elif sources.is_graded(cell):
            exercise = sources.number(cell.metadata.nbgrader.grade_id)
            cells += check(cell, number) if cell.metadata.nbgrader.grade else solution(cell, exercise, variables)
        else:
            cells += shown(cell, number, folder)
    title, _, rest = cells[0].source.partition("\n")
    cells[0].source = f"{title}\n\n{buttons(path.name, badges.address())}\n{rest}"
    lesson.cells = cells
    return lesson


def shown(cell, number, folder):
    """A cell that belongs to no exercise: where it measures claims, with an anchor for each."""
    anchors = "".join(f'<span id="claim-{name}"></span>' for name in CLAIM.findall(cell.source))
    widgets = [output for output in cell.outputs if WIDGET in output.get("data", {})]
    cell.outputs = figures.as_files([output for output in cell.outputs if output not in widgets], folder)
    before = [markdown(cell, "claims", anchors)] if anchors else []
    after = [markdown(cell, "live", live.embedded(cell.source, number))] if widgets else []
    return [*before, cell, *after]


def solution(cell, number, variables):
    """The stub that a learner starts from, and under a fold what it becomes."""
    fold = (
        f"<details><summary>Solution</summary>\n\n```python\n{sources.unmarked(cell.source).rstrip()}\n```\n</details>"
    )
    cell.source = workbook.stub(cell.source, number, variables[number])
    cell.outputs = []
    return [cell, markdown(cell, "solution", fold)]


def check(cell, number):
    """The check that a learner sees, and how to run it."""
    cell.source = workbook.HIDDEN_TESTS.sub("", cell.source).rstrip()
    cell.outputs = []
    how = "names the property that a wrong answer fails, and gives a hint"
    run = f"`fa-lessons lab --lesson {number}` opens this lesson as your workbook, where this check {how}."
    return [cell, markdown(cell, "how", f"To try it: {run}")]


def markdown(cell, part, text):
    """A cell of Markdown that belongs to `cell`."""
    return new_markdown_cell(text, id=f"{cell.id[:50]}-{part}")


def buttons(name, published):
    """Where a lesson opens: on Colab and Binder, where the workbook has a public address, and as a file."""
    links = [(f"../downloads/{name}", "Download the notebook", ' download=""')]
    if published:
        colab, binder = badges.links(name, published)
        links = [(colab, "Open in Colab", ""), (binder, "Open on Binder", ""), *links]
    anchors = "".join(f'<a href="{url}"{more}>{text}</a>' for url, text, more in links)
    return f'<p class="buttons">{anchors}<button class="print" hidden>Print</button></p>\n'
