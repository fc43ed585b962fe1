"""Exercises of lesson 7: other roads, and the laws that lead them to backprop or away from it."""

from fa_lessons.lessons.lesson7.hebbian_exercises import HEBBIAN
from fa_lessons.lessons.lesson7.likelihood_exercises import LIKELIHOOD
from fa_lessons.lessons.lesson7.needs_exercises import NEEDS
from fa_lessons.lessons.lesson7.settling_exercises import SETTLING
from fa_lessons.lessons.lesson7.target_exercises import TARGET

EXERCISES = HEBBIAN | TARGET | LIKELIHOOD | SETTLING | NEEDS
