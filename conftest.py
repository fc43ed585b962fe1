"""Test-wide settings: kernels that nbval starts show no progress bars, and property tests repeat exactly."""

import os
import sys

from hypothesis import settings

os.environ["TQDM_DISABLE"] = "1"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # runs that must agree bit for bit round alike
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

if sys.platform == "win32":  # grading needs Linux or macOS: docs/teaching.md
    collect_ignore = [f"tests/course/test_{name}.py" for name in ("judge", "nbgrader_course", "remote", "room_check")]
