"""Lesson 3's explorer as a static page: its arithmetic is the lesson's, its sliders move it."""

import numpy as np
import pytest

from fa_lessons.lessons.lesson3 import theory as linear
from tests.browser import playground_page as site
from tests.browser.playground_page import SCREENSHOTS, part

RUN = """async ({W, A, B, T, rate, count, time}) => {
    const {curves, flow, pseudoInverse, steps} = await import(new URL("linear.js", location));
    const end = flow(W, A, B, T, time, 4).at(-1), path = steps(W, A, B, T, rate, count);
    return {flow: end, steps: path.at(-1), curves: curves(path, B, T), inverse: pseudoInverse(B)};
}"""


@pytest.fixture(scope="module")
def address():
    with site.serving() as found:
        yield found


@pytest.fixture
def explorer(page, address):
    page.goto(f"{address}linear.html")
    page.wait_for_function("document.querySelector('[data-part=verdict]')?.textContent")
    return page


@pytest.mark.parametrize(
    ("p", "m", "n", "rank"), [(3, 5, 4, 3), (1, 1, 1, 1), (6, 2, 3, 2), (4, 4, 2, 1), (2, 3, 5, 0)]
)
def test_flow_steps_curves_and_inverse_are_the_lessons(explorer, p, m, n, rank):
    W, A, B, T, _ = linear.random_system(np.random.default_rng(p), p, m, n, rank, scale=0.5)
    given = {name: matrix.tolist() for name, matrix in {"W": W, "A": A, "B": B, "T": T}.items()}
    ours = explorer.evaluate(RUN, {**given, "rate": 0.01, "count": 50, "time": 0.7})
    Ws, As = linear.steps(W, A, B, T, 0.01, 50)
    for mine, truth in zip(ours["steps"], (Ws[-1], As[-1]), strict=True):
        np.testing.assert_allclose(mine, truth, rtol=1e-10, atol=1e-12)
    for mine, truth in zip(ours["flow"], linear.solve(W, A, B, T, [0, 0.7]), strict=True):
        np.testing.assert_allclose(mine, truth[-1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours["inverse"], np.linalg.pinv(B), atol=1e-7)
    L, C = linear.lyapunov(Ws, As, B, T), linear.constant(Ws, As, B)
    curves = {
        "error": linear.norm(T - Ws @ As) / linear.norm(T),
        "V": linear.V(Ws, As, B, T) / (linear.V(W, A, B, T) or 1),
        "L": (L - L.min()) / (L[0] - L.min() or 1),
        "drift": linear.norm(C - C[0]) / (linear.norm(B @ T) or 1),
    }
    for name, truth in curves.items():
        np.testing.assert_allclose(ours["curves"][name], truth, rtol=1e-8, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(
    ("hash", "words"),
    [
        ("start=0", "V never rises"),
        ("start=-3", "V rises on its way"),
        ("rate=0", "the steps are too large: they overflow after"),
        ("rank=0&start=0", "The flow's error ends at 1.0e+0"),
    ],
)
def test_the_verdict_says_what_the_lesson_says(explorer, hash, words):
    explorer.evaluate(f"location.hash = '{hash}'")
    explorer.wait_for_function(f"document.querySelector('[data-part=verdict]').textContent.includes({words!r})")


def test_every_slider_moves_by_keyboard_and_the_address_follows(explorer):
    for name, value in (("p", 4), ("m", 6), ("n", 5), ("rank", 4), ("start", -1.95), ("rate", -1.95), ("seed", 1)):
        before = [part(explorer, name).get_attribute("aria-label") for name in ("error", "L")]
        slider = explorer.locator(f"[name={name}]")
        slider.focus()
        explorer.keyboard.press("ArrowRight")
        assert slider.input_value() == str(value) and f"{name}={value}" in explorer.url
        assert [part(explorer, name).get_attribute("aria-label") for name in ("error", "L")] != before


def test_a_bad_address_gives_a_sentence(explorer):
    explorer.evaluate("location.hash = 'p=9&colour=red'")
    explorer.wait_for_function("!document.querySelector('[data-part=problem]').hidden")
    text = part(explorer, "problem").inner_text()
    assert "Outputs must be a whole number from 1 to 8, got “9”." in text and "“colour”" in text


def test_it_fits_a_phone_and_a_projector(explorer):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in ((360, 740), (1280, 720)):
        explorer.set_viewport_size({"width": width, "height": height})
        assert explorer.evaluate("document.documentElement.scrollWidth") <= width
        explorer.screenshot(path=SCREENSHOTS / f"linear-{width}-light.png", full_page=True)
