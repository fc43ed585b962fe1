"""Exercises of lesson 1: the backward pass, its check, and the first step away from it."""

from fa_lessons.lessons.lesson1.gradient_exercises import GRADIENTS
from fa_lessons.lessons.lesson1.signal_exercises import SIGNALS
from fa_lessons.lessons.lesson1.transfer_exercises import TRANSFER

EXERCISES = GRADIENTS | SIGNALS | TRANSFER
