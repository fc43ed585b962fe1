"""Exercises of lesson 5: DFA and IFA in deep networks."""

from fa_lessons.lessons.lesson5.depth_exercises import DEPTH
from fa_lessons.lessons.lesson5.probe_exercises import PROBE
from fa_lessons.lessons.lesson5.road_exercises import ROADS

EXERCISES = ROADS | DEPTH | PROBE
