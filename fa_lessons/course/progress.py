"""What `fa-lessons progress` prints of workbooks."""

from fa_lessons.course import notebooks, workbook
from fa_lessons.lessons import sources, tries


def report(folders):
    """One line an exercise: whether it passes, since when, in how many tries; `folders` are taken as one workbook.

    Raises ValueError for a folder that is no workbook.
    """
    for folder in folders:
        workbook.require(folder)
    found = tries.merged(*(tries.read(folder) for folder in folders))
    lines, entries = [], []
    for path in notebooks.find():
        numbers = sources.exercises(int(path.stem[:2]))
        here = [found.get(number, tries.untried()) for number in numbers]
        lines += [path.stem, *(f"  {number}  {_state(entry)}" for number, entry in zip(numbers, here, strict=True))]
        entries += here
    lines += [
        f"{folder / tries.FILE} does not read whole: what does counts here"
        for folder in folders
        if not tries.is_whole(folder)
    ]
    return [*lines, f"{sum(bool(entry['passed']) for entry in entries)} of {len(entries)} exercises pass"]


def _state(entry):
    tried = len(entry["failed"]) + bool(entry["passed"])
    tries_ = f"{tried} {'try' if tried == 1 else 'tries'}"
    if entry["passed"]:
        return f"✓ passed {tries.instant(entry['passed']):%Y-%m-%d %H:%M:%S}, {tries_}"
    return f"✗ not yet, {tries_}" if tried else "– not attempted"
