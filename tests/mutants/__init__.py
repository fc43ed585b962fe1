"""Seeded faults: does a test notice when the package is wrong? `make mutants` seeds each in a copy of the package."""
