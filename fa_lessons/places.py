"""Where the lessons and the results lie: in the checkout, or as the installed package brought them."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def checkout():
    """The folder of the checkout that this package is run from; None where it was installed without one."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").exists() and (root / "notebooks").is_dir() else None


def brought(name):
    """The folder `notebooks` or `results`: of the checkout, or else of the installed package.

    Raises FileNotFoundError where neither has it.
    """
    path = (checkout() or PACKAGE / "brought") / name
    if not path.is_dir():
        raise FileNotFoundError(f"no {name} at {path}: install the package again, or from a clone by pip install -e .")
    return path


def own(name):
    """Where `name` is written: in the checkout, from any working directory, or else in the current folder."""
    return (checkout() or Path.cwd()) / name
