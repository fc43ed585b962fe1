"""One redraw of each explorer that computes in the kernel, against 60 ms; lesson 2's runs in the browser."""

from functools import partial
from itertools import cycle

from benchmarks.timing import seconds_per_call

BUDGET = 0.060  # seconds; a slower picture lags behind the slider


def lesson1():
    from fa_lessons.widgets import gradients

    other = partial(gradients.gradient_check, step=1e-3, bug="no mean over the batch")
    return gradients.Picture(gradients.gradient_check()), cycle([gradients.gradient_check, other])


def lesson3():
    from fa_lessons.widgets import linear

    other = partial(linear.proof_curves, p=8, m=8, n=8, rank=8, start=1.0)
    return linear.Picture(linear.proof_curves()), cycle([linear.proof_curves, other])


def redraw(explorer):
    """(60 ms over one redraw's median seconds, a note): compute a new state, move the artists, encode the PNG."""
    picture, states = explorer()

    def one():
        picture.update(next(states)())
        picture.png()

    seconds = seconds_per_call({"redraw": one}, rounds=5, calls=10)["redraw"]
    return BUDGET / seconds, f"{1000 * seconds:.0f} ms a redraw, budget 60 ms"


BENCHMARKS = {
    "lesson 1's explorer vs its budget": partial(redraw, lesson1),
    "lesson 3's explorer vs its budget": partial(redraw, lesson3),
}
