"""Every form that nbconvert gives a lesson is right: pages, Markdown, a script that runs in plain Python."""

import ast
import html
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter, ScriptExporter

from fa_lessons.course import notebooks

LESSONS = notebooks.find()
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
PROGRESS = re.compile(r"\d+%\|| it/s|s/it|[█▏▎▍▌▋▊▉]")


class Images(HTMLParser):
    """The alternative text of every `<img>`, None for one without."""

    def __init__(self, text):
        super().__init__()
        self.alts = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append(dict(attrs).get("alt"))


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    """A lesson, each of its pictures one dot."""
    found = nbformat.read(request.param, as_version=4)
    for output in pictures(found):
        output.data["image/png"] = DOT
        output.data["text/html"] = re.sub(r"base64,[^\"]+", f"base64,{DOT}", output.data["text/html"])
    return found


def pictures(notebook):
    return [o for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]


def alts(notebook):
    return [output.metadata["image/png"]["alt"] for output in pictures(notebook)]


@pytest.fixture(scope="module", params=["lab", "classic"])
def exporter(request):
    return HTMLExporter(template_name=request.param)


def test_a_page_shows_every_figure_with_its_text(lesson, exporter):
    lesson.cells = [cell for cell in lesson.cells if any("data" in output for output in cell.get("outputs", []))]
    page, _ = exporter.from_notebook_node(lesson)
    body = page[page.index("<body") :]
    assert alts(lesson) and Images(body).alts == alts(lesson)
    assert not PROGRESS.search(html.unescape(re.sub(r"<[^>]*>", "", body)))


def test_markdown_shows_every_figure_with_its_text(lesson):
    text, _ = MarkdownExporter().from_notebook_node(lesson)
    assert [html.unescape(alt) for alt in re.findall(r'^<img src="data:[^"]*" alt="([^"]*)">', text, re.M)] == alts(
        lesson
    )
    assert not PROGRESS.search(text) and "object at 0x" not in text and "\x1b[" not in text
    assert text.count("\n# Lesson") + text.startswith("# Lesson") == 1


def test_a_script_is_python_that_asks_for_no_notebook(lesson):
    script, resources = ScriptExporter().from_notebook_node(lesson)
    assert resources["output_extension"] == ".py" and "get_ipython" not in script
    code = [cell.source for cell in lesson.cells if cell.cell_type == "code"]
    assert ast.dump(ast.parse(script)) == ast.dump(ast.parse("\n".join(code)))


def test_a_script_prints_words_where_the_notebook_shows_a_figure(tmp_path):
    (path,) = notebooks.find(["2"])  # the quickest
    lesson = nbformat.read(path, as_version=4)
    script = tmp_path / "lesson.py"
    script.write_text(ScriptExporter().from_notebook_node(lesson)[0], encoding="utf-8")
    plain = {**os.environ, "TQDM_DISABLE": "1", "PYTHONUTF8": "1", "PYTHONWARNINGS": "error::UserWarning"}
    run = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env=plain
    )
    assert run.returncode == 0 and run.stderr == "", run.stderr
    shown = [text for cell in lesson.cells for text in printed(cell)]
    assert [line for line in run.stdout.splitlines() if line] == [
        line for text in shown for line in text.splitlines() if line
    ]


def printed(cell):
    """What a cell printed, and the texts of its figures, in their order."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.text
        elif "image/png" in output.data:
            yield output.metadata["image/png"]["alt"]
