"""What GitHub Actions cannot do, with its place in the spec, and what it has no use for."""

import json
import re

from expressions import constant

# The operations that step.py knows, for values; conditions are translated.
OPERATIONS = {"lit", "param", "output", "run", "each", "path", "text", "list", "map"}
MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
LONGEST = 360  # minutes that a job may take
OPTIONS = {"runs_on", "python"}


class Findings:
    def __init__(self, flavor):
        self.all, self.flavor = [], flavor

    def add(self, severity, pos, message, way_out=None, code=None):
        entry = {"severity": severity, "message": message, "pos": pos}
        entry.update(help=way_out, code=code)
        self.all.append({key: value for key, value in entry.items() if value})

    def refuse(self, pos, message, way_out=None, code=None):
        self.add("error", pos, message, way_out, code)

    def note(self, pos, message):
        self.add("note", pos, message)

    @property
    def has_errors(self):
        return any(entry["severity"] == "error" for entry in self.all)

    def options(self, all_options, legal):
        """The fields of the spec's options that are meant for this flavor, by key."""
        out = {}
        for block in all_options:
            if block["flavor"] != self.flavor:
                continue
            for field in block["fields"]:
                key, value = field["key"], constant(field["value"])
                texts = value if isinstance(value, list) and value else [value]
                if key not in legal:
                    self.refuse(
                        field.get("pos"),
                        f"this flavor has no option {key!r} here",
                        f"one of: {', '.join(sorted(legal))}",
                        "unknown-option",
                    )
                elif not all(isinstance(text, str) and text for text in texts):
                    self.refuse(
                        field.get("pos"),
                        f"{key} is the name of a runner, or a list of labels",
                        code="unknown-option",
                    )
                out[key] = value
        return out


def check(pipeline, options, findings):
    for key, value in options.items():
        if key not in OPTIONS or not isinstance(value, str):
            findings.refuse(
                None,
                f"this flavor has no option {key!r} with that value",
                f"one of: {', '.join(sorted(OPTIONS))}, each a text",
                "unknown-option",
            )
    pos = pipeline.get("pos", {})
    for key, message in (
        ("timeout", "GitHub Actions has no timeout for a whole run"),
        ("max_parallel", "GitHub Actions does not bound how many jobs run at once"),
        ("max_active_runs", "GitHub Actions drops runs that wait for others"),
        ("fail_fast", "GitHub Actions does not stop other jobs after a failure"),
    ):
        if pipeline.get(key):
            findings.refuse(pos.get(key), message, "remove it")
    if len(pipeline.get("params", [])) > 25:
        findings.refuse(
            pipeline["params"][25].get("pos"),
            "a workflow has at most 25 inputs",
            code="engine-limit",
        )
    for param in pipeline.get("params", []):
        check_param(param, findings)
    check_secrets(pipeline, findings)
    for step in pipeline["steps"]:
        check_step(step, findings)


def check_param(param, findings):
    pattern = re.sub(r"\\[dwsDWS^$.|?*+()\[\]{}\\/-]", "", param.get("pattern", ""))
    if "\\" in pattern or "[:" in pattern:
        findings.refuse(
            param.get("pos"),
            f"the pattern of {param['name']} may mean something else to Python, which checks it",
            "use plain classes such as [a-z0-9]",
        )


def check_step(step, findings):
    pos, kind = step.get("pos"), step["kind"]
    if kind == "operator":
        findings.refuse(step.get("body_pos"), "only Airflow has operators")
    if kind == "gate" or step.get("along") or step.get("needs_any"):
        findings.refuse(
            pos,
            "a group with a condition or a foreach has no equal in GitHub Actions",
            "write its steps without the group",
        )
    if step.get("finally") and step.get("needs") and step.get("run_if"):
        findings.refuse(pos, "run_if is not translated in finally")
    check_foreach(step, findings)
    entries = step.get("inputs", []) + step.get("env", [])
    for entry in entries:
        check_value(entry["value"], entry.get("pos"), findings)
    for argument in step.get("command", []):
        check_value(argument, step.get("body_pos"), findings)
    if (
        step.get("timeout", 0) * (step.get("retries", {}).get("limit", 0) + 1)
        > LONGEST * 60
    ):
        findings.refuse(
            pos,
            f"the attempts of {step['name']} may take more than {LONGEST} minutes, and a job may not",
            "lower the timeout or the retries",
            "engine-limit",
        )
    if step.get("cache"):
        findings.note(
            step["cache"].get("pos"),
            "the cache is not used: each run is on a new machine",
        )
    if step.get("resources"):
        findings.note(
            step["resources"].get("pos"),
            "a job has what its runner has; see the option runs_on",
        )


def check_foreach(step, findings):
    count = 1
    for each in step.get("foreach", []):
        elements = literal_items(each["items"])
        if not elements:
            findings.refuse(
                each.get("pos"),
                "GitHub Actions takes a list with elements that is written in the spec, and no other",
                "write the list here",
            )
            return
        if each["name"] in ("include", "exclude"):
            findings.refuse(
                each.get("pos"),
                f"{each['name']} means something else in a matrix",
                "call the variable something else",
            )
        count *= len(elements)
        texts = [json.dumps(element) for element in elements]
        if len(set(texts)) < len(texts):
            findings.refuse(
                each.get("pos"),
                "a matrix does not have the same element twice",
                "write each element once",
            )
    if count > 256:
        findings.refuse(
            step.get("foreach_pos"),
            f"a matrix has at most 256 jobs, not {count}",
            code="engine-limit",
        )
    if step.get("foreach") and (
        step.get("allow_failure") or step.get("skip_exit_code")
    ):
        findings.refuse(
            step.get("foreach_pos"),
            "GitHub Actions does not tell how the jobs of a matrix ended, one by one",
            "remove allow_failure and skip_exit_code",
        )


def literal_items(items):
    """The elements of a list that is written in the spec, [] if it is none or empty."""
    if items["op"] == "lit":
        value = constant(items["value"])
        return value if isinstance(value, list) else []
    if items["op"] == "list" and all(
        item["op"] == "lit" for item in items.get("args", [])
    ):
        return [constant(item["value"]) for item in items.get("args", [])]
    return []


def check_value(expr, pos, findings):
    op, pos = expr["op"], expr.get("pos") or pos
    if op == "run" and expr["name"] not in ("id", "status"):
        findings.refuse(
            pos,
            f"GitHub Actions does not tell run.{expr['name']}",
            "make it a parameter",
        )
    elif expr.get("fan_in"):
        findings.refuse(
            pos,
            "the jobs of a matrix hand nothing on",
            "do both in one step, or write a step for each element",
        )
    elif (
        op not in OPERATIONS
        and op != "??"
        and not (op == "call" and expr["name"] == "float")
    ):
        findings.refuse(
            pos, "this flavor does not compute expressions", "compute it in a step"
        )
    for arg in expr.get("args", []):
        check_value(arg, pos, findings)


def secret_name(secret):
    """A secret's name at GitHub: upper case, and not one of its own."""
    name = re.sub("[^A-Z0-9]", "_", f"{secret['store']}/{secret['key']}".upper())
    return "_" + name if re.match("[0-9]|GITHUB_", name) else name


def check_secrets(pipeline, findings):
    owners = {}
    for step in pipeline["steps"]:
        for secret in step.get("secrets", []):
            ref, pos = f"{secret['store']}/{secret['key']}", secret.get("pos")
            if secret.get("conn"):
                findings.refuse(
                    pos, "GitHub Actions has no connections", "name a secret: store/key"
                )
            other = owners.setdefault(secret_name(secret), ref)
            if other != ref:
                findings.refuse(
                    pos,
                    f"{ref} and {other} are one secret at GitHub, {secret_name(secret)}",
                    "give one of them another name",
                )
            if secret["name"].startswith("GITHUB_"):
                findings.refuse(
                    pos,
                    f"{secret['name']} is a variable of GitHub's own",
                    "call it something else",
                )


def cron(schedule, findings):
    """The cron expression of a schedule, "" if GitHub has none for it."""
    pos = schedule.get("pos")
    if schedule["timezone"] not in ("UTC", "Etc/UTC"):
        findings.refuse(
            pos,
            "GitHub Actions schedules in UTC",
            "remove the timezone and convert the times",
        )
    for key in ("start", "end", "catchup"):
        if schedule.get(key):
            findings.refuse(
                schedule.get(key + "_pos"),
                f"GitHub Actions has no {key} for a schedule",
                "remove it",
            )
    if schedule["overlap"] == "skip":
        findings.refuse(
            schedule.get("overlap_pos"),
            "GitHub Actions does not skip a run since another one goes on",
            "write allow or replace",
        )
    text = schedule.get("cron") or every(schedule["every"])
    text = MACROS.get(text, text)
    if not re.fullmatch(r"[0-9A-Za-z*/,-]+( [0-9A-Za-z*/,-]+){4}", text):
        findings.refuse(
            pos,
            "GitHub Actions has no cron expression for this schedule",
            "write five fields",
        )
        return ""
    minutes = times(text.split(" ")[0])
    pauses = [b - a for a, b in zip(minutes, minutes[1:] + [minutes[0] + 60])]
    if min(pauses) < 5:
        findings.refuse(
            pos,
            "GitHub Actions starts a workflow every 5 minutes at most",
            "write a longer pause",
        )
    return text


def times(field):
    """The minutes of a cron field."""
    out = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        first, last = (
            (0, 59) if low == "*" else (int(low), int(high or (59 if step else low)))
        )
        out.update(range(first, last + 1, int(step or 1)))
    return sorted(out)


def every(seconds):
    """The cron expression that fires every so many seconds, "" if there is none."""
    minutes, hours = seconds // 60, seconds // 3600
    if seconds % 60 == 0 and minutes < 60 and 60 % minutes == 0:
        return f"*/{minutes} * * * *"
    if seconds % 3600 == 0 and hours < 24 and 24 % hours == 0:
        return f"0 */{hours} * * *"
    return "0 0 * * *" if hours == 24 and seconds % 3600 == 0 else ""
