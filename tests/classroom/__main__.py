"""`python -m tests.classroom [LESSON]`: hand out a lesson, play the class, grade it, and compare the gradebook.

Then the same class is graded on two Dask workers, one of which is killed, and the two gradebooks are compared.
"""

import functools
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from fa_lessons.course import grading, nbgrader_course, notebooks, sandbox
from fa_lessons.course.slots import MarkedLesson
from tests.classroom import students


def play(course, assignment, outside, port):
    """Hand in what every student hands in; return the students."""
    other = next(name for name in course.assignments() if name != assignment)
    release = json.loads((course.root / "release" / assignment / course.name(assignment)).read_text(encoding="utf-8"))
    for cell in release["cells"]:
        cell["source"] = "".join(cell["source"])
    desk = students.Desk(
        release,
        course.source(assignment),
        course.name(assignment),
        (course.root / "source" / other / course.name(other)).read_bytes(),
    )
    found = students.everyone(desk, outside, port)
    for student in found:
        folder = course.root / "submitted" / student.name / assignment
        folder.mkdir(parents=True)
        for name, data in student.files.items():
            (folder / name).write_bytes(data)
        student.also(folder)
    return found


def booked(course, assignment):
    """{student: {cell: automatic points}} as nbgrader's gradebook has them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        return {
            submission.student.id: {g.name: g.auto_score for n in submission.notebooks for g in n.grades}
            for submission in gradebook.assignment_submissions(assignment)
        }


def differences(course, assignment, found):
    """What the gradebook, the verdicts and the feedback say that they should not."""
    marks, slots, wrong = booked(course, assignment), MarkedLesson(course.source(assignment)).slots, []
    target = students.Desk({"cells": []}, course.source(assignment), "").target
    for student in found:
        got = marks.get(student.name, {})
        for slot in slots:
            expected = slot.points if slot.number in student.passes else 0.0
            if got.get(slot.check) != expected:
                verdict = grading.stored(course, assignment, student.name).get("verdicts", [])
                why = next((v["reason"] for v in verdict if v["number"] == slot.number), "no verdict")
                wrong.append(f"{student.name} {slot.number}: {got.get(slot.check)} instead of {expected}: {why}")
        path = course.root / "autograded" / student.name / assignment / course.name(assignment)
        notebook = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cells": []}
        told = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == target.check]
        said = json.dumps(told, ensure_ascii=False)
        if student.told and not any(words in said for words in student.told.split(" | ")):
            wrong.append(f"{student.name} is not told “{student.told}”: {told and told[0]['outputs']}")
        if student.read and student.read not in json.dumps(notebook["cells"][:1], ensure_ascii=False):
            wrong.append(f"{student.name} does not read “{student.read}”")
        judged = grading.stored(course, assignment, student.name).get("verdicts", [])
        wrong += [f"{student.name}: the grader could not finish {v['number']}" for v in judged if v["by_hand"]]
        if len(json.dumps(judged)) > 20_000:
            wrong.append(f"{student.name} fills the page")
        if "FOUND" in json.dumps(told):
            wrong.append(f"{student.name} found what is hidden: {told[0]['outputs']}")
    return wrong


def pages(course, assignment):
    """What the feedback pages show that they should not: code that runs in the reader's browser, or a hidden test."""
    wrong = []
    for student in ("dangerous-page", "odd-name", "shouts"):
        nbgrader_course.run_nbgrader(course.root, "generate_feedback", assignment, student)
        (page,) = (course.root / "feedback" / student / assignment).glob("*.html")
        text = page.read_text(encoding="utf-8")
        for words in ("<script>alert", "<img src=x", '<img src="x"', 'href="javascript:', "\x1b[2J", course.secret):
            if words in text:
                wrong.append(f"{student}'s page holds {words!r}")
    return wrong


def left_behind():
    """The processes that a student's code left behind."""
    found = [
        process for process in psutil.process_iter(["cmdline"]) if students.LEFT in (process.info["cmdline"] or ())
    ]
    return [f"process {process.pid} lives on" for process in found]


class Listener:
    """A port of this machine that counts who connects."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.calls = self.server.getsockname()[1], 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            self.server.accept()[0].close()
            self.calls += 1


def on_dask(course, assignment):
    """Grade on a cluster of two workers, and kill one when the first verdicts are there."""
    from distributed import LocalCluster

    def kill_one():
        while not done.wait(0.1):
            if list((course.root / "verdicts" / assignment).glob("*.json")):
                killed.append(cluster.workers[0].pid)
                os.kill(killed[0], signal.SIGKILL)
                return

    done, killed = threading.Event(), []
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        killer = threading.Thread(target=kill_one)
        killer.start()
        grading.grade(course, assignment, dask=cluster.scheduler_address)
        done.set()
        killer.join()
    return killed


def main(assignment="lesson2", jobs=2):
    """Play the class; return how many differences there were."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        outside = folder / "outside"
        outside.mkdir(mode=0o777)
        outside.chmod(0o777)
        start = time.monotonic()
        notebooks.find = functools.partial(notebooks.find, [assignment.removeprefix("lesson"), "1"])  # quicker
        nbgrader_course.write(folder / "course")
        course, listener = nbgrader_course.Course(folder / "course"), Listener()
        print(f"the course is written ({time.monotonic() - start:.0f} s); the room is of kind {sandbox.apart()!r}")
        shutil.copytree(course.root, folder / "again")
        again = nbgrader_course.Course(folder / "again")
        found = play(course, assignment, outside, listener.port)
        play(again, assignment, outside, listener.port)
        start = time.monotonic()
        graded = grading.grade(course, assignment, jobs)
        seconds = time.monotonic() - start
        wrong = differences(course, assignment, found) + pages(course, assignment)
        for name, result in sorted(graded.items()):
            print(
                f"{name:24} {result.get('seconds', 0):6.1f} s {result.get('peak', 0):5} MB  {result.get('error', '')}"
            )
        peak = max(result.get("peak", 0) for result in graded.values())
        print(f"{len(found)} students in {seconds:.0f} s with {jobs} jobs on {os.cpu_count()} cores; at most {peak} MB")
        start = time.monotonic()
        if not on_dask(again, assignment):
            wrong.append("no Dask worker was killed")
        print(f"the same class on two Dask workers, one killed: {time.monotonic() - start:.0f} s")
        wrong += [f"on Dask: {line}" for line in differences(again, assignment, found)]
        if booked(again, assignment) != booked(course, assignment):
            wrong.append("the two gradebooks differ")
        if listener.calls:
            wrong.append(f"{listener.calls} connections left the room")
        wrong += [f"{path} was written from the room" for path in [*outside.iterdir(), *Path("/").glob("hostile.txt")]]
        wrong += left_behind()
        print("\n".join(wrong) if wrong else "every mark is as it should be, cell by cell")
        return len(wrong)


if __name__ == "__main__":
    sys.exit(bool(main(*sys.argv[1:])))
