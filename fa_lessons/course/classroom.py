"""What a lesson calls in a graded course: the workbook's exercises, without the way to the solution."""

import math

from fa_lessons.lessons import attempts
from fa_lessons.lessons.attempts import hint, standing

__all__ = ["attempt", "hint", "standing"]


def attempt(name, answer):
    """`attempts.attempt`, which here offers further hints and never the solution."""
    attempts.WAY_TO_THE_SOLUTION = math.inf
    return attempts.attempt(name, answer)
