"""Who is measured: how each is started, in which state, and on how many steps.

A contestant is given a folder of its own. Before the first run its state there is made
(a database, a configuration, compiled modules), which is not measured, and each run
starts from a fresh copy of it, at the same path.
"""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

import specs

BENCH = pathlib.Path(__file__).parent.resolve()
ROOT = BENCH.parent
VENVS = ROOT / ".venv"
AT_ONCE = 4


@dataclasses.dataclass
class Contestant:
    """A way to run the pipelines."""

    name: str
    about: str  # what isolates its steps, and what it keeps of a run
    sizes: dict  # the numbers of steps of each shape that it is measured on, in ascending order
    env: dict = dataclasses.field(default_factory=dict)
    # steps of each shape beside those that are counted, such as the two ends of a fan-out
    extra: dict = dataclasses.field(default_factory=lambda: {"fanout": 2})

    def steps(self, shape, count):
        """Return how many steps a pipeline has in all."""
        return count + self.extra.get(shape, 0)

    def prepare(self, folder):
        """Make all that is needed in the folder before anything is measured."""

    def start(self, folder, shape, count):
        """Return the arguments, the folder and the environment of one run, in a fresh state."""
        raise NotImplementedError

    def environment(self, state):
        """Return the environment of its processes: nothing of the user's but PATH."""
        base = {
            "PATH": os.environ["PATH"],
            "HOME": str(state),
            "PYTHONPATH": str(BENCH),
            "LANG": "C.UTF-8",
        }
        return base | {
            name: value.format(state=state) for name, value in self.env.items()
        }


@dataclasses.dataclass
class Baseline(Contestant):
    """A bare loop of baseline.py."""

    kind: str = ""

    def start(self, folder, shape, count):
        state = fresh(folder)
        at_once = 1 if shape == "chain" else AT_ONCE
        argv = [
            sys.executable,
            str(BENCH / "baseline.py"),
            self.kind,
            str(count),
            str(at_once),
        ]
        return argv, state, self.environment(state)


class ZencRun(Contestant):
    """zenc run."""

    def prepare(self, folder):
        build(["go", "build", "-o", str(folder / "zenc"), "./cmd/zenc"], ROOT)
        write_specs(folder, self.sizes)
        argv, state, env = ZencRun.start(self, folder, "chain", 1)
        build(argv, state, env)
        state.rename(folder / "made")

    def start(self, folder, shape, count):
        state = fresh(folder)
        argv = [
            str(folder / "zenc"),
            "run",
            str(spec_of(folder, shape, count)),
            *self.flags(state),
        ]
        return argv, state, self.environment(state)

    @staticmethod
    def flags(state):
        """Return the flags that zenc run and a generated program share."""
        return ["--dir", str(state), "--jobs", str(AT_ONCE), "--python", sys.executable]


class Generated(ZencRun):
    """The program that zenc build --flavor local writes, built."""

    def prepare(self, folder):
        super().prepare(folder)
        for shape, count in pipelines(self.sizes):
            spec = spec_of(folder, shape, count)
            source = spec.with_name("program")
            build(
                [
                    str(folder / "zenc"),
                    "build",
                    str(spec),
                    "--flavor",
                    "local",
                    "-o",
                    str(source),
                ],
                ROOT,
            )
            build(
                ["go", "build", "-o", str(spec.with_name("run")), "."], source / shape
            )

    def start(self, folder, shape, count):
        _, state, env = super().start(folder, shape, count)
        return (
            [str(spec_of(folder, shape, count).with_name("run")), *self.flags(state)],
            state,
            env,
        )


@dataclasses.dataclass
class Peer(Contestant):
    """A program of another tool, in its own virtual environment."""

    package: str = ""
    venv: str = ""
    script: str = ""
    first: tuple = ()  # arguments of the interpreter that make the state
    files: dict = dataclasses.field(default_factory=dict)
    results: str = (
        ""  # folder without which it takes no step for one that was run already
    )

    @property
    def python(self):
        """The interpreter of its environment."""
        return VENVS / self.venv / "bin" / "python"

    @property
    def is_installed(self):
        """Whether make has finished its environment."""
        return (VENVS / self.venv / ".ready").exists()

    @property
    def version(self):
        """The version that is installed."""
        code = f"import importlib.metadata as m; print(m.version({self.package!r}))"
        return subprocess.run(
            [self.python, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()

    def prepare(self, folder):
        state = folder / "state"
        state.mkdir()
        shutil.copy(BENCH / "peers" / self.script, state)
        for name, text in self.files.items():
            (state / name).write_text(text)
        if self.first:
            build([str(self.python), *self.first], state, self.environment(state))
        build(
            [str(self.python), self.script, "chain", "1"],
            state,
            self.environment(state),
        )
        if self.results:
            shutil.rmtree(state / self.results)
        state.rename(folder / "made")

    def start(self, folder, shape, count):
        state = fresh(folder)
        return (
            [str(self.python), self.script, shape, str(count)],
            state,
            self.environment(state),
        )


def put_away(state):
    """Make room for the state of a run.

    That of the run before is not removed: ext4 is slow to make files just after many
    others were removed, and that would be measured.
    """
    if state.exists():
        state.rename(state.with_name(f"state-{len(list(state.parent.iterdir()))}"))


def fresh(folder):
    """Return a folder with the state of a run: a copy of what was made, or an empty one."""
    state = folder / "state"
    put_away(state)
    if (folder / "made").exists():
        shutil.copytree(folder / "made", state, symlinks=True)
    else:
        state.mkdir()
    return state


def build(argv, cwd, env=None):
    """Run what comes before the measurements; its output is shown if it fails."""
    done = subprocess.run(
        argv,
        cwd=cwd,
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}:\n{done.stdout}{done.stderr}".strip())


def pipelines(sizes):
    """Return each pipeline, its shape and its number of steps."""
    return [(shape, count) for shape, counts in sizes.items() for count in counts]


def spec_of(folder, shape, count):
    """Return where the spec of a pipeline is."""
    return folder / f"{shape}-{count}" / "pipeline.yaml"


def write_specs(folder, sizes):
    """Write the specs, each beside the code of its steps."""
    for shape, count in pipelines(sizes):
        spec = spec_of(folder, shape, count)
        spec.parent.mkdir()
        spec.write_text(specs.spec(shape, count))
        shutil.copy(BENCH / "work.py", spec.parent)
