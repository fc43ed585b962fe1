"""Exercises of lesson 6: what breaks, and the tests that see it."""

from fa_lessons.lessons.lesson6.curve_exercises import CURVES
from fa_lessons.lessons.lesson6.delay_exercises import DELAY
from fa_lessons.lessons.lesson6.feedback_exercises import FEEDBACK
from fa_lessons.lessons.lesson6.repair_exercises import REPAIR

EXERCISES = CURVES | DELAY | FEEDBACK | REPAIR
