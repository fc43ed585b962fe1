"""Explorers: a plain function that computes, a figure that is updated, a thin widget that shows it."""
