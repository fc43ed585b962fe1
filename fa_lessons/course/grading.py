"""Grade a class: judge every submission, in parallel and once, then let nbgrader write the gradebook."""

import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from fa_lessons.course import collecting, gradebook, sandbox
from fa_lessons.course.nbgrader_course import edition, run_nbgrader
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.files import write_atomically
from fa_lessons.lessons import sources
from fa_lessons.progress import progress_bar

RESULT = {"verdicts": list, "seconds": float | int, "peak": float | int, "edition": str, "key": str}
VERDICT = {"number": str, "passed": bool, "failed": str, "reason": str, "notes": list, "by_hand": bool}
PATIENCE = 60  # seconds an exercise, after which the judge itself is ended


def order(course, assignment, submission, lesson=None):
    """All that a judge needs to know, as plain JSON: it can be sent to another machine.

    Raises ValueError for a course that lies where a student's code may read.
    """
    if sandbox.sees(course.root):
        raise ValueError(f"the course must lie outside of Python's and the system's folders, got {course.root}")
    lesson = lesson or course.source(assignment)
    return {
        "lesson": _slim(lesson),
        "edition": edition(lesson),
        "submission": _slim(submission),
        "secret": course.secret,
        "exercises": [slot.number for slot in MarkedLesson(lesson).slots],
    }


def _slim(notebook):
    """What a judge reads of a notebook: its sources and marks."""
    cells = [
        {"id": cell.id, "cell_type": cell.cell_type, "source": cell.source, "metadata": _marks(cell)}
        for cell in notebook.cells
        if cell.cell_type == "code" or sources.is_graded(cell)
    ]
    return {"cells": cells, "metadata": _marks(notebook)}


def _marks(part):
    return {name: value for name, value in part.metadata.items() if name in ("nbgrader", "fa_lessons")}


def key(given):
    """A hash of what an order's verdicts depend on."""
    cells = [[c["source"], c["metadata"].get("fa_lessons")] for c in given["submission"]["cells"]]
    text = json.dumps([given["edition"], given["secret"], cells], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def run(given):
    """Follow an order: {"verdicts", "seconds", "peak" memory in MB, "edition", "key"}. Needs no course.

    A judge that is ended by an exercise goes on, as a new one, at the next.
    """
    start, left, found, peak = time.monotonic(), list(given["exercises"]), {}, 0
    while left:
        lines = _judged({**given, "exercises": left})
        for line in lines:
            peak = max(peak, line.pop("peak", 0))
            if line:
                found[line["number"]] = line
        left = [number for number in left if number not in found]
        if left:
            found[left[0]] = _by_hand(left[0], given["lesson"])
            left = left[1:]
    verdicts = [found[number] for number in given["exercises"]]
    seconds = round(time.monotonic() - start, 1)
    return {"verdicts": verdicts, "seconds": seconds, "peak": peak, "edition": given["edition"], "key": key(given)}


def _judged(given):
    """The lines that a judge writes, until it is done or gone."""
    command = [sys.executable, "-m", "fa_lessons.course.judge"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, sandbox.KIND: sandbox.apart(), "OMP_NUM_THREADS": "1"},
    )
    try:
        out, _ = process.communicate(json.dumps(given).encode(), timeout=PATIENCE * len(given["exercises"]))
    except subprocess.TimeoutExpired:
        sandbox.end_family(process)
        out, _ = process.communicate()
    lines = []
    for line in out.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            break
    return lines


def _by_hand(number, lesson):
    slot = MarkedLesson(lesson).slot(number)
    reason = "✗ could not be graded: the grader itself was ended by it. Your teacher will look at it."
    return {
        **{"number": number, "name": slot.name, "passed": False, "failed": "can be graded", "reason": reason},
        **{"notes": [], "seconds": 0.0, "by_hand": True},
    }


def stored(course, assignment, student):
    """What was judged last of a submission; {} for nothing, and for a file that is no such thing."""
    try:
        found = json.loads((course.root / "verdicts" / assignment / f"{student}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if _has(found, RESULT) and all(_has(one, VERDICT) for one in found["verdicts"]) else {}


def _has(found, kinds):
    return isinstance(found, dict) and all(isinstance(found.get(name), kind) for name, kind in kinds.items())


def store(course, assignment, student, found):
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    write_atomically(course.root / "verdicts" / assignment / f"{student}.json", lambda file: file.write(text.encode()))


def verdicts(course, assignment, student, submission):
    """{number: verdict} of a submission: those stored, where they are of this very submission; else judged now."""
    given = order(course, assignment, submission)
    found = stored(course, assignment, student)
    if found.get("key") != key(given):
        found = run(given)
        store(course, assignment, student, found)
    return {verdict["number"]: verdict for verdict in found["verdicts"]}


def grade(course, assignment, jobs=1, dask=None, progress=True):
    """Collect, judge and book all submissions of an assignment; return {student: what became of it}.

    What is judged already is not judged again, so an interrupted run goes on where it was. A submission that cannot be
    graded stops no other: its value says what is wrong.
    """
    lesson, release, students = course.source(assignment), course.release(assignment), course.students(assignment)
    marked, held, done, orders = MarkedLesson(lesson), gradebook.passed(course, assignment), {}, {}
    for student in students:
        try:
            _refuse_name(student)
            whole = collecting.make_whole(course, assignment, student, release, marked)
            given = order(course, assignment, whole, lesson)
            done[student] = stored(course, assignment, student)
            if done[student].get("key") != key(given):
                orders[student] = given
            elif held.get(student) != _passed(done[student], marked):
                done[student].pop("booked", None)
        except Exception as error:  # whatever a submission does, the next one is graded
            done[student] = {"error": f"{type(error).__name__}: {error}"}
    with progress_bar(len(students), f"grading {assignment}", "submission", progress) as bar:
        bar.update(_booked(course, assignment, {s: found for s, found in done.items() if s not in orders}, done))
        for student, found in _on_dask(orders, dask) if dask else _on_cores(orders, jobs):
            if "error" not in found:
                store(course, assignment, student, found)
            bar.update(_booked(course, assignment, {student: found}, done))
    return done


def _passed(found, marked):
    """The test cells that give points for what was found."""
    right = {verdict["number"] for verdict in found["verdicts"] if verdict["passed"]}
    return {slot.check for slot in marked.slots if slot.number in right}


def _refuse_name(student):
    if set("[]*?") & set(student):
        raise ValueError(f"the name of a student's folder must be without [, ], * and ?, got {student!r}; rename it")


def _booked(course, assignment, judged, done):
    """Book what was judged, {student: what was found}, and note in `done` what became of it; how many there were."""
    for student, found in judged.items():
        done[student] = found
        try:
            if "error" not in found:
                _book(course, assignment, student, found)
        except Exception as error:  # whatever nbgrader says of one, the next one is booked
            done[student] = {"error": str(error)}
    return len(judged)


def _book(course, assignment, student, found):
    """Let nbgrader write the gradebook, unless it has done so for this very submission."""
    made = course.root / "autograded" / student / assignment / course.name(assignment)
    if not (made.exists() and found.get("booked") == found["key"]):
        run_nbgrader(course.root, "autograde", assignment, student, force=True)
        store(course, assignment, student, {**found, "booked": found["key"]})


def _on_cores(orders, jobs):
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(run, given): student for student, given in orders.items()}
        try:
            for future in as_completed(waiting):
                yield waiting[future], _result(future)
        finally:  # an interrupt waits for those that are being judged, and for no others
            pool.shutdown(cancel_futures=True)


def _on_dask(orders, address):
    """The same on a Dask cluster; what a worker did that died is done again elsewhere."""
    try:
        from distributed import Client
        from distributed import as_completed as completed
    except ImportError:
        raise ValueError("a cluster needs the package distributed: pip install 'fa-lessons[cluster]'") from None

    with Client(address, set_as_default=False) as client:
        waiting = {client.submit(run, given, pure=False): student for student, given in orders.items()}
        # with their results: one that was lost with its worker, and is on its way again, holds up no other
        for future, found in completed(waiting, loop=client.loop, with_results=True, raise_errors=False):
            yield waiting[future], found if isinstance(found, dict) else _result(future)


def _result(future):
    try:
        return future.result()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
