"""Exercises of lesson 1: the backward pass, its check, and the first step away from it."""

from fa_lessons.lessons.lesson1.gradient_exercises import GRADIENTS
from fa_lessons.lessons.lesson1.signal_exercises import SIGNALS

EXERCISES = GRADIENTS | SIGNALS
