"""Test-wide settings: kernels show no progress bars, property tests repeat exactly, an interrupt interrupts."""

import os
import signal
import sys

from hypothesis import settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background job starts
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["TQDM_DISABLE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # runs that must agree bit for bit round alike
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

if sys.platform == "win32":  # grading needs Linux or macOS: docs/teaching.md
    collect_ignore = [f"tests/course/test_{name}.py" for name in ("judge", "nbgrader_course", "remote", "room_check")]
