"""Test-wide settings: kernels that nbval starts show no progress bars, and property tests repeat exactly."""

import os

from hypothesis import settings

os.environ["TQDM_DISABLE"] = "1"
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
