"""A flow at chosen times, by an adaptive solver that comes to an end."""

from itertools import count

import numpy as np
from scipy.integrate import solve_ivp

from fa_lessons import require

MOST = 300_000  # evaluations, some ten times what a lesson takes
SHORTEST = 1e-30  # time to solve for: LSODA never arrives at times that are much shorter


def states(slope, start, times, method, rtol, atol):
    """The flow `slope(time, state)` from `start` (size,) at time 0, at rising `times`: (size, len(times)).

    Raises ValueError for times that do not rise from 0 on, and RuntimeError where the solver stops early, leaves the
    range of numbers, or makes no way.
    """
    times = require.numbers("times", times)
    if times.ndim != 1 or times.size == 0 or (np.diff(times) <= 0).any():
        raise ValueError(f"times must rise and start at 0 or later, got {times}")
    evaluations = count(1)

    def counted(time, state):
        if next(evaluations) > MOST:
            raise RuntimeError(f"the solver stopped at time {time:g}: the flow takes more than {MOST} evaluations")
        return slope(time, state)

    result = solve_ivp(counted, (0.0, max(times[-1], SHORTEST)), start, method, times, rtol=rtol, atol=atol)
    if not result.success:
        raise RuntimeError(f"the solver stopped at time {result.t[-1] if len(result.t) else 0:g}: {result.message}")
    if not np.isfinite(result.y).all():
        raise RuntimeError(f"the solver stopped before time {times[-1]:g}: the flow leaves the range of numbers")
    return result.y
