"""The table of all exercises for the teacher's guide, from the lessons and their checks."""

import re

from fa_lessons import places
from fa_lessons.course import nbgrader_course, notebooks
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.files import write_atomically
from fa_lessons.lessons import find
from fa_lessons.lessons.meaning import SHOWS

BEGIN, END = "<!-- exercises: begin -->", "<!-- exercises: end -->"
KINDS = (  # the first whose words stand in the title or the task
    ("find the bug", r"\bbugs?\b|\brepair\b|line that is wrong"),
    ("transfer", r"\banother task\b|\btransfer\b|\bnew task\b|\bother data\b"),
    ("derive", r"\bderive\b|\bintegrate\b|\bfrom the equation\b|\bprove\b|\bmissing term\b|\bconstant of\b|\blimit\b"),
)


def rows():
    """Dictionaries of all exercises of the installed lessons, in their order."""
    for path in notebooks.find():
        lesson = MarkedLesson(notebooks.read(path))
        points = {
            s.number: s.points for s in MarkedLesson(nbgrader_course.source(notebooks.read(path), secret="")).slots
        }
        for slot in lesson.slots:
            title, _, rest = slot.heading.partition("★")
            minutes = re.search(r"(\d+) minutes?", rest)
            exercise = find(slot.name)
            mistakes = [mistake.name for mistake in exercise.mistakes]
            yield {
                "number": slot.number,
                "title": title.strip(" ·"),
                "kind": kind(title, _task(lesson, slot), exercise),
                "difficulty": "★" * ("★" + rest).count("★"),
                "minutes": minutes[1] if minutes else "",
                "points": f"{points[slot.number]:g}",
                "goal": SHOWS.get(slot.name, ""),
                "mistakes": "; ".join(dict.fromkeys([*mistakes, *(p.name for p in exercise.properties)])),
            }


def kind(title, task, exercise):
    """derive, write, predict, find the bug, or transfer: what an exercise asks for."""
    if exercise.draw is None and not re.search(KINDS[0][1], title, re.IGNORECASE):
        return "predict"
    return next((name for name, words in KINDS if re.search(words, f"{title} {task}", re.IGNORECASE)), "write")


def _task(lesson, slot):
    """The text under an exercise's heading, up to its first hint."""
    for cell in lesson.all:
        if cell["cell_type"] == "markdown" and f"### Exercise {slot.number} " in cell["source"]:
            text = cell["source"].partition(f"### Exercise {slot.number} ")[2].partition("\n")[2]
            return text.partition("<details>")[0]
    return ""


def table():
    """The table as Markdown."""
    lines = [
        "| | exercise | kind | | min | points | what a right answer shows | properties that the check names |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows():
        lines.append("| " + " | ".join(str(value).replace("|", "\\|") for value in row.values()) + " |")
    return "\n".join(lines)


def guide():
    """The path of the teacher's guide in the checkout. Raises ValueError outside of one."""
    if not places.checkout():
        raise ValueError("the teacher's guide is written in a checkout of the project, and there is none")
    return places.checkout() / "docs" / "teaching.md"


def updated(text):
    """The guide `text` with the table as it is now. Raises ValueError where it has no place for it."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"the guide must have the lines {BEGIN} and {END}")
    return f"{text.partition(BEGIN)[0]}{BEGIN}\n{table()}\n{END}{text.partition(END)[2]}"


def write():
    """Bring the table in the teacher's guide up to date; return a line that says so."""
    new = updated(guide().read_text(encoding="utf-8"))
    write_atomically(guide(), lambda file: file.write(new.encode()))
    return f"{guide()} is up to date"
