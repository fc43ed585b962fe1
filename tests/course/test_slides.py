"""The decks: what they name exists, they keep to their time, and nobody's changes to a page are lost."""

import hashlib
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from fa_lessons import cli, places
from fa_lessons.course import notebooks, npm, slides

DECKS = slides.find()
NAMES = [deck if deck == slides.TALK else deck.stem for deck in DECKS]
MINUTES = {slides.TALK: (28, 30)}


def parsed(deck):
    return slides.parse(slides.source(deck).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def decks():
    """{deck: its page}, without the libraries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(npm, "read", lambda package, file: "")
        return {deck: slides.page(deck) for deck in DECKS}


@pytest.fixture
def plain(monkeypatch):
    """Pages of three slides, and no npm."""
    monkeypatch.setattr(npm, "read", lambda package, file: "")

    def deck(*bodies):
        text = "\n---\n".join(f"## Title\n{body}\nnotes: 2\nSay it." for body in bodies)
        monkeypatch.setattr(slides, "source", lambda name: _Text(text))
        return slides.page(notebooks.find(["2"])[0])

    return deck


class _Text:
    def __init__(self, text):
        self.text = text

    def read_text(self, encoding):
        return self.text

    def __str__(self):
        return "deck.md"


def test_every_lesson_has_a_deck_and_the_series_has_a_talk():
    assert [*notebooks.find(), slides.TALK] == DECKS
    assert all(slides.source(deck).exists() for deck in DECKS)


@pytest.mark.parametrize("deck", DECKS, ids=NAMES)
def test_a_deck_has_12_to_20_slides_notes_on_each_and_keeps_to_its_time(deck, decks):
    found, page = parsed(deck), decks[deck]
    least, most = MINUTES.get(deck, (45, 75))
    assert 12 <= len(found) <= 20 and page.count("<section") == len(found)
    assert all(len(slide.notes.split()) >= 8 for slide in found)
    seconds = [float(text) for text in re.findall(r'data-timing="([\d.]+)"', page)]
    assert seconds == [60 * slide.minutes for slide in found]
    assert least <= sum(seconds) / 60 <= most and f"totalTime: 60 * {sum(seconds) / 60:g}" in page
    assert len({slide.title for slide in found}) == len(found)


@pytest.mark.parametrize("deck", DECKS, ids=NAMES)
def test_a_deck_asks_for_nothing_outside_and_its_pictures_speak(deck, decks):
    page = decks[deck]
    assert not re.search(r"""(src|href|url\()=?["']?(https?:)?//""", page)
    pictures = re.findall(r"<img [^>]*>", page)
    assert len(pictures) >= 4 and all(re.search(r' alt="[^"]{20,}"', picture) for picture in pictures)


def test_the_talk_shows_every_lesson_and_the_playground(decks):
    source = slides.source(slides.TALK).read_text(encoding="utf-8")
    for path in notebooks.find():
        assert f"esson {int(path.stem[:2])}." in source
    assert 'data-src="playground.html#preset=' in decks[slides.TALK]


def test_what_a_deck_names_must_exist(plain):
    for line, words in {
        "figure: nowhere": "no lesson has a cell 'nowhere'",
        "figure: l2-ex1-solution": "the cell 'l2-ex1-solution' has no output image/png",
        "figure: l2-one-slide 2": "the cell 'l2-one-slide' has 1 output image/png, got 2",
        "code: l2-def-fa-w-b-1-0 nothing": "the cell 'l2-def-fa-w-b-1-0' defines no 'nothing'",
        "claims: toy-learns-everything": "'toy-learns-everything' is no claim",
        "options: l2-ex1-solution": "the cell 'l2-ex1-solution' has no list",
        "exercise: l2-one-slide": "the cell 'l2-one-slide' is no exercise's solution",
        "playground: nothing": "no experiment of the playground is called 'nothing'",
    }.items():
        with pytest.raises(ValueError, match=re.escape(f"deck.md: {words}")):
            plain("words", line)


@pytest.mark.parametrize(
    ("text", "words"),
    [("words\nnotes: 2", "must begin with its title"), ("## A\nwords", "must end with its notes"), ("", "title")],
)
def test_a_slide_without_title_or_minutes_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        slides.parse(text)


def test_what_a_line_takes_from_the_lessons(plain):
    page = plain("code: l2-def-fa-w-b-1-0 bp\n\nexercise: l2-ex1-solution\n\noutput: l2-side-np-arange-800-0-5-100-4")
    assert ">bp</span>" in page and "fa_flow(*" not in page
    stub, solution = page.split('<div class="fragment">')
    assert "NotImplementedError" in stub and "NotImplementedError" not in solution and "SOLUTION" not in page
    assert "end anti-aligned" in page and "under conditions" not in page
    shown = plain("figure: l2-for-b-words-in-1-0-fa-s-path-stays-i 2")
    assert 'alt="The explorer from (-3, 1)' in shown and "(-1.5, 0.5)" not in shown


def test_a_changed_deck_stays_and_an_untouched_one_is_written_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "read", lambda package, file: "")
    written = [str(path) for path in slides.write(tmp_path, ["2"])]
    path = tmp_path / "02_two_neuron_toy.html"
    assert written == [str(path)] and list(slides.write(tmp_path, ["2"])) == written
    changed = path.read_text(encoding="utf-8").replace("One question", "My question")
    path.write_text(changed, encoding="utf-8")
    done = CliRunner().invoke(cli.app, ["slides", "2", "--folder", str(tmp_path)])
    assert done.exit_code == 2 and "move it aside" in re.sub(r"[\s│]+", " ", done.output)
    assert path.read_text(encoding="utf-8") == changed


def test_the_playground_lies_beside_a_deck_that_shows_it(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "read", lambda package, file: "")
    list(slides.write(tmp_path, ["talk"]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["playground.html", "talk.html"]
    assert list(slides.write(tmp_path, ["talk"])) == [str(tmp_path / "talk.html")]


def test_a_page_of_ones_own_in_the_playgrounds_place_stays_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "read", lambda package, file: "")
    (tmp_path / "playground.html").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match=r"playground\.html is not as it was written"):
        list(slides.write(tmp_path, ["talk"]))
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["mine"]


def test_without_npm_a_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "folder", lambda: tmp_path / "npm")
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    done = CliRunner().invoke(cli.app, ["slides", "2", "--folder", str(tmp_path)])
    assert done.exit_code == 1 and "npm is missing" in done.output and "install Node.js" in done.output
    assert list(tmp_path.iterdir()) == []


def test_what_npm_could_not_fetch_is_said_in_its_words(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "folder", lambda: tmp_path / "npm")
    monkeypatch.setattr(npm.shutil, "which", lambda name: sys.executable)
    with pytest.raises(OSError, match=r"npm could not fetch mathjax .* and reveal.js .*, and said: \S"):
        npm.read("reveal.js", "dist/reveal.js")


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Two files that an npm of ours fetches; a list of the calls, and what it is to write."""
    calls, content = [], {"a/one.js": b"one", "b/two.js": b"two"}

    def install(command, **options):
        calls.append(command)
        for file, data in content.items():
            path = tmp_path / "node_modules" / file
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(npm, "FILES", {file: hashlib.sha256(data).hexdigest() for file, data in content.items()})
    monkeypatch.setattr(npm, "folder", lambda: tmp_path)
    monkeypatch.setattr(npm.shutil, "which", lambda name: name)
    monkeypatch.setattr(npm.subprocess, "run", install)
    return calls, content


@pytest.mark.parametrize("damage", ["missing", "cut off", "a folder", "package.json"])
def test_what_npm_fetched_is_fetched_again_where_it_is_damaged(packages, tmp_path, damage):
    calls, _ = packages
    assert [npm.read("a", "one.js"), npm.read("b", "two.js"), len(calls)] == ["one", "two", 1]
    path = tmp_path / "node_modules" / "b" / "two.js"
    if damage == "package.json":
        (tmp_path / "package.json").write_text("{", encoding="utf-8")
    elif damage == "cut off":
        path.write_bytes(b"t")
    else:
        path.unlink()
        if damage == "a folder":
            path.mkdir()
    assert npm.read("b", "two.js") == "two" and len(calls) == 1 + (damage != "package.json")


def test_what_npm_fetched_and_is_something_else_is_named(packages):
    packages[1]["b/two.js"] = b"something else"
    with pytest.raises(OSError, match=r"these files are not theirs: b/two\.js"):
        npm.read("a", "one.js")


def test_decks_and_libraries_have_places(monkeypatch, tmp_path):
    assert npm.folder() == places.checkout() / "build" / "npm"
    monkeypatch.setattr(places, "checkout", lambda: None)
    assert npm.folder().parent == npm.platformdirs.user_cache_path("fa-lessons")
