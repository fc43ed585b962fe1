"""The playground as a visitor meets it."""

import random
from pathlib import Path

import pytest

from fa_lessons import playground
from fa_lessons.playground.serving import TYPES
from tests.browser import playground_page as site
from tests.browser.needed import need_axe
from tests.browser.playground_page import AXE, SCREENSHOTS, part

MEGABYTES = 4
LAST = "['a', 'b'].map((side) => playground.curves.last(side))"


@pytest.fixture(scope="module")
def address():
    with site.serving() as found:
        yield found


@pytest.fixture
def page(browser):
    """A new page of its own profile, that asks nothing of any other host and writes no error on its console."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page, errors, requests = context.new_page(), [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: requests.append(request.url))
    yield page
    context.close()
    assert errors == []
    assert all(url.startswith(("http://127.0.0.1:", "blob:", "data:", "file:")) for url in requests), requests


def test_two_networks_stand_there_and_learn(page, address):
    site.open_page(page, address)
    assert all(record["error"] > 70 for record in page.evaluate(LAST))
    part(page, "play").click()
    page.wait_for_function("playground.views.a?.images > 3000")
    part(page, "play").click()
    site.rest(page)
    last = page.evaluate(LAST)
    assert all(record["error"] < 30 for record in last)
    assert last[0]["angles"][0] < 0.1 and 20 < last[1]["angles"][0] < 60
    page.wait_for_function("playground.views.a.images === playground.views.b.images")


def test_all_is_at_most_four_megabytes():
    files = [path for path in Path(playground.__file__).parent.iterdir() if path.suffix in TYPES]
    weight = sum(path.stat().st_size for path in files) / 2**20
    print(f"the page weighs {weight:.2f} MB")
    assert len(files) > 20 and weight < MEGABYTES


def test_no_request_after_the_first_load(page, address):
    site.open_page(page, address)
    page.context.set_offline(True)
    part(page, "preset").select_option("zeros")
    part(page, "play").click()
    page.wait_for_function("playground.views.b?.images > 1000")


def test_pictures_go_on_while_a_training_step_takes_long(page, address):
    site.open_page(page, address)
    page.evaluate("void (playground.run.advance = () => new Promise((resolve) => (window.release = resolve)))")
    part(page, "play").click()
    page.wait_for_function(f"playground.frames > {page.evaluate('playground.frames')} + 5")
    part(page, "play").click()
    page.evaluate("release()")


def test_digits_that_are_on_their_way_are_said_to_be(page, address):
    page.route("**/digits.bin", lambda route: None)
    page.goto(address)
    page.wait_for_function("globalThis.playground")
    assert [part(page, f"{side}-numbers").inner_text() for side in "ab"] == ["waiting for the digits"] * 2
    page.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_on_a_canvas_is_legible(page, address, scheme):
    page.emulate_media(color_scheme=scheme)
    site.open_page(page, f"{address}#hidden=5x20&a.rule=ifa&b.rule=dfa&b.plan=flip@320")
    site.train(page, 320)
    words = page.evaluate("""() => {
        const said = {}, fill = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text) { (said[text] ??= []).push(this.fillStyle); };
        playground.draw();
        CanvasRenderingContext2D.prototype.fillText = fill;
        return said;
    }""")
    assert {"e", "δ₁", "δ₂", "δ₄", "δ₅", "test error", "90°: chance", "B: flip"} <= set(words)
    ground = page.evaluate("getComputedStyle(document.querySelector('main')).getPropertyValue('--ground').trim()")
    assert all(contrast(colour, ground) >= 4.5 for colours in words.values() for colour in colours), words


# ---- The address


def test_the_address_holds_the_whole_state(page, address):
    site.open_page(page, address)
    # Every field of state.js, with a value that is not its first.
    state = page.evaluate("""async () => {
        const {SHARED, SIDE, initialState, formatAddress, parseAddress} = await import(new URL("state.js", location));
        const given = {hidden: [200, 30], preset: "zeros", rule: "ifa", plan: "readout@0,flip:1.2.3@500"};
        const other = (name, {options, initial, whole}) =>
            given[name] ?? options?.find((option) => option !== initial) ?? (whole ? 2 : initial === false || 0.25);
        const change = (fields) =>
            Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, other(name, field)]));
        const state = {...change(SHARED), a: change(SIDE), b: {...change(SIDE), rule: "kp"}};
        const first = initialState();
        const same = Object.keys(SHARED).filter((name) => JSON.stringify(state[name]) === JSON.stringify(first[name]));
        return {state, same, back: parseAddress(formatAddress(state)), empty: formatAddress(first)};
    }""")
    assert state["same"] == [] and state["back"] == {"state": state["state"], "problems": []} and state["empty"] == "#"


def test_a_link_opens_what_was_chosen(page, address):
    site.open_page(page, address)
    part(page, "b-quick").select_option("dfa")
    part(page, "settings").locator("summary").click()
    for name, value in (("hidden", "60,40"), ("a.rate", "0.05"), ("b.plan", "flip@640")):
        side, _, field = name.rpartition(".")
        box = page.locator(f"fieldset.{side}" if side else "fieldset").first.locator(f"[name={field}]")
        box.fill(value)
        box.press("Enter")
    page.wait_for_function("playground.views.a?.sizes.length === 4")
    site.train(page, 960)
    link, records = page.url, page.evaluate("playground.curves.b[0].at(-1)")
    other = page.context.new_page()
    site.open_page(other, link)
    assert other.evaluate("playground.state") == page.evaluate("playground.state")
    site.train(other, 960)
    assert other.evaluate("playground.curves.b[0].at(-1)") == records  # the same seed, the same run


def test_what_a_hand_does_is_in_the_address_and_happens_again(page, address):
    site.open_page(page, address)
    site.train(page, 320)
    page.get_by_role("button", name="flip B").nth(1).click()
    part(page, "b-learns").select_option("hidden")
    page.wait_for_function("playground.state.b.plan === 'flip@320,hidden@320' && playground.curves.b[0].length === 4")
    site.train(page, 640)
    records = page.evaluate("playground.curves.b[0].at(-1)")
    other = page.context.new_page()
    site.open_page(other, page.url)
    site.train(other, 960)
    assert other.evaluate("playground.curves.b[0].at(-1)") == records
    assert part(other, "b-learns").input_value() == "hidden"


@pytest.mark.parametrize(
    ("hash", "words"),
    [
        ("hidden=3", "units per layer from 5 to 500"),
        ("hidden=101x32", "units per layer"),
        ("hidden=60x32,60x32", "at most 100 layers, got 120"),
        ("a.rate=fast", "Side A: learning rate must be from"),
        ("a.rate=NaN", "Side A: learning rate must be from"),
        ("batch=2.5", "Batch size must be a whole number"),
        ("b.rule=hebb", "Side B: learning rule must be one of bp, fa"),
        ("b.plan=explode@3", "A plan is made of"),
        ("b.plan=flip:1.2@3", "flip takes 0 or 3 numbers"),
        ("b.plan=set:1.2.3@3", "set takes 4 numbers"),
        ("colour=red", "The address names “colour”"),
        ("constructor=1&__proto__=2", "The address names"),
        ("%%%&=&hidden=", "The address names"),
    ],
)
def test_a_bad_address_gives_a_sentence_and_a_page_that_works(page, address, hash, words):
    site.open_page(page, f"{address}#{hash}")
    assert words in part(page, "problem").inner_text()
    site.train(page, 320)
    assert page.evaluate("playground.curves.b[0].length") == 2


VALUES = (
    """0 1 2 7 0.5 -1 1e-300 1e6 1e999 NaN Infinity 0x10 ٣ %20 5%20 5;6 %00 %F0%9F %E2%82%AC yes no true relu linear
softmax bp dfa ifa kp sign-symmetry shallow hebb 20x8 3,5 5,7 8x9,6 101x5 5x 1e2 readout@0 flip@0 redraw@0,redraw@32
set:1.1.1.50@0 cut:9.9.9@1 freeze:99@0,thaw:1@0 flip:0.0.0@0 set:1.1.1@0 explode@3 flip@-1 <img/src=x> __proto__ zeros
nothing full""".split()
    + ["", "9" * 400, "x" * 4000]
)
OPENED = """async (hash) => {
    const came = new Promise((resolve) => addEventListener("hashchange", resolve, {once: true}));
    const before = location.hash;
    location.hash = hash;
    if (location.hash !== before) await came;
    await playground.ready;
    await playground.step();
    const {formatAddress, parseAddress} = await import(new URL("state.js", location));
    const {part, state} = playground, again = parseAddress(formatAddress(state));
    const pen = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const blank = (canvas) => {
        pen.clearRect(0, 0, 99, 99);
        pen.drawImage(canvas, 0, 0, 99, 99);
        return !pen.getImageData(0, 0, 99, 99).data.some(Boolean);
    };
    return {
        blank: ["a-network", "b-network", "error", "angle", "positive"].filter((name) => blank(part[name])),
        images: ["a", "b"].map((side) => playground.views[side].images),
        sentence: part.sentence.textContent, problem: part.problem.textContent, shown: !part.problem.hidden,
        same: JSON.stringify(again) === JSON.stringify({state, problems: []}),
        address: location.hash === formatAddress(state) || (location.hash === "" && formatAddress(state) === "#"),
    };
}"""


def random_address(rng, fields):
    """Some words of a page's address, known and unknown, with values that fit and that do not."""
    names = [*fields["shared"], *(f"{side}.{name}" for side in "ab" for name in fields["side"])]
    names += ["colour", "a.b.c", "__proto__", "a.constructor", "c.rate", "", "%", "A.RATE"]
    words = [f"{rng.choice(names)}={rng.choice(VALUES)}" for _ in range(rng.randrange(6))]
    return "&".join([*words, *rng.sample(["&&", "===", "%%%", "#", "preset=rank", "?a=1"], rng.randrange(2))])


def test_any_address_gives_a_page_that_trains_and_never_a_blank_canvas(page, address):
    site.open_page(page, f"{address}#hidden=8")
    fields = page.evaluate("""import(new URL("state.js", location))
        .then(({SHARED, SIDE}) => ({shared: Object.keys(SHARED), side: Object.keys(SIDE)}))""")
    rng, wrong = random.Random(16), 0
    for _ in range(60):
        hash = random_address(rng, fields)
        found = page.evaluate(OPENED, hash)
        assert found["blank"] == [] and found["sentence"], (hash, found)
        assert found["same"] and found["address"], (hash, found)
        assert found["shown"] == bool(found["problem"]) and found["images"][0] == found["images"][1], (hash, found)
        wrong += found["shown"]
    assert 20 < wrong < 60  # the draws reach both kinds


def test_a_new_hash_opens_its_experiment(page, address):
    site.open_page(page, address)
    page.evaluate("location.hash = '#preset=rank'")
    page.wait_for_function("playground.views.a?.rule === 'fa' && playground.state.a.rank === 1")
    assert "one direction of the error alone" in part(page, "sentence").inner_text()


def test_a_bad_value_in_the_form_gives_a_sentence_and_changes_nothing(page, address):
    site.open_page(page, address)
    part(page, "settings").locator("summary").click()
    box = page.locator("fieldset.a [name=rate]")
    box.fill("-1")
    box.press("Enter")
    assert "learning rate must be from" in part(page, "problem").inner_text() and box.get_attribute("aria-invalid")
    assert page.evaluate("playground.state.a.rate") == 0.5
    box.fill("0.3")
    box.press("Enter")
    assert page.evaluate("playground.state.a.rate") == 0.3 and part(page, "problem").is_hidden()


def test_numbers_that_overflow_give_a_sentence(page, address):
    site.open_page(page, f"{address}#activation=linear&a.rate=1e4&b.rule=bp&b.rate=1e4")
    part(page, "play").click()
    page.wait_for_function("!playground.playing && 'a' in playground.diverged")
    assert "the numbers overflowed after" in part(page, "problem").inner_text()
    assert part(page, "a-numbers").inner_text() == "NaN"


# ---- Everyone


def test_every_control_is_reached_by_the_tab_key_and_no_focus_is_trapped(page, address):
    site.open_page(page, address)
    part(page, "settings").locator("summary").click()
    page.evaluate("document.activeElement.blur(); document.body.focus()")
    wanted = page.evaluate("""() => [...document.querySelectorAll('a, button, select, input, summary, [tabindex="0"]')]
        .filter((node) => node.checkVisibility()).map((node, index) => (node.dataset.order = index))""")
    seen = []
    for _ in range(len(wanted) + 2):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.dataset.order"))
    assert {int(order) for order in seen if order is not None} == set(wanted) and len(wanted) > 50


def test_the_keyboard_alone_trains_pauses_steps_and_resets(page, address):
    site.open_page(page, address)
    part(page, "play").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("playground.playing && playground.views.a?.images > 300")
    page.keyboard.press("Space")
    page.wait_for_function("!playground.playing")
    assert "A, BP, backprop:" in part(page, "status").inner_text() and "% wrong" in part(page, "status").inner_text()
    page.keyboard.press("Tab")
    site.rest(page)
    seen = page.evaluate("playground.views.a.images")
    page.keyboard.press("Enter")
    page.wait_for_function(f"playground.views.b?.images === {seen + 32}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("playground.views.b?.images === 0")


@pytest.mark.parametrize(("key", "factor"), [("f", -1), ("c", 0)])
def test_a_feedback_line_changes_by_keyboard(page, address, key, factor):
    site.open_page(page, address)
    before = page.evaluate("[...playground.views.b?.feedback[0].values]")
    part(page, "b-network").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert "Line of B from 2 down to unit 1 of layer 1" in part(page, "status").inner_text()
    page.keyboard.press(key)
    action = {"f": "flip", "c": "cut"}[key]
    page.wait_for_function(f"playground.state.b.plan === '{action}:1.2.1@0' && playground.curves.b[0].length === 2")
    after = page.evaluate("[...playground.views.b?.feedback[0].values]")
    changed = [index for index, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    assert changed == [8] and after[8] == factor * before[8]


def test_plus_and_minus_change_a_line_by_a_quarter_of_the_largest_weight(page, address):
    site.open_page(page, f"{address}#b.scale=2")
    bound = 2 / 10**0.5
    before = page.evaluate("playground.views.b.feedback[0].values[0]")
    part(page, "b-network").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("+")
    page.wait_for_function("playground.curves.b[0].length === 2")
    after = page.evaluate("playground.views.b.feedback[0].values[0]")
    assert after == pytest.approx(before + bound / 4, abs=bound / 150)


def first_line(page, side):
    """A point on the first feedback line, near the error."""
    return page.evaluate(
        """(side) => {
            const {ends: [x1, y1, x2, y2]} = playground.drawings[side].lines[0];
            const box = playground.part[`${side}-network`].getBoundingClientRect();
            return [box.x + x1 + 0.02 * (x2 - x1), box.y + y1 + 0.02 * (y2 - y1)];
        }""",
        side,
    )


def test_a_click_flips_a_line_and_backprop_has_none(page, address):
    site.open_page(page, address)
    page.mouse.click(*first_line(page, "b"))
    page.wait_for_function("/^flip:1\\.1\\.\\d@0$/.test(playground.state.b.plan)")
    part(page, "a-network").focus()
    page.keyboard.press("ArrowDown")
    assert "no feedback lines" in part(page, "status").inner_text()


def test_a_drag_changes_a_lines_weight(page, address):
    site.open_page(page, address)
    x, y = first_line(page, "b")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 60, steps=4)
    page.mouse.up()
    page.wait_for_function("playground.state.b.plan.startsWith('set:1.1.') && playground.curves.b[0].length === 2")
    to, percent = page.evaluate("playground.state.b.plan.match(/set:1.1.(\\d).(-?\\d+)@0/).slice(1).map(Number)")
    value = page.evaluate(f"playground.views.b.feedback[0].values[{to - 1}]")
    assert value == pytest.approx(percent / 100 / 10**0.5, rel=1e-5) and percent > 20


def test_a_digit_drawn_by_pointer_and_by_keyboard_is_centred_and_answered(page, address):
    site.open_page(page, address)
    site.train(page, 4000)
    part(page, "pad").scroll_into_view_if_needed()
    box = part(page, "pad").bounding_box()
    x, y = box["x"] + 30, box["y"] + 15
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 70, steps=6)
    page.mouse.up()
    for _ in range(2):
        page.wait_for_function("playground.views.b?.drawn && playground.part.own.textContent.startsWith('Your digit')")
        assert part(page, "own").inner_text().startswith("Your digit. A: 1")
        values = page.evaluate("[...playground.drawn]")
        mass = sum(values)
        for centre in (
            sum(value * (index % 28 + 0.5) for index, value in enumerate(values)) / mass,
            sum(value * (index // 28 + 0.5) for index, value in enumerate(values)) / mass,
        ):
            assert abs(centre - 14) < 0.6
        rows = [index // 28 for index, value in enumerate(values) if value > 0.3]
        assert 17 <= max(rows) - min(rows) + 1 <= 22 and max(values) > 0.95
        part(page, "wipe").click()
        page.wait_for_function("playground.part.own.textContent === 'Draw a digit.'")
        part(page, "pad").focus()
        for key in (" ", *["ArrowDown"] * 8, " ", "ArrowRight"):
            page.keyboard.press(key)


def test_a_first_visit_is_explained_in_three_steps_that_one_can_skip(page, address):
    site.open_page(page, address, toured=False)
    assert part(page, "tour-text").inner_text().startswith("1 of 3")
    part(page, "tour-next").click()
    part(page, "tour-next").click()
    assert part(page, "tour-text").inner_text().startswith("3 of 3")
    page.keyboard.press("Escape")
    assert part(page, "tour").is_hidden()
    page.reload()
    page.wait_for_function(site.READY)
    assert part(page, "tour").is_hidden()
    part(page, "help").click()
    assert part(page, "tour").is_visible()
    part(page, "tour-skip").click()
    assert part(page, "tour").is_hidden()


def test_reduced_motion_stills_the_flow(page, address):
    site.open_page(page, address)
    phases = """async () => {
        const seen = new Set(), draw = playground.drawings.a.draw;
        playground.drawings.a.draw = function (...words) { seen.add(words[3]); return draw.apply(this, words); };
        playground.playing = true;
        for (let i = 0; i < 5; i++) playground.draw();
        playground.playing = false;
        return seen.size;
    }"""
    assert page.evaluate(phases) == 1
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(phases) > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 720)])
def test_it_fits_a_phone_and_a_projector(page, address, width, height, scheme):
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    site.open_page(page, f"{address}#preset=roads")
    for _ in range(8):
        site.train(page, 320)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"playground-{width}-{scheme}.png", full_page=width == 360)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:  # both networks and all curves at one glance
        assert page.evaluate("document.querySelector('.stage').getBoundingClientRect().bottom") <= height
    small = page.evaluate("""[...document.querySelectorAll('main *')]
        .filter((node) => node.checkVisibility() && parseFloat(getComputedStyle(node).fontSize) < 14).length""")
    assert small == 0


def axe(page):
    """What axe-core finds on the page: [(rule, [markup])]."""
    need_axe()
    page.add_script_tag(path=AXE)
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in page.evaluate("axe.run()")["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, address, scheme):
    page.emulate_media(color_scheme=scheme)
    site.open_page(page, f"{address}#a.rate=no", toured=False)
    part(page, "settings").locator("summary").click()
    assert axe(page) == []
    for other in ("linear.html#p=9", "toy.html#w0=9"):
        page.goto(address + other)
        page.wait_for_function("document.querySelector('[role=status]')?.textContent")
        assert axe(page) == []


def test_every_control_has_a_name_and_every_text_contrast(page, address):
    """What axe-core would find first, without it: names of controls, contrast of the theme's colours."""
    site.open_page(page, address)
    nameless = page.evaluate("""[...document.querySelectorAll('button, select, input, canvas')]
        .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length)
            && !node.closest('button')).length""")
    assert nameless == 0
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        theme = page.evaluate("""() => {
            const style = getComputedStyle(document.querySelector('main'));
            return Object.fromEntries(['text', 'quiet', 'ground', 'b', 'warn', 'plus', 'minus', 'button']
                .map((name) => [name, style.getPropertyValue('--' + name).trim()]));
        }""")
        for name in ("text", "quiet", "b", "warn"):
            assert contrast(theme[name], theme["ground"]) >= 4.5 and contrast(theme[name], theme["button"]) >= 4.5
        for name in ("plus", "minus"):
            assert contrast(theme[name], theme["ground"]) >= 3


def contrast(first, second):
    """The ratio of WCAG 2.2 between two colours, #rrggbb."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


# ---- Other forms of the page


def test_replicas_are_workers_of_their_own(page, address):
    site.open_page(page, f"{address}#replicas=3")
    site.train(page, 640)
    assert page.evaluate("playground.run.workers.length") == 6
    ends = page.evaluate("playground.curves.b.map((records) => records.at(-1).error)")
    assert len(ends) == 3 and len(set(ends)) == 3
    page.evaluate("playground.change(null, 'replicas', 1)")
    page.wait_for_function("playground.run.workers.length === 2 && playground.views.b?.images === 0")


def test_one_file_opens_from_a_disk(page, tmp_path):
    playground.save(tmp_path / "Gerät 1" / "playground.html")
    site.open_page(page, (tmp_path / "Gerät 1" / "playground.html").as_uri() + "#preset=zeros")
    site.train(page, 640)
    assert page.evaluate("playground.curves.b[0].at(-1).error") < 60


def test_the_folders_page_says_from_a_disk_how_to_open_it(browser):
    page = browser.new_page()  # its console reports the modules that the browser refuses
    page.goto((Path(playground.__file__).parent / "index.html").as_uri())
    assert "fa-lessons playground" in page.locator("main").inner_text()
    page.close()


def test_the_widget_shows_the_same_page_and_reports_its_state(page, address):
    widget = playground.widget("preset=zeros")
    page.route(
        "**/empty", lambda route: route.fulfill(body='<link rel="icon" href="data:,">', content_type="text/html")
    )
    page.goto(address + "empty")
    page.evaluate(
        """async ({esm, css, worker, state}) => {
            const style = document.createElement("style");
            style.textContent = css;
            document.head.append(style);
            const {default: {render}} = await import(URL.createObjectURL(new Blob([esm], {type: "text/javascript"})));
            const bytes = await (await fetch("digits.bin")).arrayBuffer();
            const values = {worker, state};
            let answer;
            const on = (event, take) => (answer = take);
            const send = (asked) => answer(asked, [new DataView(bytes)]);
            const set = (name, value) => (values[name] = value);
            window.model = {get: (name) => values[name], set, save_changes() {}, on, send, off: () => (answer = null)};
            window.close = render({model: window.model, el: document.body});
        }""",
        {"esm": str(widget._esm), "css": str(widget._css), "worker": widget.worker, "state": widget.state},
    )
    page.wait_for_function("document.querySelector('[data-part=b-numbers]').textContent.includes('wrong')")
    assert page.evaluate("model.get('state')").startswith("#preset=zeros")
    part(page, "step").click()
    page.wait_for_function("document.querySelector('[data-part=seen]').textContent.startsWith('32 ')")
    page.evaluate("window.close()")


@pytest.mark.parametrize("content", [None, b"no zlib stream", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_digits_that_do_not_come_or_are_damaged_give_a_sentence(browser, address, content):
    page = browser.new_page()  # its console reports the missing file
    answer = {"status": 404} if content is None else {"body": content}
    page.route("**/digits.bin", lambda route: route.fulfill(**answer))
    page.goto(address)
    page.wait_for_function("!playground.part.problem.hidden")
    assert "The digits could not be read" in part(page, "problem").inner_text()
    part(page, "play").click()
    assert page.evaluate("playground.playing") is False
    page.close()


def test_a_layer_is_frozen_by_the_menu(page, address):
    site.open_page(page, f"{address}#hidden=30,20")
    menu = part(page, "b-learns")
    assert menu.locator("option").count() == 3 + 3
    menu.select_option("freeze:2")
    page.wait_for_function("playground.state.b.plan === 'all@0,freeze:2@0' && playground.curves.b[0].length === 3")
    assert menu.input_value() == "freeze:2" and page.evaluate("playground.views.b.learning") == [True, False, True]
    menu.select_option("hidden")
    page.wait_for_function("playground.curves.b[0].length === 4")
    assert page.evaluate("playground.views.b.learning") == [True, True, False]


def test_what_a_hand_does_while_the_networks_train_happens_again_at_that_moment(page, address):
    site.open_page(page, address)
    part(page, "play").click()
    page.wait_for_function("playground.views.b.images > 500")
    page.get_by_role("button", name="flip B").nth(1).click()
    page.wait_for_function("playground.state.b.plan !== ''")
    part(page, "play").click()
    site.rest(page)
    seen = page.evaluate("playground.views.b.images")
    site.train(page, 64)
    other = page.context.new_page()
    site.open_page(other, page.url)
    site.train(other, seen + 64)
    weights = "[...playground.views.b.feedback[0].values, ...playground.views.b.forward[1].values]"
    assert other.evaluate(weights) == page.evaluate(weights)
    assert other.evaluate("playground.views.b.images") == page.evaluate("playground.views.b.images")
