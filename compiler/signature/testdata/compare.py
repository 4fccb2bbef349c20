"""Compares what read.py says of modules with what they are once they are imported."""

import functools
import importlib
import inspect
import json
import pathlib
import subprocess
import sys

MODULES = [
    *("abc", "argparse", "ast", "base64", "bisect", "calendar", "cmd", "code"),
    *("codecs", "collections", "configparser", "contextlib", "copy", "csv"),
    *("dataclasses", "datetime", "difflib", "dis", "email.utils", "enum", "filecmp"),
    *("fileinput", "fnmatch", "fractions", "functools", "gettext", "glob"),
    *("graphlib", "gzip", "hashlib", "heapq", "html", "http.cookies", "inspect"),
    *("ipaddress", "json", "json.decoder", "keyword", "linecache", "logging"),
    *("logging.config", "mimetypes", "operator", "optparse", "os", "pathlib"),
    *("pickle", "pkgutil", "pprint", "queue", "random", "re", "reprlib", "sched"),
    *("secrets", "shelve", "shlex", "shutil", "socketserver", "ssl", "statistics"),
    *("string", "subprocess", "tarfile", "tempfile", "textwrap", "threading"),
    *("timeit", "token", "tokenize", "traceback", "types", "typing"),
    *("unittest.mock", "uuid", "warnings", "weakref", "xml.dom.minidom"),
    *("xml.etree.ElementTree", "zipfile"),
]

# What Python computes for itself, in place of what the source says.
SPECIAL = {("inspect", "Parameter"), ("inspect", "Signature")}
KINDS = {inspect.Parameter.POSITIONAL_ONLY: "positional"}


def parameters(value):
    """Return the parameters of a callable as read.py has them."""
    if isinstance(value, functools._lru_cache_wrapper):
        value = value.__wrapped__
    out = []
    for p in inspect.signature(value, follow_wrapped=False).parameters.values():
        if p.kind == p.VAR_KEYWORD:
            out.append((p.name, "rest", False))
        elif p.kind != p.VAR_POSITIONAL:
            kind = KINDS.get(p.kind, "any")
            out.append((p.name, kind, p.default is p.empty))
    return out


def gives(value):
    if inspect.iscoroutinefunction(value):
        return "coroutine"
    if inspect.isasyncgenfunction(value):
        return "async generator"
    return "generator" if inspect.isgeneratorfunction(value) else None


def wrong(value, answer):
    """Return what an answer has that the value is not."""
    if answer["state"] in ("missing", "value", "syntax"):
        return answer["state"] if callable(value) else None
    if answer["state"] != "function":
        return None
    read = answer["parameters"]
    read = [(p["name"], p["kind"], p.get("required", False)) for p in read]
    if read != parameters(value) or answer.get("gives") != gives(value):
        return f"{answer.get('gives')} {read}, not {gives(value)} {parameters(value)}"
    return None


def main():
    files, values = {}, {}
    for name in MODULES:
        module = importlib.import_module(name)
        path = pathlib.Path(module.__file__)
        where = name.replace(".", "/")
        where += "/__init__.py" if path.name == "__init__.py" else ".py"
        files[where] = path.read_text(encoding="utf-8")
        for attribute, value in vars(module).items():
            if attribute[:2] != "__" and (name, attribute) not in SPECIAL:
                values[name, attribute] = value
    reader = pathlib.Path(__file__).parents[1] / "read.py"
    request = json.dumps({"files": files, "functions": list(values)})
    command = [sys.executable, "-I", "-S", "-W", "ignore", str(reader)]
    out = subprocess.run(command, input=request.encode(), stdout=-1, check=True).stdout
    answers = json.loads(out)["functions"]
    known = sum(answer["state"] == "function" for answer in answers)
    problems = []
    for (name, attribute), answer in zip(values, answers, strict=True):
        if problem := wrong(values[name, attribute], answer):
            problems.append(f"{name}:{attribute}: {problem}")
    print(*problems, f"{known} functions of {len(values)} names", sep="\n")
    return 1 if problems or known < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
