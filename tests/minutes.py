"""How long a lesson takes to read and to solve, by one rule for all.

Words of prose / 200 + 3 for each cell with a displayed formula + the minutes that the exercises' headings state.
"""

import re

FURTHER = "## Going further"
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)


def halves(notebook):
    """The lesson's core and its second half, lists of cells; the second is empty where there is none."""
    starts = [n for n, cell in enumerate(notebook.cells) if cell.source.startswith(FURTHER)]
    split = starts[0] if starts else len(notebook.cells)
    return notebook.cells[:split], notebook.cells[split:]


def needed(cells):
    """Minutes for these cells."""
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    words = sum(len(FORMULA.sub(" ", text).split()) for text in prose)
    formulas = sum("$$" in text for text in prose)
    stated = sum(int(found) for text in prose for found in re.findall(r"^### Exercise .*?(\d+) minutes", text, re.M))
    return words / 200 + 3 * formulas + stated
