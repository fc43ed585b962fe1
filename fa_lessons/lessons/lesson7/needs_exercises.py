"""Exercise 7.7: what a rule needs that the lesson has not shown."""

from itertools import product

from fa_lessons.lessons.cases import likewise
from fa_lessons.lessons.checking import Exercise, Mistake


# 7.7 Weight transport, two phases, an explicit slope, a separate error path, waiting for the layers above.
def _stranger_needs():
    return False, True, False, True, True


def _wrong_at(place):
    """Every wrong answer whose first wrong entry is this one."""
    for rest in product((False, True), repeat=4 - place):
        answer = (*_stranger_needs()[:place], not _stranger_needs()[place], *rest)
        yield lambda answer=answer: answer


def _mistake(name, hint, place):
    first, *others = _wrong_at(place)
    return likewise(Mistake(name, hint, first), *others)


NEEDS = {
    "stranger_needs": Exercise(
        reference=_stranger_needs,
        labels=("weight transport", "two phases", "explicit slope", "separate error path", "waiting"),
        hint="Go through the stranger's lines one by one, and ask for each need which line would have to be there.",
        mistakes=(
            *_mistake(
                "looks for a transposed W",
                "Weight transport is a use of Wᵀ, or of the same W in both directions. Is there one? The second pass "
                "goes upwards.",
                0,
            ),
            *_mistake(
                "counts the passes",
                "Each hidden layer is computed twice, without and with the error. The synapse compares the two.",
                1,
            ),
            *_mistake(
                "looks for a slope",
                "An explicit slope is `derivative`, or 1 − h². The second pass runs through tanh itself, and so finds "
                "the slope without naming it.",
                2,
            ),
            *_mistake(
                "looks at what carries the error",
                "Wires that carry an error and nothing else, beside the forward path: what is B for?",
                3,
            ),
            *_mistake(
                "asks when the first layer can learn",
                "The second pass starts when the error is known, and that is the output's, after all layers.",
                4,
            ),
        ),
    ),
}
