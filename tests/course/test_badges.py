"""Badges and the installing cell stand in a published workbook, and nowhere else."""

import copy
from email.message import Message

import nbformat
import pytest

from fa_lessons.course import badges, notebooks, start, workbook
from tests.course import small

PUBLISHED = "https://github.com/some-one/fa.lessons/tree/main/courses/work-book"
LESSON = notebooks.find(["2"])[0]


@pytest.fixture
def setting(monkeypatch):
    """Sets the project's URLs."""

    def set_urls(**urls):
        message = Message()
        for label, url in urls.items():
            message["Project-URL"] = f"{label}, {url}"
        monkeypatch.setattr(badges.metadata, "metadata", lambda name: message)

    return set_urls


def opened(data):
    return nbformat.reads(data.decode(), as_version=4)


@pytest.mark.parametrize("write", [lambda: workbook.content(LESSON), start.content])
def test_without_the_setting_there_are_none_and_with_it_two_cells_more(write, setting):
    setting()
    plain = opened(write())
    setting(Homepage="https://example.org", Workbook=PUBLISHED)
    published = opened(write())
    nbformat.validate(published)
    assert published.cells[2:] == plain.cells
    assert "colab" not in str(plain) and "binder" not in str(plain)


def test_where_the_badges_lead_and_what_is_installed(setting):
    setting(Workbook=PUBLISHED + "/")
    head, install = opened(workbook.content(LESSON)).cells[:2]
    page = "courses/work-book/02_two_neuron_toy.ipynb"
    assert f"(https://colab.research.google.com/github/some-one/fa.lessons/blob/main/{page})" in head.source
    assert f"(https://mybinder.org/v2/gh/some-one/fa.lessons/main?urlpath=lab/tree/{page})" in head.source
    assert '"fa-lessons @ git+https://github.com/some-one/fa.lessons@main"' in install.source
    assert install.execution_count is None


def test_the_solved_edition_has_none(setting):
    setting(Workbook=PUBLISHED)
    assert b"colab" not in workbook.content(LESSON, solved=True)


@pytest.mark.parametrize(
    "url", ["https://example.org/x", PUBLISHED.replace("/tree/", "/blob/"), "main/workbook", "x y"]
)
def test_another_form_is_refused_with_the_form_that_is_allowed(url):
    notebook = small.lesson()
    before = copy.deepcopy(notebook)
    with pytest.raises(ValueError, match="must look like https:"):
        badges.add(notebook, "02_two.ipynb", url)
    assert notebook == before


def test_where_the_package_is_there_the_cell_installs_nothing(setting):
    setting(Workbook=PUBLISHED)
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.register_magic_function(lambda line: pytest.fail(line), magic_name="pip")
    shell.run_cell(opened(start.content()).cells[1].source).raise_error()
