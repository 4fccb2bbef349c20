"""What nothing can be faster than: a bare loop that starts a process for each step.

python baseline.py shell|python|fork COUNT AT_ONCE

shell starts `bash -eo pipefail` with a script, python a fresh interpreter that imports
work, and fork a copy of this interpreter, which has imported it already. There is no
graph, no log, no record and no value between the steps.
"""

import os
import pathlib
import sys
import tempfile

import work


def spawn(argv):
    """Start a program, with as little as Python can do it."""
    return os.posix_spawnp(argv[0], argv, os.environ)


def fork():
    """Start a step in a copy of this interpreter."""
    pid = os.fork()
    if pid == 0:
        work.nothing()
        os._exit(0)
    return pid


def run_all(start, count, at_once):
    """Start count processes, so many at once; one that fails ends the program."""
    started = ended = 0
    while ended < count:
        while started < count and started - ended < at_once:
            start()
            started += 1
        pid, status = os.wait()
        if status:
            sys.exit(f"process {pid} ended with the status {status}")
        ended += 1


def main(kind, count, at_once):
    """Run a loop of one kind."""
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "script")
        script.write_text("true\n")
        starts = {
            "shell": lambda: spawn(["bash", "-eo", "pipefail", str(script)]),
            "python": lambda: spawn([sys.executable, "-c", CALL]),
            "fork": fork,
        }
        run_all(starts[kind], count, at_once)


CALL = "import work; work.nothing()"

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
