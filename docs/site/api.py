"""The reference of the package: a page for each of its parts, every public module on one of them."""

import pkgutil

import fa_lessons
from docs.site.files import write

# The parts in reading order: title, the modules' prefix, one sentence.
PARTS = {
    "engine": (
        "The engine",
        "fa_lessons",
        "Networks, rules, training and measures: flat modules, read in one sitting.",
    ),
    "data": ("Data", "fa_lessons.data", "MNIST, embedded and verified."),
    "lessons": ("What lessons share", "fa_lessons.lessons", "Checks, hints, predictions and moving pictures."),
    **{
        f"lesson{n}": (f"Lesson {n}", f"fa_lessons.lessons.lesson{n}", f"What only lesson {n} uses.")
        for n in range(100)
        if f"lesson{n}" in {module.name for module in pkgutil.iter_modules([f"{fa_lessons.__path__[0]}/lessons"])}
    },
    "experiments": ("Experiments", "fa_lessons.experiments", "The papers' tables: grids that resume."),
    "course": (
        "The course",
        "fa_lessons.course",
        "Editions of the lessons, grading, the ledger, running them headless.",
    ),
    "playground": ("The playground", "fa_lessons.playground", "The page in the browser, and the ways to open it."),
}


def modules():
    """The names of all public modules of the package, itself first."""
    found = pkgutil.walk_packages(fa_lessons.__path__, "fa_lessons.")
    return ["fa_lessons", *(m.name for m in found if not m.name.rpartition(".")[2].startswith("_"))]


def part_of(module):
    """The part on whose page a module stands: the one with the longest prefix of its name."""
    fitting = [part for part, (_, prefix, _) in PARTS.items() if f"{module}.".startswith(f"{prefix}.")]
    return max(fitting, key=lambda part: len(PARTS[part][1]))


def write_pages(folder):
    """Write the pages of all parts and the one that lists them."""
    for part, (title, _, sentence) in PARTS.items():
        own = [module for module in modules() if part_of(module) == part]
        write(folder / f"{part}.md", f"# {title}\n\n{sentence}\n\n" + "\n".join(map(_section, own)))
    stable = "\n".join(f"- {{py:obj}}`{name} <fa_lessons.{home}.{name}>`" for name, home in fa_lessons._HOME.items())
    listed = "\n".join(f"{part}" for part in PARTS)
    write(
        folder / "index.md",
        "# The package\n\nThese names, from `from fa_lessons import …`, stay stable. Each entry says shapes, units, "
        "the errors that it raises, and where it comes from.\n\n"
        f"{stable}\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n",
    )


def _section(module):
    return f"## {module}\n\n```{{eval-rst}}\n.. automodule:: {module}\n   :members:\n   :ignore-module-all:\n```\n"
