"""One redraw of each explorer that computes in the kernel, against 60 ms; lesson 2's runs in the browser."""

from functools import partial
from itertools import cycle
from types import SimpleNamespace

from benchmarks.timing import seconds_per_call

BUDGET = 0.060  # seconds; a slower picture lags behind the slider


def lesson1():
    from fa_lessons.lessons.lesson1 import explorer as gradients

    other = partial(gradients.gradient_check, step=1e-3, bug="no mean over the batch")
    return gradients.Picture(gradients.gradient_check()), cycle([gradients.gradient_check, other])


def lesson3():
    from fa_lessons.lessons.lesson3 import explorer as linear

    other = partial(linear.proof_curves, p=8, m=8, n=8, rank=8, start=1.0)
    return linear.Picture(linear.proof_curves()), cycle([linear.proof_curves, other])


def lesson4():
    from fa_lessons import load_mnist
    from fa_lessons.lessons.lesson4 import explorer as alignment

    grid = alignment.alignment_grid(_few(load_mnist()), hidden=(10,), records=3)
    return alignment.Picture(grid, 0, 3, 3), cycle([lambda: (0, 0, 0), lambda: (0, 5, 5)])


def lesson5():
    from fa_lessons.lessons.lesson5 import explorer as depth

    for rule in depth.RULES:  # the widget trains everything before the first redraw
        depth.depth_run(rule, 3)
    return depth.Picture("dfa", 3, 1.0), cycle([lambda: ("fa", 3, 10.0), lambda: ("dfa", 3, 1.0)])


def lesson6():
    from fa_lessons import load_mnist
    from fa_lessons.lessons.lesson6 import explorer as damage

    task = damage.small_task(load_mnist())
    states = [partial(damage.damaged_curves, task), partial(damage.damaged_curves, task, 8, 1.0, 0.5)]
    return damage.Picture(states[0]()), cycle(states)


def lesson7():
    from fa_lessons.lessons.lesson7 import explorer as law

    states = [partial(law.law_curves, "32 bits"), partial(law.law_curves, "64 bits", 10, same_start=False)]
    return law.Picture(states[0]()), cycle(states)


def lesson8():
    from fa_lessons import load_mnist
    from fa_lessons.lessons.lesson8 import explorer as learnt

    task = learnt.small_task(load_mnist())
    states = [partial(learnt.feedback_run, task, rule) for rule in learnt.RULES]
    return learnt.Picture(states[0]()), cycle(states)


def _few(data):
    parts = {f"train_{name}": getattr(data, f"train_{name}")[:2000] for name in ("images", "labels")}
    return SimpleNamespace(**parts, test_images=data.test_images[:200], test_labels=data.test_labels[:200])


def redraw(explorer):
    """(60 ms over one redraw's median seconds, a note): compute a new state, move the artists, encode the PNG."""
    picture, states = explorer()

    def one():
        state = next(states)()
        picture.update(*(state if isinstance(state, tuple) else (state,)))
        picture.png()

    seconds = seconds_per_call({"redraw": one}, rounds=5, calls=10)["redraw"]
    return BUDGET / seconds, f"{1000 * seconds:.0f} ms a redraw, budget 60 ms"


BENCHMARKS = {
    "lesson 1's explorer vs its budget": partial(redraw, lesson1),
    "lesson 3's explorer vs its budget": partial(redraw, lesson3),
    "lesson 4's explorer vs its budget": partial(redraw, lesson4),
    "lesson 5's explorer vs its budget": partial(redraw, lesson5),
    "lesson 6's explorer vs its budget": partial(redraw, lesson6),
    "lesson 7's explorer vs its budget": partial(redraw, lesson7),
    "lesson 8's explorer vs its budget": partial(redraw, lesson8),
}
