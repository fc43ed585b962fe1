"""The judge: which of a submission's exercises are right. `python -m fa_lessons.course.judge` judges one submission.

Each exercise runs in a room of its own, on the student's own cells, with the lesson's stand-ins for what they need of
other cells. The truths stay here. Whatever happens in a room costs its own exercise, and no other.
"""

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from functools import partial

import psutil

from fa_lessons.course import hidden, slices, variants
from fa_lessons.course.remote import Ended, OutOfTime, Player
from fa_lessons.course.slots import MarkedLesson
from fa_lessons.lessons import CheckFailed, NotAttempted, find
from fa_lessons.lessons.tries import digest

LONGEST = 2000  # characters of what a student is told of one exercise
OTHER_INPUTS = "It passes the notebook's own check, and fails here on inputs that were not drawn there."
ENDLESS = "It was stopped. Is there an endless loop, or a loop where one product would do?"


@dataclass
class Verdict:
    """What became of one exercise. `failed` is the property that failed, "" for a right answer.

    `reason`: what the student is told. `notes`: what else happened, a sentence each. `by_hand`: a person must look.
    """

    number: str
    name: str
    passed: bool
    failed: str = ""
    reason: str = ""
    notes: list = field(default_factory=list)
    seconds: float = 0.0
    by_hand: bool = False


def judge(lesson, submission, slot, secret):
    """The `Verdict` on the exercise of `slot`; `lesson` a MarkedLesson, `submission` a notebook as repaired."""
    start = time.monotonic()
    verdict = Verdict(slot.number, slot.name, False)
    cell = next(c for c in submission["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == slot.solution)
    verdict.notes += cell["metadata"].get("fa_lessons", {}).get("notes", [])
    try:
        verdict.reason = _examine(lesson, submission, slot, cell["source"], secret, verdict.notes)
        verdict.passed = True
    except NotAttempted as untouched:
        verdict.failed, verdict.reason = "is attempted", str(untouched)
    except CheckFailed as failure:
        verdict.failed, verdict.reason = _property(str(failure)), str(failure)
    except Exception as error:  # the grader's own
        verdict.failed, verdict.by_hand = "can be graded", True
        stopped = f"the grader itself stopped with {type(error).__name__}"
        verdict.reason = f"✗ could not be graded: {stopped}. Your teacher will look at it."
    verdict.reason, verdict.notes = clean(verdict.reason), [clean(note) for note in verdict.notes]
    verdict.seconds = round(time.monotonic() - start, 2)
    return verdict


def _examine(lesson, submission, slot, source, secret, notes):
    """What is said of a right answer; raises CheckFailed for another."""
    if not source.strip() or digest(source.strip().encode()) == _stub(submission, slot):
        raise NotAttempted("✎ not attempted: the cell is as it was handed out.")
    number = hidden.seed(secret, slot.name)
    said = _played(_program(lesson, submission, slot, source, notes), notes, partial(_asked, slot.name, number))
    if again := variants.asked(slot.name, number):
        other = replace(slot, variable=f"{slot.variable}{variants.ENDING}")
        _played(_program(lesson, submission, other, source, notes), notes, partial(_again, again, other.variable))
    return said


def _played(program, notes, ask):
    """What `ask(answer)` says of the answer that the program gives; raises CheckFailed for one that is not right."""
    try:
        with Player(*program) as player:
            stopped = player.noted.get("cell")
            if stopped and (not player.defined or player.answer is ...):
                _say_what_stopped(stopped)
            try:
                return ask(player.answer)
            except CheckFailed:
                if not player.ended:
                    raise
                if player.ended == "it was stopped":
                    raise OutOfTime from None
                raise Ended(player.ended) from None
    except Ended as end:
        notes.append("The process that ran this exercise ended; the next exercise began in a fresh one.")
        _fail("keeps its process alive", f"The process that ran your code is gone: {end}.")
    except OutOfTime:
        notes.append("The process that ran this exercise was stopped; the next exercise began in a fresh one.")
        _fail("ends within a few seconds", ENDLESS)


def _asked(name, number, answer):
    """Make the notebook's own check, on draws that are no secret, and then the hidden one.

    What fails the notebook's check is explained in full. Of the hidden one only the property is named: an answer could
    tell the inputs by its errors.
    """
    shown = find(name)
    said = shown.examine(answer, hidden.SHOWN, hidden.SHOWN)
    if shown.draw is None:
        return said
    exercise = hidden.exercise(shown, number)
    try:
        return exercise.examine(answer, hidden.TRIALS, number)
    except NotAttempted:
        raise
    except CheckFailed as failure:
        text, named = str(failure), _property(str(failure))
        hints = [part.hint for part in (*exercise.mistakes, *exercise.properties) if part.name == named]
        _fail(named, next((hint for hint in hints if hint in text), OTHER_INPUTS))


def _again(asked, variable, answer):
    """Judge a value that is asked again with the course's own numbers."""
    try:
        asked.exercise.examine(answer)
    except CheckFailed:
        _fail("holds for this course's numbers, too", f"The first answer is right. `{variable}` asks: {asked.text}.")


def _fail(name, hint):
    raise CheckFailed(f"✗ fails the property “{name}”.\n  Hint: {hint}")


def _say_what_stopped(error):
    if error["type"] == "NotImplementedError":
        raise NotAttempted("✎ not attempted: the cell raises NotImplementedError.")
    line = f" in the line `{error['line']}`" if error["line"] else ""
    _fail("runs", f"Your cell stopped with {error['name']}: {error['message']}{line}.")


def _stub(submission, slot):
    """The hash of the cell as it was handed out."""
    return submission["metadata"].get("fa_lessons", {}).get("stubs", {}).get(slot.number)


def _program(lesson, submission, slot, source, notes):
    """(The pieces to run, pairs of a label and a source; the variable to ask for)."""
    try:
        own, source = slices.statements(source), slices.plain(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if getattr(error, "lineno", None) else ""
        _fail("is Python", f"{type(error).__name__}{line}: {getattr(error, 'msg', error)}.")
    others = _others(submission, slot)
    variable, source = _named(slot, own, source, others, notes)
    wanted = slices.reads(own) | {"np"} | ({variable} if not _binds(own, variable) else set())
    students, open_names = slices.needed(wanted, others)
    lessons, _ = slices.needed(open_names - {slot.variable}, lesson.before(slot))
    pieces = [("lesson", statement.source) for statement in lessons]
    pieces += [("other cell", statement.source) for statement in students]
    return [*pieces, ("cell", source)], variable


def _binds(statements, name):
    return any(name in statement.binds for statement in statements)


def _others(submission, slot):
    """The statements of the student's own further cells, a list for each; what does not parse is left out."""
    found = []
    for cell in submission["cells"]:
        if cell["cell_type"] == "code" and cell["metadata"].get("fa_lessons", {}).get("own"):
            try:
                found.append(slices.statements(cell["source"]))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return found


def _named(slot, own, source, others, notes):
    """(The variable that holds the answer, the source): a function that was renamed is found under its new name."""
    if _binds(own, slot.variable) or any(_binds(cell, slot.variable) for cell in others):
        return slot.variable, source
    functions = [name for s in own if s.source.startswith(("def ", "@")) for name in s.binds]
    if len(functions) == 1:
        notes.append(f"Your function is called {functions[0]}; the exercise asks for {slot.variable}. It was graded.")
        return functions[0], source
    _fail("defines what it is asked for", f"No cell of yours defines `{slot.variable}`.")


def clean(text):
    """A text of bounded length without what a terminal or a page would take for a command."""
    return "".join(c for c in text[:LONGEST] if c.isprintable() or c == "\n")


def _property(text):
    return text.partition("“")[2].partition("”")[0] or "runs"


def main():
    """Read an order from standard input, write one verdict a line as soon as it is known."""
    order = json.load(sys.stdin)
    lesson, submission = MarkedLesson(order["lesson"]), order["submission"]
    for number in order["exercises"]:
        verdict = judge(lesson, submission, lesson.slot(number), order["secret"])
        print(json.dumps(asdict(verdict)), flush=True)
    print(json.dumps({"peak": _peak()}), flush=True)


def _peak():
    """The most memory, in MB, that this process or one of those that it started held at a time."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // unit
    return max(children, psutil.Process().memory_info().rss >> 20)


if __name__ == "__main__":
    main()
