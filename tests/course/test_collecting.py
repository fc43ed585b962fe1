"""What was handed in is kept as it came, and nothing of it can stop the grader or lead it elsewhere."""

import os
import time

import pytest

from fa_lessons.course import bounded, collecting
from fa_lessons.course.slots import MarkedLesson
from tests.classroom.students import everyone
from tests.course import handed_out

SOLVED = handed_out.source()
RELEASE, LESSON, DESK = handed_out.release(SOLVED), MarkedLesson(SOLVED), handed_out.desk(SOLVED)
NAMES = ["folder-named-so", "links", "pipe-and-locks", "odd-name", "odd-bytes", "long-name", "wrong-time", "two-files"]
CLASS = {student.name: student for student in everyone(DESK) if student.name in NAMES}


class Folder:
    """As much of a course as a collection needs."""

    def __init__(self, root):
        self.root = root

    def name(self, assignment):
        return DESK.name


@pytest.mark.skipif(os.name == "nt", reason="files there have no such names")
@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_in_the_folder_one_notebook_is_left_and_is_graded(tmp_path, name):
    student, folder = CLASS[name], tmp_path / "submitted" / "ann" / "lesson2"
    folder.mkdir(parents=True)
    for called, data in student.files.items():
        (folder / called).write_bytes(data)
    student.also(folder)
    whole = collecting.make_whole(Folder(tmp_path), "lesson2", "ann", RELEASE, LESSON)
    cells = {c.metadata.nbgrader.grade_id: c.source for c in whole.cells if "nbgrader" in c.metadata}
    for slot in LESSON.slots:
        assert (cells[slot.solution] == DESK.solutions[slot.number]) == (slot.number in student.passes)
    assert student.read in " ".join(whole.metadata.fa_lessons.notes)
    assert [path.name for path in folder.iterdir()] == [DESK.name]
    kept = list((tmp_path / "received" / "ann" / "lesson2").iterdir())
    assert all(path.is_file() and not path.is_symlink() for path in kept)
    assert len(kept) == len(student.files) + 1 + (name in ("folder-named-so", "odd-bytes"))
    assert collecting.make_whole(Folder(tmp_path), "lesson2", "ann", RELEASE, LESSON) == whole


def _endless():
    while True:
        pass


def _greedy():
    return len(bytes(2**30))


def _refuses():
    raise ValueError("no")


@pytest.mark.skipif(os.name == "nt", reason="limits are of Unix")
def test_work_on_a_file_is_bounded():
    assert bounded.bounded(len, "abc") == 3
    with pytest.raises(ValueError, match="no"):
        bounded.bounded(_refuses)
    with pytest.raises(bounded.Exceeded, match="memory"):
        bounded.bounded(os._exit, 3)
    start = time.monotonic()
    with pytest.raises(bounded.Exceeded, match="seconds"):
        bounded.bounded(_endless, seconds=0.2)
    assert time.monotonic() - start < 20


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="memory is limited on Linux alone")
def test_memory_is_bounded():
    with pytest.raises(bounded.Exceeded, match="memory"):
        bounded.bounded(_greedy, memory=2**29)


def test_a_file_that_cannot_be_read_in_time_is_an_empty_one(tmp_path, monkeypatch):
    def refuses(*_):
        raise bounded.Exceeded("it took too much memory")

    monkeypatch.setattr(collecting, "bounded", refuses)
    folder = tmp_path / "submitted" / "ann" / "lesson2"
    folder.mkdir(parents=True)
    (folder / DESK.name).write_bytes(b"{}")
    whole = collecting.make_whole(Folder(tmp_path), "lesson2", "ann", RELEASE, LESSON)
    assert "could not be read" in whole.metadata.fa_lessons.notes[0]
