"""The process that runs a student's code. It knows no truth: it is sent inputs, and answers with what came out.

Run by `fa_lessons.course.sandbox`, from a folder that holds this file, `wire.py` and the package without its
exercises. Inputs come from the grader, as pickles; what goes back is read by `wire.decode`, which runs nothing.
"""

import inspect
import io
import os
import pickle
import struct
import sys
import types


def main():
    """Follow the grader until it hangs up."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    import wire

    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    grader = Grader(source, sink, wire)
    order = grader.receive()
    sys.path.extend(order["paths"])
    _limit(order["limits"])
    namespace = types.ModuleType("__main__")
    sys.modules["__main__"] = namespace
    noted = _run(order["program"], vars(namespace))
    answer = vars(namespace).get(order["variable"], ...)
    grader.send(
        {
            "defined": order["variable"] in vars(namespace),
            "noted": noted,
            "signature": _signature(answer),
            "module": _module(answer),
            "value": answer,
        }
    )
    while True:
        arguments = grader.receive()
        try:
            result = answer(*arguments)
        except BaseException as error:
            grader.send({"raised": _described(error)})
        else:
            grader.send({"result": result, "arguments": _kept(arguments)})


class Grader:
    """Messages to and from the grader: eight bytes for the length, then the content."""

    def __init__(self, source, sink, wire):
        self.source, self.sink, self.wire = source, sink, wire

    def send(self, value):
        data = self.wire.encode(value)
        view = memoryview(struct.pack("<Q", len(data)) + data)
        while view:
            view = view[os.write(self.sink, view) :]

    def receive(self):
        (length,) = struct.unpack("<Q", self._exactly(8))
        return _Inputs(io.BytesIO(self._exactly(length)), self).load()

    def _exactly(self, length):
        parts = []
        while length:
            part = os.read(self.source, min(length, 2**20))
            if not part:
                os._exit(0)
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def ask(self, number, arguments, named):
        """Call a function that the grader keeps."""
        self.send({"call": number, "arguments": list(arguments), "named": named})
        reply = self.receive()
        if "error" in reply:
            raise ValueError(reply["error"])
        return reply["value"]


class _Inputs(pickle.Unpickler):
    def __init__(self, file, grader):
        super().__init__(file)
        self.grader = grader

    def persistent_load(self, number):
        return lambda *arguments, **named: self.grader.ask(number, arguments, named)


def _limit(limits):
    """Set the limits of the operating system, for good; those that it does not know are left out."""
    try:
        import resource
    except ImportError:
        return
    for name, value in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):
            pass


def _run(program, variables):
    """Run the pieces of the program, pairs of a label and a source; what stopped them, by label."""
    noted = {}
    for label, source in program:
        try:
            exec(compile(source, f"<{label}>", "exec"), variables)
        except BaseException as error:
            noted.setdefault(label, _described(error))
    return noted


def _described(error):
    """An error's type, its message, and the line of the student's cell that it came from, by its number."""
    try:
        message = " ".join(str(error).split())[:200]
    except BaseException:
        message = ""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<cell>":
            line = trace.tb_lineno
        trace = trace.tb_next
    kind = next((t.__name__ for t in type(error).__mro__ if t.__module__ == "builtins"), "Exception")
    return {"type": kind, "name": str(type(error).__name__)[:60], "message": message, "line": line}


def _signature(answer):
    try:
        return [[p.name, int(p.kind), p.default is p.empty] for p in inspect.signature(answer).parameters.values()]
    except BaseException:
        return None


def _module(answer):
    """The module that the innermost function of an answer was written in."""
    try:
        names = ("func", "__func__", "__wrapped__")
        while inner := next((found for name in names if (found := getattr(answer, name, None))), None):
            answer = inner
        return str(getattr(answer, "__module__", None) or type(answer).__module__)
    except BaseException:
        return ""


def _kept(arguments):
    """The inputs as the answer left them."""
    return [part if not callable(part) else None for part in arguments]


if __name__ == "__main__":
    main()
