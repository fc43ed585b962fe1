"""What can be wrong with an installation, each finding with its mend. Behind `fa-lessons doctor`."""

import importlib
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

UNOPTIMIZED = "run Python without -O and -OO, and unset PYTHONOPTIMIZE"
REINSTALL = "install again: pip install -e '.[dev]' -c constraints.txt (or delete .venv and run make lab)"


@dataclass(frozen=True)
class Finding:
    """One thing examined. `mend` is empty where all is well."""

    name: str
    found: str
    mend: str = ""

    @property
    def well(self):
        return not self.mend

    def __str__(self):
        line = f"{'✓' if self.well else '✗'} {self.name}: {self.found}"
        return line if self.well else f"{line}\n    mend: {self.mend}"


def examine():
    """All findings, in the order in which one would mend them."""
    packages = [_package(name) for name in ("torch", "numpy", "jupyterlab", "ipywidgets", "anywidget")]
    return [_python(), *packages, _torch_build(), _kernel(), _threads(), _mnist(), _cache()]


def _python():
    found = sys.version.split()[0]
    if sys.flags.optimize:
        lost = "asserts" if sys.flags.optimize == 1 else "asserts and docstrings, on which packages and the help rely"
        return Finding("Python", f"{found}, without {lost}", UNOPTIMIZED)
    return Finding("Python", found, "" if sys.version_info >= (3, 10) else "install Python 3.10 or newer")


def _package(name):
    try:
        importlib.import_module(name)
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "imports, but its version is unknown", REINSTALL)
    except Exception as error:  # a broken installation can raise anything
        mend = UNOPTIMIZED if sys.flags.optimize > 1 else REINSTALL
        return Finding(name, f"does not import ({type(error).__name__}: {error})", mend)


def _torch_build():
    try:
        import torch
    except Exception:
        return Finding("torch build", "torch is needed to tell", REINSTALL)
    cuda = torch.version.cuda
    return Finding("torch build", f"for CUDA {cuda}; the lessons need no more than the CPU's" if cuda else "for CPUs")


def _kernel():
    """Start the kernel that the lessons name, and let it answer."""
    from jupyter_client.manager import start_new_kernel

    try:
        manager, client = start_new_kernel(kernel_name="python3", stderr=subprocess.DEVNULL)
    except Exception as error:
        return Finding("kernel python3", f"does not start ({error})", f"{sys.executable} -m ipykernel install --user")
    try:
        reply = client.execute("import fa_lessons", reply=True, timeout=60)["content"]
    except Exception as error:
        reply = {"status": "error", "ename": type(error).__name__, "evalue": str(error)}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if reply["status"] == "ok":
        return Finding("kernel python3", "starts, and imports fa_lessons")
    return Finding("kernel python3", f"cannot import fa_lessons ({reply['ename']}: {reply['evalue']})", REINSTALL)


def _threads():
    try:
        import torch
    except Exception:
        return Finding("CPU threads", "torch is needed to tell", REINSTALL)
    used, there = torch.get_num_threads(), os.cpu_count()
    if used == 1 and there > 1:
        return Finding("CPU threads", f"1 of {there}", "unset OMP_NUM_THREADS; the lessons take twice the time on one")
    return Finding("CPU threads", f"{used} of {there}")


def _mnist():
    from fa_lessons.data.digits import verify_mnist

    try:
        verify_mnist()
    except ValueError as error:
        message, _, mend = str(error).partition(" To mend it: ")
        return Finding("MNIST", message, mend or REINSTALL)
    return Finding("MNIST", "the four embedded files have the right checksums")


def _cache():
    from fa_lessons.data.verified import cache_folder, writable_cache

    without = "all works, and loading MNIST takes a second longer"
    try:
        return Finding("cache", str(writable_cache()))
    except OSError:
        return Finding("cache", f"{cache_folder()} cannot be written; {without}")
    except ValueError as error:
        return Finding("cache", f"{error}; {without}")
