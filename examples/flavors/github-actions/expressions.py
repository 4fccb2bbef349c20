"""Conditions in GitHub's expressions, as far as they mean the same there.

Values are handed on as JSON, so that the output of a step is the text of a number, of a string with its quotes, true or false. GitHub
compares texts without regard to case and numbers with 53 bits; what would mean something else for that is refused.
"""

import json

from yaml_text import literal


class Refused(Exception):
    """The expression has no equal in GitHub's; the text says what to do."""

    def __init__(self, pos, message, way_out):
        super().__init__(message)
        self.pos, self.way_out = pos, way_out


IN_A_STEP = "let a step compute it and hand on a bool"


def constant(value):
    """A literal of the compiled form in Python."""
    kind = value["kind"]
    if kind == "list":
        return [constant(item) for item in value.get("items", [])]
    if kind == "map":
        return {
            field["key"]: constant(field["value"]) for field in value.get("fields", [])
        }
    text = value.get("text", "")
    return text if kind == "string" else None if kind == "null" else json.loads(text)


class Conditions:
    """Translates the conditions of one pipeline; compared are the ints that must have at most 53 bits."""

    def __init__(self, pipeline, job_id):
        self.params = {param["name"]: param for param in pipeline.get("params", [])}
        self.job_id = job_id
        self.compared = set()

    def translate(self, expr):
        """A bool of GitHub's for a bool of the spec."""
        op, args = expr["op"], expr.get("args", [])
        if op in ("&&", "||"):
            return "(" + f" {op} ".join(map(self.translate, args)) + ")"
        if op == "!":
            return f"!({self.translate(args[0])})"
        if op == "lit":
            return expr["value"]["text"]
        if op in ("==", "!=", "<", "<=", ">", ">="):
            return self.compare(expr, op, *args)
        if op == "in":
            return self.is_element(expr, *args)
        if op in ("param", "output", "??"):
            return f"{self.raw(expr)} == 'true'"
        raise self.refused(expr)

    def refused(self, expr):
        return Refused(
            expr.get("pos"),
            "GitHub Actions has no expression that means the same",
            IN_A_STEP,
        )

    def compare(self, expr, op, a, b):
        kinds = {a["type"], b["type"]}
        if kinds <= {"int", "float"}:
            if kinds == {"int"} and op in ("==", "!="):
                return f"{self.raw(a)} {op} {self.raw(b)}"
            return f"{self.number(a)} {op} {self.number(b)}"
        if kinds == {"bool"}:
            return f"({self.translate(a)}) {op} ({self.translate(b)})"
        if kinds == {"string"} and op in ("==", "!="):
            self.check_case(expr, a, b)
            return f"{self.raw(a)} {op} {self.raw(b)}"
        raise self.refused(expr)

    def is_element(self, expr, element, items):
        if items["op"] == "lit":
            values = items["value"].get("items", [])
            kind = items["type"].removeprefix("list[").removesuffix("]")
            items = {
                "args": [
                    {"op": "lit", "type": kind, "value": value, "pos": expr.get("pos")}
                    for value in values
                ]
            }
        elif items["op"] != "list":
            raise self.refused(expr)
        equal = [
            self.compare(expr, "==", element, item) for item in items.get("args", [])
        ]
        return "(" + " || ".join(equal) + ")" if equal else "false"

    def check_case(self, expr, a, b):
        """Texts may be compared if they can only have values that differ in more than their case."""
        for one in self.choices(expr, a):
            for other in self.choices(expr, b):
                if (
                    one != other
                    and json.dumps(one).lower() == json.dumps(other).lower()
                ):
                    raise Refused(
                        expr.get("pos"),
                        f"GitHub Actions does not tell {one!r} from {other!r}",
                        IN_A_STEP,
                    )

    def choices(self, expr, text):
        if text["op"] == "lit":
            return [constant(text["value"])]
        if text["op"] == "param" and "enum" in self.params[text["name"]]:
            return [constant(value) for value in self.params[text["name"]]["enum"]]
        raise Refused(
            expr.get("pos"),
            "GitHub Actions compares texts without regard to case",
            f"compare a parameter that has an enum, or {IN_A_STEP}",
        )

    def raw(self, expr):
        """The JSON of a value, as a text of GitHub's."""
        op = expr["op"]
        if op == "lit":
            text = json.dumps(constant(expr["value"]))
            if "{{" in text or "}}" in text or expr["value"]["kind"] == "null":
                raise self.refused(expr)
            return literal(text)
        if op == "param":
            return f"needs.check-parameters.outputs.{expr['name']}"
        if op == "output" and not expr.get("fan_in"):
            return f"needs.{self.job_id(expr['step'])}.outputs.{expr['name']}"
        if op == "??" and "json" not in (arg["type"] for arg in expr["args"]):
            return "(" + " || ".join(map(self.raw, expr["args"])) + ")"
        raise self.refused(expr)

    def number(self, expr):
        op = expr["op"]
        if op == "call" and expr["name"] == "float":
            return self.number(expr["args"][0])
        if (
            op == "lit"
            and expr["type"] == "int"
            and abs(constant(expr["value"])) > 2**53
        ):
            raise Refused(
                expr.get("pos"),
                "GitHub Actions compares numbers with 53 bits",
                IN_A_STEP,
            )
        if op == "??":
            for arg in expr["args"]:
                self.note(arg)
        self.note(expr)
        return f"fromJSON({self.raw(expr)})"

    def note(self, expr):
        if expr["op"] in ("param", "output") and expr["type"] == "int":
            self.compared.add((expr.get("step"), expr["name"]))
