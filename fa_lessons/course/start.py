"""`start.ipynb`, the first five minutes of a workbook."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fa_lessons.course import badges

NAME = "start.ipynb"

CELLS = [
    (
        "markdown",
        """
# Start here

Five minutes: whether all is installed, and how to use a lesson. Click into a cell and press **Shift-Enter** to run it.
*Run → Run All Cells* runs a whole lesson; an exercise that you have not solved yet stops nothing.
""",
    ),
    (
        "markdown",
        "## 1 · Is everything there?\n\nEach line should begin with ✓. Another says how to mend it.",
    ),
    ("code", 'from fa_lessons.course import doctor\n\nprint(*doctor.examine(), sep="\\n")'),
    (
        "markdown",
        """
## 2 · A prediction

Before a lesson shows a result it asks you for yours. Replace the dots. Nobody grades it: a guess that was wrong is
what one remembers.

*A network learns with a random matrix in place of the transposed weights. On handwritten digits, its error after a
few minutes of training is …* `"near chance"`, `"a few percent"`?
""",
    ),
    ("code", 'my_prediction = ...  # "near chance" or "a few percent"'),
    ("markdown", "Lesson 4 trains it on 60,000 digits and has the answer."),
    (
        "markdown",
        """
## 3 · An exercise

Write the function, run the cell, and run the one below, which checks it on fresh random inputs. Try a wrong answer
first, to see what a check says. Each further wrong answer brings another hint; `hint("0.1")` shows one before that, and
`solution("0.1")` the lesson's own. Both ask first. What you tried is kept in `progress.json`, in this folder, and
`fa-lessons progress` prints it.

### Exercise 0.1 · The error signal ★☆☆ · 1 minute

`prediction` and `target` are arrays of one shape. Return the error signal $e$: prediction minus target.
""",
    ),
    (
        "code",
        'def error_signal(prediction, target):\n    raise NotImplementedError("your turn: exercise 0.1")',
    ),
    (
        "code",
        "from fa_lessons.lessons.attempts import attempt, hint, solution\n\n"
        'error_signal = attempt("lesson0.error_signal", error_signal)',
    ),
    (
        "markdown",
        """
## 4 · An explorer

A figure with sliders: move one and see what changes. This one is lesson 2's. The two lines of weights lead to the
curve of solutions; feedback alignment and backprop take different ways.
""",
    ),
    ("code", "from fa_lessons.lessons.lesson2 import explorer\n\nexplorer.explore()"),
    (
        "markdown",
        """
## 5 · A claims box

Every sentence of the papers and the slides that a lesson tests gets a verdict: *reproduced*, *under conditions*, *not
reproduced*. The box at a lesson's end gathers them, with the numbers measured in your own run.

## 6 · The symbols

[Notation](notation.ipynb) is one card for all lessons: each symbol with its shape, and the two signs of the error.

## 7 · Three routes

- **An evening:** [lesson 1](01_backprop_review.ipynb), sections 1 and 9, then [lesson 4](04_fa_on_mnist.ipynb).
- **A course:** the lessons in their order; each takes one or two hours with its exercises.
- **A talk:** [lesson 2](02_two_neuron_toy.ipynb) to see it in two neurons, the main figure of
  [lesson 4](04_fa_on_mnist.ipynb), and the claims box of [lesson 6](06_what_breaks.ipynb).
""",
    ),
]


def content():
    """The notebook as bytes; the same each time."""
    notebook = new_notebook()
    notebook.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    for number, (kind, source) in enumerate(CELLS):
        cell = (new_markdown_cell if kind == "markdown" else new_code_cell)(source.strip())
        cell["id"] = f"start-{number}"
        notebook.cells.append(cell)
    badges.add(notebook, NAME, badges.address())
    return (nbformat.writes(notebook) + "\n").encode()
