"""The workflow: a job for each step, which runs step.py."""

import json

from checks import cron, literal_items, secret_name
from expressions import Conditions, Refused, constant
from yaml_text import Block, Comment, Expression, dump

STEP_FIELDS = [
    "name",
    "kind",
    "description",
    "module",
    "function",
    "script",
    "shell",
    "command",
    "inputs",
    "outputs",
    "env",
    "secrets",
    "allow_failure",
    "skip_exit_code",
    "retries",
    "timeout",
]
ARTIFACTS = ("file", "dir", "object")
CHECK = "check-parameters"
LONGEST_EXPRESSION = 20_000


def job_id(step_name):
    return step_name.replace(".", "--")


def strip(value):
    """A copy without positions, which change with every line that is put in above."""
    if isinstance(value, list):
        return [strip(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: strip(item)
        for key, item in value.items()
        if key != "pos" and not key.endswith("_pos")
    }


def references(step):
    """The expressions of a step that its values are made of, innermost ones included."""
    todo = [entry["value"] for entry in step.get("inputs", []) + step.get("env", [])]
    todo += step.get("command", [])
    while todo:
        expr = todo.pop(0)
        yield expr
        todo = expr.get("args", []) + todo


def may_skip(step):
    return bool(step.get("allow_failure") or step.get("skip_exit_code"))


class Workflow:
    def __init__(self, asked, findings):
        self.asked, self.findings = asked, findings
        self.pipeline = asked["pipeline"]
        self.steps = {step["name"]: step for step in self.pipeline["steps"]}
        self.folder = f".github/zenc/{self.pipeline['name']}"
        self.conditions = Conditions(self.pipeline, job_id)
        self.plain, self.failures = set(), {}
        legal = {"runs_on"}
        self.options = {
            **asked["options"],
            **findings.options(self.pipeline.get("options", []), legal),
        }
        self.step_options = {
            name: findings.options(step.get("options", []), legal)
            for name, step in self.steps.items()
        }

    def text(self):
        pipeline = self.pipeline
        lines = [f"# {self.asked['header']}"]
        about = {
            str(number): Comment(text)
            for number, text in enumerate(
                [pipeline.get("description"), pipeline.get("owner")]
                + [
                    f"{label['key']}: {label['value']}"
                    for label in pipeline.get("labels", [])
                ]
            )
            if text
        }
        jobs = {}
        for step in pipeline["steps"]:
            if step.get("description"):
                jobs[step["name"] + " description"] = Comment(step["description"])
            jobs[job_id(step["name"])] = self.job(step)
        if pipeline.get("params"):
            jobs = {CHECK: self.check_job(), **jobs}
        whole = {**about, "name": pipeline["name"], "on": self.triggers()}
        schedule = pipeline.get("schedule")
        if schedule and schedule["overlap"] == "replace":
            whole["concurrency"] = {
                "group": pipeline["name"],
                "cancel-in-progress": True,
            }
        whole["permissions"] = {"contents": "read"}
        whole["jobs"] = jobs
        return "\n".join(lines + dump(whole)) + "\n"

    def triggers(self):
        inputs = {
            param["name"]: self.input(param)
            for param in self.pipeline.get("params", [])
        }
        out = {"workflow_dispatch": {"inputs": inputs} if inputs else {}}
        if self.pipeline.get("schedule"):
            out["schedule"] = [{"cron": cron(self.pipeline["schedule"], self.findings)}]
        return out

    def input(self, param):
        out = {"description": param["description"]} if "description" in param else {}
        default = param.get("default")
        text = literal_text(default) if default else None
        out["required"] = default is None
        if param["type"] == "bool":
            out["type"] = "boolean"
            if default:
                out["default"] = text == "true"
            return out
        out["type"] = "string"
        choices = [literal_text(value) for value in param.get("enum", [])]
        if choices and not any(map(is_expression, choices)):
            out["type"] = "choice"
            out["options"] = choices
        if default and not is_expression(text):
            out["default"] = text
        return out

    def machine(self, step=None):
        """Where a job runs."""
        options = self.step_options[step["name"]] if step else {}
        out = {
            "runs-on": options.get("runs_on")
            or self.options.get("runs_on")
            or "ubuntu-latest"
        }
        if step and step.get("image"):
            out["container"] = step["image"]
        return out

    def beginning(self, step=None):
        """The first steps of a job."""
        out = [{"uses": "actions/checkout@v4"}]
        has_packages = step and self.pipeline.get("requirements")
        version = self.options.get("python", "3.12" if has_packages else None)
        if version and not (step and step.get("image")):
            out.append(
                {"uses": "actions/setup-python@v5", "with": {"python-version": version}}
            )
        if has_packages:
            install = "python3 -m pip install --quiet --requirement"
            out.append({"run": f"{install} {self.folder}/requirements.txt"})
        return out

    def check_job(self):
        params = self.pipeline["params"]
        compared = sorted(
            name for step, name in self.conditions.compared if step is None
        )
        env = {"PARAMS": Expression("${{ toJSON(inputs) }}")}
        if compared:
            env["COMPARED"] = " ".join(compared)
        run = {
            "id": "step",
            "run": f"python3 {self.folder}/step.py params {self.folder}/params.json zenc-run",
            "env": env,
        }
        return {
            **self.machine(),
            "outputs": {param["name"]: handed_on(param["name"]) for param in params},
            "steps": [*self.beginning(), run],
        }

    def job(self, step):
        condition, needs = self.condition(step)
        job = {}
        if needs:
            job["needs"] = needs
        if condition:
            job["if"] = Expression("${{ " + condition + " }}")
        job.update(self.machine(step))
        if step.get("timeout"):
            retries = step.get("retries", {})
            seconds = step["timeout"] * (retries.get("limit", 0) + 1)
            job["timeout-minutes"] = min(360, -(-seconds // 60) + 10)
        if step.get("foreach"):
            job["strategy"] = self.matrix(step)
        outputs = {
            output["name"]: handed_on(output["name"])
            for output in step.get("outputs", [])
            if output["type"] not in ARTIFACTS and not step.get("foreach")
        }
        if may_skip(step):
            outputs["zenc-skipped"] = handed_on("zenc-skipped")
        if outputs:
            job["outputs"] = outputs
        job["steps"] = [
            *self.beginning(step),
            *self.downloads(step),
            self.run(step),
            *self.uploads(step),
        ]
        return job

    def matrix(self, step):
        out = {"fail-fast": False}
        if step.get("max_parallel"):
            out["max-parallel"] = step["max_parallel"]
        out["matrix"] = {
            each["name"]: [hidden_json(item) for item in literal_items(each["items"])]
            for each in step["foreach"]
        }
        return out

    def run(self, step):
        env = {}
        values = self.values(step)
        if values:
            lines = [
                f"  {json.dumps(key)}: {text}" for key, text in sorted(values.items())
            ]
            env["VALUES"] = Block(
                ["{", *(line + "," for line in lines[:-1]), lines[-1], "}"]
            )
        for secret in step.get("secrets", []):
            env[secret["name"]] = Expression(
                "${{ secrets." + secret_name(secret) + " }}"
            )
        file = f"{self.folder}/steps/{step['name']}.json"
        out = {
            "id": "step",
            "run": f"python3 {self.folder}/step.py run {file} zenc-run",
        }
        if env:
            out["env"] = env
        return out

    def values(self, step):
        """What a step reads, by the names that step.py knows; each is JSON."""
        out = {}
        for expr in references(step):
            op, name = expr["op"], expr.get("name")
            if op == "param":
                out[f"params.{name}"] = "${{ needs." + f"{CHECK}.outputs.{name}" + " }}"
            elif op == "each":
                out[f"each.{name}"] = "${{ matrix." + name + " }}"
            elif op == "output" and expr["type"] not in ARTIFACTS:
                output = f"needs.{job_id(expr['step'])}.outputs.{name}"
                out[f"steps.{expr['step']}.{name}"] = "${{ " + output + " || 'null' }}"
            elif op == "run" and name == "id":
                out["run.id"] = '"${{ github.run_id }}-${{ github.run_attempt }}"'
            elif op == "run" and name == "status":
                failed = "contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')"
                out["run.status"] = (
                    '"${{ (' + failed + ") && 'failed' || 'succeeded' }}\""
                )
        return out

    def downloads(self, step):
        """Fetches the files of other steps."""
        out = []
        names = {
            expr["step"]: expr
            for expr in references(step)
            if expr["op"] == "output" and expr["type"] in ARTIFACTS
        }
        for name, expr in names.items():
            only = {}
            if expr.get("nullable") or may_skip(self.steps[name]):
                only = {"if": Expression("${{ " + self.succeeded(name) + " }}")}
            fetch = {
                "uses": "actions/download-artifact@v4",
                "with": {"name": name, "path": "zenc-run"},
            }
            out += [
                {**only, **fetch},
                {**only, "run": f"tar -C zenc-run -xf zenc-run/{name}.tar"},
            ]
        return out

    def uploads(self, step):
        """Keeps the files of the step. An archive has their modes and empty folders, which an artifact alone has not."""
        name = step["name"]
        if not any(output["type"] in ARTIFACTS for output in step.get("outputs", [])):
            return []
        only = {}
        if may_skip(step):
            only = {
                "if": Expression("${{ steps.step.outputs.zenc-skipped != 'true' }}")
            }
        called = (
            Expression(name + "-${{ strategy.job-index }}")
            if step.get("foreach")
            else name
        )
        keep = {
            "uses": "actions/upload-artifact@v4",
            "with": {"name": called, "path": f"zenc-run/{name}.tar", "overwrite": True},
        }
        return [
            {**only, "run": f"tar -C zenc-run -cf zenc-run/{name}.tar {name}/files"},
            {**only, **keep},
        ]

    # Conditions. A job whose condition is not that of GitHub's default, which asks for all jobs before it, has one that says so.

    def is_plain(self, step):
        """Whether GitHub's default does what the spec says of the step; its needs have been asked before."""
        if step.get("finally") or step.get("run_if") or step.get("when"):
            return False
        needs = step.get("needs", [])
        return all(
            need in self.plain and not may_skip(self.steps[need]) for need in needs
        )

    def condition(self, step):
        """The expression of a job, "" for GitHub's default, and the jobs that it needs."""
        needs = list(step.get("needs", []))
        check = [CHECK] if self.pipeline.get("params") else []
        if self.is_plain(step):
            self.plain.add(step["name"])
            return "", check + list(map(job_id, needs))
        parts, run_if = [], step.get("run_if", "succeeded")
        if step.get("finally"):
            parts.append("always()")
            needs = [
                name for name, other in self.steps.items() if not other.get("finally")
            ] + needs
        else:
            parts.append("!cancelled()")
        if check and (run_if != "succeeded" or step.get("finally") or not needs):
            parts.append(f"needs.{CHECK}.result == 'success'")
        asked = set()
        try:
            parts += self.needs_condition(step, asked)
            if step.get("when"):
                parts.append(self.conditions.translate(step["when"]))
        except Refused as refused:
            self.findings.refuse(
                refused.pos or step.get("pos"), str(refused), refused.way_out
            )
        order = [name for name in self.steps if name in needs or name in asked]
        return " && ".join(parts), check + list(map(job_id, order))

    def needs_condition(self, step, asked):
        """What run_if says of the needs; asked are the jobs that it names."""
        needs, run_if = step.get("needs", []), step.get("run_if", "succeeded")
        if run_if == "succeeded":
            return list(map(self.succeeded, needs))
        if run_if == "done":
            return []
        failed = []
        for need in needs:
            text, names = self.failed(need)
            failed.append(text)
            asked.update(names)
        if run_if == "not_failed":
            return [f"!({text})" for text in failed]
        return ["(" + " || ".join(failed) + ")"]

    def succeeded(self, name):
        text = f"needs.{job_id(name)}.result == 'success'"
        if may_skip(self.steps[name]):
            text += f" && needs.{job_id(name)}.outputs.zenc-skipped != 'true'"
        return text

    def failed(self, name):
        """Whether a step failed, or did not run since one that it needs failed; and the jobs that the text names."""
        if name in self.failures:
            return self.failures[name]
        step, result = self.steps[name], f"needs.{job_id(name)}.result"
        text, names = f"{result} == 'failure' || {result} == 'cancelled'", {name}
        if step.get("run_if", "succeeded") in ("succeeded", "not_failed") and step.get(
            "needs"
        ):
            before = [self.failed(need) for need in step["needs"]]
            text += f" || ({result} == 'skipped' && ({' || '.join(one for one, _ in before)}))"
            names = names.union(*(others for _, others in before))
        if len(text) > LONGEST_EXPRESSION:
            raise Refused(
                step.get("pos"),
                f"what run_if asks of {name} is longer than GitHub Actions reads",
                "ask fewer steps",
            )
        self.failures[name] = text, names
        return text, names

    def step_file(self, step):
        out = {key: strip(step[key]) for key in STEP_FIELDS if key in step}
        compared = sorted(
            name for owner, name in self.conditions.compared if owner == step["name"]
        )
        if compared:
            out["compared"] = compared
        return json.dumps(out, indent=2, sort_keys=True) + "\n"


def handed_on(name):
    return Expression("${{ steps.step.outputs." + name + " }}")


def literal_text(value):
    """A parameter's value as one types it."""
    if value["kind"] in ("list", "map", "null"):
        return json.dumps(constant(value), ensure_ascii=False)
    return value.get("text", "")


def is_expression(text):
    """Whether GitHub may take a text for one. Such a default is not in the workflow, and an empty input stands for it."""
    return "${{" in text


def described_params(params):
    """The parameters for step.py."""
    out = strip(params)
    for param in out:
        if "default" in param and is_expression(literal_text(param["default"])):
            param["empty_is_default"] = True
    return out


def hidden_json(value):
    """JSON in which GitHub finds no expression."""
    return json.dumps(value).replace("$", "\\u0024")
