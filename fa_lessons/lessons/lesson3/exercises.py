"""Exercises of lesson 3: the flow, its modes from zero, and what falls along it from every start."""

from fa_lessons.lessons.lesson3.descent_exercises import DESCENT
from fa_lessons.lessons.lesson3.flow_exercises import FLOW
from fa_lessons.lessons.lesson3.modes_exercises import MODES

EXERCISES = FLOW | MODES | DESCENT
