"""Timing that is fair on a shared machine: the contestants take turns, and the medians are compared."""

import time
from statistics import median


def seconds_per_call(contestants, rounds=9, calls=60):
    """Median seconds of one call of each function in `contestants`, a dictionary, over interleaved rounds."""
    for function in contestants.values():
        for _ in range(calls // 4 + 1):
            function()
    seconds = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, function in contestants.items():
            start = time.perf_counter()
            for _ in range(calls):
                function()
            seconds[name].append((time.perf_counter() - start) / calls)
    return {name: median(values) for name, values in seconds.items()}
