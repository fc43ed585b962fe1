"""How an exercise tells a learner that an answer is not right yet: one property, and one hint."""


class CheckFailed(AssertionError):
    """The answer is wrong; the message names the property that failed and gives one hint."""

    def _render_traceback_(self):  # a notebook shows the message alone, without our stack
        return [str(self)]


class NotAttempted(CheckFailed):
    """The answer is still the stub."""


def fail(name, hint):
    """Raise CheckFailed for the property called `name`."""
    raise CheckFailed(f"✗ fails the property “{name}”.\n  Hint: {hint}")
