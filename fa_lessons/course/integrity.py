"""Submissions that share answers: a list for the teacher to look at, and no accusation.

Answers are compared without comments, docstrings, layout and the names of variables. One that many gave, or that is
too short to be anyone's own, says nothing.
"""

import ast
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import nbformat

from fa_lessons.course.slots import MarkedLesson
from fa_lessons.lessons import sources

LEAST_NODES = 25  # of the syntax tree of an answer that can be anyone's own
COMMON = 0.2  # the share of a class from which on an answer is common
LEAST_SHARED = 2


@dataclass(frozen=True)
class Shared:
    """Two students, and the exercises that both answered alike; `wrong`: those of them that are wrong in both."""

    students: tuple
    exercises: tuple
    wrong: tuple


def normalised(source):
    """An answer in a form that layout, comments and names of variables do not change; "" for one that says nothing."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return " ".join(source.split())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    if sum(1 for _ in ast.walk(tree)) < LEAST_NODES:
        return ""
    names = {}
    for node in ast.walk(tree):
        for field in ("id", "arg"):
            if isinstance(name := getattr(node, field, None), str) and isinstance(node, ast.Name | ast.arg):
                setattr(node, field, names.setdefault(name, f"name{len(names)}"))
    return ast.unparse(tree)


def shared(answers, right=()):
    """The `Shared` of a class; answers: {student: {exercise: source}}; right: pairs (student, exercise) that passed."""
    by_answer, pairs = defaultdict(list), defaultdict(list)
    for student, given in answers.items():
        for exercise, source in given.items():
            if form := normalised(source):
                by_answer[exercise, form].append(student)
    common = max(2, COMMON * len(answers))
    for (exercise, _), students in by_answer.items():
        if len(students) <= common:
            for pair in combinations(sorted(students), 2):
                pairs[pair].append(exercise)
    found = [
        Shared(pair, tuple(sorted(done)), tuple(sorted(e for e in done if not {(s, e) for s in pair} & set(right))))
        for pair, done in pairs.items()
        if len(done) >= LEAST_SHARED
    ]
    return sorted(found, key=lambda one: (-len(one.exercises), one.students))


def word_by_word(answers, solutions):
    """{student: exercises} that are the lesson's own solution, letter for letter; `solutions`: {exercise: source}."""
    found = {}
    for student, given in answers.items():
        same = [n for n, source in given.items() if _letters(source) == _letters(solutions.get(n, ""))]
        if len(same) >= LEAST_SHARED:
            found[student] = sorted(same)
    return found


def _letters(source):
    return [line.rstrip() for line in sources.unmarked(source).splitlines() if line.strip()]


def answers_of(course, assignment):
    """{student: {exercise: source}} of what was handed in to an assignment and made whole; stubs left out."""
    lesson = MarkedLesson(course.source(assignment))
    handed_out = {
        c.metadata.nbgrader.grade_id: c.source for c in course.release(assignment).cells if "nbgrader" in c.metadata
    }
    found = {}
    for student in course.students(assignment):
        path = course.root / "submitted" / student / assignment / course.name(assignment)
        try:
            notebook = nbformat.read(path, as_version=4)
        except Exception:  # what was never made whole has no answers yet
            continue
        cells = {c.metadata.nbgrader.grade_id: c.source for c in notebook.cells if "nbgrader" in c.metadata}
        found[student] = {
            slot.number: cells[slot.solution]
            for slot in lesson.slots
            if cells.get(slot.solution, "").strip() not in ("", handed_out[slot.solution].strip())
        }
    return found
