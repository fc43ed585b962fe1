"""The built site in a real browser: every page once, then what moves, what filters and what prints."""

import re
from urllib.parse import unquote, urldefrag, urljoin

import nbformat
import pytest
from bs4 import BeautifulSoup

from fa_lessons.course import ledger, notebooks
from fa_lessons.course.slots import MarkedLesson
from tests.browser import site_pages as site
from tests.browser.playground_page import AXE, SCREENSHOTS

DOLLARS = re.compile(r"\$[^$]+\$")  # mathematics as it is typed
HEAVIEST = 3000  # kilobytes that a page may load before it is scrolled
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}  # bytes a second


@pytest.fixture(scope="module")
def address():
    site.build()
    with site.serving() as found:
        yield found


@pytest.fixture(scope="module")
def visits(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    whole = lesson_pages()[0]  # one page stands for the code and the formulas of all
    found = [site.visit(page, address, name, name == whole) for name in site.page_names()]
    page.close()
    return found


@pytest.fixture(scope="module")
def documents(address):
    """{path: parsed page} of all pages, those that others embed too."""
    paths = [path for path in site.SITE.rglob("*.html") if "_static" not in path.parts]
    return {
        path.relative_to(site.SITE).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in paths
    }


def lesson_pages():
    return [f"lessons/{path.stem}.html" for path in notebooks.find()]


def test_no_page_asks_another_host_complains_or_is_heavy(visits):
    for seen in visits:
        print(f"{seen.name:45} {seen.kilobytes:6.0f} kB  {seen.maths:4} formulas")
    assert [(seen.name, seen.outside) for seen in visits if seen.outside] == []
    assert [(seen.name, seen.complaints) for seen in visits if seen.complaints] == []
    assert [(seen.name, seen.kilobytes) for seen in visits if seen.kilobytes > HEAVIEST] == []
    assert {*lesson_pages(), "index.html", "search.html"} <= {seen.name for seen in visits}


def test_mathematics_is_set_and_nothing_stays_as_typed(visits, documents):
    assert [(seen.name, seen.unset) for seen in visits if seen.unset] == []
    assert all(seen.maths > 20 for seen in visits if seen.name in lesson_pages())
    code = "pre, code, script, style, .sig"
    for name, page in documents.items():
        assert [text for text in page.find_all(string=DOLLARS) if not text.parent.css.closest(code)] == [], name


def test_every_page_is_accessible(visits):
    site.need(axe_core=AXE.exists())
    assert [(seen.name, seen.violations) for seen in visits if seen.violations] == []


def test_no_page_scrolls_sideways_on_a_phone(visits):
    assert [(seen.name, seen.phone_width) for seen in visits if seen.phone_width > 360] == []


def test_links_inside_the_site_resolve(documents):
    ids = {name: {tag["id"] for tag in page.select("[id]")} for name, page in documents.items()}
    base, seen, broken = "http://site/", 0, []
    for name, page in documents.items():
        for tag in page.select("[href], [src]"):
            url, part = urldefrag(urljoin(f"{base}{name}", tag.get("href") or tag.get("src")))
            if not url.startswith(base):
                continue
            seen += 1
            path = unquote(url.removeprefix(base).partition("?")[0])
            here = path in ids and not path.startswith("playground/")  # there a fragment is a state
            if not (site.SITE / path).is_file() or (part and here and unquote(part) not in ids[path]):
                broken.append((name, tag.get("href") or tag.get("src")))
    assert broken == [] and seen > 1000


def test_every_figure_of_a_lesson_is_a_file_with_its_text(documents):
    for path in notebooks.find():
        stored = [
            output["metadata"]["image/png"]["alt"]
            for cell in nbformat.read(path, as_version=4).cells
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        pictures = documents[f"lessons/{path.stem}.html"].select(".cell_output img")
        assert [" ".join(picture["alt"].split()) for picture in pictures] == [" ".join(alt.split()) for alt in stored]
        assert all(picture["src"].startswith("../_images/") for picture in pictures)
        assert all(picture["loading"] == "lazy" and int(picture["width"]) > 99 for picture in pictures)


def test_solutions_fold_and_hidden_tests_stay_hidden(documents):
    for path in notebooks.find():
        page = documents[f"lessons/{path.stem}.html"]
        text = page.get_text()
        assert not any(mark in text for mark in ("HIDDEN TESTS", "BEGIN SOLUTION", "END SOLUTION", "seed=2016)"))
        folds = [fold for fold in page.select("details") if fold.summary.get_text() == "Solution"]
        assert len(folds) == len(MarkedLesson(nbformat.read(path, as_version=4)).slots)
        assert all(fold.select("pre") and not fold.has_attr("open") for fold in folds)


def test_the_ledger_filters_and_the_address_says_how(page, address):
    page.goto(f"{address}ledger.html")
    rows, shown = ledger.rows(), page.locator("#ledger tbody tr:visible")
    assert shown.count() == len(rows)
    for verdict in ("reproduced", "not reproduced"):
        page.get_by_label("Verdict").select_option(verdict)
        assert shown.count() == sum(row["verdict"] == verdict for row in rows) > 0
    page.get_by_label("Source").select_option("Nøkland 2016")
    both = [r for r in rows if r["verdict"] == "not reproduced" and "Nøkland 2016" in r["source"]]
    assert shown.count() == len(both) and f"{len(both)} of {len(rows)} claims" in page.locator("output").inner_text()
    page.reload()
    assert shown.count() == len(both) and "verdict=not+reproduced" in page.url
    page.goto(f"{address}ledger.html?measured=lesson+1")
    ours = [r for r in rows if any(command == "fa-lessons run 1" for _, command in r["measured"])]
    assert shown.count() == len(ours) > 0
    shown.first.get_by_role("link", name="lesson 1").click()
    page.locator(":target").wait_for(state="attached")


def test_lesson_2s_canvas_answers_to_a_drag(page, address):
    page.goto(f"{address}lessons/02_two_neuron_toy.html")
    page.locator("iframe.live").scroll_into_view_if_needed()
    canvas = page.frame_locator("iframe.live").locator("canvas").first
    canvas.wait_for()
    before = canvas.get_attribute("aria-label")
    canvas.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('iframe.live').style.height")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
    page.mouse.up()
    w0, w1 = re.search(r"Start at w0 (\S+), w1 (\S+)\.", canvas.get_attribute("aria-label")).groups()
    assert canvas.get_attribute("aria-label") != before and float(w0) > 1 and float(w1) < -0.5


def test_lesson_3s_explorer_answers_to_a_slider(page, address):
    page.goto(f"{address}lessons/03_linear_convergence.html")
    page.locator("iframe.live").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe.live")
    curve = frame.locator("[data-part=error]")
    curve.wait_for()
    before = curve.get_attribute("aria-label")
    frame.locator("[name=start]").focus()
    page.keyboard.press("ArrowRight")
    assert curve.get_attribute("aria-label") != before


@pytest.mark.parametrize("name", ["index.html", "lessons/05_dfa_ifa_deep_nets.html"])
def test_the_playground_starts_on_a_click_and_learns(page, address, name):
    page.goto(address + name)
    page.get_by_role("link", name="Start the playground here").click()
    frame = page.frame_locator("iframe.live")
    frame.locator("canvas").first.wait_for()
    inside = next(frame for frame in page.frames if "playground/index.html" in frame.url)
    inside.wait_for_function("globalThis.playground?.frames > 0")
    numbers = frame.locator("[data-part=b-numbers]")
    before = numbers.inner_text()
    inside.evaluate("playground.run.advance(2000).then(() => playground.draw())")
    assert numbers.inner_text() != before
    assert ("preset=deep" in inside.url) == ("lessons" in name)


def test_dark_mode_reaches_the_page_and_what_it_embeds(browser, address):
    context = browser.new_context(color_scheme="null")  # an emulated scheme would overrule the page's own
    page = context.new_page()
    page.goto(f"{address}lessons/03_linear_convergence.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Color mode").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate(ground) != light
    page.locator("iframe.live").scroll_into_view_if_needed()
    page.frame_locator("iframe.live").locator("canvas").first.wait_for()
    inside = next(frame for frame in page.frames if "linear.html" in frame.url)
    assert inside.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    context.close()


def test_the_search_finds_a_lesson(page, address):
    page.goto(f"{address}search.html?q=Barbalat")
    page.locator("#search-results li a", has_text="Lesson 3").first.wait_for()


def test_a_lesson_prints_as_a_document(page, address):
    page.add_init_script("globalThis.print = () => { globalThis.printed = true; }")
    page.goto(f"{address}lessons/02_two_neuron_toy.html")
    page.wait_for_function(site.MATHS_DONE)
    page.get_by_role("button", name="Print", exact=True).click()
    page.wait_for_function("globalThis.printed")
    assert page.locator(".bd-article details:not([open])").count() == 0
    page.emulate_media(media="print")
    for screen_only in (".bd-sidebar-primary", "iframe.live", ".buttons", ".bd-footer"):
        assert not page.locator(screen_only).first.is_visible(), screen_only
    pdf = page.pdf(path=SCREENSHOTS / "site-lesson.pdf", format="A4")
    assert pdf.count(b"/Subtype /Image") >= page.locator(".cell_output img").count() > 5
    assert pdf.count(b"/Type /Page\n") > 10


def test_the_first_paint_waits_for_little(browser, address):
    """On a slow line, and from a server that does not compress: the style sheets and the scripts that do not wait."""
    waits = "[rel=stylesheet], head script[src]:not([defer], [async], [type=module])"
    for name in ("index.html", "lessons/03_linear_convergence.html"):
        page = browser.new_page()
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
        page.goto(address + name, wait_until="domcontentloaded")
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        page.wait_for_function(paint)
        urls = page.locator(waits).evaluate_all("tags => tags.map(tag => tag.href || tag.src)")
        size = sum((site.SITE / url.removeprefix(address).partition("?")[0]).stat().st_size for url in urls)
        print(f"{name}: {size / 1000:.0f} kB in {len(urls)} files; painted at {page.evaluate(paint) / 1000:.1f} s")
        assert size / SLOW["downloadThroughput"] + 4 * SLOW["latency"] / 1000 < 2
        page.close()


def test_screenshots(browser, address):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for name, path, width, scheme in (
        ("site-landing-light", "index.html", 1280, "light"),
        ("site-landing-dark", "index.html", 1280, "dark"),
        ("site-landing-phone", "index.html", 360, "light"),
        ("site-lesson", "lessons/02_two_neuron_toy.html#the-phase-plane", 1280, "light"),
        ("site-ledger", "ledger.html", 1280, "light"),
    ):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=SCREENSHOTS / f"{name}.png")
        context.close()
