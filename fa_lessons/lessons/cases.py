"""Fixed cases that every answer must get right besides the random ones: extremes, and what the notebook itself asks."""

from fa_lessons.lessons.checking import Property
from fa_lessons.lessons.results import same


def cases(name, hint, reference, arguments, rtol=1e-3, atol=1e-4):
    """The property of agreeing with `reference` on each of `arguments`, a function that gives a list of them.

    The tolerances leave room for an answer in float32.
    """

    def holds(answer, _):
        return all(same(answer(*case), reference(*case), rtol, atol) for case in arguments())

    return Property(name, hint, holds)


def likewise(mistake, *wrongs):
    """A mistake together with its variants, which get the same message."""
    return mistake, *(type(mistake)(mistake.name, mistake.hint, wrong) for wrong in wrongs)
