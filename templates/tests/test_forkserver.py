"""Tests of the fork server: helpers in this process, the server as a real process."""

import contextlib
import importlib
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest

TEMPLATES = pathlib.Path(__file__).parents[1]
CONNECTION = 3


class ServerCase(unittest.TestCase):
    """A server in a folder of its own, as a run has it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        (self.folder / "code").mkdir()
        for source in ("zenc_local/forkserver.py", "zenc_runtime_1/step.py"):
            target = self.folder / pathlib.Path(source).name
            target.write_bytes((TEMPLATES / source).read_bytes())

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
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(self.socket.close)
        self.socket.settimeout(60)
        # By way of a shell: only it may take the number that the server has to find.
        self.server = subprocess.Popen(
            [
                "bash",
                "-c",
                f'exec "$0" "$@" {CONNECTION}<&{theirs.fileno()}',
                sys.executable,
                str(self.folder / "forkserver.py"),
                str(config),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        self.addCleanup(self.server.wait, 60)
        self.addCleanup(self.server.kill)
        theirs.close()
        ready = self.receive()
        self.assertTrue(ready.pop("ready"))
        return ready["notes"]

    def receive(self):
        return json.loads(self.socket.recv(1 << 16))

    def fork(self, attempt, target, **env):
        """Start an attempt and return the number of its process."""
        home = self.folder / f"attempt-{attempt}"
        (home / "work").mkdir(parents=True)
        for file in (self.folder / "code").iterdir():
            (home / "work" / file.name).write_bytes(file.read_bytes())
        work = {"python": target, "outputs": {"x": "json"}, "out": str(home / "out")}
        request = {"id": attempt, "cwd": str(home / "work"), "env": env, "work": work}
        with open(home / "log", "ab") as log:
            message = json.dumps(request).encode()
            socket.send_fds(self.socket, [message], [log.fileno()])
        started = self.receive()
        self.assertEqual(started["id"], attempt)
        return started["pid"]

    def run_step(self, attempt, target, **env):
        """Run an attempt to its end and return its exit code, output and log."""
        self.fork(attempt, target, **env)
        ended = self.receive()
        self.assertEqual(ended["id"], attempt)
        home = self.folder / f"attempt-{attempt}"
        out = home / "out" / "x"
        value = json.loads(out.read_text()) if out.exists() else None
        return ended["code"], value, (home / "log").read_text()


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
        self.fork(1, "m:f")
        log = self.folder / "attempt-1" / "log"
        while log.read_text() != "up\n":
            pass
        self.socket.send(json.dumps({"id": 1, "end": True}).encode())
        self.assertEqual(self.receive(), {"id": 1, "code": 9})

    def test_the_end_of_the_runner(self):
        self.start(m="import time\ndef f(): time.sleep(1000)")
        pid = self.fork(1, "m:f")
        self.socket.close()
        self.assertEqual(self.server.wait(60), 0)
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            stat = pathlib.Path(f"/proc/{pid}/stat")
            while ") Z " not in stat.read_text():  # a zombie, until somebody reaps it
                pass


class HelperTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.path[:0] = [str(TEMPLATES / "zenc_local")]
        with tempfile.TemporaryDirectory() as folder:
            for source in ("zenc_local/forkserver.py", "zenc_runtime_1/step.py"):
                content = (TEMPLATES / source).read_bytes()
                (pathlib.Path(folder) / pathlib.Path(source).name).write_bytes(content)
            sys.path[0] = folder
            cls.server = importlib.import_module("forkserver")
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
