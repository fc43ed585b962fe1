"""nbgrader's gradebook of a course: one that is gone or damaged is named, and none is made in its place."""

from contextlib import contextmanager
from pathlib import Path

from fa_lessons.course.nbgrader_course import configuration

FILE = "gradebook.db"


@contextmanager
def opened(course):
    """nbgrader's `Gradebook` of a course.

    Raises ValueError for one that is gone, damaged, or held by another program.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    settings = configuration(course.root).CourseDirectory
    url = make_url(settings.db_url)
    path = Path(url.database or FILE)
    if url.get_backend_name() == "sqlite" and not (path.is_file() and path.stat().st_size):
        raise ValueError(
            f"{path} must be the course's gradebook, and is gone or empty: put a copy back, or begin a new one, which "
            "lacks what was graded by hand, by nbgrader generate_assignment LESSON --force for each lesson"
        )
    try:
        with Gradebook(settings.db_url, settings.course_id) as found:
            yield found
    except SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        raise ValueError(f"{path} must be a gradebook that can be read, got one that cannot be ({reason})") from None


def passed(course, assignment):
    """{student: the test cells that gave points} of all submissions of an assignment that the gradebook holds."""
    with opened(course) as found:
        if assignment not in {one.name for one in found.assignments}:
            again = f"nbgrader generate_assignment {assignment} --force"
            raise ValueError(f"{course.root / FILE} must hold {assignment}, and does not: {again}")
        return {
            submission.student.id: {
                grade.name for notebook in submission.notebooks for grade in notebook.grades if grade.auto_score
            }
            for submission in found.assignment_submissions(assignment)
        }
