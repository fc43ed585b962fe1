"""A student's answer, called from here and run in the room.

Whatever the room says may be a lie: what is read of it has the form that is expected, and a bounded length.
"""

import builtins
import inspect
import io
import os
import pickle
import selectors
import struct
import time
import types

import numpy as np

from fa_lessons.course import sandbox, wire

LOAD = 10.0  # seconds of CPU for what an exercise needs of the lesson, and the student's own lines outside functions
PATIENCE = 5  # times as long it may take by the clock
LOOK = 0.3  # seconds of waiting after which it is looked at what the room has taken
LONGEST = 200  # characters of a text that is read
MOST_PARAMETERS = 50


class Ended(Exception):
    """The process that ran a student's code is no more, or talks nonsense."""


class OutOfTime(Exception):
    """A cell did not end."""


class OutOfMemory(Exception):
    """All processes of a room together hold too much; they are ended."""


class Player:
    """Runs `program`, pairs of a label and a source, and keeps what it calls `variable`. Use it in a `with`.

    `defined`: whether the program gave the variable a value. `noted`: what stopped a piece of it, by label.
    `answer`: the value; for a function, one that runs there. `ended`: how the process came to its end, if it did.
    """

    def __init__(self, program, variable, seconds=LOAD):
        self.functions, self.ended, self.deadline = [], "", time.monotonic() + PATIENCE * seconds
        self.lines = next((source.splitlines() for label, source in program if label == "cell"), [])
        self.process = sandbox.start()
        order = {
            "program": list(program),
            "variable": variable,
            "limits": sandbox.limits(),
            "paths": sandbox.site_packages(),
        }
        try:
            self.pipes = Pipes(self.process, seconds)
            self._send(order)
            found = self._receive()
        except BaseException:
            self.close()
            raise
        self.deadline = self.pipes.seconds = np.inf
        noted = found.get("noted")
        self.defined = found.get("defined") is True
        self.noted = {_text(k): self._told(v) for k, v in noted.items()} if isinstance(noted, dict) else {}
        self.answer = found.get("value")
        if callable(self.answer):
            self.answer = self._function(found.get("signature"), _text(found.get("module")))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        sandbox.end(self.process)

    def call(self, arguments):
        """(What the answer returns, None) or (None, the error it raises); it changes `arguments` as it does there."""
        if self.ended:
            raise Ended(self.ended)
        try:
            self._send(arguments)
            while "call" in (reply := self._receive()):
                self._send(self._called(reply))
            if "raised" in reply:
                return None, _error(self._told(reply["raised"]))
            _write_back(arguments, reply["arguments"])
            return reply["result"], None
        except (KeyError, TypeError, IndexError, ValueError):
            self.ended = "it sent what no answer sends"
            raise Ended(self.ended) from None
        except Exception:
            raise
        except BaseException:  # the alarm's
            self.ended = self.ended or "it was stopped"
            raise

    def _told(self, described):
        """What the room says of an error: {"type", "name", "message", "line"}, all text; the line as it was sent."""
        described = described if isinstance(described, dict) else {}
        number = described.get("line")
        there = isinstance(number, int) and 0 < number <= len(self.lines)
        told = {name: _text(described.get(name, "")) for name in ("type", "name", "message")}
        return {**told, "line": self.lines[number - 1].strip()[:80] if there else ""}

    def _called(self, reply):
        try:
            named = {str(name): value for name, value in reply["named"].items()}
            return {"value": self.functions[reply["call"]](*reply["arguments"], **named)}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"[:200]}

    def _send(self, value):
        file = io.BytesIO()
        _Inputs(file, self.functions).dump(value)
        self._moved(lambda: self.pipes.write(file.getvalue(), self.deadline))

    def _receive(self):
        found = self._moved(lambda: wire.decode(self.pipes.read(self.deadline)))
        if not isinstance(found, dict):
            raise Ended("it sent what no answer sends")
        return found

    def _moved(self, move):
        try:
            return move()
        except (EOFError, BrokenPipeError, ConnectionError):
            self.ended = _how(self.process)
        except ValueError:
            self.ended = "it sent what no answer sends"
        except OutOfMemory as much:
            self.ended = str(much)
        except OutOfTime:
            self.ended = "it was stopped"
            raise
        raise Ended(self.ended)

    def _function(self, parameters, module):
        def answer(*arguments):
            result, error = self.call(list(arguments))
            if error is not None:
                raise error
            return result

        answer.__code__ = answer.__code__.replace(co_filename="<the answer>")  # no line of ours in a message
        answer.__module__ = module
        answer.__signature__ = _signature(parameters)
        return answer


class Pipes:
    """Messages to and from a process, each with eight bytes for its length, none later than a deadline.

    seconds: of CPU, that the process may take.
    """

    def __init__(self, process, seconds):
        self.seconds = seconds
        self.process, self.source, self.sink = process, process.stdout.fileno(), process.stdin.fileno()
        os.set_blocking(self.source, False)
        os.set_blocking(self.sink, False)

    def write(self, data, deadline):
        view = memoryview(struct.pack("<Q", len(data)) + data)
        while view:
            self._wait(self.sink, selectors.EVENT_WRITE, deadline)
            view = view[os.write(self.sink, view[:65536]) :]

    def read(self, deadline):
        (length,) = struct.unpack("<Q", self._exactly(8, deadline))
        if length > wire.LARGEST:
            raise ValueError(f"a message must have at most {wire.LARGEST} bytes, got {length}")
        return self._exactly(length, deadline)

    def _exactly(self, length, deadline):
        parts = []
        while length:
            self._wait(self.source, selectors.EVENT_READ, deadline)
            part = os.read(self.source, min(length, 2**20))
            if not part:
                raise EOFError
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def _wait(self, file, event, deadline):
        with selectors.DefaultSelector() as selector:
            selector.register(file, event)
            while (left := deadline - time.monotonic()) > 0:
                if selector.select(min(left, LOOK)):
                    return
                memory, seconds = sandbox.used(self.process)
                if seconds > self.seconds:
                    break
                if memory > sandbox.MEMORY:
                    sandbox.end_family(self.process)
                    raise OutOfMemory(f"it took more than {sandbox.MEMORY >> 30} GB of memory")
        raise OutOfTime


class _Inputs(pickle.Pickler):
    """Pickles inputs for the player; a function among them stays here, and is called from there by its number."""

    def __init__(self, file, functions):
        super().__init__(file)
        self.functions = functions

    def persistent_id(self, value):
        if not isinstance(value, types.FunctionType | types.MethodType):
            return None
        self.functions.append(value)
        return len(self.functions) - 1


def _text(value):
    """What may be text, as text of one short line that can be printed."""
    return "".join(c for c in value[:LONGEST] if c.isprintable()) if isinstance(value, str) else ""


def _error(told):
    """An error like the one that was raised there."""
    kind = getattr(builtins, told["type"], Exception)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)) or issubclass(kind, KeyboardInterrupt):
        kind = Exception
    line = f" (line `{told['line']}`)" if told["line"] else ""
    name = told["name"] if told["name"].isidentifier() else "Error"
    try:
        like = type(name, (kind,), {"__str__": lambda self: self.text})()
    except TypeError:  # some types cannot be derived from, or want arguments
        like = type(name, (Exception,), {"__str__": lambda self: self.text})()
    like.text = f"{told['message']}{line}"
    return like


def _signature(parameters):
    try:
        made = [
            inspect.Parameter(name, inspect._ParameterKind(kind), default=inspect.Parameter.empty if required else None)
            for name, kind, required in parameters[:MOST_PARAMETERS]
        ]
        return inspect.Signature(made)
    except (TypeError, ValueError):
        return inspect.Signature([inspect.Parameter("arguments", inspect.Parameter.VAR_POSITIONAL)])


def _write_back(given, returned):
    """Make of `given` in place what the answer made of it."""
    for one, other in zip(given, returned, strict=True):
        if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
            if one.shape == other.shape:
                one[...] = other
            else:
                one[...] = np.nan if one.dtype.kind == "f" else 0
        elif isinstance(one, list) and isinstance(other, list) and len(one) != len(other):
            one[:] = other
        elif isinstance(one, tuple | list) and isinstance(other, tuple | list):
            _write_back(one, other)


def _how(process):
    """How a process ended, in words."""
    try:
        status = process.wait(timeout=5)
    except Exception:
        return "it closed its line to the grader"
    signal = -status if status < 0 else status - 128 if status > 128 else 0
    if signal:
        return f"it was killed by signal {signal}"
    return f"it ended itself, with status {status}"
