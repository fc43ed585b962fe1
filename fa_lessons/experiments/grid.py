"""Run the cells of an experiment: one result file a cell, resumed after an interruption, never run twice."""

import inspect
import json
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

import fa_lessons
from fa_lessons import checkpoints, places, require, threads
from fa_lessons.files import user_path, write_atomically
from fa_lessons.progress import progress_bar
from fa_lessons.streams import is_open
from fa_lessons.torch_state import arithmetic

BUDGETS = "budgets.json"
PLAIN_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,199}", re.ASCII)
WRITTEN = {"name": str, "settings": dict, "device": str, "versions": dict, "seconds": int | float}  # into every result
SAVE_AFTER = 5  # seconds: on a GPU an epoch can be shorter than its checkpoint takes to write


LACKING = (LookupError, TypeError, ValueError, AttributeError)  # what a file that lacks something leads to


class ResultsError(ValueError):
    """What stands in the way of a run: a file of other settings, a damaged one, a cluster out of reach."""


@dataclass(frozen=True)
class Cell:
    """One cell of a grid: a name that is unique within the experiment, and all settings that decide its result."""

    name: str
    settings: dict = field(hash=False)


@dataclass(frozen=True)
class Experiment:
    """`cells(**options)` lists the grid; `start(cell, device)` gives a run; `report(results)` renders Markdown.

    A run (`runs.Run` is one) has `epochs`, how many there are, `epoch`, how many are done, `finished()`, `steps` of
    all epochs together, `done`, the steps taken, `run_epoch(on_step)`, `state()`, `restore(state)`, and `result()`, a
    dictionary of plain values.
    """

    name: str
    cells: Callable
    start: Callable
    report: Callable

    @property
    def options(self):
        """The names of the options that `cells` takes."""
        return tuple(inspect.signature(self.cells).parameters)

    def folder(self, results):
        return Path(os.path.realpath(user_path(results))) / self.name


def run_grid(experiment, cells, results, device="cpu", again=False):
    """Run `cells` one after another; return their results in order.

    Nothing is run before all files found are known to belong to these cells. `again` forgets their results first.
    Raises ResultsError as `finished` does.
    """
    folder = experiment.folder(results)
    prepare(cells, folder, again)
    found = []
    with progress_bar(len(cells), experiment.name, "cell") as bar:
        for cell in cells:
            found.append(run_cell(experiment, cell, folder, device))
            tell(bar, found[-1])
    tidy(cells, folder)
    return found


def tell(bar, result):
    """Move the overall bar on by one cell and say, where there is no bar too, which cell is done."""
    bar.update()
    if is_open(sys.stderr):
        bar.write(f"{result['name']}: done, {result['seconds']:.0f} s", file=sys.stderr)


def tidy(cells, folder):
    """Remove what is left of the checkpoints, once all `cells` are finished."""
    for cell in cells:
        shutil.rmtree(_unfinished(cell, folder), ignore_errors=True)
    try:
        (folder / "unfinished").rmdir()
    except OSError:
        pass


def prepare(cells, folder, again=False):
    """Make sure that all results in `folder` can be kept or, with `again`, remove those of `cells`.

    Raises ResultsError as `finished` does, and for cells whose results could not be written: with the name of another
    cell, a name that is no plain file's, or settings that are no plain values.
    """
    _require_writable(cells)
    for cell in cells:
        if again:
            _file(cell, folder).unlink(missing_ok=True)
            shutil.rmtree(_unfinished(cell, folder), ignore_errors=True)
        finished(cell, folder)


def _require_writable(cells):
    names = set()
    for cell in cells:
        named = isinstance(cell.name, str) and PLAIN_NAME.fullmatch(cell.name)
        if not named or f"{cell.name.lower()}.json" == BUDGETS:
            allowed = "up to 200 letters, digits and . _ + -, and not budgets"
            raise ResultsError(f"a cell's name must be a plain file's: {allowed}; got {cell.name!r}")
        if cell.name.lower() in names:  # of a file, on some disks
            raise ResultsError(f"each cell must have a name of its own, got {cell.name!r} twice")
        names.add(cell.name.lower())
        try:
            json.dumps(cell.settings, allow_nan=False)
        except (TypeError, ValueError) as error:
            got = f"{cell.settings} ({error})"
            raise ResultsError(f"the settings of {cell.name} must be plain values, got {got}") from None


def finished(cell, folder):
    """The cell's result, or None where there is none yet.

    Raises ResultsError, naming the file, for one of other settings and for one that is no result.
    """
    found = read(_file(cell, folder))
    if found is not None:
        _same_settings(found["settings"], cell, _file(cell, folder))
    return found


@arithmetic(tf32=True)
def run_cell(experiment, cell, folder, device="cpu", shown=True):
    """Train one cell to its end, from its checkpoint where there is one; write and return its result.

    A finished cell is read, not run. A checkpoint is written after every epoch, but not within SAVE_AFTER seconds of
    the last; a run that goes on from it gives the same result on the same device, bit for bit. `seconds` is wall
    time, loading, evaluating and saving included, summed over all parts of an interrupted run up to their last
    checkpoints. Raises ResultsError as `finished` does.
    """
    found = finished(cell, folder)
    if found is not None:
        return found
    start, before, devices = time.perf_counter(), 0.0, []
    path = _unfinished(cell, folder) / "checkpoint.pt"
    saved = _checkpoint(path, cell, device) if os.path.lexists(path) else None
    run = experiment.start(cell, device)
    # Rounding depends on the number of threads: a cell keeps that of its start.
    count = threads.use(saved["threads"]) if saved and "threads" in saved else threads.choose()
    if saved:
        try:
            run.restore(saved["run"])
            before, devices = float(saved["seconds"]), list(saved["devices"])
        except Exception as error:  # a file may hold anything
            raise _no_checkpoint(path, error) from None
    if _device(device) not in devices:
        devices.append(_device(device))

    def seconds():
        return before + time.perf_counter() - start

    with progress_bar(run.steps, cell.name, "step", shown) as bar:
        bar.update(run.done)
        saved_at = before
        while not run.finished():
            run.run_epoch(bar.update)
            if seconds() < saved_at + SAVE_AFTER:
                continue
            saved_at = seconds()
            content = {"settings": cell.settings, "run": run.state(), "threads": count}
            content |= {"seconds": saved_at, "devices": devices}
            write_atomically(path, lambda file, content=content: torch.save(content, file))
    result = {
        "name": cell.name,
        "settings": cell.settings,
        **run.result(),
        "device": "; then ".join(devices),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "fa_lessons": fa_lessons.__version__,
        },
        "seconds": round(seconds(), 1),
    }
    _write(result, _file(cell, folder))
    shutil.rmtree(path.parent, ignore_errors=True)
    return result


def read(path):
    """A result, or None where there is no file. Raises ResultsError, naming the file, for one that is no result."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["name"] != path.stem:
            raise ValueError(f"its name is {found['name']!r}")
        for name, kind in WRITTEN.items():
            if not isinstance(found[name], kind):
                raise ValueError(f"its {name} is {found[name]!r}")
        if not found["settings"]:
            raise ValueError("it has no settings")
        return found
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ResultsError(f"{path} is no result ({reason}); move it away, and the cell runs again") from None


def read_all(experiment, results=None):
    """Every finished cell of `experiment` under the folder `results`, by file name.

    Left out, that is the checkout's folder, or else the one that came with the package.
    """
    folder = experiment.folder(results or places.brought("results"))
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json") and name != BUDGETS)
    except FileNotFoundError:
        return []
    return [read(folder / name) for name in names]


def understood(show, results):
    """What `show` makes of results, all together. Raises ResultsError, naming one, where it lacks what is shown."""
    try:
        return show(results)
    except LACKING as error:
        for result in results:
            others = [other for other in results if other is not result]
            try:
                show(others)
            except LACKING:
                continue
            reason = f"{type(error).__name__}: {error}"
            raise ResultsError(f"{result['name']}.json lacks what is shown ({reason}); move it away") from error
        raise ResultsError(f"the results do not go together ({type(error).__name__}: {error})") from error


def epochs_within(minutes, experiment, options, results, device="cpu", again=False):
    """(the number of epochs that all cells can train for in `minutes`, a sentence that says so).

    Each cell is timed for a few steps. At least one epoch, at most the experiment's own number or the one in
    `options`. The choice is kept beside the results, so that the same command, interrupted, goes on with it; `again`
    chooses afresh. Raises ResultsError for a file of choices that is damaged.
    """
    minutes = require.number("minutes", minutes, open_minimum=True)
    path = experiment.folder(results) / BUDGETS
    key = json.dumps({"minutes": minutes, "device": device, **options}, sort_keys=True)
    chosen, cells = _choices(path), experiment.cells(**options)
    most = max(cell.settings["epochs"] for cell in cells)
    if key in chosen and not again:
        epochs = min(most, chosen[key])
        return epochs, f"{epochs} epochs, as chosen before for {minutes:g} minutes"
    with progress_bar(len(cells), "timing", "cell") as bar:
        cost = 0.0
        for cell in cells:
            cost += seconds_per_epoch(experiment, cell, device)
            bar.update()
    epochs = max(1, min(most, int(60 * minutes / cost)))
    _write({**chosen, key: epochs}, path)
    return epochs, (
        f"{epochs} of {most} epochs for a budget of {minutes:g} minutes: an epoch of all {len(cells)} cells "
        f"takes about {cost / 60:.1f} minutes here"
    )


def _choices(path):
    """{what was asked: epochs}, as `epochs_within` wrote it."""
    try:
        chosen = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for epochs in chosen.values():
            require.count("epochs", epochs)
    except (ValueError, AttributeError) as error:
        raise ResultsError(f"{path} is damaged ({error}); remove it, and the epochs are chosen again") from None
    return chosen


@arithmetic(tf32=True)
def seconds_per_epoch(experiment, cell, device="cpu"):
    """About how long one epoch of `cell` takes, from a few steps; the cell's results are not touched."""
    return experiment.start(cell, device).seconds_per_epoch()


def plain(values, digits):
    """An array as rounded numbers in nested lists, with None for what is not finite: what JSON can hold."""
    if getattr(values, "ndim", 0):
        return [plain(value, digits) for value in values]
    value = float(values)
    return round(value, digits) if abs(value) < float("inf") else None


def _file(cell, folder):
    return Path(folder) / f"{cell.name}.json"


def _unfinished(cell, folder):
    return Path(folder) / "unfinished" / cell.name


def _same_settings(found, cell, path):
    wanted = json.loads(json.dumps(cell.settings))
    found = json.loads(json.dumps(found))
    if found != wanted:
        names = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
        listed = ", ".join(f"{name} {found.get(name)!r} instead of {wanted.get(name)!r}" for name in names)
        raise ResultsError(
            f"{path} holds other settings ({listed}); choose another results folder, or run the cell again"
        )


def _checkpoint(path, cell, device):
    try:
        saved = checkpoints.read(path.read_bytes(), device)
        settings, _ = dict(saved["settings"]), int(saved.get("threads", 1))
    except Exception as error:
        raise _no_checkpoint(path, error) from None
    _same_settings(settings, cell, path)
    return saved


def _no_checkpoint(path, error):
    reason = f"{type(error).__name__}: {error}"
    return ResultsError(f"{path} is no checkpoint ({reason}); remove it, and the cell starts afresh")


def _write(content, path):
    """One line for each entry, so that a file stays short and a difference readable."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(value, allow_nan=False, ensure_ascii=False)}"
        for name, value in content.items()
    ]
    write_atomically(path, lambda file: file.write(("{\n" + ",\n".join(lines) + "\n}\n").encode()))


def _device(device):
    if torch.device(device).type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, TF32"
    return f"{device}, {torch.get_num_threads()} threads"
