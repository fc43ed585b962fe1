"""Sphinx's settings of the site. `make site` prepares what is read here (docs/site/__main__.py)."""

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from docs.site import docstrings, figures

project = "Feedback Alignment Lessons"
author = "The Feedback Alignment Lessons authors"
copyright = f"{author}. Text and figures CC BY 4.0, code MIT"
version = release = metadata.version("fa-lessons")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
templates_path = ["templates"]
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "attrs_inline"]
myst_heading_anchors = 3
myst_dmath_double_inline = True
# nbgrader's marks and slide settings stand in the notebooks' metadata; Sphinx has no use for them.
suppress_warnings = ["mystnb.unknown_mime_type"]

add_module_names = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False
autodoc_mock_imports = [name for name in ("nbgrader", "distributed", "triton") if not find_spec(name)]
python_display_short_literal_types = True

mathjax_path = "maths.js"
mathjax_options = {"defer": "defer"}
myst_update_mathjax = False

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static"]
html_sidebars = {"**": ["site-head.html", "sbt-sidebar-nav.html"]}
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_use_index = html_domain_indices = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "max_navbar_depth": 1,
    "search_bar_text": "Search the lessons …",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def _docstring(app, what, name, obj, options, lines):
    lines[:] = docstrings.convert(lines)


def _body(app, page, template, context, doctree):
    """Pictures have a size and load when they come into view; a table's empty corner is a cell like any other."""
    if "body" in context:
        body = context["body"].replace("<img ", '<img loading="lazy" decoding="async" ')
        body = figures.sized(body, Path(app.srcdir) / "lessons")
        context["body"] = body.replace('<th class="head"><p></p></th>', "<td></td>")


def setup(app):
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("html-page-context", _body)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
