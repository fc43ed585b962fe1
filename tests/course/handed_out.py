"""A lesson as the course hands it out, made without nbgrader, and a submission to it as plain JSON."""

import copy
import json

import nbformat

from fa_lessons.course import nbgrader_course, notebooks, workbook
from fa_lessons.course.slots import MarkedLesson
from tests.classroom import students

SECRET = "s"


def source(lesson="2"):
    return nbgrader_course.source(nbformat.read(notebooks.find([lesson])[0], as_version=4), SECRET)


def release(solved):
    """The source with stubs in place of solutions."""
    whole = copy.deepcopy(solved)
    slots = {slot.solution: slot for slot in MarkedLesson(solved).slots}
    for cell in whole.cells:
        slot = slots.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if slot:
            cell.source = workbook.stub(cell.source, slot.number, slot.variable)
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = "YOUR ANSWER HERE"
    return whole


def desk(solved):
    plain = json.loads(json.dumps(release(solved)))
    other = json.dumps(source("3" if MarkedLesson(solved).number != "3" else "2")).encode()
    return students.Desk(plain, solved, "lesson.ipynb", other)
