"""Tests of the Airflow runtime on a real Airflow 3: run by an interpreter that has it."""

import datetime as dt
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import types
import unittest

RUNTIME = pathlib.Path(__file__).parents[1] / "zenc_runtime_1"
HOME = tempfile.TemporaryDirectory(prefix="zenc-airflow-")
DAGS = pathlib.Path(HOME.name, "dags")
STORE = pathlib.Path(HOME.name, "store")

os.environ.update(
    AIRFLOW_HOME=HOME.name,
    AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
)
shutil.copytree(RUNTIME, DAGS / RUNTIME.name)
sys.path.insert(0, str(DAGS))

import zenc_runtime_1 as zenc
from airflow.sdk.exceptions import AirflowException

HOSTILE = "{{ 1/0 }} {% raw %} $(id) `id` '\"\\ \n ü€😀"


def setUpModule():
    subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def tearDownModule():
    HOME.cleanup()


def has_ended(pid):
    """Whether the process is gone, or a zombie that its new parent has not reaped yet."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


class DagTest(unittest.TestCase):
    """Runs DAG files with dag.test(). Their tasks write what they saw to SEEN, as JSON."""

    HEADER = """
    import datetime as dt, json, os
    from pathlib import Path
    from airflow.sdk import DAG, Param
    from zenc_runtime_1 import (
        ExpressionError, Step, command, divide, input_file, output_file, python, returned,
        run_date, shell, workspace,
    )
    def see(**seen):
        with Path(__file__).with_suffix(".seen").open("a") as file:
            file.write(json.dumps(seen) + "\\n")
    START = dt.datetime(2024, 1, 1)
    """

    def run_dag(self, name, source, code=None, **options):
        """Run a DAG file with its shipped code; return task states and what was seen."""
        for path, content in (code or {}).items():
            file = DAGS / f"{name}.code" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(content))
        file = DAGS / f"{name}.py"
        file.write_text(textwrap.dedent(self.HEADER) + textwrap.dedent(source))
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        run = module.dag.test(**options)
        seen = file.with_suffix(".seen")
        lines = seen.read_text().splitlines() if seen.exists() else []
        states = {ti.task_id: str(ti.state) for ti in run.get_task_instances()}
        return states, [json.loads(line) for line in lines], run

    def test_files_params_and_processes(self):
        source = f"""
        CODE = Path(__file__).with_suffix(".code")
        ARTIFACTS = {STORE.as_uri()!r}
        PYTHON = {sys.executable!r}

        def _extract(params, run_id):
            files = output_file(ARTIFACTS, run_id, "extract", "rows")
            with workspace(CODE, env={{"MODE": "fast"}}), files as rows:
                from churn import steps
                result = steps.extract(region=params["region"], rows=rows.path)
                return {{**returned(result, count="int"), "rows": rows.url}}

        def _pick(ti, params):
            extract = ti.xcom_pull(task_ids="extract")
            with workspace(CODE), input_file(extract["rows"]) as rows:
                from churn import steps
                result = steps.pick(rows=rows, n=extract["count"])
                see(params=repr(params))
                return returned(result, best="float", text="string")

        def _deploy(ti, run_id):
            pick = ti.xcom_pull(task_ids="pick")
            files = output_file(ARTIFACTS, run_id, "deploy", "log")
            with workspace(CODE), files as log:
                return shell(
                    'cat churn/steps.py > "$OUT_LOG"; printf %s "$IN_TEXT" > "$OUT_TEXT"; echo "$IN_BEST" > "$OUT_BEST"',
                    inputs={{"text": pick["text"], "best": pick["best"]}},
                    outputs={{"text": "string", "log": log, "best": "float"}},
                )

        def _remote(ti, run_id):
            deploy = ti.xcom_pull(task_ids="deploy")
            files = output_file(ARTIFACTS, run_id, "remote", "copy")
            with workspace(CODE), input_file(deploy["log"]) as log, files as copy:
                return python(
                    PYTHON,
                    "churn.steps:remote",
                    inputs={{"log": log, "text": deploy["text"], "x": 1.0, "any": [None, 10**30]}},
                    outputs={{"copy": copy, "text": "string", "any": "json"}},
                )

        def _argv(ti, dag_run):
            with workspace():
                got = command(["sh", "-c", 'echo "[$1]" > $OUT_X', "sh", "1"], outputs={{"x": "list[int]"}})
            see(date=run_date(dag_run), files=ti.xcom_pull(task_ids="extract")["count"], **ti.xcom_pull(task_ids="remote"), **got)

        with DAG("files", schedule=None, start_date=START, params={{
            "region": Param("eu", type="string"),
            "n": Param(3, type="integer"),
            "share": Param(0.5, type="number"),
            "shares": Param([0.5], type="array", items={{"type": "number"}}),
        }}) as dag:
            tasks = [
                Step(task_id=f.__name__.strip("_"), python_callable=f)
                for f in (_extract, _pick, _deploy, _remote, _argv)
            ]
            for a, b in zip(tasks, tasks[1:]):
                a >> b
        """
        code = {
            ".airflowignore": ".*",
            "churn/__init__.py": "",
            "churn/steps.py": """
            import os
            def extract(region, rows):
                rows.write_text(f"{region} {os.environ['MODE']}", encoding="utf-8")
                return len(os.listdir())
            def pick(rows, n):
                return {"best": n, "text": rows.read_text(encoding="utf-8")}
            def remote(log, text, x, any, copy):
                assert type(x) is float
                copy.write_bytes(log.read_bytes())
                return {"text": text, "any": any}
            """,
        }
        conf = {"region": HOSTILE, "n": 4.0, "share": 2, "shares": [1, 0.5]}
        before = os.getcwd(), sys.path[:]
        states, seen, run = self.run_dag("files", source, code, run_conf=conf)
        self.assertEqual(set(states.values()), {"success"}, states)
        want = {"region": HOSTILE, "n": 4, "share": 2.0, "shares": [1.0, 0.5]}
        self.assertEqual(seen[0], {"params": repr(want)})
        url = STORE.as_uri() + f"/{zenc._segment(run.run_id)}/remote/copy"
        want = {
            "date": zenc.run_date(run),
            "copy": url,
            "text": f"{HOSTILE} fast",
            "any": [None, 10**30],
            "x": [1],
            "files": 1,
        }
        self.assertEqual(seen[1], want)
        self.assertIn("def remote", pathlib.Path(url[len("file://") :]).read_text())
        self.assertEqual((os.getcwd(), sys.path), before)
        self.assertNotIn("MODE", os.environ)
        self.assertNotIn("churn.steps", sys.modules)

    def test_two_pipelines_with_a_module_of_the_same_name(self):
        source = """
        def _f():
            with workspace(Path(__file__).with_suffix(".code")):
                import steps
                see(name=steps.f())
        with DAG(Path(__file__).stem, schedule=None, start_date=START) as dag:
            Step(task_id="f", python_callable=_f)
        """
        other = sys.modules["steps"] = types.ModuleType("steps")
        self.addCleanup(sys.modules.pop, "steps")
        for name in ("one", "two"):
            code = {
                "steps.py": "from helper import f",
                "helper.py": f"def f(): return '{name}'",
            }
            states, seen, _ = self.run_dag(name, source, code)
            self.assertEqual((states, seen), ({"f": "success"}, [{"name": name}]))
        self.assertIs(sys.modules["steps"], other)
        self.assertNotIn("helper", sys.modules)

    def test_failures(self):
        source = """
        def _slow():
            with workspace():
                pid = Path(__file__).with_suffix(".pid")
                shell(f'sleep 1000 & echo $! > "{pid}"; wait')
        def _expression():
            see(attempt="expression")
            divide(1, 0)
        def _exit():
            see(attempt="exit")
            shell("exit 3")
        def _output(run_id):
            with output_file("file:///nowhere", run_id, "output", "rows"):
                pass
        RETRY = {"retries": 1, "retry_delay": dt.timedelta(0)}
        with DAG("failures", schedule=None, start_date=START) as dag:
            Step(task_id="slow", python_callable=_slow, execution_timeout=dt.timedelta(seconds=2))
            Step(task_id="expression", python_callable=_expression, **RETRY)
            Step(task_id="exit", python_callable=_exit, **RETRY)
            Step(task_id="output", python_callable=_output)
        """
        states, seen, _ = self.run_dag("failures", source)
        self.assertEqual(set(states.values()), {"failed"}, states)
        attempts = [s["attempt"] for s in seen]
        self.assertEqual((attempts.count("expression"), attempts.count("exit")), (1, 2))
        self.assertTrue(has_ended((DAGS / "failures.pid").read_text().strip()))


class KillTest(unittest.TestCase):
    def test_on_kill_ends_the_group_of_the_process(self):
        source = """
        import signal
        from zenc_runtime_1 import Step, shell
        step = Step(task_id="f", python_callable=print)
        signal.signal(signal.SIGTERM, lambda *_: step.on_kill())  # as Airflow does
        try:
            shell("sleep 1000 & echo pid $!; wait")
        except Exception as e:
            print(e)
        """
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(source)],
            cwd=DAGS,
            stdout=subprocess.PIPE,
            text=True,
        )
        pid = next(
            line.split()[1] for line in process.stdout if line.startswith("pid ")
        )
        process.send_signal(signal.SIGTERM)
        stdout, _ = process.communicate(timeout=30)
        self.assertEqual(stdout.splitlines()[-1], '"bash" ended with exit code 143')
        self.assertTrue(has_ended(pid))


class UnitTest(unittest.TestCase):
    def test_segments_stay_in_their_folder_and_apart(self):
        ids = [
            "..",
            ".",
            "%2E%2E",
            "a/b",
            "a%2Fb",
            "a b",
            "a+b",
            HOSTILE,
            "2026-01-01T00:00:00+00:00",
        ]
        segments = [zenc._segment(i) for i in ids]
        self.assertEqual(len(set(segments)), len(ids))
        self.assertEqual(segments[:4], ["%2E%2E", "%2E", "%252E%252E", "a%2Fb"])
        for segment in segments:
            self.assertRegex(segment, r"^[A-Za-z0-9_.~%-]+$")
            self.assertTrue(segment.strip("."))

    def test_a_store_that_is_no_file_system(self):
        from airflow.sdk.io import attach
        from fsspec.implementations.memory import MemoryFileSystem

        attach("memory", fs=MemoryFileSystem())
        with zenc.output_file("memory://bucket/p", "r/1", "s", "rows") as rows:
            rows.path.write_bytes(b"\x00\xff")
        self.assertEqual(rows.url, "memory://bucket/p/r%2F1/s/rows")
        with zenc.input_file(rows.url) as path:
            self.assertEqual((path.name, path.read_bytes()), ("rows", b"\x00\xff"))
        self.assertFalse(path.exists())

    def test_an_output_that_was_not_written(self):
        place = (STORE.as_uri(), "r", "s", "rows")
        missing = '^output "rows": no file was written to '
        with self.assertRaisesRegex(zenc.StepError, missing), zenc.output_file(*place):
            pass
        with self.assertRaisesRegex(KeyError, "kept"), zenc.output_file(*place):
            raise KeyError("kept")
        self.assertFalse(STORE.joinpath("r").exists())

    def test_cache(self):
        from airflow.sdk.io import attach
        from fsspec.implementations.memory import MemoryFileSystem

        attach("memory", fs=MemoryFileSystem())
        for artifacts in (f"{STORE.as_uri()}/cached", "memory://cached/p"):
            self.cache_of(artifacts)

    def cache_of(self, artifacts):
        runs = iter(range(1, 99))

        def task(x=HOSTILE, code="1", **options):
            """Return the outputs and whether they were made now."""
            inputs = {"x": ("string", x), "rows": ("file", rows)}
            types = {"n": "int", "f": "file", "d": "dir"}
            with zenc.workspace():
                pathlib.Path("module.py").write_text(code)
                entry = zenc.cached(
                    artifacts, run="echo", inputs=inputs, types=types, **options
                )
                if entry.outputs is not None:
                    return entry.outputs, False
                n = next(runs)
                with (
                    zenc.output_file(artifacts, f"r{n}", "s", "f") as f,
                    zenc.output_dir(artifacts, f"r{n}", "s", "d") as d,
                ):
                    f.path.write_text("f")
                    d.path.joinpath("x").write_text("x")
                    return entry.keep({"n": n, "f": f.url, "d": d.url}, f, d), True

        rows = STORE / "rows"
        rows.parent.mkdir(parents=True, exist_ok=True)
        rows.write_text("1")
        first, ran = task()
        self.assertTrue(ran)
        self.assertEqual(task(), (first, False))
        self.assertEqual(task(ttl=60), (first, False))
        for other in [{"x": "2"}, {"code": "2"}, {"env": {"A": "1"}}, {"ttl": -1}]:
            self.assertTrue(task(**other)[1], other)
        rows.write_text("2")
        self.assertTrue(task()[1])
        rows.write_text("1")
        outputs, ran = task()
        self.assertFalse(ran)
        zenc._storage(f"{outputs['d']}/x").write_text("damaged")
        outputs, ran = task()
        self.assertTrue(ran)
        zenc._storage(outputs["f"]).unlink()
        self.assertTrue(task()[1])
        self.assertFalse(task()[1])
        for entry in zenc._storage(f"{artifacts}/.cache").iterdir():
            entry.write_text(entry.read_text().replace('"n": ', '"n": 1'))
        self.assertTrue(task()[1])

    def test_pod(self):
        from airflow.sdk import DAG
        from airflow.serialization.serialized_objects import DagSerialization
        from kubernetes.client import ApiClient

        config = zenc.pod(cpu="500m", memory="4Gi", disk="20Gi", gpu=1)
        wanted = {
            "requests": {"cpu": "500m", "memory": "4Gi", "ephemeral-storage": "20Gi"},
            "limits": {
                "memory": "4Gi",
                "ephemeral-storage": "20Gi",
                "nvidia.com/gpu": "1",
            },
        }
        spec = ApiClient().sanitize_for_serialization(config["pod_override"])["spec"]
        container = {"name": "base", "resources": wanted}
        self.assertEqual(spec, {"containers": [container]})
        with DAG("pods", schedule=None, start_date=dt.datetime(2024, 1, 1)) as dag:
            zenc.Step(task_id="s", python_callable=print, executor_config=config)
        read = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        self.assertEqual(read.get_task("s").executor_config, config)

    def test_fan_out(self):
        self.assertEqual(
            zenc.fan_out({"a": [1, 2], "b": ["x", None]}),
            [
                {"each": {"a": a, "b": b}}
                for a, b in [(1, "x"), (1, None), (2, "x"), (2, None)]
            ],
        )
        self.assertEqual(zenc.fan_out({"a": [], "b": [1]}), [])
        for lists, message in [
            ({"a": {"k": 1}}, "^foreach \"a\": want a list, got dict {'k': 1}$"),
            ({"a": [0] * 40, "b": [0] * 40}, "^foreach: 1600 instances, .* 1024 times"),
        ]:
            with self.assertRaisesRegex(zenc.ExpressionError, message):
                zenc.fan_out(lists)

    def test_instances(self):
        instances = [{"y": 0}, None, {"y": 2}]
        self.assertEqual(zenc.column(instances, "y"), [0, None, 2])
        self.assertTrue(zenc.ran(instances, {}))
        self.assertFalse(zenc.ran([None, None]))
        self.assertFalse(zenc.ran([], {}))

    def test_files_of_instances(self):
        urls = []
        for index in (0, 1):
            with zenc.output_file(STORE.as_uri(), "r", "s", "rows", index) as rows:
                rows.path.write_text(str(index))
            urls.append(rows.url)
        self.assertTrue(urls[1].endswith("/r/s/rows/1"), urls)
        with zenc.input_files([urls[0], None, urls[1]]) as paths:
            self.assertEqual([p and p.read_text() for p in paths], ["0", None, "1"])

    def test_returned(self):
        self.assertEqual(zenc.returned(1, count="float"), {"count": 1.0})
        self.assertEqual(
            zenc.returned({"result": 1, "b": "x"}, result="int", b="string"),
            {"result": 1, "b": "x"},
        )
        with self.assertRaisesRegex(
            zenc.StepError, "^output \"count\": want int, got str 'x'$"
        ):
            zenc.returned("x", count="int")

    def test_run_interval(self):
        def interval(moment, cron, zone="Europe/Berlin", run_type="scheduled"):
            moment = dt.datetime.fromisoformat(moment)
            run = types.SimpleNamespace(run_type=run_type, run_after=moment)
            return zenc.run_interval(run, cron, zone)

        self.assertEqual(
            interval("2026-01-06T02:00:00+00:00", "0 3 * * *"),
            ("2026-01-05T02:00:00Z", "2026-01-06T02:00:00Z"),
        )
        # The clocks go forward on 2026-03-29 and back on 2026-10-25.
        self.assertEqual(
            interval("2026-03-29T01:00:00+00:00", "0 3 * * *"),
            ("2026-03-28T02:00:00Z", "2026-03-29T01:00:00Z"),
        )
        self.assertEqual(
            interval("2026-10-25T01:30:00+00:00", "30 * * * *"),
            ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        )
        self.assertEqual(
            interval("2026-01-06T02:00:00+00:00", "@daily", run_type="manual"),
            (None, None),
        )

    def test_run_date(self):
        moment = dt.datetime(2026, 1, 1, 3, 0, 0, 5, dt.timezone(dt.timedelta(hours=1)))
        for run in (
            types.SimpleNamespace(run_after=moment),
            types.SimpleNamespace(data_interval_end=moment),
        ):
            self.assertEqual(zenc.run_date(run), "2026-01-01T02:00:00Z")

    def test_workspace_is_undone_after_an_exception(self):
        before = dict(os.environ), os.getcwd(), sys.path[:]
        with (
            self.assertRaises(ZeroDivisionError),
            zenc.workspace(env={"HOME": "/x", "NEW": "1"}),
        ):
            folder = os.getcwd()
            os.environ["OTHER"] = "1"
            del os.environ["PATH"]
            divided = 1 / 0
            self.fail(divided)
        self.assertEqual((dict(os.environ), os.getcwd(), sys.path), before)
        self.assertFalse(os.path.exists(folder))

    def test_processes(self):
        with self.assertRaisesRegex(
            zenc.StepError, '^output "n": nothing was written to \\$OUT_N$'
        ):
            zenc.shell("true", outputs={"n": "int"})
        with self.assertRaisesRegex(
            AirflowException, '^"bash" ended with exit code 137$'
        ):
            zenc.shell("kill -9 $$")
        self.assertEqual(
            zenc.shell("printf '{\"a\": 1}' > $OUT_ANY", outputs={"any": "json"}),
            {"any": {"a": 1}},
        )
        got = zenc.shell(
            "import os; open(os.environ['OUT_T'], 'w').write(os.environ['IN_T'])",
            inputs={"t": HOSTILE},
            outputs={"t": "string"},
            interpreter=[sys.executable, "-u"],
        )
        self.assertEqual(got, {"t": HOSTILE})


if __name__ == "__main__":
    unittest.main()
