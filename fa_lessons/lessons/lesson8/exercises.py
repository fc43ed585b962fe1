"""Exercises of lesson 8: feedback that learns or is borrowed, and where feedback alignment fails."""

from fa_lessons.lessons.lesson8.layer_exercises import LAYERS
from fa_lessons.lessons.lesson8.signal_exercises import SIGNALS
from fa_lessons.lessons.lesson8.weight_exercises import WEIGHTS

EXERCISES = WEIGHTS | SIGNALS | LAYERS
