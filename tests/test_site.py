"""The parts that make the site, without building it; tests/browser/test_site.py looks at what comes out."""

import base64
import re

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_output

from docs.site import api, docstrings, figures, lessons, links, live, styles, tables
from docs.site import map as lesson_map
from docs.site.map import Lesson
from fa_lessons.course import badges, notebooks

DOT = base64.b64encode(b"a picture").decode()
PUBLISHED = "https://github.com/some-one/fa.lessons/tree/main/courses/work-book"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Returns `x * y_`, never a_ or *b*.", r"Returns ``x * y_``, never a\_ or \*b\*."),
        (
            "Do.\n\nfirst, second: (R,) numbers\n    and more\nRaises",
            "Do.\n\n* **first, second**: (R,) numbers\n  and more\n\nRaises",
        ),
        ("All\nweights[l]: matrices\nbiases: vectors", "All\n\n* **weights[l]**: matrices\n* **biases**: vectors"),
        ("Claims: sentences of slides.", "Claims: sentences of slides."),
        ("Three angles, in degrees:\n- one: a\n  b\n- two", "Three angles, in degrees:\n\n* one: a\n  b\n* two"),
        ("Use:\n\n    a = `b`\n    c\n\nDone", "Use:\n\n::\n\n    a = `b`\n    c\n\nDone"),
        ("an odd `quote", r"an odd \`quote"),
    ],
)
def test_a_docstring_becomes_restructured_text(given, expected):
    assert "\n".join(docstrings.convert(given.split("\n"))) == expected


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("matrix products", ()),
        ("lesson 1's 90° condition, lesson 2; limits", (1, 2)),
        ("lessons 1–3, or the backward pass", (1, 2, 3)),
        ("lessons 4 and 5, or: FA", (4, 5)),
        ("lessons 2, 4 and 6–9", (2, 4, 6)),
    ],
)
def test_needs_are_read_from_a_sentence(words, numbers):
    assert lesson_map.needed(words, 7) == numbers


def test_the_map_draws_only_direct_needs_and_places_lessons_below_them():
    needs = {1: (), 2: (1,), 3: (1, 2), 4: (1, 2, 3), 5: (2,), 6: (4, 5)}
    made = [Lesson(n, f"T{n} & <so>", f"0{n}_t", needs[n], "", "") for n in needs]
    assert lesson_map.direct(made) == {1: [], 2: [1], 3: [2], 4: [3], 5: [2], 6: [4, 5]}
    assert lesson_map.rows_of(made) == [[1], [2], [3, 5], [4], [6]]
    drawn = lesson_map.picture(made)
    assert drawn.count("<line") == 6 and drawn.count('<a href="lessons/0') == 6
    assert "T6 &amp; &lt;so&gt;" in drawn


def test_every_lessons_head_says_what_it_needs_and_how_long_it_takes():
    found = lesson_map.lessons()
    assert [lesson.number for lesson in found] == list(range(1, len(found) + 1))
    assert all(lesson.needs_words and "minutes" in lesson.time for lesson in found)
    assert all(set(lesson.needs) <= {other.number for other in found} for lesson in found)


def stored(**metadata):
    return new_output("display_data", data={"image/png": DOT, "text/html": "<img>"}, metadata={"image/png": metadata})


def test_a_figure_becomes_a_file_and_its_text_is_taken_literally(tmp_path):
    text = "W_1 * [x](y) | $e$ `z` <b> & 90°\nsecond line"
    (output,) = figures.as_files([stored(alt=text)], tmp_path)
    found = re.fullmatch(r"!\[(.*)\]\((figures/\w+\.png)\)", output["data"]["text/markdown"])
    assert (tmp_path / found[2]).read_bytes() == b"a picture"
    assert re.sub(r"\\(.)", r"\1", found[1]) == text.replace("\n", " ") and "\\$e\\$" in found[1]


def test_a_figure_without_a_text_is_refused(tmp_path):
    with pytest.raises(ValueError, match="alternative text"):
        figures.as_files([stored()], tmp_path)


@pytest.mark.parametrize(
    ("given", "folder", "root", "expected"),
    [
        ("[c](../docs/contributing.md#check-it)", "notebooks", "../", "[c](../contributing.md#check-it)"),
        ("[two](../notebooks/02_two_neuron_toy.ipynb)", "docs", "", "[two](lessons/02_two_neuron_toy.ipynb)"),
        ("[symbols](notation.ipynb)", "notebooks", "../", "[symbols](../notation.ipynb)"),
        ("[rules](../fa_lessons/rules.py)", "docs", "", "rules (`fa_lessons/rules.py`)"),
        ("[a](https://a.org/b.md) [b](#c)", "docs", "", "[a](https://a.org/b.md) [b](#c)"),
    ],
)
def test_links_lead_to_pages_and_other_files_become_code(given, folder, root, expected):
    assert links.rehomed(given, folder, root) == expected


def test_buttons_follow_the_one_address(monkeypatch):
    monkeypatch.setattr(badges, "address", lambda: "")
    path = notebooks.find(["2"])[0]
    assert "download" in lessons.buttons(path.name, "") and "https:" not in lessons.buttons(path.name, "")
    published = lessons.buttons(path.name, PUBLISHED)
    assert all(url in published for url in badges.links(path.name, PUBLISHED)) and "download" in published


@pytest.mark.parametrize(
    ("source", "number", "expected"),
    [
        ('widget("preset=deep")', "5", "playground/index.html#preset=deep"),
        ("explorer.explore()", "2", "explorers/two_neurons.html"),
        ("explorer.explore()", "3", "playground/linear.html"),
        ("explorer.explore(data)", "6", "fa-lessons lab --lesson 6"),
    ],
)
def test_a_widget_is_live_where_it_can_be_and_says_how_to_run_where_not(source, number, expected):
    assert expected in live.embedded(source, number)


def test_claims_get_an_anchor_where_they_are_measured(tmp_path):
    cell = new_code_cell(
        'holds = True\nclaims.measured(\n    "a-claim", REPRODUCED, holds)\nclaims.measured("b.2", X, y)'
    )
    anchors, kept = lessons.shown(cell, "4", tmp_path)
    assert re.findall(r'id="([^"]+)"', anchors.source) == ["claim-a-claim", "claim-b.2"] and kept is cell


def test_every_public_module_stands_on_one_page_of_the_reference(tmp_path):
    api.write_pages(tmp_path)
    listed = re.findall(r"automodule:: (\S+)", "".join(path.read_text() for path in tmp_path.glob("*.md")))
    assert sorted(listed) == sorted(api.modules()) and len(set(listed)) == len(listed)
    assert api.part_of("fa_lessons.lessons.lesson2.theory") == "lesson2"
    assert api.part_of("fa_lessons.rules") == "engine"


def test_the_bibliography_and_the_lessons_hold_to_each_other():
    entries = yaml.safe_load((tables.ROOT / "docs" / "bibliography.yml").read_text(encoding="utf-8"))
    text = {}
    for path in notebooks.find():
        cells = nbformat.read(path, as_version=4).cells
        text[int(path.stem[:2])] = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    for entry in entries:
        surname = entry["authors"].split(",")[0].split()[-1]
        assert [n for n in entry["lessons"] if surname not in text[n]] == [], entry["title"]
        assert re.fullmatch(r"10\.\d{4,}/\S+", entry.get("doi", "10.1000/x")), entry["title"]
    named = set(re.findall(r"arXiv:? ?(\d{4}\.\d{4,5})", "\n".join(text.values())))
    assert named and named <= {entry.get("arxiv") for entry in entries}
    keys = [entry["title"] for entry in entries]
    assert len(keys) == len(set(keys)) and keys


def test_style_sheets_keep_what_a_page_or_a_script_names(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "page.html").write_text("<p class=\"a b\" id='c'>unused</p>", encoding="utf-8")
    (tmp_path / "_static" / "own.js").write_text('tag.classList.add("by-script")', encoding="utf-8")
    sheet = tmp_path / "_static" / "s.css"
    kept = ["p{x:1}", ".a .b{x:2}", "#c>.a{x:3}", ".by-script{x:4}", ".a:not(.unused){x:5}", "[d=e]{x:6}", ".bs-x{x:7}"]
    kept += ["@font-face{x:url(y)}", "@media print{.a{x:8}}", "@keyframes k{from{x:0}}", ".a,.b:hover{x:9}"]
    mixed = "/* c */.unused{x:1}.a.unused{x:2}#gone{x:3}@media print{.unused,.b{x:4}}.unused,.b{x:5}"
    sheet.write_text("".join(kept) + mixed, encoding="utf-8")
    styles.lighten(tmp_path)
    assert sheet.read_text(encoding="utf-8") == "".join(kept) + "@media print{.b{x:4}}.b{x:5}"
