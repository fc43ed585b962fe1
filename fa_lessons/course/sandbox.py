"""The room in which a student's code runs: what of the machine it can see and use, and how it is ended.

`wrap` builds the command for what this machine offers, the strictest first:

- unshare (Linux, as root): own file system, processes and network, and a user of its own without any rights
- bwrap (Linux, where bubblewrap is installed), unshare-user (Linux, where users may make name spaces): the same,
  as the user who grades
- none: limits and a process group only
"""

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import platformdirs
import psutil

from fa_lessons import places

MEMORY, FILE, PROCESSES, FILES = 2 * 2**30, 16 * 2**20, 48, 128
SECONDS = 120  # after which nothing of an exercise runs, even if the grader itself was killed
SHADOWED = ("exercises.py", "meaning.py")  # ends of the names of modules that hold the truth
KEPT = 7 * 24 * 3600  # seconds
KINDS = ("unshare", "bwrap", "unshare-user", "none")
KIND = "FA_LESSONS_ROOM"  # the variable of the environment that hands the kind on

JAIL = """
set -e
umask 022
root=$1; shift
mount -t tmpfs -o size=64m,nr_inodes=20k,mode=755 room "$root"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root$(dirname "$1")"; touch "$root$1"; fi
  mount --bind "$1" "$root$1"; mount -o remount,bind,ro,nosuid,nodev "$root$1"; shift
done; shift
while [ "$1" != -- ]; do
  if [ -d "$root$1" ]; then mount -t tmpfs -o ro,size=4k,mode=755 hidden "$root$1"; fi; shift
done; shift
for link in /bin /lib /lib64 /sbin; do if [ -L $link ]; then cp -P $link "$root$link"; fi; done
mkdir -p "$root/tmp" "$root/dev" "$root/proc" "$root/old"; chmod 1777 "$root/tmp"
mount -t proc proc "$root/proc" 2>/dev/null || true
for device in null zero urandom random; do
  touch "$root/dev/$device"; mount --bind /dev/$device "$root/dev/$device"
done
cd "$root"; pivot_root . old; umount -l /old; rmdir /old; cd /tmp
exec "$@"
"""
FIRST_TO_GO = ("sh", "-c", 'echo 1000 > /proc/self/oom_score_adj 2>/dev/null; exec "$@"', "room")  # if memory ends
NEW = ("--mount", "--pid", "--fork", "--net", "--ipc", "--uts", "--kill-child")
NO_RIGHTS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")


def limits():
    """{name of the operating system's limit: value} for a student's process."""
    return {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": FILE,
        "RLIMIT_NOFILE": FILES,
        "RLIMIT_NPROC": PROCESSES + (0 if apart() in ("unshare", "bwrap", "unshare-user") else _tasks()),
        "RLIMIT_CPU": SECONDS,
        "RLIMIT_DATA": MEMORY,
        "RLIMIT_AS": MEMORY + 6 * 2**30,  # torch maps several gigabytes that it never touches
    }


def _tasks():
    """How many processes and threads the user has now: the limit counts them all."""
    own = [p.info for p in psutil.process_iter(["uids", "num_threads"]) if p.info["uids"]]
    return sum(info["num_threads"] or 1 for info in own if info["uids"].real == os.getuid())


@functools.cache
def room():
    """The folder with the player and the package without its exercises; made at most once for each edition of them."""
    digest, own = hashlib.sha256(), [places.PACKAGE / "course" / name for name in ("player.py", "wire.py")]
    for path in [*sorted(_package_files()), *own]:
        digest.update(str(path.relative_to(places.PACKAGE)).encode() + path.read_bytes())
    folder = Path(platformdirs.user_cache_dir("fa-lessons")) / "room" / digest.hexdigest()[:16]
    if folder.is_dir():
        os.utime(folder)
        return folder
    _clear(folder.parent)
    new = folder.with_name(f"{folder.name}-{os.getpid()}")
    for path in _package_files():
        to = new / "fa_lessons" / path.relative_to(places.PACKAGE)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    for path in own:
        shutil.copyfile(path, new / path.name)
    (new / "root").mkdir()
    for path in [new, *new.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        new.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(new)
    return folder


def _clear(folder):
    """Remove the rooms of other editions of the package that nobody has used for a week."""
    for old in folder.glob("*"):
        if time.time() - old.stat().st_mtime > KEPT:
            shutil.rmtree(old, ignore_errors=True)


def _package_files():
    """The files of the package that a lesson's own code may import: none that holds a truth or a solution."""
    for path in places.PACKAGE.rglob("*"):
        relative = path.relative_to(places.PACKAGE)
        hidden = relative.parts[0] in ("brought", "course", "experiments", "cli.py") or "__pycache__" in relative.parts
        if path.is_file() and not hidden and not path.name.endswith(SHADOWED) and "exercises" not in relative.parts:
            yield path


def start(arguments=(), kind=None):
    """Start Python in the room on `arguments`, the player for none, with pipes for input and output; a Popen."""
    command = [sys.executable, "-I", "-B", *(arguments or [str(room() / "player.py")])]
    first = FIRST_TO_GO if sys.platform.startswith("linux") else ()
    return subprocess.Popen(
        [*first, *wrap(command, apart() if kind is None else kind)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/tmp" if os.path.isdir("/tmp") else None,
        env=_environment(),
    )


def _environment():
    """Nothing of the teacher's environment."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TQDM_DISABLE"), "1")
    path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return {**one, "PATH": path, "HOME": "/tmp", "MPLBACKEND": "agg", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def end(process):
    """End a process and all that it started, whatever group they are in now, and close its pipes."""
    end_family(process)
    process.stdin.close()
    process.stdout.close()
    process.wait()


def end_family(process):
    """Kill a process and all that it started."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        family = []
    if process.poll() is None:
        process.kill()
    for member in family:
        try:
            member.kill()
        except psutil.Error:
            pass


def used(process):
    """What a process and all that it started have taken: (bytes of memory, shared files left out; seconds of CPU)."""
    try:
        family = [found := psutil.Process(process.pid), *found.children(recursive=True)]
    except psutil.Error:
        return 0, 0.0
    each = [_used(member) for member in family]
    return sum(memory for memory, _ in each), sum(seconds for _, seconds in each)


def _used(member):
    try:
        seconds = sum(member.cpu_times()[:4])
        if not sys.platform.startswith("linux"):
            return member.memory_info().rss, seconds
        lines = Path(f"/proc/{member.pid}/status").read_text(encoding="utf-8").splitlines()
    except (OSError, psutil.Error):
        return 0, 0.0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("RssAnon:", "RssShmem:"))), seconds


@functools.cache
def apart():
    """The strictest of KINDS that works on this machine; a judge is told by the process that started it."""
    if os.environ.get(KIND) in KINDS:
        return os.environ[KIND]
    for kind in KINDS[:-1]:
        if works(kind):
            return kind
    return "none"


def works(kind):
    """Whether numpy can be imported in a room of that kind."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not sys.platform.startswith("linux") or root != (kind == "unshare"):
        return False
    if not shutil.which("bwrap" if kind == "bwrap" else "unshare"):
        return False
    process = start(("-c", "import numpy; print('ok')"), kind)
    try:
        return process.communicate(timeout=60)[0].strip() == b"ok"
    except subprocess.TimeoutExpired:
        return False
    finally:
        end(process)


def wrap(command, kind):
    """`command` as it runs in a room of that kind."""
    seen, hidden = readable(), _hidden()
    timed = ["timeout", "--signal=KILL", str(SECONDS)]
    if kind == "none":
        return command
    if kind == "bwrap":
        ways = [word for path in seen for word in ("--ro-bind", path, path)]
        ways += [w for link in ("/bin", "/lib", "/lib64", "/sbin") for w in _link(link)]
        ways += [word for path in hidden if _below(path, seen) for word in ("--tmpfs", path)]
        return [
            *(shutil.which("bwrap"), "--unshare-all", "--die-with-parent", "--new-session", "--tmpfs", "/tmp"),
            *(*ways, "--proc", "/proc", "--dev", "/dev", "--chdir", "/tmp", "--"),
            *(*timed, *command),
        ]
    jail = ["sh", "-c", JAIL, "room", str(room() / "root"), *seen, "--", *hidden, "--", *timed]
    if kind == "unshare":
        user = str(1_000_000 + os.getpid())
        as_nobody = (f"--reuid={user}", f"--regid={user}", "--clear-groups")
        return [shutil.which("unshare"), *NEW, *jail, *NO_RIGHTS, *as_nobody, *command]
    return [shutil.which("unshare"), "--user", "--map-root-user", *NEW, *jail, *NO_RIGHTS, *command]


def _hidden():
    """The folders that hold truths, should they lie where the room may read."""
    checkout = places.checkout()
    return [str(places.PACKAGE), *(str(checkout / name) for name in ("notebooks", "tests", ".git") if checkout)]


def sees(path):
    """Whether a room could read `path`, because it lies in the folders of Python or of the system."""
    return _below(os.path.realpath(path), readable())


def _link(path):
    return ("--symlink", os.readlink(path), path) if os.path.islink(path) else ()


def _below(path, folders):
    return any(Path(folder) in Path(path).parents for folder in folders)


@functools.cache
def readable():
    """The folders and files that a student's process can read: Python, its packages, the system's libraries."""
    found = ["/usr", sys.base_prefix, sys.prefix, *site_packages(), str(room()), "/etc/ld.so.cache"]
    found += [path for path in ("/lib", "/lib64", "/bin", "/nix/store") if not os.path.islink(path)]
    kept = []
    for path in sorted({os.path.realpath(path) for path in found if os.path.exists(path)}):
        if not _below(path, kept):
            kept.append(path)
    return tuple(kept)


def site_packages():
    """The folders that numpy and torch were installed into."""
    found = [importlib.util.find_spec(name) for name in ("numpy", "scipy", "torch")]
    return sorted({str(Path(spec.origin).parent.parent) for spec in found if spec and spec.origin})
