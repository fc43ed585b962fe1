"""What a class did: its marks as a table, its commonest mistakes, and what a person should look at."""

import csv
import io
import json
from collections import Counter

from fa_lessons.course import gradebook, grading, integrity
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.course.workbook import digest
from fa_lessons.files import write_atomically

FIELDS = ("student", "assignment", "exercise", "points", "max_points", "failed", "needs_manual_grade", "edition")


def write(course):
    """Write `marks.csv` and `report.md` into the course's folder; return the report.

    Raises ValueError for one of them that a person wrote or changed, and as `gradebook.opened`.
    """
    rows = list(marks(course))
    table = io.StringIO()
    writer = csv.DictWriter(table, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text = report(course)
    _put(course, {"marks.csv": table.getvalue().encode(), "report.md": text.encode()})
    return text


def _put(course, files):
    """Write {name: content} into the course, if what stands there is as it was written last."""
    written, ours = _written_last(course), {}
    for name, content in files.items():
        path = course.root / name
        found = digest(path.read_bytes()) if path.is_file() else None
        if found not in (None, *written.get(name, ()), digest(content)):
            raise ValueError(f"{path} is not as it was written: move it aside, and the report is written again")
        ours[name] = [found, digest(content)]  # whichever an interrupt leaves
    write_atomically(_record(course), lambda file: file.write(json.dumps(ours).encode()))
    for name, content in files.items():
        write_atomically(course.root / name, lambda file, content=content: file.write(content))


def _written_last(course):
    """{file name: hashes of what was written there last}; empty where that is not known."""
    try:
        found = json.loads(_record(course).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _record(course):
    return course.root / "verdicts" / "report.json"


def marks(course):
    """The rows of `marks.csv`, as dictionaries: one for each student and graded cell, from nbgrader's gradebook."""
    with gradebook.opened(course) as book:
        for assignment in course.assignments():
            slots = {slot.check: slot for slot in MarkedLesson(course.source(assignment)).slots}
            submissions = sorted(book.assignment_submissions(assignment), key=lambda one: one.student.id)
            _refuse_gaps(course, assignment, {submission.student.id for submission in submissions})
            for submission in submissions:
                stored = grading.stored(course, assignment, submission.student.id)
                failed = {verdict["number"]: verdict["failed"] for verdict in stored.get("verdicts", [])}
                for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
                    exercise = slots[grade.name].number if grade.name in slots else grade.name
                    values = (submission.student.id, assignment, exercise, grade.score, grade.max_score)
                    edition = stored.get("edition", "")
                    rest = (failed.get(exercise, ""), grade.needs_manual_grade, edition)
                    yield dict(zip(FIELDS, (*values, *rest), strict=True))


def _refuse_gaps(course, assignment, held):
    """Raises ValueError where a submission was graded and the gradebook does not hold it."""
    lost = [
        student
        for student in course.students(assignment)
        if student not in held and grading.stored(course, assignment, student).get("booked")
    ]
    if lost:
        again = f"fa-lessons course grade {assignment} books them again"
        raise ValueError(f"the gradebook must hold {assignment} of {', '.join(lost)}, and does not: {again}")


def report(course):
    """The report as Markdown."""
    lines = [f"# {course.root.name}\n"]
    for assignment in course.assignments():
        found = {student: grading.stored(course, assignment, student) for student in course.students(assignment)}
        graded = {student: one for student, one in found.items() if one.get("verdicts")}
        if graded:
            lines += [f"## {assignment}: {len(graded)} submissions\n", *_exercises(course, assignment, graded)]
            lines += [*_costs(graded), *_by_hand(graded), *_shared(course, assignment, graded)]
        missing = sorted(set(found) - set(graded))
        if missing:
            lines.append(f"Not graded yet: {', '.join(missing)}. `fa-lessons course grade {assignment}` does it.\n")
    return "\n".join(lines)


def _exercises(course, assignment, graded):
    lines = ["| exercise | passed | not attempted | commonest mistakes |", "|---|---|---|---|"]
    for slot in MarkedLesson(course.source(assignment)).slots:
        verdicts = [v for one in graded.values() for v in one["verdicts"] if v["number"] == slot.number]
        failed = Counter(v["failed"] for v in verdicts if v["failed"])
        untouched = failed.pop("is attempted", 0)
        passed = sum(v["passed"] for v in verdicts)
        common = "; ".join(f"fails “{name}” ({count})" for name, count in failed.most_common(3))
        share = f"{100 * passed / max(len(verdicts), 1):.0f} %"
        lines.append(f"| {slot.number} {slot.heading.partition('★')[0].strip()} | {share} | {untouched} | {common} |")
    return [*lines, ""]


def _costs(graded):
    seconds = sorted(one["seconds"] for one in graded.values())
    peak = max(one["peak"] for one in graded.values())
    middle = seconds[len(seconds) // 2]
    return [f"Judging took {middle:.1f} s a submission (median), {seconds[-1]:.1f} s at most; at most {peak} MB.\n"]


def _by_hand(graded):
    rows = [(student, v["number"]) for student, one in graded.items() for v in one["verdicts"] if v["by_hand"]]
    return [f"- look at {student}'s exercise {number}: the grader could not finish it" for student, number in rows]


def _shared(course, assignment, graded):
    answers = integrity.answers_of(course, assignment)
    right = {(student, v["number"]) for student, one in graded.items() for v in one["verdicts"] if v["passed"]}
    lines = [
        f"- {' and '.join(one.students)} answered {', '.join(one.exercises)} alike"
        + (f"; alike and wrong: {', '.join(one.wrong)}" if one.wrong else "")
        for one in integrity.shared(answers, right)
    ]
    lesson = MarkedLesson(course.source(assignment))
    own = {slot.number: lesson.cells[slot.solution]["source"] for slot in lesson.slots}
    lines += [
        f"- {student} handed in the lesson's own solution, letter for letter: {', '.join(numbers)}"
        for student, numbers in integrity.word_by_word(answers, own).items()
    ]
    heading = "To look at, and no accusation: answers that are alike but for layout and names.\n"
    return [heading, *lines, ""] if lines else []
