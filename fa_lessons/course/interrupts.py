"""Interrupts that the code of others swallows."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def heeded():
    """Raise KeyboardInterrupt at the end where an interrupt came within, whatever the code within made of it."""
    former, came = signal.getsignal(signal.SIGINT), []
    if threading.current_thread() is not threading.main_thread() or not callable(former):
        yield
        return

    def note(*arguments):
        came.append(arguments)
        former(*arguments)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
        if came:
            raise KeyboardInterrupt from None
