"""`make test`, for any system: ruff, unit tests, and every lesson run again and compared with its outputs."""

import os
import subprocess
import sys

# The notebooks come first, and are long; the many short modules after them keep both workers busy to the end.
COMMANDS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    (
        *("pytest", "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "--nbval", "--nbval-current-env"),
        *("--nbval-cell-timeout=300", "--nbval-sanitize-with=tests/nbval_sanitize.cfg", "--durations=20"),
    ),
)


def main():
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for command in COMMANDS:
        print(*command, flush=True)
        if failed := subprocess.run([sys.executable, "-m", *command], env=environment).returncode:
            return failed
    return 0


if __name__ == "__main__":
    sys.exit(main())
