"""The students of the class: what each hands in, and which exercises must pass.

Nobody knows the lesson by heart: exercises are found by their marks, so the class sits in any lesson. `target` is the
first exercise that asks for a function, where an attack takes place; `other` is the next one, which the same student
answers well and must get the points for.
"""

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass

from fa_lessons.course.slots import MarkedLesson
from fa_lessons.lessons import find

MEGABYTE = 2**20
LEFT = "left-by-the-scripted-class"  # a word in the command line of a process that should not live on
SLOW_OR_LARGE = "GB of memory | ends within a few seconds"  # on a busy machine the clock may come first


@dataclass
class Desk:
    """A lesson as it lies before a student: plain JSON of the release, and the solved cells by grade_id."""

    release: dict
    solved: dict
    name: str
    other_lesson: bytes = b"{}"

    def __post_init__(self):
        lesson = MarkedLesson(self.solved)
        self.slots = lesson.slots
        self.solutions = {slot.number: lesson.cells[slot.solution]["source"] for slot in self.slots}
        functions = [slot for slot in self.slots if find(slot.name).draw is not None]
        self.target, self.other = functions[0], functions[1]
        self.all = {slot.number for slot in self.slots}

    def notebook(self, answers):
        """A copy of the release with `answers`, {number: source}, filled in."""
        notebook = copy.deepcopy(self.release)
        for slot in self.slots:
            if slot.number in answers:
                self.cell(notebook, slot.solution)["source"] = answers[slot.number]
        return notebook

    def cell(self, notebook, grade_id):
        return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)

    def attack(self, source):
        """A notebook with that source as the target's answer, NAME for its function, and `other` answered well."""
        source = source.replace("NAME", self.target.variable)
        return self.notebook({self.target.number: source, self.other.number: self.solutions[self.other.number]})


@dataclass
class Student:
    """`files`: what is handed in, {name: bytes}. `passes`: numbers of the exercises that must pass.

    `also(folder)` puts in what is no plain file. `told`: words that the feedback on the target must hold, one of
    several parted by |; `read`: words on how the file was read.
    """

    name: str
    files: dict
    passes: set
    told: str = ""
    read: str = ""
    also: Callable = lambda folder: None


def file(desk, notebook):
    return {desk.name: json.dumps(notebook).encode()}


WALK = """import os
def walk():
    for root, folders, files in os.walk('/'):
        if root in ('/proc', '/usr'):
            folders.clear()
        if root.endswith('site-packages'):
            folders[:] = [name for name in folders if 'fa_lessons' in name]
        yield root, folders, files
"""

ATTACKS = {  # name: (source, whether the target passes all the same, what the feedback says)
    "endless-loop": ("def NAME(*a):\n    while True:\n        pass\n", False, "ends within a few seconds"),
    "endless-cell": ("def NAME(*a):\n    return 0\nwhile True:\n    pass\n", False, "ends within a few seconds"),
    "deaf-loop": (
        "import signal\ndef NAME(*a):\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    while True:\n"
        "        try:\n            while True: pass\n        except BaseException: pass\n",
        False,
        "ends within a few seconds",
    ),
    "ten-gigabytes": ("def NAME(*a):\n    return np.ones(10 * 2**27)[0]\n", False, "MemoryError"),
    "large-reply": ("def NAME(*a):\n    return np.ones(2 * 10**7)\n", False, "array_of_more"),
    "fork-bomb": (
        "import os, time\ndef NAME(*a):\n    end = time.time() + 2\n    while time.time() < end:\n"
        "        try:\n            os.fork()\n        except OSError:\n            pass\n    time.sleep(60)\n",
        False,
        "",
    ),
    "exit": ("def NAME(*a):\n    exit()\n", False, "SystemExit"),
    "exit-cell": ("exit()\ndef NAME(*a):\n    return a[0]\n", False, "SystemExit"),
    "os-exit": ("import os\ndef NAME(*a):\n    os._exit(0)\n", False, "keeps its process alive"),
    "os-exit-cell": ("import os\nos._exit(0)\ndef NAME(*a):\n    return a[0]\n", False, "keeps its process alive"),
    "kills-itself": (
        "import os\ndef NAME(*a):\n    os.kill(os.getpid(), 9)\n    os.abort()\n",
        False,
        "keeps its process",
    ),
    "kills-all": (
        "import os\ndef NAME(*a):\n    for pid in range(2, 70000):\n        try:\n            os.kill(pid, 9)\n"
        "        except OSError:\n            pass\n    os.abort()\n",
        False,
        "keeps its process alive",
    ),
    "segfault": ("import ctypes\ndef NAME(*a):\n    ctypes.string_at(0)\n", False, "keeps its process alive"),
    "recursion": ("def NAME(*a):\n    return NAME(*a)\n", False, "RecursionError"),
    "syntax-error": ("def NAME(*a)\n    return a[0]\n", False, "is Python"),
    "prints-much": ("def NAME(*a):\n    print('x' * 50 * 2**20)\n    return a[0]\n", False, "property"),
    "overwrites-check": (
        "import fa_lessons.lessons, fa_lessons.lessons.checking as c\n"
        "check = fa_lessons.lessons.check = lambda *a, **k: print('✓ correct')\n"
        "c.Exercise.examine = lambda *a, **k: ''\n"
        "def NAME(*a):\n    return a[0]\n",
        False,
        "property",
    ),
    "overwrites-numpy": (
        "import numpy\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True\n"
        "numpy.isclose = lambda *a, **k: numpy.ones(1, bool)\ndef NAME(*a):\n    return a[0]\n",
        False,
        "property",
    ),
    "overwrites-loader": (
        "import sys, pickle\nfor module in list(sys.modules.values()):\n"
        "    if hasattr(module, 'encode') and hasattr(module, 'decode') and module.__name__ == 'wire':\n"
        "        module.encode = lambda value: b'true'\ndef NAME(*a):\n    return a[0]\n",
        False,
        "keeps its process alive",
    ),
    "writes-nonsense": (
        "import os\ndef NAME(*a):\n    for fd in range(3, 20):\n        try:\n            os.write(fd, b'\\xff' * 64)\n"
        "        except OSError:\n            pass\n    return a[0]\n",
        False,
        "keeps its process alive",
    ),
    "equals-everything": (
        "class Equal(float):\n    def __eq__(self, other): return True\n    __hash__ = float.__hash__\n"
        "    def __array__(self, *a, **k): return np.ones(3)\ndef NAME(*a):\n    return Equal(0)\n",
        False,
        "property",
    ),
    "catches-all": (
        "def NAME(*a):\n    try:\n        raise RuntimeError\n    except BaseException:\n        return None\n"
        "    finally:\n        pass\n",
        False,
        "returns its result",
    ),
    "imports-the-reference": (
        "def NAME(*a):\n    from fa_lessons.lessons import find\n    return find('LESSON').reference(*a)\n",
        False,
        "",
    ),
    "finds-the-reference": (
        f"{WALK}def NAME(*a):\n    for root, _, files in walk():\n        for file in files:\n"
        "            if 'fa_lessons' in root and file.endswith('exercises.py') or file == NOTEBOOK:\n"
        "                raise SystemError('FOUND ' + root + file)\n    return None\n",
        False,
        "returns its result",
    ),
    "inspects-the-stack": (
        "import inspect, gc\ndef NAME(*a):\n    for frame in inspect.stack():\n"
        "        for name in ('truth', 'reference', 'exercise'):\n            if name in frame.frame.f_locals:\n"
        "                return frame.frame.f_locals[name]\n"
        "    for thing in gc.get_objects():\n        if type(thing).__name__ == 'Exercise':\n"
        "            return thing.reference(*a)\n    return None\n",
        False,
        "returns its result",
    ),
    "sleeps": (
        "import time\nSOLUTION\nright = NAME\ndef NAME(*a):\n    time.sleep(5)\n    return right(*a)\n",
        False,
        "few seconds",
    ),
    "reads-the-secret": (
        f"{WALK}def NAME(*a):\n    for root, folders, files in walk():\n"
        "        if {'secret', 'rubric.md'} & set(files) or 'received' in folders:\n"
        "            raise SystemError('FOUND ' + root)\n    return None\n",
        False,
        "returns its result",
    ),
    "counts-calls": (
        "SOLUTION\nright, calls = NAME, []\ndef NAME(*a):\n    calls.append(1)\n"
        "    return right(*a) if len(calls) < 50 else None\n",
        False,
        "returns its result",
    ),
    "writes-outside": (
        "import os\nfor place in ('/', '/usr', '/etc', '/root', '/home', OUTSIDE):\n    try:\n"
        "        open(os.path.join(place, 'hostile.txt'), 'w').write('x')\n    except OSError:\n        pass\nSOLUTION",
        True,
        "",
    ),
    "phones-home": (
        "import socket\ntry:\n    socket.create_connection(('127.0.0.1', PORT), 2).close()\nexcept OSError:\n"
        "    pass\nSOLUTION",
        True,
        "",
    ),
    "fills-the-disk": (
        "try:\n    with open('/tmp/full', 'wb') as file:\n        for _ in range(2000): file.write(b'x' * 2**20)\n"
        "except OSError:\n    pass\nSOLUTION",
        True,
        "",
    ),
    "many-eat-memory": (
        "import os, time\ndef NAME(*a):\n    for _ in range(6):\n        if os.fork() == 0:\n            kept = []\n"
        "            for _ in range(18):\n                kept.append(bytearray(100 * 2**20))\n"
        "                time.sleep(0.02)\n            time.sleep(60)\n    time.sleep(60)\n",
        False,
        SLOW_OR_LARGE,
    ),
    "shares-memory": (
        "import mmap, time\ndef NAME(*a):\n    kept = [mmap.mmap(-1, 2**28) for _ in range(12)]\n"
        "    for piece in kept:\n        np.frombuffer(piece, np.uint8)[::4096] = 1\n    time.sleep(60)\n",
        False,
        SLOW_OR_LARGE,
    ),
    "speaks-first": (
        "import json, os, struct\nfalse = json.dumps({'dict': {'defined': True, 'noted': 7, 'signature': 5,\n"
        "    'module': {'other': 'x'}, 'value': {'function': 'NAME'}}}).encode()\n"
        "for fd in range(3, 20):\n    try:\n        os.write(fd, struct.pack('<Q', len(false)) + false)\n"
        "    except OSError:\n        pass\ndef NAME(*a):\n    return a[0]\n",
        False,
        "keeps its process alive",
    ),
    "lies-of-its-error": (
        "import json, os, struct\ndef NAME(*a):\n"
        "    false = json.dumps({'dict': {'raised': {'dict': {'type': 'exec',\n"
        "        'name': '\\x00', 'message': 'x' * 10**7, 'line': {'list': []}}}}}).encode()\n"
        "    for fd in range(3, 20):\n        try:\n            os.write(fd, struct.pack('<Q', len(false)) + false)\n"
        "        except OSError:\n            pass\n    return a[0]\n",
        False,
        "property",
    ),
    "tells-the-inputs": (
        "SOLUTION\nright, calls = NAME, []\ndef NAME(*a):\n    calls.append(1)\n    if len(calls) > 30:\n"
        "        raise type('FOUND', (ValueError,), {})('FOUND ' + repr(a))\n    return right(*a)\n",
        False,
        "runs on every input",
    ),
    "shouts": (
        "def NAME(*a):\n    raise ValueError('\\x1b[2J<script>alert(1)</script>' * 10**5)\n",
        False,
        "runs on every input",
    ),
    "another-class": (
        "class Answer:\n    __class__ = tuple\n    def __len__(self): return 2\n"
        "    def __iter__(self): return iter((0, 0))\n"
        "    def __getattr__(self, name): return self\n    def __call__(self, *a, **k): return self\n"
        "def NAME(*a):\n    return Answer()\n",
        False,
        "property",
    ),
    "lies-about-its-shape": (
        "class Liar(np.ndarray):\n    shape = nbytes = property(lambda self: (1,))\n"
        "    def tobytes(self, *a): return b''\n"
        "def NAME(*a):\n    return np.zeros(2).view(Liar)\n",
        False,
        "property",
    ),
    "own-arrays": (
        "class Own(np.ndarray):\n    pass\nSOLUTION\nright = NAME\ndef NAME(*a):\n"
        "    found = right(*a)\n    return tuple(np.asarray(f).view(Own) for f in found)"
        " if isinstance(found, tuple) else np.asarray(found).view(Own)\n",
        True,
        "",
    ),
    "generator": ("def NAME(*a):\n    yield a[0]\n", False, "generator"),
    "returns-not-a-number": ("def NAME(*a):\n    return float('nan'), float('nan')\n", False, "property"),
    "overwrites-json": (
        "import json\njson.dumps = lambda *a, **k: 'true'\nSOLUTION\n",
        False,
        "keeps its process alive",
    ),
    "overwrites-builtins": (
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.type = lambda *a: float\n"
        "def NAME(*a):\n    return a[0]\n",
        False,
        "property",
    ),
    "overwrites-time": ("import time\ntime.time = time.monotonic = lambda: 0.0\nSOLUTION\n", True, ""),
    "threads-and-exits": (
        "import atexit, threading, time\natexit.register(time.sleep, 60)\n"
        "def run():\n    while True: time.sleep(0.01)\n"
        "for daemon in (True, False): threading.Thread(target=run, daemon=daemon).start()\nSOLUTION\n",
        True,
        "",
    ),
    "deaf-to-signals": (
        "import signal\nfor number in range(1, 65):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\nSOLUTION\n",
        True,
        "",
    ),
    "leaves-a-daemon": (
        "import os, sys\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(300)', LEFT])\n"
        "    os._exit(0)\nSOLUTION\n",
        True,
        "",
    ),
    "other-locale": (
        "import locale, sys\nsys.stdin.read()\nnp.set_printoptions(precision=1)\nfor name in ('de_DE.UTF-8', 'C'):\n"
        "    try:\n        locale.setlocale(locale.LC_ALL, name)\n    except locale.Error:\n        pass\nSOLUTION\n",
        True,
        "",
    ),
    "many-lines": ("for _ in range(10**5): print('x' * 100)\nSOLUTION\n", True, ""),
    "many-files": (
        "import os\ntry:\n    for n in range(10**5): os.close(os.open(f'/tmp/{n}', os.O_CREAT | os.O_WRONLY))\n"
        "except OSError:\n    pass\ntry:\n    open(os.path.expanduser('~/x'), 'w').write('x')\nexcept OSError:\n"
        "    pass\nSOLUTION\n",
        True,
        "",
    ),
    "nested-code": ("x = " + "-" * 150_000 + "1\ndef NAME(*a):\n    return a[0]\n", False, "is Python"),
    "asks-for-input": ("def NAME(*a):\n    return input('?')\n", False, "EOFError"),
    "magic-lines": ("%matplotlib inline\n!echo hello\nSOLUTION", True, ""),
    "stops-after-the-answer": ("SOLUTION\nprint(no_such_name)\n", True, ""),
}


def hard_coded(desk, exercise):
    """An answer that knows the values of a few visible draws, and returns the first of them for any other input."""
    import numpy as np

    rng = np.random.default_rng(0)
    known = [np.asarray(np.ravel(exercise.reference(*exercise.draw(rng))[0])).tolist() for _ in range(3)]
    return f"def {desk.target.variable}(*a):\n    return np.array({known[0]!r}), np.array({known[1]!r})\n"


def everyone(desk, outside="/tmp", port=9):
    """All students of the class at that desk; `outside` a folder and `port` a port that no student may reach."""
    target, other, done = desk.target, desk.other, desk.solutions
    rest = {other.number}
    found = [
        Student("perfect", file(desk, desk.notebook(done)), desk.all, "correct"),
        Student("empty", file(desk, desk.release), set(), "not attempted"),
    ]
    half = dict(list(done.items())[: len(done) // 2])
    found.append(Student("half", file(desk, desk.notebook(half)), set(half)))
    for name, (source, right, told) in ATTACKS.items():
        source = source.replace("SOLUTION", done[target.number]).replace("LESSON", target.name)
        source = (
            source.replace("OUTSIDE", repr(str(outside)))
            .replace("PORT", str(port))
            .replace("NOTEBOOK", repr(desk.name))
            .replace("LEFT", repr(LEFT))
        )
        found.append(Student(name, file(desk, desk.attack(source)), rest | ({target.number} if right else set()), told))
    coded = hard_coded(desk, find(target.name))
    found.append(Student("hard-codes", file(desk, desk.attack(coded)), rest, "depends on its inputs"))
    mistake = "def NAME(*a):\n    raise NotImplementedError\n"
    found.append(Student("raises-the-stub", file(desk, desk.attack(mistake)), rest, "not attempted"))
    return [*found, *_broken_files(desk)]


def _broken_files(desk):
    """Students whose code is right and whose notebooks are not."""
    target, other, done = desk.target, desk.other, desk.solutions
    both, right = {target.number, other.number}, {n: done[n] for n in (target.number, other.number)}

    def changed(change):
        notebook = desk.notebook(right)
        change(notebook)
        return notebook

    def deleted(notebook):
        gone = {target.check, other.solution}
        marks = [c["metadata"].get("nbgrader", {}).get("grade_id") for c in notebook["cells"]]
        notebook["cells"] = [c for c, m in zip(notebook["cells"], marks, strict=True) if m not in gone][5:]

    def duplicated(notebook):
        position = notebook["cells"].index(desk.cell(notebook, target.solution))
        first = copy.deepcopy(notebook["cells"][position])
        first["source"] = f"def {target.variable}(*a):\n    return 'a first try'\n"
        check = copy.deepcopy(desk.cell(notebook, target.check))
        notebook["cells"][position:position] = [first, check]

    def renamed(notebook):
        cell = desk.cell(notebook, target.solution)
        cell["source"] = cell["source"].replace(f"def {target.variable}(", "def my_own_name(")

    def easy_checks(notebook):
        for slot in desk.slots:
            desk.cell(notebook, slot.check)["source"] = "print('✓ correct')"
            desk.cell(notebook, slot.check)["metadata"]["nbgrader"]["points"] = 1000
        desk.cell(notebook, target.solution)["source"] = f"def {target.variable}(*a):\n    return 1\n"

    def stripped(notebook):
        for cell in notebook["cells"]:
            cell["metadata"] = {}
            cell.pop("id", None)

    def helper(notebook):
        position = notebook["cells"].index(desk.cell(notebook, target.solution))
        body = done[target.number].replace(f"def {target.variable}(", "def helper(")
        cells = [_code("import math\n" + body), _code("unfinished = (\n")]
        notebook["cells"][position:position] = cells
        desk.cell(notebook, target.solution)["source"] = f"{target.variable} = lambda *a: helper(*a)\n"

    def elsewhere(notebook):
        cell = desk.cell(notebook, target.solution)
        notebook["cells"].append(_code(cell["source"]))
        cell["source"] = desk.cell(desk.release, target.solution)["source"]

    def noisy(notebook):
        text = "x" * (50 * MEGABYTE)
        desk.cell(notebook, target.check)["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]

    def wrong_types(notebook):
        notebook["cells"][0]["source"] = 7
        notebook["cells"][1]["metadata"] = ["x"]
        notebook["cells"].insert(2, "no cell")
        desk.cell({"cells": notebook["cells"][3:]}, target.solution)["cell_type"] = "markdown"

    def dangerous(notebook):
        words = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) $a<b$"
        notebook["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": words})
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution"):
                cell["source"] = words

    def bloated(notebook):
        notebook["metadata"] = {"x": "y" * 20 * MEGABYTE, "n": float("nan"), "deep": {"a": [[]] * 1000}}
        notebook["cells"][0]["metadata"] = {str(n): n for n in range(10_000)}

    def long_cell(notebook):
        cell = desk.cell(notebook, target.solution)
        cell["source"] += "\n# " + "x" * MEGABYTE

    data = json.dumps(desk.notebook(right)).encode()

    def folder_of_that_name(folder):
        (folder / desk.name / "inside").mkdir(parents=True)
        (folder / desk.name / "inside" / "mine.ipynb").write_bytes(data)

    def links(folder):
        (folder / desk.name).symlink_to("../../perfect/" + folder.name + "/" + desk.name)
        (folder / "all").symlink_to("/")

    def pipe_and_locks(folder):
        os.mkfifo(folder / "pipe.ipynb")
        (folder / "locked").mkdir()
        (folder / "locked" / desk.name).write_bytes(data)
        (folder / "locked").chmod(0)
        (folder / desk.name).chmod(0)

    def odd_bytes(folder):
        with open(os.fsencode(folder) + b"/\xff\xfe.ipynb", "wb") as file:
            file.write(data)

    text = json.dumps(desk.notebook(right), indent=1)
    after_both = max(text.index(json.dumps(done[n])[1:40]) + len(done[n]) for n in right) + 400
    latin = json.dumps(
        desk.notebook({**right, target.number: "# caf\u00e9\n" + right[target.number]}), ensure_ascii=False
    )
    conflict = text.replace('"cells": [', '"cells": [\n<<<<<<< HEAD\n', 1).replace("\n}", "\n=======\n}")
    return [
        Student("deletes-cells", file(desk, changed(deleted)), {target.number}, "correct"),
        Student("copies-a-cell", file(desk, changed(duplicated)), both, "2 times"),
        Student("reorders", file(desk, changed(lambda n: n["cells"].reverse())), both, read="another order"),
        Student("renames", file(desk, changed(renamed)), both, "my_own_name"),
        Student("easy-checks", file(desk, changed(easy_checks)), {other.number}, "property", read="was changed"),
        Student("no-metadata", file(desk, changed(stripped)), both, "another cell"),
        Student("helpers", file(desk, changed(helper)), both),
        Student("elsewhere", file(desk, changed(elsewhere)), both, "another cell"),
        Student("noisy-file", file(desk, changed(noisy)), both),
        Student("wrong-types", file(desk, changed(wrong_types)), both),
        Student("no-notebook", {"notes.txt": b"I was ill."}, set(), read="No notebook"),
        Student("no-bytes", {desk.name: b""}, set(), read="is empty"),
        Student("wrong-lesson", {desk.name: desk.other_lesson}, set(), read="belongs to this lesson"),
        Student(
            "wrong-name", {"my lesson (1).ipynb": json.dumps(desk.notebook(right)).encode()}, both, read="is called"
        ),
        Student("not-utf8", {desk.name: latin.encode("latin-1", "replace")}, both, read="not UTF-8"),
        Student("cut-off", {desk.name: text[:after_both].encode()}, both, read="damaged"),
        Student("merge-conflict", {desk.name: conflict.encode()}, both, read="damaged"),
        Student("byte-order-mark", {desk.name: b"\xef\xbb\xbf" + data}, both),
        Student("utf-16", {desk.name: text.encode("utf-16")}, both),
        Student("windows-lines", {desk.name: text.replace("\n", "\r\n").encode()}, both),
        Student("dangerous-page", file(desk, changed(dangerous)), both),
        Student("bloated-metadata", file(desk, changed(bloated)), both),
        Student("long-cell", file(desk, changed(long_cell)), both),
        Student("folder-named-so", {}, both, read="is called", also=folder_of_that_name),
        Student("links", {}, set(), read="No notebook", also=links),
        Student("pipe-and-locks", {desk.name: data}, both, also=pipe_and_locks),
        Student("long-name", {"x" * 240 + ".ipynb": data}, both, read="is called"),
        Student("odd-name", {"<img src=x onerror=alert(1)>`.ipynb": data}, both, read="is called"),
        Student("odd-bytes", {}, both, read="is called", also=odd_bytes),
        Student("wrong-time", {desk.name: data, "timestamp.txt": b"yesterday, \xff"}, both),
        Student("two-files", {desk.name: data, "old copy.ipynb": json.dumps(desk.release).encode()}, both),
        Student("o'neil, zo\u00eb (2) +1", {desk.name: data}, both),
        Student("nested", {desk.name: b"[" * 100_000}, set(), read="damaged"),
        Student("zeros", {desk.name: bytes(1000)}, set(), read="No cell"),
    ]


def _code(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
