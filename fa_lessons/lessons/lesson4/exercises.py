"""Exercises of lesson 4: feedback alignment on MNIST."""

from fa_lessons.lessons.lesson4.feedback_exercises import FEEDBACK
from fa_lessons.lessons.lesson4.signal_exercises import SIGNALS
from fa_lessons.lessons.lesson4.training_exercises import TRAINING

EXERCISES = SIGNALS | FEEDBACK | TRAINING
