"""The decks in Chromium, opened from the disk: whole, legible, alone, and with a speaker's view."""

import re

import pytest

from fa_lessons.course import npm, slides
from tests.browser.needed import lacking, need_axe
from tests.browser.playground_page import AXE, SCREENSHOTS

DECKS = slides.find()
NAMES = [deck if deck == slides.TALK else deck.stem for deck in DECKS]
# What does not fit on each slide; how its figures are scaled; the sizes of its code and of its words.
MEASURE = """() => Array.from({length: Reveal.getTotalSlides()}, (_, number) => {
  Reveal.slide(number);
  const slide = Reveal.getCurrentSlide(), room = slide.getBoundingClientRect();
  const seen = [...slide.querySelectorAll("*")].filter((e) => !e.closest(".notes, mjx-assistive-mml, iframe"));
  const size = (e) => parseFloat(getComputedStyle(e).fontSize);
  const outside = seen.filter((e) => {
    const box = e.getBoundingClientRect();
    if (!box.width) return false;
    const cut = !e.closest("mjx-container") && e.clientWidth && e.scrollWidth > e.clientWidth + 1;
    return cut || box.right > room.right - 24 || box.bottom > room.bottom || box.left < room.left;
  });
  const scale = (e) => Math.min(e.clientWidth / e.naturalWidth, e.clientHeight / e.naturalHeight);
  return {
    title: slide.querySelector("h1, h2").textContent,
    high: slide.scrollHeight,
    outside: outside.map((e) => e.outerHTML.slice(0, 80)),
    figures: [...slide.querySelectorAll("img")].map(scale),
    code: [...slide.querySelectorAll("pre, code")].map(size),
    words: [...slide.querySelectorAll("p, li, td")].filter((e) => !e.closest(".notes")).map(size),
  };
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All decks and the playground, as `fa-lessons slides` writes them."""
    try:
        npm.read("reveal.js", "dist/reveal.js")
    except OSError as error:
        lacking(str(error))
    folder = tmp_path_factory.mktemp("slides")
    assert len(list(slides.write(folder))) == len(DECKS)
    return folder


@pytest.fixture
def opened(page, folder):
    """Opens a deck from the disk; what it asked for besides its own folder and what it logged must be nothing."""
    asked, logged = [], []
    page.set_viewport_size({"width": 1280, "height": 720})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: logged.append(message.text))

    def go(name, how=""):
        page.goto((folder / f"{name}.html").as_uri() + how)
        page.evaluate("deck")
        return page

    yield go
    own = (folder.as_uri(), "data:", "blob:", "about:")
    assert [url for url in asked if not url.startswith(own)] == [] and logged == []


@pytest.mark.parametrize("name", NAMES)
def test_every_slide_is_whole_and_legible(opened, name):
    found = opened(name).evaluate(MEASURE)
    assert 12 <= len(found) <= 20
    for slide in found:
        assert slide["outside"] == [] and slide["high"] <= 720, slide
        assert min(slide["figures"], default=1) >= 0.8, slide  # a stored figure's labels are 12 points
        assert min(slide["code"], default=14) >= 14 and min(slide["words"], default=24) >= 24, slide


def test_keys_turn_slides_and_reveal_a_solution(opened):
    page = opened("02_two_neuron_toy")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    solution = page.locator("section.present .fragment")
    for number in range(1, 4):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.getState().indexh") == number
    assert solution.evaluate("e => !e.classList.contains('visible')")
    page.keyboard.press("ArrowRight")
    assert solution.evaluate("e => e.classList.contains('visible')") and page.evaluate("Reveal.getState().indexh") == 3
    assert page.locator("section.present mjx-container").count() == 0
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator("section.present mjx-container").count() >= 1
    page.keyboard.press("End")
    page.screenshot(path=SCREENSHOTS / "slide-1280.png")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.screenshot(path=SCREENSHOTS / "slide-projector.png")


def test_axe_finds_nothing_wrong_with_words_code_tables_and_figures(opened):
    need_axe()
    page = opened("01_backprop_review")
    page.add_style_tag(content="* { transition: none !important }")
    page.add_script_tag(path=AXE)
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number})")
        found = page.evaluate("axe.run().then((run) => run.violations.map((v) => [v.id, v.nodes[0].html]))")
        assert found == [], number


def test_the_speakers_view_has_notes_and_a_pace(opened):
    page = opened("02_two_neuron_toy")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    view = popup.value
    view.wait_for_function(
        "document.querySelector('.speaker-controls-notes .value')?.textContent.includes('one hidden')"
    )
    view.locator(".pacing.on-track").wait_for()
    view.close()


def test_on_paper_a_slide_is_a_page(opened):
    page = opened("02_two_neuron_toy", "?print-pdf")
    page.wait_for_selector("html.reveal-print .pdf-page")
    page.emulate_media(media="print")
    sizes = page.evaluate(
        "[...document.querySelectorAll('.pdf-page section')].map((e) => [e.offsetHeight, e.scrollHeight])"
    )
    assert sizes == [[720, 720]] * len(slides.parse(slides.source(slides.find(["2"])[0]).read_text(encoding="utf-8")))
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == len(sizes)


def test_the_playground_is_live_in_the_talk(opened):
    page = opened("talk")
    frame = page.locator("iframe")
    number = frame.evaluate("e => [...document.querySelectorAll('section')].indexOf(e.closest('section'))")
    page.evaluate(f"Reveal.slide({number})")
    inside = frame.content_frame
    inside.get_by_role("button", name="Step").click(force=True)
    playing = frame.element_handle().content_frame()
    playing.wait_for_function("globalThis.playground?.frames > 0")
    playing.evaluate("playground.run.advance(2000)")
    assert playing.evaluate("playground.curves.last('b').error") < 80
