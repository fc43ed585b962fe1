"""A class of scripted students, of whom each hands in one lesson, and the marks that each must get."""
