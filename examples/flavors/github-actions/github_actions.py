#!/usr/bin/env python3
"""A custom flavor of zenc: a workflow of GitHub Actions. See README.md. It needs Python 3.9 and nothing else."""

import json
import pathlib
import sys

sys.dont_write_bytecode = True

from checks import Findings, check
from workflow import Workflow, described_params

RUNNER = pathlib.Path(__file__).resolve().parent.parent / "runner" / "step.py"


def main():
    asked = json.load(sys.stdin)
    answer = {"version": 1}
    if asked["version"] == 1 and asked["request"] == "describe":
        answer.update(name="github-actions", flavor_version="1.0")
    elif asked["version"] == 1:
        answer.update(emit(asked))
    json.dump(answer, sys.stdout)


def emit(asked):
    pipeline, findings = asked["pipeline"], Findings(asked["flavor"])
    check(pipeline, asked["options"], findings)
    if findings.has_errors:
        return {"diagnostics": findings.all}
    workflow = Workflow(asked, findings)
    text = workflow.text()
    return {
        "files": files(asked, workflow, text),
        "diagnostics": findings.all,
        "next": f"copy {{dir}}/.github into the repository and push it; then: gh workflow run {pipeline['name']}.yml",
    }


def files(asked, workflow, text):
    pipeline, folder = asked["pipeline"], workflow.folder
    out = [
        {"path": f".github/workflows/{pipeline['name']}.yml", "content": text},
        {
            "path": f"{folder}/generated",
            "content": f"# {asked['header']}\n",
            "marker": True,
        },
        {"path": f"{folder}/step.py", "content": RUNNER.read_text("utf-8")},
    ]
    if pipeline.get("params"):
        described = json.dumps(
            described_params(pipeline["params"]), indent=2, sort_keys=True
        )
        out.append({"path": f"{folder}/params.json", "content": described + "\n"})
    if pipeline.get("requirements"):
        out.append(
            {
                "path": f"{folder}/requirements.txt",
                "content": "\n".join(pipeline["requirements"]) + "\n",
            }
        )
    for step in pipeline["steps"]:
        out.append(
            {
                "path": f"{folder}/steps/{step['name']}.json",
                "content": workflow.step_file(step),
            }
        )
    for code in pipeline.get("code", []):
        file = {"path": f"{folder}/code/{code['path']}"}
        file.update(
            {"base64": code["binary"]}
            if "binary" in code
            else {"content": code.get("text", "")}
        )
        out.append({**file, "mode": "0755"} if code.get("executable") else file)
    return out


if __name__ == "__main__":
    main()
