"""Work on a student's file in a process of its own, with limits: whatever the file does, the next one is read."""

import multiprocessing
import sys

SECONDS, MEMORY = 60, 4 * 2**30


class Exceeded(Exception):
    """The work took too long, too much memory, or ended its process."""


def bounded(function, *arguments, seconds=SECONDS, memory=MEMORY):
    """What `function(*arguments)` returns, computed in another process.

    Raises the error that the function raises, and Exceeded where the process ended without a result.
    """
    context = multiprocessing.get_context("fork" if sys.platform.startswith("linux") else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, memory, function, arguments), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise Exceeded(f"it took more than {seconds} seconds")
        done, value = receiver.recv()
    except EOFError:
        raise Exceeded("it took too much memory") from None
    finally:
        process.kill()
        process.join()
        receiver.close()
    if not done:
        raise value
    return value


def _work(sender, memory, function, arguments):
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    except (ImportError, ValueError, OSError):
        pass
    try:
        found = (True, function(*arguments))
    except MemoryError:
        return
    except Exception as error:
        found = (False, error)
    sender.send(found)
