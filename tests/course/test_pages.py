"""Markdown of a student's becomes text on a teacher's page, and formatting stays."""

import re

import pytest

pytest.importorskip("nbgrader")
from fa_lessons.course import pages


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<SCRIPT\n>alert(1)</SCRIPT\t>",
        "<img src=x onerror=alert(1)>",
        "![x](https://elsewhere.example/pixel.png)",
        "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "[x](javascript:alert(1))",
        "[x](java&#115;cript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x]\n\n[x]: JaVaScRiPt:alert(1)",
        "<iframe src='https://elsewhere.example'></iframe><object data=x></object><embed src=x>",
        "<form action='/formgrader'><input id='score' autofocus onfocus=alert(1)><button>x</button></form>",
        "<a name='x' id='y' style='position:fixed' href=' javascript:alert(1)'>x</a>",
        "<math><mtext><style><img title='</style><img src=x onerror=alert(1)>'>",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "$</span><script>alert(1)</script>$",
        "<!-- --!><script>alert(1)</script> -->",
        "<base href='https://elsewhere.example/'><meta http-equiv='refresh' content='0;url=https://elsewhere.example'>",
    ],
)
def test_nothing_of_a_students_runs_or_asks_elsewhere(source):
    page = pages.markdown(source)
    tags = re.findall(r"<\s*([a-zA-Z]+)([^>]*)>", page)
    assert {tag for tag, _ in tags} <= pages.TAGS
    for _, attributes in tags:
        assert not re.search(r"\bon\w+\s*=|\bstyle\s*=|\bsrc\s*=|href\s*=\s*\W*(javascript|data)", attributes, re.I)


def test_what_formats_stays():
    page = pages.markdown(
        "# A\n\n*b* `c < d` $e<f$ [g](https://arxiv.org)\n\n<details><summary>h</summary>i</details>\n\n|j|\n|---|\n|k|\n"
    )
    for part in ("<h1", "<em>b</em>", "c &lt; d", "e&lt;f", 'href="https://arxiv.org"', "<details><summary>h", "<td>k"):
        assert part in page
