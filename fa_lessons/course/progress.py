"""What `fa-lessons progress` prints of workbooks."""

from fa_lessons.course import notebooks, workbook
from fa_lessons.lessons import sources, tries


def report(folders):
    """One line an exercise: whether it passes, since when, in how many tries; `folders` are taken as one workbook.

    Raises ValueError for a folder that is no workbook.
    """
    for folder in folders:
        if not (folder / workbook.MANIFEST).exists():
            raise ValueError(f"folder must be a workbook, got {folder}; fa-lessons workbook writes one")
    found = tries.merged(*(tries.read(folder) for folder in folders))
    lines, passing = [], 0
    for path in notebooks.find():
        lines.append(path.stem)
        for number in sources.exercises(int(path.stem[:2])):
            entry = found.get(number, {"failed": [], "passed": ""})
            passing += bool(entry["passed"])
            lines.append(f"  {number}  {_state(entry)}")
    total = sum(line.startswith("  ") for line in lines)
    return [*lines, f"{passing} of {total} exercises pass"]


def _state(entry):
    tried = len(entry["failed"]) + bool(entry["passed"])
    tries_ = f"{tried} {'try' if tried == 1 else 'tries'}"
    if entry["passed"]:
        return f"✓ passed {entry['passed'].replace('T', ' ')}, {tries_}"
    return f"✗ not yet, {tries_}" if tried else "– not attempted"
