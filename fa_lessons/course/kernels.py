"""Run a notebook in a kernel of its own, in which asserts count, and which an interrupt ends in order."""

import asyncio
import atexit
import os
import signal
import subprocess
import sys
from contextlib import suppress

from nbclient import NotebookClient

from fa_lessons.streams import is_open


def execute(notebook, folder, **options):
    """Run all cells of `notebook` in `folder` and put their outputs into it. Raises as nbclient does.

    options: options of nbclient's. Asserts are on in the kernel, whatever PYTHONOPTIMIZE says here, and progress bars,
    which would be part of the outputs, are off.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONOPTIMIZE"}
    # A kernel that is handed a closed stream dies.
    closed = {name: subprocess.DEVNULL for name in ("stdout", "stderr") if not is_open(getattr(sys, name))}
    resources = {"metadata": {"path": str(folder)}}
    client = _Client(notebook, timeout=600, record_timing=False, resources=resources, **options)
    client.execute(env={**environment, "TQDM_DISABLE": "1"}, **closed)


class _Client(NotebookClient):
    """Raises KeyboardInterrupt for an interrupt, where nbclient kills its kernel and then fails on that."""

    _interrupted = False

    async def async_start_new_kernel(self, **named):
        task = asyncio.current_task()

        def stop():
            self._interrupted, self.shutdown_kernel = True, "immediate"
            task.cancel()

        with suppress(RuntimeError):  # outside of the main thread, and on Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop)
        await super().async_start_new_kernel(**named)

    def execute(self, **named):
        try:
            super().execute(**named)
        except BaseException as error:
            if not (self._interrupted or isinstance(error, KeyboardInterrupt)):
                raise
            if self.km is not None:  # it was starting still, or runs in a thread beside somebody's event loop
                self.shutdown_kernel = "immediate"
                self._cleanup_kernel()
                atexit.unregister(self._cleanup_kernel)
            raise KeyboardInterrupt from None
