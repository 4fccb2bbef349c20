"""Reads the signatures of functions from their source, which is not imported.

stdin has {"files": {path: text}, "functions": [[module, function], …]}, stdout gets
{"python": version, "functions": [answer, …]} in the same order; both are JSON. An answer
has a "state", and what cannot be told for sure is left out or "unknown". Standard library
only, Python 3.8 and later.
"""

import ast
import json
import re
import sys

# Decorators that leave the parameters and what is returned as they are.
TRANSPARENT = {
    "atexit.register",
    "functools.cache",
    "functools.lru_cache",
    "functools.wraps",
    "staticmethod",
    "typing.final",
    "typing.no_type_check",
}

# Classes of which it is known what they are, and what they are not.
CLASSES = {
    *("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int"),
    *("list", "set", "str", "tuple"),
    *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"),
    *("decimal.Decimal", "fractions.Fraction", "uuid.UUID"),
    *("pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath"),
}
ABSTRACT = {
    *("Collection", "Container", "Generator", "Iterable", "Iterator", "Mapping"),
    *("MutableMapping", "MutableSequence", "MutableSet", "Reversible", "Sequence"),
    *("Set", "Sized"),
}
TYPING = {
    "AbstractSet": "collections.abc.Set",
    "Dict": "dict",
    "FrozenSet": "frozenset",
    "List": "list",
    "Set": "set",
    "Text": "str",
    "Tuple": "tuple",
}
# Names in a module that may bind others in it without a statement.
DYNAMIC = {
    *(
        "__dict__",
        "_convert_",
        "exec",
        "globals",
        "locals",
        "modules",
        "setattr",
        "vars",
    ),
}
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
DISPLAYS = (ast.Constant, ast.Dict, ast.JoinedStr, ast.List, ast.Set, ast.Tuple)


class BadSyntax(Exception):
    """A file that is no Python; its argument is the answer."""


class Module:
    """A module, with the statements that bind its names."""

    def __init__(self, name, path, text):
        self.name, self.path = name, path
        text = text[1:] if text[:1] == "\ufeff" else text
        self.lines = re.split("\r\n|\r|\n", text)
        try:
            tree = ast.parse(text)
        except SyntaxError as e:
            line = min(max(e.lineno or 1, 1), len(self.lines))
            found = self.lines[line - 1]
            col = min(max(e.offset or 1, 1), max(len(found), 1))
            if isinstance(e, IndentationError):
                col = len(found) - len(found.lstrip()) + 1
            place = self.spot(line, col, col + 1)
            answer = {"state": "syntax", "message": e.msg, "place": place}
            raise BadSyntax(answer) from None
        self.bindings = {}  # by name: (statement, is within another one)
        self.stars = []
        self.bind(tree.body, False)
        self.rebound, self.is_dynamic, self.is_future = set(), False, False
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):
                self.rebound.update(node.names)
            name = getattr(node, "id", getattr(node, "attr", None))
            self.is_dynamic |= name in DYNAMIC
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                names = [alias.name for alias in node.names]
                self.is_future |= "annotations" in names
        self.is_dynamic |= "__getattr__" in self.bindings

    def bind(self, statements, nested):
        """Record what the statements bind, and what those within them do."""
        for node in statements:
            if isinstance(node, SCOPES):
                self.add(node.name, node, nested)
            elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                self.stars.append(node)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    self.add(name, (node, alias), nested)
            elif isinstance(node, ast.Assign) and all(
                isinstance(target, ast.Name) for target in node.targets
            ):
                for target in node.targets:
                    self.add(target.id, node, nested)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                if node.value:
                    self.add(node.target.id, node, nested)
            else:
                self.bind_within(node)

    def bind_within(self, node):
        """Record what any other node binds: what that is cannot be told."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.bind([child], True)
                continue
            if isinstance(child, ast.Name) and not isinstance(child.ctx, ast.Load):
                self.add(child.id, None, True)
            for field in ("name", "rest"):  # of a handler or a pattern
                if isinstance(getattr(child, field, None), str):
                    self.add(getattr(child, field), None, True)
            self.bind_within(child)

    def add(self, name, node, nested):
        self.bindings.setdefault(name, []).append((node, nested))

    def binding(self, name):
        """Return the statement that binds a name in the end, None if that is not sure."""
        last, nested = self.bindings[name][-1]
        node = last[0] if isinstance(last, tuple) else last
        if node is None or name in self.rebound:
            return None
        if nested and (len(self.bindings[name]) > 1 or self.stars):
            return None
        if any(star.lineno > node.lineno for star in self.stars):
            return None
        return last

    def imported_from(self, node):
        """Return the absolute name of the module of a "from" import, None if none."""
        if not node.level:
            return node.module
        parts = self.name.split(".")
        up = node.level - self.path.endswith("/__init__.py")
        if up >= len(parts):
            return None
        base = parts[: len(parts) - up]
        return ".".join(base + ([node.module] if node.module else []))

    def spot(self, line, col, end):
        """Return a place: columns are 1-based and counted in characters."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return {"file": self.path, "line": line, "col": col, "end": end, "text": text}

    def place(self, node):
        """Return the place of a node, up to the end of its first line."""
        text = self.lines[node.lineno - 1].encode()
        is_short = node.end_lineno == node.lineno
        end = node.end_col_offset if is_short else len(text)
        before = len(text[: node.col_offset].decode())
        return self.spot(node.lineno, before + 1, len(text[:end].decode()) + 1)

    def place_of_name(self, node):
        """Return the place of the name of a def or class."""
        text = self.lines[node.lineno - 1]
        start = len(text.encode()[: node.col_offset].decode())
        match = re.compile(rf"(?:async\s+)?(?:def|class)\s+({node.name})\b").match(
            text, start
        )
        if not match:  # its line is continued before the name
            return self.place(node)
        return self.spot(node.lineno, match.start(1) + 1, match.end(1) + 1)


class Reader:
    """The files, and the modules that have been read from them."""

    def __init__(self, files):
        self.files, self.modules = files, {}
        self.tops = {p.partition("/")[0].partition(".")[0] for p in files}

    def module(self, name):
        """Return a module, None if it is not one of the files."""
        if name not in self.modules:
            self.modules[name] = None  # what cannot be parsed is told once
            base = name.replace(".", "/")
            for path in (f"{base}/__init__.py", f"{base}.py"):
                if path in self.files:
                    self.modules[name] = Module(name, path, self.files[path])
                    break
        return self.modules[name]

    def is_folder(self, name):
        return any(p.startswith(name.replace(".", "/") + "/") for p in self.files)

    def answer(self, module, function):
        """Return what is known of a function of a module."""
        try:
            m = self.module(module)
            if m is None:
                missing = {"state": "missing", "names": []}  # a namespace package
                return missing if self.is_folder(module) else {"state": "unknown"}
            m, node = self.find(m, function, set())
            if node == "missing":
                return {"state": "missing", "file": m.path, "names": defined(m)}
            if isinstance(node, ast.ClassDef):
                return self.of_class(m, node)
            if isinstance(node, SCOPES):
                return self.of_function(m, node)
            if isinstance(node, DISPLAYS):
                return {"state": "value", "place": m.place(node)}
        except BadSyntax as e:
            return e.args[0]
        except (RecursionError, MemoryError, ValueError):  # a file that is no text
            pass
        return {"state": "unknown"}

    def find(self, m, name, seen):
        """Follow a name to the node that it is, "missing", or None if that is not sure."""
        if (m.name, name) in seen:
            return m, None
        seen.add((m.name, name))
        if name not in m.bindings:
            for star in m.stars:
                other = self.module_from(m, star)
                found = self.find(other, name, seen) if other else (m, None)
                if found[1] != "missing":
                    return found
            return m, None if m.is_dynamic or name in m.rebound else "missing"
        node = m.binding(name)
        if isinstance(node, tuple) and isinstance(node[0], ast.ImportFrom):
            other = self.module_from(m, node[0])
            found = self.find(other, node[1].name, seen) if other else (m, None)
            return found if found[1] != "missing" else (m, None)
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            if isinstance(node.value, ast.Name) and node.value.id in m.bindings:
                return self.find(m, node.value.id, seen)
            return m, node.value if isinstance(node.value, DISPLAYS) else None
        return m, node if isinstance(node, SCOPES) else None

    def module_from(self, m, node):
        name = m.imported_from(node)
        return self.module(name) if name else None

    def of_class(self, m, node):
        """Return the signature of a class: that of its __init__, if nothing is in the way."""
        bases = [base for base in node.bases if self.dotted(m, base) != "object"]
        if bases or node.keywords or node.decorator_list:
            return {"state": "unknown"}
        bound = [n.name for n in ast.walk(node) if isinstance(n, SCOPES[:3])]
        bound += [n.id for n in ast.walk(node) if is_store(n)]
        inits = [s for s in node.body if getattr(s, "name", "") == "__init__"]
        if "__new__" in bound or bound.count("__init__") != len(inits):
            return {"state": "unknown"}
        if not inits:
            return self.callable(m, node, [])
        if len(inits) > 1 or inits[0].decorator_list:
            return {"state": "unknown"}
        # Names that the class binds would be others in an annotation.
        parameters = self.parameters(m, inits[0], set(bound))
        has_self = parameters and parameters[0]["kind"] in ("any", "positional")
        return self.callable(m, node, parameters[1:] if has_self else parameters)

    def of_function(self, m, node):
        """Return the signature of a function whose decorators do not change it."""
        for decorator in node.decorator_list:
            is_call = isinstance(decorator, ast.Call)
            name = self.dotted(m, decorator.func if is_call else decorator)
            if name not in TRANSPARENT:
                return {"state": "unknown"}
        answer = self.callable(m, node, self.parameters(m, node, set()))
        inside = list(own_nodes(node))
        is_generator = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in inside)
        is_async = isinstance(node, ast.AsyncFunctionDef)
        if is_generator:
            answer["gives"] = "async generator" if is_async else "generator"
        elif is_async:
            answer["gives"] = "coroutine"
        else:
            answer.update(self.result(m, node, inside))
        return answer

    def callable(self, m, node, parameters):
        place = m.place_of_name(node)
        return {"state": "function", "place": place, "parameters": parameters}

    def result(self, m, node, inside):
        """Return what is known of what a function returns."""
        answer = {}
        if node.returns:
            answer["returns"] = self.annotation(m, node.returns, set())
        returns = [n for n in inside if isinstance(n, ast.Return)]
        if not returns and not any(isinstance(n, ast.Raise) for n in inside):
            answer["returns_nothing"] = True
        dicts = [n.value for n in returns if isinstance(n.value, ast.Dict)]
        if dicts and len(dicts) == len(returns):
            keys = [[getattr(k, "value", None) for k in d.keys] for d in dicts]
            if all(isinstance(k, str) for ks in keys for k in ks):
                answer["mappings"] = [
                    {"keys": ks, "place": m.place(d)} for ks, d in zip(keys, dicts)
                ]
        return answer

    def parameters(self, m, node, hidden):
        """Return the parameters. hidden are names that do not mean what the module says."""
        a, out = node.args, []
        positional = getattr(a, "posonlyargs", []) + a.args
        defaults = [None] * (len(positional) - len(a.defaults)) + a.defaults
        kinds = ["positional"] * (len(positional) - len(a.args)) + ["any"] * len(a.args)
        entries = [*zip(positional, kinds, defaults)]
        entries += [(arg, "any", d) for arg, d in zip(a.kwonlyargs, a.kw_defaults)]
        for arg, kind, default in entries:
            place = m.place(arg)  # with its annotation
            parameter = {"name": arg.arg, "kind": kind, "required": default is None}
            parameter["place"] = {**place, "end": place["col"] + len(arg.arg)}
            parameter["annotation"] = self.annotation(m, arg.annotation, hidden)
            out.append(parameter)
        if a.kwarg:
            out.append({"name": a.kwarg.arg, "kind": "rest", "place": m.place(a.kwarg)})
        return out

    def annotation(self, m, node, hidden):
        """Return an annotation that Python evaluates, None if there is none."""
        if node is None or m.is_future:
            return None
        types = self.types(m, node, hidden, 0)
        text = ast.get_source_segment("\n".join(m.lines), node) or ""
        text = " ".join(text.split())
        return types and {"types": types, "text": text, "place": m.place(node)}

    def types(self, m, node, hidden, depth):
        """Return the alternatives that a type is, None if one is not known."""
        if depth > 20:
            return None
        if isinstance(node, ast.Constant) and node.value is None:
            return [{"name": "None"}]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.union(m, [node.left, node.right], hidden, depth)
        if isinstance(node, ast.Subscript):
            return self.generic(m, node, hidden, depth)
        if isinstance(node, ast.Name) and node.id in hidden:
            return None
        name = canonical(self.dotted(m, node))
        if name:
            return [{"name": name}]
        if isinstance(node, ast.Name) and node.id in m.bindings:
            return self.alias(m, node.id, depth)
        return None

    def alias(self, m, name, depth):
        """Return the alternatives of a name that a module gives to a type."""
        node = m.binding(name)
        if isinstance(node, tuple) and isinstance(node[0], ast.ImportFrom):
            try:
                other = self.module_from(m, node[0])
            except BadSyntax:
                return None
            here = ast.Name(node[1].name, ast.Load())
            return other and self.types(other, here, set(), depth + 1)
        if isinstance(node, ast.Assign):
            return self.types(m, node.value, set(), depth + 1)
        return None

    def union(self, m, nodes, hidden, depth):
        out = []
        for node in nodes:
            types = self.types(m, node, hidden, depth + 1)
            if types is None:
                return None
            out += types
        return out

    def generic(self, m, node, hidden, depth):
        """Return the alternatives of X[…]."""
        head, inside = node.value, node.slice
        if type(inside).__name__ == "Index":  # Python 3.8
            inside = inside.value
        args = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        if isinstance(head, ast.Name) and head.id in hidden:
            return None
        dotted = self.dotted(m, head) or ""
        special = dotted.replace("typing_extensions.", "typing.")
        if special == "typing.Optional":
            types = self.types(m, inside, hidden, depth + 1)
            return types and [*types, {"name": "None"}]
        if special == "typing.Union":
            return self.union(m, args, hidden, depth)
        if special == "typing.Annotated":
            return self.types(m, args[0], hidden, depth + 1)
        if special == "typing.Literal":
            if not all(isinstance(arg, ast.Constant) for arg in args):
                return None
            names = [type(arg.value).__name__ for arg in args]
            return [{"name": n.replace("NoneType", "None")} for n in names]
        name = canonical(dotted)
        if not name:
            return None
        if name == "tuple":
            return [{"name": name}]
        of = [self.types(m, arg, hidden, depth + 1) for arg in args]
        return [{"name": name, "args": of}]

    def dotted(self, m, node):
        """Return the full name that a Name or Attribute has where it comes from."""
        if isinstance(node, ast.Attribute):
            base = self.dotted(m, node.value)
            return base and f"{base}.{node.attr}"
        if not isinstance(node, ast.Name):
            return None
        if node.id not in m.bindings:
            return None if m.stars or node.id in m.rebound else node.id
        statement = m.binding(node.id)
        if not isinstance(statement, tuple):
            return None
        statement, alias = statement
        if isinstance(statement, ast.Import):
            return alias.name if alias.asname else alias.name.partition(".")[0]
        name = m.imported_from(statement)
        in_files = not name or name.partition(".")[0] in self.tops
        return None if in_files else f"{name}.{alias.name}"


def canonical(dotted):
    """Return the one name of a class that is known, else None."""
    module, _, name = (dotted or "").rpartition(".")
    if module in ("typing", "typing_extensions"):
        if name in TYPING:
            return TYPING[name]
        module = "collections.abc"
    if module == "collections.abc" and name in ABSTRACT:
        return f"collections.abc.{name}"
    return dotted if dotted in CLASSES else None


def own_nodes(function):
    """Yield what is in a function, without what is in functions and classes in it."""
    todo = function.body[::-1]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, SCOPES):
            todo += [*ast.iter_child_nodes(node)][::-1]


def is_store(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def defined(m):
    """Return the functions and classes that may be meant, and where they are."""
    out = []
    for name, bindings in m.bindings.items():
        node = bindings[-1][0]
        if isinstance(node, SCOPES):
            out.append({"name": name, "place": m.place_of_name(node)})
        elif isinstance(node, tuple) and isinstance(node[0], ast.ImportFrom):
            out.append({"name": name, "place": m.place(node[0])})
    return [entry for entry in out if entry["name"][0] != "_"]


def main():
    request = json.load(sys.stdin.buffer)
    reader = Reader(request["files"])
    answers = [reader.answer(*function) for function in request["functions"]]
    version = "{}.{}".format(*sys.version_info)
    json.dump({"python": version, "functions": answers}, sys.stdout)


if __name__ == "__main__":
    main()
