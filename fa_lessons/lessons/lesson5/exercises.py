"""Exercises of lesson 5: DFA and IFA in deep networks."""

from fa_lessons.lessons.lesson5.depth_exercises import DEPTH
from fa_lessons.lessons.lesson5.probe_exercises import PROBE
from fa_lessons.lessons.lesson5.road_exercises import ROADS
from fa_lessons.lessons.lesson5.theory_exercises import AGREEMENT

EXERCISES = ROADS | DEPTH | AGREEMENT | PROBE
