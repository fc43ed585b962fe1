"""A published workbook: badges that open a lesson on Colab and Binder, and the cell that installs the package there.

One setting holds its address: `Workbook` under `[project.urls]` in pyproject.toml. Without it nothing is added.
"""

import re
from importlib import metadata
from urllib.parse import quote

from nbformat.v4 import new_code_cell, new_markdown_cell

FORM = "https://github.com/OWNER/REPOSITORY/tree/BRANCH/FOLDER"
ADDRESS = re.compile(
    r"https://github\.com/(?P<repository>[\w.-]+/[\w.-]+)/tree/(?P<branch>[\w.-]+)/(?P<folder>[\w./-]+?)/?"
)


def address():
    """The public address of the workbook, "" where none is set."""
    urls = (line.partition(", ") for line in metadata.metadata("fa-lessons").get_all("Project-URL") or ())
    return next((url for label, _, url in urls if label.lower() == "workbook"), "")


def links(name, published):
    """Where the lesson called `name` opens: its addresses on Colab and on Binder.

    published: the address of the workbook. Raises ValueError for one of another form.
    """
    repository, branch, folder = _parts(published).group("repository", "branch", "folder")
    page = quote(f"{folder}/{name}")
    return (
        f"https://colab.research.google.com/github/{repository}/blob/{branch}/{page}",
        f"https://mybinder.org/v2/gh/{repository}/{branch}?urlpath=lab/tree/{page}",
    )


def _parts(published):
    found = ADDRESS.fullmatch(published)
    if not found:
        raise ValueError(f"the address Workbook in [project.urls] must look like {FORM}, got {published!r}")
    return found


def add(notebook, name, published):
    """Put the badges of the lesson called `name` and the installing cell at the head of a notebook of nbformat.

    published: the address of the workbook; for "" the notebook stays as it is.
    Raises ValueError for an address of another form.
    """
    if not published:
        return
    repository, branch = _parts(published).group("repository", "branch")
    colab, binder = links(name, published)
    badges = (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})\n"
        f"[![Open on Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )
    install = (
        "# On Colab this installs the lessons' package; elsewhere it is there already.\n"
        "import importlib.util\n\n"
        'if not importlib.util.find_spec("fa_lessons"):\n'
        f'    %pip install --quiet "fa-lessons @ git+https://github.com/{repository}@{branch}"'
    )
    notebook.cells[:0] = [
        new_markdown_cell(badges, id="published-badges"),
        new_code_cell(install, id="published-install"),
    ]
