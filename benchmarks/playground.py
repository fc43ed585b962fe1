"""The playground's engine in Chromium against the package: images a second of FA, 784-100-10, batch 32, one core."""

import shutil
import threading
from functools import partial

import torch

from benchmarks.engine import OurRun
from benchmarks.timing import seconds_per_call
from fa_lessons import load_mnist, playground

STEPS = 100  # in one call
FLAGS = ["--no-sandbox", "--disable-gpu"]
START = """async () => {
    const {initialState, settingsOf} = await import(new URL("state.js", location));
    const {Trainer} = await import(new URL("trainer.js", location));
    window.trainer = new Trainer(playground.digits, settingsOf(initialState(), "b"));
}"""
OPENING = "performance.now() - performance.getEntriesByType('navigation')[0].startTime"


def against_the_package():
    """(our seconds over the browser's, a note); infinite, with a word, where there is no Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        return float("nan"), "no Chromium here"
    from playwright.sync_api import sync_playwright

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with playground.server() as running, sync_playwright() as playwright:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        page = playwright.chromium.launch(executable_path=program, args=FLAGS).new_page()
        page.goto(playground.address(running))
        page.wait_for_function("globalThis.playground?.frames > 0")
        opened = page.evaluate(OPENING)
        frames = page.evaluate(FRAMES)
        page.evaluate(START)
        package = OurRun(load_mnist(), (784, 100, 10), "fa", "tanh", "sgd", 0.2)
        package.trainer.batch_size = 32
        steps = f"for (let i = 0; i < {STEPS}; i++) trainer.step()"
        contestants = {
            "browser": partial(page.evaluate, steps),
            "package": lambda: [package.step() for _ in range(STEPS)],
        }
        times = seconds_per_call(contestants, rounds=7, calls=2)
        running.shutdown()
    torch.set_num_threads(threads)
    note = f"{32 * STEPS / times['browser']:,.0f} images/s against {32 * STEPS / times['package']:,.0f}; "
    note += f"{opened / 1000:.1f} s from open to first point, {frames:.0f} pictures/s with both sides at full speed"
    return times["package"] / times["browser"], note


FRAMES = """async () => {
    const count = () => [playground.frames, performance.now()];
    const training = playground.play();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [before, start] = count();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const [after, end] = count();
    playground.pause();
    await training;
    return (1000 * (after - before)) / (end - start);
}"""

BENCHMARKS = {"playground in Chromium, FA 784-100-10, vs the package on one thread": against_the_package}
