#!/usr/bin/env python3
"""Emits the names of the steps, and refuses a step that is called refused."""

import json
import sys

asked = json.load(sys.stdin)
answer = {"version": 1}
if asked["version"] != 1:
    pass
elif asked["request"] == "describe":
    answer.update(name="step-names", flavor_version="1.2")
else:
    pipeline = asked["pipeline"]
    names = "".join(f"{step['name']}\n" for step in pipeline["steps"])
    answer["files"] = [
        {"path": f"{pipeline['name']}.txt", "content": f"# {asked['header']}\n{names}"},
        {
            "path": f"{pipeline['name']}/run.sh",
            "content": f"#!/bin/sh\n# {asked['header']}\n",
            "mode": "0755",
            "marker": True,
        },
        {"path": f"{pipeline['name']}/data", "base64": "AP8="},
    ]
    answer["next"] = f"cat {{dir}}/{pipeline['name']}.txt"
    answer["diagnostics"] = [
        {
            "severity": "error",
            "code": "engine-limit",
            "message": "no",
            "help": "yes",
            "pos": step["pos"],
        }
        for step in pipeline["steps"]
        if step["name"] == "refused"
    ]
    print("asked for", pipeline["name"], asked["options"], file=sys.stderr)
json.dump(answer, sys.stdout)
