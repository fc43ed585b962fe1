"""Exercises of lesson 8: feedback that learns or is borrowed, and where feedback alignment fails."""

from fa_lessons.lessons.lesson8.layer_exercises import LAYERS
from fa_lessons.lessons.lesson8.rule_exercises import RULES

EXERCISES = RULES | LAYERS
