"""What the measurements were made on, and what make bench-compile says."""

import os
import platform
import re
import subprocess

from contestants import ROOT, Peer


def cpu():
    """Return the name of the processor."""
    with open("/proc/cpuinfo") as f:
        models = re.findall(r"model name\s*: (.*)", f.read())
    return models[0] if models else platform.machine()


def memory():
    """Return the memory in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def output(*argv):
    """Return what a program prints."""
    return subprocess.run(
        argv, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def describe(contestants):
    """Return a list in Markdown of the machine and of all versions."""
    go = re.sub(r"go version go(\S+) .*", r"\1", output("go", "version"))
    tools = ", ".join(
        f"{c.package} {c.version}" for c in contestants if isinstance(c, Peer)
    )
    lines = [
        f"- Processor: {os.cpu_count()} × {cpu()}; {memory():.0f} GiB of memory",
        f"- {platform.system()} {platform.release()}; Python {platform.python_version()}; Go {go}",
    ]
    if tools:
        lines.append(f"- {tools}")
    return "\n".join(lines)


def compile_benchmark():
    """Run make bench-compile and return milliseconds by name: yaml.v3 and each flavor."""
    text = output("make", "--no-print-directory", "bench-compile")
    found = re.findall(
        r"^BenchmarkLarge/(\S+?)(?:-\d+)?\s+\d+\s+(\d+) ns/op", text, re.MULTILINE
    )
    return {name: int(ns) / 1e6 for name, ns in found}
