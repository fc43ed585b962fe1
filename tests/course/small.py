"""Small lessons, written like the real ones."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from fa_lessons import claims

PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "a curve"}


def graded(part, exercise, source, outputs=()):
    metadata = {"grade_id": f"l2-ex{exercise}-{part}", "grade": part == "check", "solution": part == "solution"}
    return new_code_cell(source, metadata={"nbgrader": metadata}, outputs=list(outputs), execution_count=3)


def said(text):
    return new_output("stream", name="stdout", text=text)


def check(exercise, name, variable, *arguments):
    hidden = f'### BEGIN HIDDEN TESTS\ncheck("{name}", {variable}, trials=100, seed=2016)\n### END HIDDEN TESTS'
    return graded("check", exercise, f'check("{name}", {variable})\n{hidden}', [said("correct")])


def lesson(note="A note.", docstring="The rates."):
    """A solved lesson as a notebook: a prediction, two functions, two values, a picture and a claims box."""
    cells = [
        new_code_cell("from fa_lessons.lessons import check"),
        new_code_cell('my_prediction = "b"  # "a" or "b"'),
        new_markdown_cell(note),
        graded(
            "solution",
            1,
            f'def fa_flow(w0, w1, b):\n    """{docstring}"""\n    ### BEGIN SOLUTION\n    e = 1 - w0 * w1\n'
            "    return b * e, e * w0\n    ### END SOLUTION\n",
        ),
        check(1, "lesson2.fa_flow", "fa_flow"),
        new_code_cell("fa_flow(0.5, 0.5, 1)", outputs=[said("0.75"), new_output("display_data", PICTURE)]),
        graded(
            "solution", 3, "limit = ...\n### BEGIN SOLUTION\nlimit = (4 ** (1 / 3), 4 ** (-1 / 3))\n### END SOLUTION"
        ),
        check(3, "lesson2.limit_from_zero", "limit"),
        new_code_cell("print(limit)", outputs=[said("(1.587, 0.63)"), new_output("display_data", PICTURE)]),
        graded("solution", 4, "### BEGIN SOLUTION\nbare = 3\n### END SOLUTION"),
        check(4, "lesson3.hypothesis", "bare"),
        new_code_cell("print(my_prediction)", outputs=[said("You predicted 'b'. The runs say 'a'.")]),
        new_code_cell("box", outputs=[new_output("execute_result", {claims.MIME: [], "text/plain": "reproduced"})]),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return new_notebook(cells=cells)


def save(folder, name, **changes):
    nbformat.write(lesson(**changes), folder / name)
