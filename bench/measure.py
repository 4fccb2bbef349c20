"""Runs contestants as whole processes and keeps what they took."""

import dataclasses
import os
import signal
import statistics
import subprocess
import threading
import time

SHORT = 1.0  # seconds
SHORT_TURNS = 3  # turns of what is short in each turn of the others


@dataclasses.dataclass
class Run:
    """What one process took, from its start to its end, with all that it started and waited for."""

    wall: float
    cpu: float
    began: float | None = None  # seconds until its first step began


@dataclasses.dataclass
class Measurement:
    """All runs of one contestant on one pipeline."""

    contestant: str
    shape: str
    count: int
    at_most: float  # seconds, before the process is ended
    start: object  # makes a fresh state and returns the arguments of Popen
    runs: list = dataclasses.field(default_factory=list)
    failure: str = ""

    @property
    def wall(self):
        """The shortest time: what the machine does besides can only add to it."""
        return min(run.wall for run in self.runs)

    @property
    def median(self):
        """The time in the middle, which says how noisy the machine was."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def cpu(self):
        """The least processor time."""
        return min(run.cpu for run in self.runs)

    @property
    def began(self):
        """The shortest time until the first step began."""
        return min(run.began for run in self.runs)

    @property
    def spent(self):
        """What all runs took."""
        return sum(run.wall for run in self.runs)


def measure(measurements, repetitions, enough, minutes, say):
    """Run all measurements in turn, and again, so that noise hits all alike.

    One that has taken enough seconds is not repeated, and none is after so many minutes.
    Between one turn and the next, those that are short take more: noise is most of them.
    """
    end = time.monotonic() + 60 * minutes
    for turn in range(repetitions * SHORT_TURNS):
        for m in measurements:
            is_over = m.spent > enough or time.monotonic() > end
            if m.failure or (turn and is_over):
                continue
            if turn % SHORT_TURNS and m.runs[-1].wall > SHORT:
                continue
            repeat(m)
            took = m.failure or f"{m.runs[-1].wall:.3f} s"
            say(f"{turn + 1}: {m.contestant}, {m.shape} of {m.count}: {took}")


def repeat(m):
    """Run a measurement once more."""
    argv, cwd, env = m.start()
    mark, log = os.path.join(cwd, "began"), os.path.join(cwd, "log")
    if m.count == 1:
        env = env | {"BENCH_BEGAN": mark}
    start = time.monotonic()
    status, cpu = wait(argv, cwd, env, log, m.at_most)
    wall = time.monotonic() - start
    if status == -signal.SIGKILL and wall >= m.at_most:
        m.failure = f"ended after {m.at_most:.0f} s"
    elif status:
        m.failure = f"exit status {status}: {last_lines(log)}"
    elif m.count == 1 and m.shape != "shell" and not os.path.exists(mark):
        m.failure = "no step was run"
    else:
        m.runs.append(Run(wall, cpu, mark_of(mark, start)))


def wait(argv, cwd, env, log, at_most):
    """Run a process and return its exit status and its processor time."""
    with open(log, "wb") as out:
        p = subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    timer = threading.Timer(at_most, os.killpg, (p.pid, signal.SIGKILL))
    timer.start()
    os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
    timer.cancel()
    os.killpg(
        p.pid, signal.SIGKILL
    )  # what it has left behind would disturb the next one
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return p.returncode, usage.ru_utime + usage.ru_stime


def mark_of(path, start):
    """Return how long after start the first step wrote its mark, if it was asked to."""
    try:
        with open(path) as f:
            return float(f.read()) - start
    except FileNotFoundError:
        return None


def last_lines(log):
    """Return the end of what a process has printed, as one line."""
    with open(log, errors="replace") as f:
        lines = [line.strip() for line in f if line.strip()]
    return " / ".join(lines[-3:])[-300:] or "no output"
