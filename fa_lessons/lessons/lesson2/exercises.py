"""Exercises of lesson 2: the flow of two weights, where it ends, and how large a step may be."""

from fa_lessons.lessons.lesson2.flow_exercises import FLOW
from fa_lessons.lessons.lesson2.speed_exercises import SPEED

EXERCISES = FLOW | SPEED
