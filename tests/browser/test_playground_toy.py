"""Lesson 2's explorer as a static page, as a widget and in a stored notebook; its arithmetic has tests of its own."""

import pytest

from fa_lessons.lessons.lesson2 import explorer
from tests.browser import playground_page as site
from tests.browser.playground_page import SCREENSHOTS, part

READY = "document.querySelector('[data-part=report]')?.textContent"


@pytest.fixture(scope="module")
def address():
    with site.serving() as found:
        yield found


@pytest.fixture
def toy(page, address):
    page.goto(f"{address}toy.html")
    page.wait_for_function(READY)
    return page


def values(page):
    read = "nodes => Object.fromEntries(nodes.map((node) => [node.name, Number(node.value)]))"
    return page.locator("input[type=range]").evaluate_all(read)


def hash_of(page):
    return page.evaluate("location.hash")


def at(page, rule, w0, w1):
    """The point of a plane at these weights, on the page."""
    box = part(page, rule).bounding_box()
    side = box["width"] - 62  # as chart.js lays the axes out
    return box["x"] + 50 + side * (w0 + 4) / 8, box["y"] + 26 + side * (4 - w1) / 8


def test_it_opens_where_the_lesson_opens(toy):
    start = {name: value for name, value in explorer.START.items() if name != "basin"}
    assert values(toy) == start and not toy.locator("[name=basin]").is_checked()
    for rule in ("fa", "bp"):
        found = explorer.paths(-1.5, 0.5, rule, 1.0, 0.1)
        assert part(toy, f"{rule}-head").inner_text() == explorer.state(found, rule, 1.0)


def test_every_control_moves_by_keyboard_and_the_address_follows(toy):
    for name, value in (("w0", -1.45), ("w1", 0.55), ("b", 1.05), ("learning_rate", 0.11)):
        before = part(toy, "fa").get_attribute("aria-label")
        toy.locator(f"[name={name}]").focus()
        toy.keyboard.press("ArrowRight")
        assert values(toy)[name] == value and f"{name}={value}" in hash_of(toy)
        assert part(toy, "fa").get_attribute("aria-label") != before
    toy.locator("[name=basin]").focus()
    toy.keyboard.press("Space")
    assert "basin=yes" in hash_of(toy)
    for key, moved in (("ArrowLeft", (-1.5, 0.55)), ("Shift+ArrowUp", (-1.5, 1.05))):
        part(toy, "bp").focus()
        toy.keyboard.press(key)
        assert (values(toy)["w0"], values(toy)["w1"]) == moved
    link = toy.evaluate("location.href")
    toy.goto("about:blank")
    toy.goto(link)
    toy.wait_for_function(READY)
    assert list(values(toy).values()) == [-1.5, 1.05, 1.05, 0.11]


@pytest.mark.parametrize("rule", ["fa", "bp"])
def test_the_start_follows_the_pointer_into_every_corner_and_not_beyond(toy, rule):
    toy.mouse.move(*at(toy, rule, -1.5, 0.5))
    toy.mouse.down()
    for w0, w1 in ((2, -3), (-3.5, 3.5), (0, 0)):
        toy.mouse.move(*at(toy, rule, w0, w1))
        assert [values(toy)[name] for name in ("w0", "w1")] == pytest.approx([w0, w1], abs=0.06)
    toy.mouse.move(*at(toy, rule, 9, -9))
    toy.mouse.up()
    assert "w0=4&w1=-4" in hash_of(toy)
    toy.mouse.move(*at(toy, rule, 1, 1))  # the hand has let go
    assert values(toy)["w0"] == 4


def test_the_shade_is_drawn_once_asked_for(toy):
    inside, outside = (at(toy, "fa", -3.4, -3.1), at(toy, "fa", 3.4, -3.1))
    colour = """([x, y]) => {
        const canvas = document.querySelector("[data-part=fa]"), box = canvas.getBoundingClientRect();
        return [...canvas.getContext("2d").getImageData(x - box.x, y - box.y, 1, 1).data];
    }"""
    assert toy.evaluate(colour, inside) == toy.evaluate(colour, outside)
    toy.locator("[name=basin]").check()
    assert toy.evaluate(colour, inside) != toy.evaluate(colour, outside) == [0, 0, 0, 0]


def test_a_bad_address_gives_a_sentence(toy):
    toy.evaluate("location.hash = 'w0=9&colour=red&basin=maybe&b=-2'")
    toy.wait_for_function("!document.querySelector('[data-part=problem]').hidden")
    text = part(toy, "problem").inner_text()
    assert "Start w0 must be from -4 to 4, got “9”." in text and "“colour”" in text and "one of yes, no" in text
    assert values(toy)["w0"] == -1.5 and values(toy)["b"] == -2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 720)])
def test_it_fits_a_phone_and_a_projector(toy, width, height, scheme):
    toy.set_viewport_size({"width": width, "height": height})
    toy.emulate_media(color_scheme=scheme)
    toy.locator("[name=basin]").check()
    assert toy.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:
        assert toy.evaluate("document.querySelector('.planes').getBoundingClientRect().bottom") <= height
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    toy.screenshot(path=SCREENSHOTS / f"toy-{width}-{scheme}.png", full_page=True)


def test_the_widget_follows_its_traits_and_they_follow_the_hand(toy):
    widget = explorer.explore(w0=-2)
    toy.evaluate(
        """async ({esm, values}) => {
            document.body.replaceChildren();
            const {default: {render}} = await import(URL.createObjectURL(new Blob([esm], {type: "text/javascript"})));
            const heard = {};
            window.saved = 0;
            window.model = {
                get: (name) => values[name], set: (name, value) => (values[name] = value), save_changes: () => saved++,
                on: (event, take) => (heard[event] = take), off: (event) => delete heard[event], heard,
            };
            window.close = render({model, el: document.body});
        }""",
        {"esm": str(widget._esm), "values": {name: getattr(widget, name) for name in explorer.START}},
    )
    assert values(toy)["w0"] == -2
    toy.evaluate("model.set('b', -1); model.heard['change:b']()")
    assert values(toy)["b"] == -1
    part(toy, "fa").focus()
    toy.keyboard.press("ArrowRight")
    assert toy.evaluate("[model.get('w0'), saved]") == [-1.95, 1]
    toy.evaluate("close()")
    assert toy.evaluate("Object.keys(model.heard)") == []


def test_a_stored_notebook_shows_it_without_a_kernel(page):
    data, _ = explorer.explore(b=-1)._repr_mimebundle_()
    page.set_content(data["text/html"])
    frame = page.frame_locator("iframe")
    assert frame.locator("[name=b]").input_value() == "-1"
    frame.locator("[name=b]").press("ArrowRight")
    assert frame.locator("[name=b]").input_value() == "-0.95"
