"""Exercises of lesson 3: the flow, what it keeps, what falls along it, and where it ends."""

from fa_lessons.lessons.lesson3.descent_exercises import DESCENT
from fa_lessons.lessons.lesson3.flow_exercises import FLOW

EXERCISES = FLOW | DESCENT
