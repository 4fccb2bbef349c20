"""Metaflow's run: a process for each task, and its results in the local datastore.

python metaflow_peer.py chain|wide|fanout COUNT

Metaflow reads the graph out of the source of the flow's class, so the flow is written to
a file, as one would write it by hand, and that is run.
"""

import os
import pathlib
import sys

HEAD = """\
import work
from metaflow import FlowSpec, step


class Bench(FlowSpec):
"""
TAIL = """

if __name__ == "__main__":
    Bench()
"""


def method(name, lines, arguments="self"):
    """Return the source of a step."""
    return "\n".join(
        [
            "    @step",
            f"    def {name}({arguments}):",
            *(f"        {line}" for line in lines),
            "",
            "",
        ]
    )


def chain(count):
    """Steps, each of which is given the number of the one before; the first of them is start."""
    names = ["start", *(f"step_{place}" for place in range(1, count)), "end"]
    source = ""
    for place in range(count):
        before = "self.number" if place else "0"
        lines = [
            f"self.number = work.add_one({before}, {place})",
            f"self.next(self.{names[place + 1]})",
        ]
        source += method(names[place], lines)
    return source + method("end", ["pass"])


def wide(count):
    """Branches that need nothing."""
    names = [f"step_{place}" for place in range(count)]
    source = method(
        "start", [f"self.next({', '.join(f'self.{name}' for name in names)})"]
    )
    for name in names:
        source += method(name, ["work.nothing()", "self.next(self.join)"])
    return (
        source
        + method("join", ["self.next(self.end)"], "self, inputs")
        + method("end", ["pass"])
    )


def fanout(count):
    """A task for each element of a list, and one that takes all."""
    return (
        method(
            "start",
            [
                f"self.numbers = work.numbers({count})",
                "self.next(self.square, foreach='numbers')",
            ],
        )
        + method(
            "square",
            ["self.square_ = work.square(self.input)", "self.next(self.total)"],
        )
        + method(
            "total",
            [
                f"work.total([i.square_ for i in inputs], {count})",
                "self.next(self.end)",
            ],
            "self, inputs",
        )
        + method("end", ["pass"])
    )


if __name__ == "__main__":
    shape, count = sys.argv[1], int(sys.argv[2])
    body = {"chain": chain, "wide": wide, "fanout": fanout}[shape](count)
    path = pathlib.Path("flow.py")
    path.write_text(HEAD + body.rstrip() + "\n" + TAIL)
    limits = ["--max-workers", "4", "--max-num-splits", str(count)]
    os.execv(sys.executable, [sys.executable, str(path), "run", *limits])
