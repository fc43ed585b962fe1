"""How many threads torch works with: never more than there are free cores.

A step lasts as long as its slowest thread, and one that waits for a core which others keep busy takes several times as
long. What the user or OMP_NUM_THREADS has set is the most.
"""

import time
from functools import cache, wraps

import joblib
import psutil
import torch

SECONDS = 0.1  # the shortest time over which the load of the machine is measured


def choose():
    """Set torch's number of threads for what is free now, at least 1; return it."""
    _notice()
    most = min(_state.most, _allowed())
    _state.chosen = max(1, min(most, _free())) if most > 1 else most
    torch.set_num_threads(_state.chosen)
    return _state.chosen


def freely(function):
    """`function`, with the number of threads chosen before it begins."""

    @wraps(function)
    def run(*arguments, **named):
        choose()
        return function(*arguments, **named)

    return run


def use(count):
    """Set torch's number of threads to what `choose` once chose; return it."""
    _notice()
    _state.chosen = count
    torch.set_num_threads(count)
    return count


class _State:
    most = chosen = None
    seen = None  # (time, seconds that all cores worked so far, seconds that this process did)
    free = 0


_state = _State()


def _notice():
    if torch.get_num_threads() != _state.chosen:  # as torch started, or as the user has set it since
        _state.most = torch.get_num_threads()


@cache
def _allowed():
    """The cores that this process may use, by affinity and by a container's quota."""
    return joblib.cpu_count()


def _free():
    """How many cores nobody else has kept busy, since this was last asked."""
    before = _state.seen or _load()
    now = _load()
    if now[0] - before[0] < SECONDS:
        if _state.free:
            return _state.free
        time.sleep(SECONDS)
        now = _load()
    seconds, worked, own = (new - old for new, old in zip(now, before, strict=True))
    _state.seen, _state.free = now, round(psutil.cpu_count() - (worked - own) / seconds)
    return _state.free


def _load():
    times = psutil.cpu_times()
    idle = sum(getattr(times, kind, 0) for kind in ("idle", "iowait", "guest", "guest_nice"))  # guests count as users
    process = psutil.Process().cpu_times()
    return time.perf_counter(), sum(times) - idle, process.user + process.system
