"""Tests of the fork server: helpers in this process, the server as a real process."""

import contextlib
import importlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = pathlib.Path(__file__).parents[2]
PROGRAMS = (
    "backends/local/runtime/start.py",
    "backends/local/runtime/forkserver.py",
    "backends/local/runtime/preload.py",
    "templates/zenc_runtime_1/step.py",
)


def copy_programs(folder):
    """Put the programs beside each other, as they are in a run."""
    for source in PROGRAMS:
        shutil.copy(ROOT / source, folder)


class ServerCase(unittest.TestCase):
    """A server in a folder of its own, as a run has it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        (self.folder / "code").mkdir()
        copy_programs(self.folder)

    def start(self, preload=(), **modules):
        for name, source in modules.items():
            (self.folder / "code" / f"{name}.py").write_text(textwrap.dedent(source))
        config = self.folder / "config.json"
        config.write_text(
            json.dumps(
                {
                    "code": str(self.folder / "code"),
                    "folder": str(self.folder / "server"),
                    "preload": list(preload or modules),
                }
            )
        )
        self.requests, requests = self.pair()
        self.control, control = self.pair()
        self.begun = self.folder / "begun"
        begun = os.open(self.begun, os.O_CREAT | os.O_RDWR | os.O_APPEND)
        # By way of a shell: only it may take the numbers that the server has to find.
        files = f"3<&{requests.fileno()} 4<&{control.fileno()} 5<&{begun}"
        self.server = subprocess.Popen(
            [
                "bash",
                "-c",
                f'exec "$0" "$@" {files}',
                sys.executable,
                str(self.folder / "start.py"),
                "forkserver.py",
                str(config),
            ],
            pass_fds=[requests.fileno(), control.fileno(), begun],
            stdin=subprocess.DEVNULL,
        )
        self.addCleanup(self.server.wait, 60)
        self.addCleanup(self.server.kill)
        requests.close()
        control.close()
        os.close(begun)
        ready = self.receive()
        self.assertTrue(ready.pop("ready"))
        return ready["notes"]

    def pair(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(ours.close)
        ours.settimeout(60)
        return ours, theirs

    def receive(self):
        return json.loads(self.control.recv(1 << 16))

    def end(self, attempt):
        self.control.send(json.dumps({"end": attempt}).encode())

    def request(self, attempt, target, **env):
        home = self.folder / f"attempt-{attempt}"
        (home / "work").mkdir(parents=True)
        for file in (self.folder / "code").iterdir():
            (home / "work" / file.name).write_bytes(file.read_bytes())
        work = {"python": target, "outputs": {"x": "json"}, "out": str(home / "out")}
        request = {"id": attempt, "cwd": str(home / "work"), "env": env, "work": work}
        with open(home / "log", "ab") as log:
            message = json.dumps(request).encode()
            socket.send_fds(self.requests, [message], [log.fileno()])

    def fork(self, attempt, target, **env):
        """Start an attempt and return the number of its process."""
        self.request(attempt, target, **env)
        return self.process(attempt)

    def process(self, attempt):
        """Wait until an attempt has begun and return the number of its process."""
        while True:
            for line in self.begun.read_text().splitlines():
                number, _, pid = line.partition(" ")
                if int(number) == attempt and pid:
                    return int(pid)

    def log(self, attempt):
        return (self.folder / f"attempt-{attempt}" / "log").read_text()

    def run_step(self, attempt, target, **env):
        """Run an attempt to its end and return its exit code, output and log."""
        self.request(attempt, target, **env)
        ended = self.receive()
        self.assertEqual(ended["id"], attempt)
        out = self.folder / f"attempt-{attempt}" / "out" / "x"
        value = json.loads(out.read_text()) if out.exists() else None
        return ended["code"], value, self.log(attempt)

    def waiting(self):
        """Return the process that waits for a request, once there is one."""
        children = pathlib.Path(
            f"/proc/{self.server.pid}/task/{self.server.pid}/children"
        )
        while True:
            begun = {line.split()[1] for line in self.begun.read_text().splitlines()}
            for pid in set(children.read_text().split()) - begun:
                return int(pid)


class ForkTest(ServerCase):
    def test_attempts(self):
        source = """
            import os, pathlib
            count = 0
            def f():
                global count
                count += 1
                here = pathlib.Path(__file__).parent == pathlib.Path.cwd()
                return [count, here, os.environ.get("A"), os.getppid(), os.getpgrp() == os.getpid()]
            def g():
                1 / 0
        """
        self.assertEqual(self.start(m=source), [])
        for attempt, a in ((1, "1"), (2, "2")):
            code, value, log = self.run_step(attempt, "m:f", A=a)
            self.assertEqual(
                (code, value, log), (0, [1, True, a, self.server.pid, True], "")
            )
        code, _, log = self.run_step(3, "m:g")
        self.assertEqual(code, 1)
        self.assertIn("ZeroDivisionError", log)
        self.assertNotIn("forkserver", log)
        self.assertEqual(self.run_step(4, "m:nope")[0], 1)

    def test_a_pipeline_may_have_modules_called_as_those_of_the_server(self):
        names = ("step", "forkserver", "socket")
        self.start(**{name: f"def f(): return '{name}'" for name in names})
        for attempt, name in enumerate(names):
            code, value, _ = self.run_step(attempt, f"{name}:f")
            self.assertEqual((code, value), (0, name))

    def test_a_module_that_prints_is_left_to_the_attempts(self):
        notes = self.start(m="print('imported')\ndef f(): return 1", n="import m")
        self.assertEqual(len(notes), 2)
        self.assertIn("the module m for itself: it prints", notes[0])
        for attempt in (1, 2):
            self.assertEqual(self.run_step(attempt, "m:f"), (0, 1, "imported\n"))

    def test_the_end_of_an_attempt(self):
        source = """
            import signal, time
            def f():
                signal.signal(signal.SIGTERM, lambda *_: exit(9))
                print("up", flush=True)
                time.sleep(1000)
        """
        self.start(m=source)
        pid = self.fork(1, "m:f")
        while self.log(1) != "up\n":
            pass
        self.end(1)
        self.assertEqual(self.receive(), {"id": 1, "pid": pid})
        self.assertEqual(self.receive(), {"id": 1, "code": 9})

    def test_the_end_of_an_attempt_that_has_not_begun(self):
        self.start(m="import time\ndef f(): return 1\ndef g(): time.sleep(1000)")
        self.end(7)
        self.assertEqual(self.receive(), {"id": 7, "code": 0})
        self.request(7, "m:g")
        ended = self.receive()
        self.assertEqual(ended, {"id": 7, "code": 128 + signal.SIGKILL})
        self.assertEqual(self.run_step(8, "m:f"), (0, 1, ""))

    def test_an_attempt_takes_its_request_itself_where_processors_are_idle(self):
        self.start(m="import os\ndef f(): return os.getpid()")
        for attempt in range(20):
            pid = self.waiting()
            self.assertEqual(self.run_step(attempt, "m:f"), (0, pid, ""))

    def test_attempts_at_once(self):
        self.start(m="import os, time\ndef f(): time.sleep(0.1); return os.getpid()")
        for attempt in range(40):
            self.request(attempt, "m:f")
        ended = [self.receive() for _ in range(40)]
        self.assertEqual(
            {e["id"]: e["code"] for e in ended}, dict.fromkeys(range(40), 0)
        )
        processes = {self.process(attempt) for attempt in range(40)}
        self.assertEqual(len(processes), 40)

    def test_a_fork_that_ends_while_it_waits_is_made_anew(self):
        self.start(m="def f(): return 1")
        for attempt in range(5):
            os.kill(self.waiting(), signal.SIGKILL)
            self.assertEqual(self.run_step(attempt, "m:f")[:2], (0, 1))

    def test_how_an_attempt_ends(self):
        source = """
            import os, signal, subprocess
            def leaves(): os._exit(7)
            def crashes(): os.kill(os.getpid(), signal.SIGSEGV)
            def closes():
                os.closerange(3, 100)
                for i in range(20):
                    os.open(f"own-{i}", os.O_CREAT | os.O_WRONLY)
                return sorted(os.listdir())[0]
            def forks():
                if os.fork():
                    os.wait()
                    return "parent"
                return "child"
            def leaves_behind():
                return subprocess.Popen(["sleep", "1000"]).pid
        """
        self.start(m=source)
        ends = {"leaves": 7, "crashes": 128 + signal.SIGSEGV}
        ends |= {"closes": 0, "forks": 0, "leaves_behind": 0}
        for attempt, (name, want) in enumerate(ends.items()):
            self.waiting()
            code, value, log = self.run_step(attempt, f"m:{name}")
            self.assertEqual(code, want, log)
        self.assert_gone(value)
        for file in (self.folder / "attempt-2" / "work").glob("own-*"):
            self.assertEqual(file.read_bytes(), b"")
        out = self.folder / "attempt-3" / "out" / "x"
        self.assertEqual(out.read_text(), '"parent"\n')

    def test_the_end_of_the_runner(self):
        self.start(m="import time\ndef f(): time.sleep(1000)")
        pid = self.fork(1, "m:f")
        self.requests.close()
        self.control.close()
        self.assertEqual(self.server.wait(60), 0)
        self.assert_gone(pid)

    def assert_gone(self, pid):
        """Wait until a process has ended."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            stat = pathlib.Path(f"/proc/{pid}/stat")
            while ") Z " not in stat.read_text():  # a zombie, until somebody reaps it
                pass


class HelperTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            copy_programs(folder)
            sys.path[:0] = [folder]
            cls.server = importlib.import_module("start").load("forkserver.py")
            del sys.path[0]

    def test_exit_codes(self):
        def leaves(code):
            raise SystemExit(code)

        for code, want in ((None, 0), (0, 0), (3, 3), (256, 0), (-1, 255)):
            with self.subTest(code=code):
                self.assertEqual(self.server.run(lambda c=code: leaves(c)), want)
        self.assertEqual(self.server.run(lambda: 97), 97)

    def test_signals_of_a_group_that_is_gone(self):
        child = subprocess.Popen(["true"], start_new_session=True)
        child.wait()
        self.assertFalse(self.server.kill_group(child.pid, signal.SIGTERM))


if __name__ == "__main__":
    unittest.main()
