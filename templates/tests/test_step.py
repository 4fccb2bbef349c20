"""Tests of the step runner: helpers in this process, steps as real processes."""

import base64
import json
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

RUNTIME = pathlib.Path(__file__).parents[1] / "zenc_runtime_1"
sys.path.insert(0, str(RUNTIME))

import step  # on its own: the package around it needs Airflow

HOSTILE = (
    "".join(map(chr, range(1, 32))) + "'\"\\ $(id) `id` {{ 1/0 }} {% x %} ü€😀 \u2028"
)
BASH = ["bash", "-eo", "pipefail"]

# A process that ends by a handler of its own. A trap in bash would not do: bash can lose
# the signal while it parses.
CLEANS_UP = """
import os, signal, sys, time

def clean_up(number, frame):
    print("cleaned", flush=True)
    sys.exit()

signal.signal(signal.SIGTERM, clean_up)
print(os.getpid(), flush=True)
while True:
    time.sleep(0.1)
"""


class Refuses:
    """Mixin: an assertion on a message."""

    def refuses(self, message, function, *args, error=ValueError):
        with self.assertRaises(error) as caught:
            function(*args)
        self.assertEqual(str(caught.exception), message)


class ParseTest(Refuses, unittest.TestCase):
    def test_values(self):
        for kind, content, value in [
            ("string", HOSTILE, HOSTILE),
            ("string", "012", "012"),
            ("int", "0", 0),
            ("int", "-0", 0),
            ("int", "-9223372036854775808", -(2**63)),
            ("float", "3", 3.0),
            ("float", "-1.5e-3", -0.0015),
            ("float", "1E400".replace("400", "22"), 1e22),
            ("bool", "true", True),
            ("json", ' {"a": [1, 1.0, null]} ', {"a": [1, 1.0, None]}),
            ("json", "-0", 0),
            ("json", "1" * 40, int("1" * 40)),
            ("json", '"\\ud83d\\ude00"', "😀"),
            ("list[int]", "[1,2]", [1, 2]),
            ("list[float]", "[1,2.5]", [1.0, 2.5]),
        ]:
            with self.subTest(kind=kind, content=content):
                got = step.parse(kind, content)
                self.assertEqual((got, type(got)), (value, type(value)))
        self.assertEqual(repr(step.parse("list[float]", "[1]")), "[1.0]")

    def test_refused(self):
        for kind, contents in {
            "int": ["012", "1_000", "+1", "1.0", "٣", "", "1\n", "9223372036854775808"],
            "float": ["01", ".5", "1.", "nan", "inf", "1e400", "1" * 400, "1_0", ""],
            "bool": ["True", "1", "", "yes"],
            "json": [
                "NaN",
                "-Infinity",
                "[1e999]",
                '"\\ud800"',
                "[1,]",
                "1 2",
                "",
                "'a'",
            ],
            "list[int]": ["[1.0]", "[true]", '["1"]', "1", "[9223372036854775808]"],
            "list[string]": ["[1]", "[null]", '{"a":1}'],
        }.items():
            for content in [*contents, "[" * 100_000]:
                with self.subTest(kind=kind, content=content[:20]):
                    self.assertRaises(ValueError, step.parse, kind, content)

    def test_message(self):
        self.refuses("want int, got the text '012'", step.parse, "int", "012")
        self.refuses("[1]: want int, got float 1.0", step.parse, "list[int]", "[1,1.0]")


class FakeScalar:
    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


class TypedTest(Refuses, unittest.TestCase):
    def test_conversions(self):
        for kind, value, want in [
            ("float", 3, 3.0),
            ("float", FakeScalar(1.5), 1.5),
            ("int", FakeScalar(7), 7),
            ("bool", FakeScalar(True), True),
            ("list[float]", (1, FakeScalar(2.5)), [1.0, 2.5]),
            ("json", ({"a": (1, 2)}, None, 10**30), [{"a": [1, 2]}, None, 10**30]),
            ("json", {"n": FakeScalar(3)}, {"n": 3}),
        ]:
            with self.subTest(kind=kind, value=value):
                got = step.typed(value, kind)
                self.assertEqual(repr(got), repr(want))

    def test_subclasses_become_plain(self):
        text = type("Text", (str,), {"__str__": lambda self: "wrong"})("right")
        self.assertIs(type(step.typed(text, "string")), str)
        self.assertEqual(step.as_text(step.typed(text, "string"), "string"), "right")

    def test_refused(self):
        cycle = []
        cycle.append(cycle)
        for kind, value, message in [
            ("int", "x", "want int, got str 'x'"),
            ("int", True, "want int, got bool True"),
            ("int", 1.0, "want int, got float 1.0"),
            ("int", 2**63, f"want int, got int {2**63}, which does not fit 64 bits"),
            (
                "float",
                float("nan"),
                "want float, got float nan, which is no finite 64-bit number",
            ),
            ("float", True, "want float, got bool True"),
            ("bool", 1, "want bool, got int 1"),
            ("string", b"x", "want string, got bytes b'x'"),
            ("string", None, "want string, got NoneType None"),
            (
                "string",
                "\ud800",
                "want string, got str '\\ud800', which has a lone surrogate",
            ),
            ("json", {"a": {1: 2}}, "['a']: want json with string keys, got int 1"),
            (
                "json",
                {"a": [float("inf")]},
                "['a']: [0]: want json, got float inf, which is no finite 64-bit number",
            ),
            ("json", {1}, "want json, got set {1}"),
            ("json", cycle, "want json, got a value nested too deeply"),
            ("list[int]", [1, "2"], "[1]: want int, got str '2'"),
            ("list[int]", "12", "want list[int], got str '12'"),
        ]:
            with self.subTest(kind=kind, value=message):
                self.refuses(message, step.typed, value, kind)


NAMES = {"params": {"region": "eu"}, "steps": {"extract": {"count": 7}}, "x": None}


class ExpressionTest(unittest.TestCase):
    def test_values(self):
        for expression, want in [
            (
                'text(params["region"], "-", checked(steps["extract"]["count"] * 2))',
                "eu-14",
            ),
            (
                'text(1.0, " ", 0.1, " ", 1e16, " ", 1e-05, " ", True, " ", None)',
                "1.0 0.1 1e+16 1e-05 true null",
            ),
            (
                'text({"b": [1, "ü"], "a": "\\n\\x01"})',
                '{"a":"\\n\\u0001","b":[1,"ü"]}',
            ),
            ('as_json("a\\"b")', '"a\\"b"'),
            ("divide(7, 2)", 3.5),
            ("divide(-7, 7)", -1.0),
            ("remainder(-7, 3)", -1),
            ("remainder(7, -3)", 1),
            ("remainder(-9223372036854775808, -1)", 0),
            ("same(1, 1.0)", True),
            ("same(True, 1)", False),
            ("same(9007199254740993, 9007199254740992.0)", False),
            ('same({"a": [1, True]}, {"a": [1.0, True]})', True),
            ("same([1, True], [1, 1])", False),
            ("same(None, False)", False),
            ("member(1.0, [2, 1])", True),
            ("member(True, [1])", False),
            ('member("a", {"a": 1})', True),
            ("member(1, {})", False),
            ("item([1, 2], 1)", 2),
            ('item({"a": 3}, "a")', 3),
            ('field({"a": None}, "a")', None),
            ('length("ü😀")', 2),
            ('lower("ÀİΣ")', "àİσ"),
            ('upper("àßŉ")', "ÀßŉÀ"[:3]),
            ('trim(" \\t\\n\\r\\v\\fa\\u00a0")', "a\u00a0"),
            ("least(2, 1)", 1),
            ("least(2, 1.0)", 1.0),
            ("greatest([2, 1.0])", 2.0),
            ("total([1, 2])", 3),
            ("total([0.1, 0.2, 0.3])", 0.1 + 0.2 + 0.3),
            ("total([])", 0),
            ("to_int(-1.9)", -1),
            ('to_int("-12")', -12),
            ("to_float(2)", 2.0),
            ('to_float("1e3")', 1000.0),
            ("parse_json('{\"a\": 1}')", {"a": 1}),
            ("coalesce(x, lambda: divide(1, 1))", 1.0),
            ("coalesce(1, lambda: divide(1, 0))", 1),
        ]:
            with self.subTest(expression=expression):
                got = step.evaluate(expression, NAMES)
                self.assertEqual((got, type(got)), (want, type(want)))

    def test_errors(self):
        for expression in [
            "checked(9223372036854775807 + 1)",
            "checked(1e308 * 10)",
            "text(1e999)",
            "as_json([1e999])",
            "divide(1, 0)",
            "divide(1e308, 1e-308)",
            "remainder(1, 0)",
            "remainder(1.0, 2)",
            "item([1], 1)",
            "item([1], -1)",
            "item([1], True)",
            'item({}, "a")',
            'field([], "a")',
            "length(None)",
            "member(1, 1)",
            "least()",
            "greatest([])",
            "least(1, None)",
            "total([1, None])",
            "total([9223372036854775807, 1, -1])",
            'total(["a"])',
            "to_int(1e19)",
            'to_int("1.0")',
            "to_int(True)",
            "to_float(True)",
            'to_float("nan")',
            'parse_json("[NaN]")',
            "1 + x",
            'params["nope"]',
            '__import__("os")',
            "open",
        ]:
            with self.subTest(expression=expression):
                self.assertRaises(
                    step.ExpressionError, step.evaluate, expression, NAMES
                )


class StepCase(unittest.TestCase):
    """Runs steps as processes, in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(os.path.realpath(folder.name))
        self.out = self.folder / "out"

    def start(self, work, **options):
        path = self.folder / "work.json"
        path.write_text(json.dumps({"out": str(self.out), **work}), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, str(RUNTIME / "step.py"), str(path)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def run_step(self, work, code=0):
        process = self.start(work)
        stdout, stderr = process.communicate(timeout=30)
        self.stderr = stderr.decode()
        self.assertEqual(process.returncode, code, self.stderr)
        return stdout.decode()

    def call(self, source, code=0, function="f", **work):
        """Run a function of a module m."""
        (self.folder / "m.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return self.run_step({"python": f"m:{function}", **work}, code)

    def outputs(self):
        """The files that are outputs, by name; without outputs there is not even a folder."""
        kept = {p.name: p for p in self.out.glob("*") if p.name not in ("CACHE", "d")}
        return {name: path.read_bytes().decode() for name, path in kept.items()}


def encoded(content, kind="string"):
    return {"type": kind, "base64": base64.b64encode(content.encode()).decode()}


class PythonTest(StepCase):
    def test_inputs_and_outputs(self):
        rows = self.folder / "rows.csv"
        rows.write_text("a")
        stdout = self.call(
            """
            import os, pathlib
            def f(rows, fold, region, label, nothing, many, model):
                assert isinstance(rows, pathlib.Path) and rows.read_text() == "a"
                assert nothing is None and many == [1.0, 2.0] and type(many[0]) is float
                model.write_text("m")
                print(fold, label, os.environ["MODE"])
                return {"region": region, "many": many, "any": "s", "ok": True, "n": 1, "x": 1}
            """,
            **{
                "with": {
                    "rows": {"type": "file", "path": str(rows)},
                    "fold": {"type": "int", "value": 3},
                    "region": encoded(HOSTILE),
                    "label": {
                        "type": "string",
                        "expr": 'text(run["id"], steps["e"]["n"])',
                    },
                    "nothing": {"type": "string", "value": None},
                    "many": {"type": "list[float]", "value": [1, 2]},
                }
            },
            env={"MODE": encoded("fast")},
            values={
                "run": {"id": encoded("r1")},
                "steps": {"e": {"n": encoded("7", "int")}},
            },
            outputs={
                "model": "file",
                "region": "string",
                "many": "list[float]",
                "any": "json",
                "ok": "bool",
                "n": "int",
                "x": "float",
            },
        )
        self.assertEqual(stdout, "3 r17 fast\n")
        self.assertEqual(self.stderr, "")
        written = self.outputs()
        self.assertEqual(written.pop("region"), HOSTILE + "\n")
        self.assertEqual(
            written,
            {
                "model": "m",
                "many": "[1.0,2.0]\n",
                "any": '"s"\n',
                "ok": "true\n",
                "n": "1\n",
                "x": "1.0\n",
            },
        )

    def test_one_output_is_the_value(self):
        self.call("def f(): return {'a': 1}", outputs={"any": "json"})
        self.assertEqual(self.outputs(), {"any": '{"a":1}\n'})

    def test_no_output_may_return_anything(self):
        self.call("def f(): return object()")
        self.assertEqual((self.outputs(), self.stderr), ({}, ""))

    def test_wrong_outputs(self):
        for source, kinds, message in [
            (
                "return 'x'",
                {"count": "int"},
                "zenc: output \"count\": want int, got str 'x'\n",
            ),
            (
                "return 1",
                {"a": "int", "b": "int"},
                'zenc: outputs: want a mapping with the keys "a", "b", got int 1\n',
            ),
            (
                "return {'a': 1, 'd': 2}",
                {"a": "int", "b": "int", "c": "int"},
                """\
zenc: output "b": not in what was returned
zenc: output "c": not in what was returned
zenc: output 'd': not declared
""",
            ),
            (
                "return {'a': 'x', 'b': 'y'}",
                {"a": "int", "b": "bool"},
                """\
zenc: output "a": want int, got str 'x'
zenc: output "b": want bool, got str 'y'
""",
            ),
        ]:
            with self.subTest(source=source):
                self.call(f"def f(): {source}", 1, outputs=kinds)
                self.assertEqual(self.stderr, message)
                self.assertEqual(self.outputs(), {})

    def test_wrong_files(self):
        for body, message in [
            ("pass", "no file was written to"),
            ("model.mkdir()", "not a file"),
            ("model.symlink_to(__file__)", "not a file"),
        ]:
            with self.subTest(body=body):
                self.out = self.folder / body
                self.call(
                    f"def f(model):\n  {body}\n  return 1",
                    1,
                    outputs={"model": "file", "n": "int"},
                )
                self.assertIn('zenc: output "model":', self.stderr)
                self.assertIn(message, self.stderr)
                self.assertFalse((self.out / "n").exists())

    def test_exception_shows_only_the_frames_of_the_function(self):
        self.call("def f():\n    g()\ndef g():\n    1 / 0", 1)
        self.assertEqual(self.stderr.count("File "), 2, self.stderr)
        self.assertIn("ZeroDivisionError: division by zero", self.stderr)
        self.assertNotIn("step.py", self.stderr)
        self.call("def f(:", 1)
        self.assertIn("SyntaxError", self.stderr)
        self.assertNotIn("step.py", self.stderr)
        self.call("def f(a): pass", 1)
        self.assertIn("missing 1 required positional argument: 'a'", self.stderr)

    def test_exit_codes(self):
        for argument, code in [
            ("3", 3),
            ("0", 0),
            ("", 0),
            ("256", 1),
            ("-1", 255),
            ("'text'", 1),
        ]:
            with self.subTest(argument=argument):
                self.call(f"import sys\ndef f(): sys.exit({argument})", code)
        self.call("import sys\ndef f(): sys.exit(0)", 1, outputs={"n": "int"})
        self.assertEqual(self.stderr, 'zenc: output "n": want int, got NoneType None\n')

    def test_expression_error(self):
        self.call(
            "def f(x): pass",
            97,
            **{"with": {"x": {"type": "float", "expr": "divide(1, 0)"}}},
        )
        self.assertEqual(self.stderr, 'zenc: input "x": 1.0 / 0.0: division by zero\n')

    def test_missing_code(self):
        self.call("def train(): pass", 1, function="trian")
        self.assertIn('no function "trian" in', self.stderr)
        self.assertIn(f'for {sys.executable}; did you mean "train"?', self.stderr)
        (self.folder / "churn").mkdir()
        (self.folder / "churn" / "steps.py").write_text("import pandaz")
        (self.folder / "churn" / "__init__.py").write_text("")
        self.run_step({"python": "churn.stepz:f"}, 1)
        self.assertIn(
            f'no module "churn.stepz" for {sys.executable}, which looked in {self.folder}',
            self.stderr,
        )
        self.assertIn('did you mean "churn.steps"?', self.stderr)
        self.run_step({"python": "chrun.steps:f"}, 1)
        self.assertIn('no module "chrun"', self.stderr)
        self.assertIn('did you mean "churn"?', self.stderr)
        self.run_step({"python": "churn.steps:f"}, 1)
        self.assertIn("import pandaz", self.stderr)
        self.assertIn(f'zenc: {sys.executable} has no module "pandaz"', self.stderr)

    def test_wrong_inputs(self):
        for source, message in [
            (encoded("x", "int"), "want int, got the text 'x'"),
            ({"type": "int", "value": "1"}, "want int, got str '1'"),
            ({"type": "file", "path": "nope"}, f"no file at {self.folder / 'nope'}"),
        ]:
            with self.subTest(message=message):
                self.call("def f(a): pass", 1, **{"with": {"a": source}})
                self.assertEqual(self.stderr, f'zenc: input "a": {message}\n')


LISTS = {
    "a": {"type": "list[int]", "value": [1, 2]},
    "b": {"type": "list[string]", "value": ["x", "{{y}}", "z"]},
}


class ForeachTest(StepCase):
    def test_an_instance_has_its_elements_and_place(self):
        source = """
            def f(a, b):
                return {"n": a, "x": a, "s": b, "j": [b, 1.0]}
        """
        kinds = {"n": "int", "x": "float", "s": "string", "j": "json"}
        arguments = {
            "a": {"type": "int", "expr": 'each["a"]'},
            "b": {"type": "string", "expr": 'each["b"]'},
        }
        work = {"foreach": LISTS, "item": 4, "with": arguments, "outputs": kinds}
        work["ran"] = work["placed"] = True
        self.call(source, **work)
        texts = {name: json.loads(text) for name, text in self.outputs().items()}
        self.assertEqual(
            texts,
            {
                "n": {"i": 4, "v": "2"},
                "x": {"i": 4, "v": "2.0"},
                "s": {"i": 4, "v": "{{y}}"},
                "j": {"i": 4, "v": '["{{y}}",1.0]'},
                "RAN": {"i": 4, "v": "true"},
            },
        )

    def test_what_is_no_list(self):
        lists = {"a": {"type": "json", "value": {"k": 1}}}
        self.call("def f(): pass", step.NO_RETRY, foreach=lists, item=0)
        message = "foreach \"a\": want a list, got dict {'k': 1}"
        self.assertEqual(self.stderr, f"zenc: {message}\n")

    def test_fan_in(self):
        def instances(*placed):
            return base64.b64encode(json.dumps(placed).encode()).decode()

        rows = self.folder / "rows"
        rows.mkdir()
        (rows / "1").write_text("one")
        (rows / "0").write_text("of an instance that failed later")
        source = """
            def f(xs, files, none):
                assert isinstance(xs[2], float), xs
                return {"xs": xs, "files": [p and p.read_text() for p in files + none]}
        """
        floats = {"type": "list[json]", "of": "float", "count": 3}
        files = {"type": "list[file]", "folder": str(rows), "count": 2}
        arguments = {
            "xs": {
                **floats,
                "instances": instances({"i": 2, "v": "2.0"}, {"i": 0, "v": "0.5"}),
            },
            "files": {**files, "instances": instances({"i": 1})},
            "none": {**files, "folder": "nowhere", "instances": instances()},
        }
        self.call(
            source, **{"with": arguments, "outputs": {"xs": "json", "files": "json"}}
        )
        self.assertEqual(
            self.outputs(),
            {"xs": "[0.5,null,2.0]\n", "files": '[null,"one",null,null]\n'},
        )


class CacheTest(StepCase):
    """A step that counts its real runs, and what was kept of the last one."""

    def setUp(self):
        super().setUp()
        self.entry = self.folder / "entry"
        self.runs = self.folder / "runs"
        script = f"""
            echo x >> {shlex.quote(str(self.runs))}
            printf '%s' "$IN_X" > "$OUT_S"; echo 1e3 > "$OUT_N"; echo f > "$OUT_F"
            mkdir "$OUT_D/sub"; echo d > "$OUT_D/sub/d"
        """
        self.script = self.folder / "script.sh"
        self.script.write_text(textwrap.dedent(script))

    def ran(self, x="1", cache=None, number="1000.0", **work):
        """Run the step, keep its entry, and tell whether it really ran."""
        before = len(self.runs.read_text()) if self.runs.exists() else 0
        for path in self.out.glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.run_step(
            {
                "run": str(self.script),
                "shell": BASH,
                "with": {"x": {"type": "string", "value": x}},
                "outputs": {"s": "string", "n": "float", "f": "file", "d": "dir"},
                "cache": {"from": str(self.entry), **(cache or {})},
                **work,
            }
        )
        self.assertEqual(self.outputs()["n"], number + "\n")
        self.assertEqual((self.out / "f").read_text(), "f\n")
        self.assertEqual((self.out / "d/sub/d").read_text(), "d\n")
        if (self.out / "CACHE").exists():
            shutil.copyfile(self.out / "CACHE", self.entry)
        return len(self.runs.read_text()) > before

    def test_hit_and_miss(self):
        self.assertTrue(self.ran(HOSTILE))
        self.assertFalse(self.ran(HOSTILE))
        self.assertEqual(self.outputs()["s"], HOSTILE + "\n")
        self.assertTrue(self.ran("2"))
        self.assertTrue(self.ran("2", env={"A": {"type": "string", "value": "1"}}))
        self.assertTrue(self.ran("2", {"env": {"A": "2"}}))
        self.assertTrue(self.ran("2", {"secrets": {"A": "a/b"}}))
        self.assertFalse(self.ran("2", {"secrets": {"A": "a/b"}, "ttl": 60}))
        self.assertTrue(self.ran("2", {"secrets": {"A": "a/b"}, "ttl": -1}))

    def test_the_code_counts(self):
        code = self.folder / "shipped"
        code.mkdir()
        (code / "a.py").write_text("1")
        self.assertTrue(self.ran(code=str(code)))
        self.assertFalse(self.ran(code=str(code)))
        (code / "a.py").write_text("2")
        self.assertTrue(self.ran(code=str(code)))

    def test_a_damaged_entry_is_a_miss(self):
        self.ran()
        good = self.entry.read_bytes()
        for damaged in [
            b"",
            b"no tar",
            good[: len(good) // 2],
            good.replace(b"d\n\0", b"e\n\0"),
            good.replace(b'"1"', b'"2"'),
            good.replace(b"d/sub/d", b"../../d"),
            good.replace(b"entry.json", b"entry.tsxt"),
        ]:
            self.assertNotEqual(damaged, good)
            self.entry.write_bytes(damaged)
            self.assertTrue(self.ran(), damaged)
            self.assertFalse(self.ran())

    def test_places_of_instances(self):
        lists = {"i": {"type": "list[int]", "value": [5, 6]}}
        placed = {"foreach": lists, "placed": True, "ran": True}
        first, second = '{"i":0,"v":"1000.0"}', '{"i":1,"v":"1000.0"}'
        self.assertTrue(self.ran(item=0, number=first, **placed))
        self.assertFalse(self.ran(item=1, number=second, **placed))
        self.assertEqual(self.outputs()["RAN"], '{"i":1,"v":"true"}\n')

    def test_failures_are_not_kept(self):
        self.script.write_text("exit 3\n")
        work = {"run": str(self.script), "shell": BASH}
        self.run_step({**work, "cache": {"from": str(self.entry)}}, 3)
        self.assertFalse((self.out / "CACHE").exists())

    def test_objects(self):
        work = {"outputs": {"o": "object"}, "cache": {"from": str(self.entry)}}
        self.call("def f(): return [1]", **work)
        shutil.copyfile(self.out / "CACHE", self.entry)
        (self.out / "o").unlink()
        printed = self.call("def f(): return [1]", **work)
        self.assertIn("from the cache", printed)
        self.assertEqual(step.read_object(self.out / "o"), [1])


class CheckTest(StepCase):
    def test_parameters_are_checked_first_and_all_told(self):
        self.run_step(
            {
                "python": "nope:f",
                "with": {"x": {"type": "int", "expr": "divide(1, 0)"}},
                "check": {
                    "fine": {**encoded("us"), "enum": ["eu", "us"]},
                    "region": {**encoded("uk"), "enum": ["eu", "us"]},
                    "low": {**encoded("0", "int"), "min": 1, "max": 5},
                    "high": {**encoded("5.5", "float"), "min": 1, "max": 5},
                    "edge": {**encoded("5", "float"), "min": 1, "max": 5},
                    "kind": encoded("true", "int"),
                    "text": {**encoded("abc\n"), "pattern": "[a-z]+"},
                    "digit": {**encoded("٣"), "pattern": r"\d"},
                },
            },
            97,
        )
        self.assertEqual(
            self.stderr.splitlines(),
            [
                'zenc: parameter "region": want one of "eu", "us", got \'uk\'',
                'zenc: parameter "low": want at least 1, got 0',
                'zenc: parameter "high": want at most 5, got 5.5',
                "zenc: parameter \"kind\": want int, got the text 'true'",
                "zenc: parameter \"text\": want a match of [a-z]+, got 'abc\\n'",
                "zenc: parameter \"digit\": want a match of \\d, got '٣'",
            ],
        )


class ProcessTest(StepCase):
    def test_inputs_and_outputs(self):
        source = self.folder / "rows"
        source.write_text("r")
        stdout = self.run_step(
            {
                "script": 'printf %s "$IN_TEXT" > "$OUT_TEXT"; echo "$IN_ANY $IN_N" >> "$OUT_LOG"; '
                'cat "$IN_ROWS" >> "$OUT_LOG"; echo " 2 " > "$OUT_X"; echo "$MODE"; echo x > file\n',
                "shell": BASH,
                "with": {
                    "text": encoded(HOSTILE + "\n"),
                    "any": {"type": "json", "value": "s"},
                    "n": {"type": "float", "value": 1},
                    "rows": {"type": "file", "path": str(source)},
                },
                "env": {"MODE": encoded(HOSTILE)},
                "outputs": {"text": "string", "log": "file", "x": "float"},
            }
        )
        self.assertEqual(stdout, HOSTILE + "\n")
        self.assertEqual(self.stderr, "")
        self.assertEqual((self.out / "text").read_bytes(), (HOSTILE + "\n").encode())
        self.assertEqual((self.out / "log").read_text(), '"s" 1.0\nr')
        self.assertEqual((self.out / "x").read_text(), "2.0\n")

    def test_one_final_newline_is_cut(self):
        script = {"script": "printf 'a\\n\\n' > $OUT_A", "shell": BASH}
        self.run_step({**script, "outputs": {"a": "string"}})
        self.assertEqual(
            self.outputs(), {"a": "a\n\n"}
        )  # "a\n", and a newline behind it

    def test_command(self):
        argv = ["printf", "%s|", HOSTILE, "{{ x }}"]
        command = [encoded(a) for a in argv] + [
            {"type": "string", "expr": 'outputs["log"]'}
        ]
        stdout = self.run_step(
            {"command": command, "outputs": {"n": "int", "log": "file"}}, 1
        )
        self.assertEqual(stdout, f"{HOSTILE}|{{{{ x }}}}|{self.out / 'log'}|")
        self.assertEqual(
            self.stderr, 'zenc: output "n": nothing was written to $OUT_N\n'
        )

    def test_wrong_outputs(self):
        for written, kind, message in [
            ("x", "int", "want int, got the text 'x'"),
            ("nan", "float", "want float, got the text 'nan'"),
            (
                "\\xff",
                "string",
                "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
            ),
        ]:
            with self.subTest(written=written):
                self.run_step(
                    {
                        "script": f"printf '{written}' > $OUT_A",
                        "shell": BASH,
                        "outputs": {"a": kind},
                    },
                    1,
                )
                self.assertEqual(self.stderr, f'zenc: output "a": {message}\n')
                self.assertEqual(self.outputs(), {})

    def test_exit_codes(self):
        for script, code in [("exit 75", 75), ("false", 1), ("kill -9 $$", 137)]:
            with self.subTest(script=script):
                self.run_step(
                    {"script": script, "shell": BASH, "outputs": {"a": "int"}}, code
                )
                self.assertEqual(self.stderr, "")

    def test_what_cannot_start(self):
        self.run_step({"command": [encoded("./nope")]}, 1)
        self.assertEqual(
            self.stderr, 'zenc: cannot start "./nope": No such file or directory\n'
        )

    def test_limits_of_the_system(self):
        fits = 131072 - len("IN_A=") - 1
        script = {"script": 'echo "${#IN_A}"', "shell": BASH}
        self.assertEqual(
            self.run_step({**script, "with": {"a": encoded("x" * fits)}}), f"{fits}\n"
        )
        for value, why in [
            ("x" * (fits + 1), "exceeds the 128 KiB of a process"),
            ("a\0b", "has a NUL character"),
        ]:
            with self.subTest(why=why):
                self.run_step({**script, "with": {"a": encoded(value)}}, 1)
                self.assertEqual(
                    self.stderr, f'zenc: input "a": {why}: pass it as a file\n'
                )
                self.run_step({**script, "env": {"A": encoded(value + "xxx")}}, 1)
                self.assertEqual(
                    self.stderr, f'zenc: env "A": {why}: pass it as a file\n'
                )
                self.run_step({"command": [encoded("echo"), encoded(value * 2)]}, 1)
                self.assertEqual(
                    self.stderr, f'zenc: argument "1": {why}: pass it as a file\n'
                )

    def test_skip_exit_code(self):
        work = {
            "script": 'echo 5 > "$OUT_N"; exit "$IN_CODE"',
            "shell": BASH,
            "outputs": {"n": "int", "s": "string"},
            "skip_exit_code": 99,
            "if_skipped": {"n": "0", "s": "", "RAN": "false"},
            "ran": True,
        }
        self.run_step({**work, "with": {"code": encoded("98")}}, 98)
        self.run_step({**work, "with": {"code": encoded("99")}})
        self.assertEqual(self.outputs(), {"n": "0\n", "s": "\n", "RAN": "false\n"})
        work["outputs"] = {"n": "int"}
        self.run_step({**work, "with": {"code": encoded("0")}})
        self.assertEqual(self.outputs(), {"n": "5\n", "s": "\n", "RAN": "true\n"})

    def test_stragglers_are_killed(self):
        self.run_step(
            {
                "script": "sleep 1000 > /dev/null 2>&1 & echo $! > $OUT_PID",
                "shell": BASH,
                "outputs": {"pid": "int"},
            }
        )
        self.assert_ended(int(self.outputs()["pid"]))

    def test_sigterm_ends_the_group_after_its_grace(self):
        process = self.start(
            {
                "script": f"{sys.executable} -c {shlex.quote(CLEANS_UP)} &\nwait\n",
                "shell": BASH,
            }
        )
        grandchild = int(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        stdout, _ = process.communicate(timeout=30)
        self.assertEqual((process.returncode, stdout), (143, b"cleaned\n"))
        self.assert_ended(grandchild)

    def assert_ended(self, pid):
        """The process is gone, or a zombie that its new parent has not reaped yet."""
        try:
            state = (
                pathlib.Path(f"/proc/{pid}/stat")
                .read_text()
                .rpartition(")")[2]
                .split()[0]
            )
        except FileNotFoundError:
            return
        self.assertEqual(state, "Z")


class CodeTest(StepCase):
    def config_map(self, files):
        """Make a folder as the kubelet mounts a ConfigMap: links to a folder of the moment."""
        mount = self.folder / "code"
        moment = mount / "..2026_11_23"
        for path, (content, mode) in files.items():
            (moment / path).parent.mkdir(parents=True, exist_ok=True)
            (moment / path).write_text(content)
            (moment / path).chmod(mode)
        (mount / "..data").symlink_to(moment.name)
        for path in {p.split("/")[0] for p in files}:
            (mount / path).symlink_to(f"..data/{path}")
        return str(mount)

    def test_copy_of_a_mounted_tree(self):
        code = self.config_map(
            {
                "churn/__init__.py": ("", 0o444),
                "churn/steps.py": (
                    "import os, sys\nfrom churn import names\ndef f(): print(names.N, os.getcwd() == sys.path[0], sorted(os.listdir()), sys.argv[1:]); open('churn/new', 'w')",
                    0o444,
                ),
                "churn/names.py": ("N = 1", 0o444),
                "deploy.sh": ("#!/bin/sh\necho deployed\n", 0o555),
                "script.2": ("./deploy.sh; pwd; echo x > deploy.sh; ls -A\n", 0o444),
            }
        )
        self.assertEqual(
            self.run_step({"python": "churn.steps:f", "code": code}),
            "1 True ['churn', 'deploy.sh', 'script.2'] []\n",
        )
        deployed, cwd, *names = self.run_step(
            {"run": "script.2", "shell": BASH, "code": code}
        ).splitlines()
        self.assertEqual(
            (deployed, names), ("deployed", ["churn", "deploy.sh", "script.2"])
        )
        self.assertFalse(os.path.exists(cwd))
        self.assertTrue(os.path.exists(os.path.join(code, "deploy.sh")))


class UsageTest(unittest.TestCase):
    def test_usage(self):
        got = subprocess.run(
            [sys.executable, RUNTIME / "step.py"], capture_output=True, check=False
        )
        self.assertEqual(
            (got.returncode, got.stderr), (2, b"usage: step.py WORK.json\n")
        )


if __name__ == "__main__":
    unittest.main()
