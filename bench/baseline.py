"""What nothing can be faster than: a bare loop that starts a process for each step.

python baseline.py shell|python|fork|server COUNT AT_ONCE

shell starts `bash -eo pipefail` with a script, python a fresh interpreter that imports
work, and fork a copy of this interpreter, which has imported it already. There is no
graph, no log, no record and no value between the steps.

server has another process do the forks, as a runner that is not Python has to, and
isolates them: each is asked for and answered over a socket, and has a process group, a
working directory, a log and a file for its result of its own.
"""

import json
import os
import pathlib
import select
import signal
import socket
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


def serve(connection):
    """Fork for what comes over the connection, and tell of what has ended."""
    wake, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakeup)
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.register(wake, select.POLLIN)
    running = 0
    while True:
        for fd, _ in poll.poll():
            if fd == connection.fileno():
                request = connection.recv(4096)
                if not request:
                    return
                running += 1
                if os.fork() == 0:
                    isolated(json.loads(request))
                continue
            os.read(wake, 4096)
            while running:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    break
                running -= 1
                connection.send(json.dumps([pid, status]).encode())


def isolated(request):
    """Run a step in this process, with all that is its own."""
    os.setpgid(0, 0)
    os.chdir(request["folder"])
    log = os.open("log", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    result = work.nothing()
    with open("result", "w") as file:
        json.dump(result, file)
    sys.stdout.flush()
    os._exit(0)


def run_server(count, at_once, folder):
    """Have count steps run by a fork server, so many at once."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server = os.fork()
    if server == 0:
        here.close()
        serve(there)
        os._exit(0)
    there.close()
    started = ended = 0
    while ended < count:
        while started < count and started - ended < at_once:
            own = os.path.join(folder, str(started))
            os.mkdir(own)
            here.send(json.dumps({"folder": own}).encode())
            started += 1
        pid, status = json.loads(here.recv(4096))
        if status:
            sys.exit(f"process {pid} ended with the status {status}")
        ended += 1
    here.close()
    os.waitpid(server, 0)


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
    if kind == "server":
        run_server(count, at_once, os.getcwd())  # which the benchmark removes
        return
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
