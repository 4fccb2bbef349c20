"""Runs a step of a pipeline, as docs/language.md says; for engines that do not know what zenc's steps are.

    step.py params PARAMS.json RUN_FOLDER    reads the parameters of a run from the variable PARAMS, an object in JSON
    step.py run STEP.json RUN_FOLDER         runs one step

The folder code/ beside this file is what a step finds in its working directory. A step leaves RUN_FOLDER/<step>/result.json and
its files in RUN_FOLDER/<step>/files. Where the steps of a run share no folder, the variable VALUES, an object in JSON, has what a step
reads, and values are handed on as outputs of a GitHub Actions step. It needs Python 3.9 and nothing else.
"""

import contextlib
import importlib
import json
import math
import os
import pathlib
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
OWN_VARIABLES = ("VALUES", "PARAMS", "GITHUB_OUTPUT")
ARTIFACTS = ("file", "dir", "object")


class StepFailed(Exception):
    """The step has failed; the text is for its log."""

    def __init__(self, message, exit_code=None):
        super().__init__(message)
        self.exit_code = exit_code


def dump(value):
    return json.dumps(
        value,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def parse(text):
    return json.loads(text, parse_constant=no_constant)


def text_form(value):
    return value if isinstance(value, str) else dump(value)


def fit(value, kind):
    """The value as one of that type. ValueError if it is not."""
    if kind.startswith("list[") and isinstance(value, (list, tuple)):
        return [fit(item, kind[5:-1]) for item in value]
    if hasattr(value, "item") and hasattr(value, "dtype"):
        value = value.item()
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind == "json":
        dump(value)
        return json.loads(dump(value))
    wanted = {"string": str, "int": int, "float": float, "bool": bool}.get(kind)
    if wanted is None or type(value) is not wanted:
        raise ValueError(f"want {kind}, not {text_form(value)[:80]!r}")
    if kind == "int" and not -(2**63) <= value < 2**63:
        raise ValueError(f"{value} has more than 64 bits")
    if kind == "float" and not math.isfinite(value):
        raise ValueError(f"{value} is not a number")
    return value


def read_as(text, kind):
    """What a step wrote, or a parameter in its text form, as a value."""
    return fit(text if kind == "string" else parse(text), kind)


def literal(value):
    """A value of the compiled form."""
    kind = value["kind"]
    if kind == "list":
        return [literal(item) for item in value.get("items", [])]
    if kind == "map":
        return {
            field["key"]: literal(field["value"]) for field in value.get("fields", [])
        }
    text = value.get("text", "")
    return text if kind == "string" else None if kind == "null" else json.loads(text)


class Run:
    """What the expressions of a step read."""

    def __init__(self, folder):
        self.folder = folder
        self.values = json.loads(os.environ.get("VALUES", "null"))

    def result(self, step):
        return json.loads((self.folder / step / "result.json").read_text("utf-8"))

    def output(self, step, name, kind):
        if kind in ARTIFACTS:
            path = self.folder / step / "files" / name
            return str(path) if path.exists() else None
        if self.values is not None:
            return self.values[f"steps.{step}.{name}"]
        return self.result(step)["outputs"].get(name)

    def named(self, name):
        if self.values is not None:
            return self.values[name]
        return json.loads((self.folder / "params.json").read_text("utf-8"))[
            name.removeprefix("params.")
        ]

    def evaluate(self, expr, paths=None):
        op, args = expr["op"], expr.get("args", [])
        if op == "lit":
            return literal(expr["value"])
        if op == "output":
            return self.output(expr["step"], expr["name"], expr["type"])
        if op in ("param", "each", "run"):
            prefix = "params" if op == "param" else op
            return self.named(f"{prefix}.{expr['name']}")
        if op == "path":
            return paths[expr["name"]]
        if op == "??":
            left = self.evaluate(args[0], paths)
            return self.evaluate(args[1], paths) if left is None else left
        if op == "&&":
            return self.evaluate(args[0]) and self.evaluate(args[1])
        if op == "||":
            return self.evaluate(args[0]) or self.evaluate(args[1])
        values = [self.evaluate(arg, paths) for arg in args]
        if op == "text":
            return "".join(map(text_form, values))
        if op == "list":
            return values
        if op == "map":
            return dict(zip(expr["keys"], values))
        if op == "call" and expr["name"] == "float":
            return None if values[0] is None else float(values[0])
        if op == "!":
            return not values[0]
        compare = {
            "==": lambda a, b: same(a, b),
            "!=": lambda a, b: not same(a, b),
            "<": lambda a, b: a < b,
            "<=": lambda a, b: a <= b,
            ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b,
        }
        return compare[op](*values)


def same(a, b):
    """Equality of JSON, in which true is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b


def set_output(name, value):
    """Hands a value on, where a run is one of GitHub Actions."""
    if os.environ.get("GITHUB_OUTPUT"):
        with open(os.environ["GITHUB_OUTPUT"], "a") as file:
            file.write(f"{name}={json.dumps(value)}\n")


def check_params(params, folder):
    given = json.loads(os.environ.get("PARAMS") or "{}") or {}
    names = [param["name"] for param in params]
    values = {}
    for name in given:
        if name not in names:
            raise StepFailed(
                f"there is no parameter {name!r}; there are: {', '.join(names)}"
            )
    for param in params:
        name, text = param["name"], given.get(param["name"])
        takes_empty = param["type"] == "string" and not param.get("empty_is_default")
        is_given = text is not None and (text != "" or takes_empty)
        if not is_given and "default" not in param:
            raise StepFailed(f"the parameter {name} is not given")
        try:
            value = (
                fit(literal(param["default"]), param["type"])
                if not is_given
                else read_as(text_form(text), param["type"])
            )
            check_rules(param, value)
        except ValueError as error:
            raise StepFailed(f"the parameter {name}: {error}") from None
        values[name] = value
        if name in os.environ.get("COMPARED", "").split():
            check_exact(name, value)
        set_output(name, value)
    file = folder / "params.json"
    if not file.exists() or file.read_text("utf-8") != dump(values):
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(dump(values), "utf-8")


def check_rules(param, value):
    if "enum" in param and not any(
        same(value, literal(item)) for item in param["enum"]
    ):
        raise ValueError(f"{text_form(value)!r} is not one of its values")
    if "min" in param and value < literal(param["min"]):
        raise ValueError(f"{value} is less than {param['min']['text']}")
    if "max" in param and value > literal(param["max"]):
        raise ValueError(f"{value} is more than {param['max']['text']}")
    if "pattern" in param and not re.fullmatch(param["pattern"], value, re.ASCII):
        raise ValueError(f"{value!r} does not match {param['pattern']}")


def check_exact(name, value):
    """GitHub Actions compares numbers with 53 bits."""
    if isinstance(value, int) and abs(value) > 2**53:
        raise StepFailed(f"{name} is compared, and {value} has more than 53 bits")


def run_step(step, folder):
    """Runs the step and leaves its result. StepFailed if it has failed."""
    run, mine = Run(folder), folder / step["name"]
    if mine.exists():
        shutil.rmtree(mine)
    mine.mkdir(parents=True)
    if any(
        run.result(need)["state"] == "skipped" for need in step.get("needs", [])
    ) or ("when" in step and not run.evaluate(step["when"])):
        return leave(mine, "skipped", {})
    for secret in step.get("secrets", []):
        if not os.environ.get(secret["name"]):
            raise StepFailed(
                f"the secret {secret['store']}/{secret['key']} has no value"
            )
    inputs = {
        entry["name"]: (entry["type"], run.evaluate(entry["value"]))
        for entry in step.get("inputs", [])
    }
    retries = step.get("retries", {})
    delay, attempts = retries.get("delay", 0), retries.get("limit", 0) + 1
    for attempt in range(1, attempts + 1):
        try:
            return leave(mine, "succeeded", try_step(step, run, inputs, mine))
        except StepFailed as failure:
            print(f"{step['name']}: {failure}", file=sys.stderr, flush=True)
            if failure.exit_code and failure.exit_code == step.get("skip_exit_code"):
                return leave(mine, "skipped", {})
            codes = retries.get("on_exit_codes")
            if attempt == attempts or codes and failure.exit_code not in codes:
                if step.get("allow_failure"):
                    return leave(mine, "skipped", {})
                raise StepFailed("it has failed") from None
        pause = min(delay, retries["max_delay"]) if "max_delay" in retries else delay
        print(f"{step['name']}: once more, in {pause:g} s", file=sys.stderr, flush=True)
        time.sleep(pause)
        delay *= retries.get("backoff", 1)
    return None


def leave(mine, state, outputs):
    (mine / "result.json").write_text(
        dump({"state": state, "outputs": outputs}), "utf-8"
    )
    if state == "skipped":
        set_output("zenc-skipped", True)
    for name, value in outputs.items():
        set_output(name, value)


def try_step(step, run, inputs, mine):
    """One attempt. Returns the outputs that are values."""
    files, written = mine / "files", mine / "written"
    for place in (files, written):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    paths = {}
    for output in step.get("outputs", []):
        place = files if output["type"] in ARTIFACTS else written
        paths[output["name"]] = str(place / output["name"])
        if output["type"] == "dir":
            (files / output["name"]).mkdir()
    with tempfile.TemporaryDirectory(dir=mine) as work:
        if (HERE / "code").is_dir():
            shutil.copytree(HERE / "code", work, dirs_exist_ok=True)
        code = start(step, run, inputs, paths, work)
    if code is None:
        raise StepFailed(f"it took more than {step['timeout']} s")
    if code != 0:
        raise StepFailed(f"exit code {code}", code)
    outputs = {}
    for output in step.get("outputs", []):
        name, kind = output["name"], output["type"]
        try:
            if kind not in ARTIFACTS:
                outputs[name] = read_output(pathlib.Path(paths[name]), kind)
            elif not os.path.exists(paths[name]):
                raise ValueError("nothing was written")
        except (OSError, ValueError) as error:
            raise StepFailed(f"the output {name}: {error}") from None
        if name in step.get("compared", []):
            check_exact(f"the output {name}", outputs[name])
    shutil.rmtree(written)
    return outputs


def read_output(path, kind):
    if not path.exists():
        raise ValueError("nothing was written")
    text = path.read_bytes().decode()
    return read_as(text.removesuffix("\n") if kind == "string" else text, kind)


def start(step, run, inputs, paths, work):
    """Runs the step's process and returns its exit code, None after a timeout."""
    environment = {
        key: value for key, value in os.environ.items() if key not in OWN_VARIABLES
    }
    for entry in step.get("env", []):
        environment[entry["name"]] = run.evaluate(entry["value"])
    for name, (kind, value) in inputs.items():
        as_is = value is not None and kind in ("string", "file", "dir")
        environment["IN_" + name.upper()] = value if as_is else dump(value)
    for name, path in paths.items():
        environment["OUT_" + name.upper()] = path
    stdin = None
    with tempfile.TemporaryDirectory() as own:
        if step["kind"] == "run":
            script = pathlib.Path(own) / "script"
            script.write_text(step["script"], "utf-8")
            command = [*step["shell"], str(script)]
        elif step["kind"] == "command":
            command = [run.evaluate(argument, paths) for argument in step["command"]]
        else:
            for name in [*map("IN_{}".format, map(str.upper, inputs))]:
                del environment[name]
            command = [sys.executable, __file__, "call"]
            stdin = json.dumps({"step": step, "inputs": inputs, "paths": paths})
        return wait(command, environment, work, stdin, step.get("timeout"))


def wait(command, environment, work, stdin, timeout):
    try:
        process = subprocess.Popen(
            command,
            cwd=work,
            env=environment,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
    except (OSError, ValueError) as error:
        raise StepFailed(f"{command[0]} cannot be started: {error}", 127) from None
    try:
        process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def call():
    """Calls the function of a python step; the request is on standard input, the working directory has the code."""
    asked = json.load(sys.stdin)
    step, paths = asked["step"], asked["paths"]
    sys.path[0] = os.getcwd()
    arguments = {}
    for name, (kind, value) in asked["inputs"].items():
        if value is not None and kind == "object":
            value = pickle.loads(pathlib.Path(value).read_bytes())
        elif value is not None and kind in ("file", "dir"):
            value = pathlib.Path(value)
        arguments[name] = value
    returned = []
    for output in step.get("outputs", []):
        if output["type"] in ("file", "dir"):
            arguments[output["name"]] = pathlib.Path(paths[output["name"]])
        else:
            returned.append(output)
    function = getattr(importlib.import_module(step["module"]), step["function"])
    result = function(**arguments)
    if len(returned) == 1:
        result = {returned[0]["name"]: result}
    names = [output["name"] for output in returned]
    if returned and (not isinstance(result, dict) or set(result) != set(names)):
        sys.exit(f"{step['function']} must return a mapping with {', '.join(names)}")
    for output in returned:
        name, kind = output["name"], output["type"]
        if kind == "object":
            pathlib.Path(paths[name]).write_bytes(pickle.dumps(result[name]))
            continue
        try:
            text = text_form(fit(result[name], kind))
        except (TypeError, ValueError) as error:
            sys.exit(f"the output {name}: {error}")
        end = "\n" if kind == "string" else ""  # one final newline is taken off
        pathlib.Path(paths[name]).write_bytes((text + end).encode())


def main():
    if sys.argv[1] == "call":
        return call()
    command, file, folder = sys.argv[1:]
    described = json.loads(pathlib.Path(file).read_text("utf-8"))
    try:
        if command == "params":
            return check_params(described, pathlib.Path(folder).resolve())
        return run_step(described, pathlib.Path(folder).resolve())
    except StepFailed as failure:
        sys.exit(f"{pathlib.Path(file).stem}: {failure}")


if __name__ == "__main__":
    main()
