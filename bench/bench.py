"""zenc run beside its peers, on the same pipelines in one run; make bench calls it.

python bench/bench.py [--write docs/benchmarks.md]
"""

import argparse
import pathlib
import sys
import tempfile

import contestants
import machine
import measure
import report
import roster


def arguments(argv):
    """Read the command line."""
    p = argparse.ArgumentParser(
        description="zenc run beside its peers, on the same pipelines in one run"
    )
    p.add_argument(
        "--write",
        type=pathlib.Path,
        help="file whose part between the markers the table replaces",
    )
    p.add_argument("--only", default="", help="contestants whose names contain this")
    p.add_argument("--largest", type=int, help="steps of a pipeline at most")
    p.add_argument("--repetitions", type=int, default=3, help="of each measurement")
    p.add_argument(
        "--enough",
        type=float,
        default=40,
        help="seconds after which a measurement is not repeated",
    )
    p.add_argument(
        "--minutes", type=float, default=9, help="after which nothing is repeated"
    )
    p.add_argument(
        "--at-most", type=float, default=120, help="seconds after which a run is ended"
    )
    p.add_argument(
        "--no-compile", action="store_true", help="leave out make bench-compile"
    )
    return p.parse_args(argv)


def say(text):
    """Tell how it goes on; the tables go to stdout."""
    print(text, file=sys.stderr, flush=True)


def shrink(contestant, largest):
    """Let a contestant have no more steps than that."""
    contestant.sizes = {
        shape: sorted({min(count, largest) for count in counts})
        for shape, counts in contestant.sizes.items()
    }


def prepare(found, folder):
    """Build what is measured; return the contestants that could be, and why others could not."""
    ready, left_out = [], {}
    for number, contestant in enumerate(found):
        own = folder / str(number)
        own.mkdir()
        if isinstance(contestant, contestants.Peer) and not contestant.is_installed:
            left_out[contestant.name] = "it could not be installed"
            continue
        say(f"preparing {contestant.name}")
        try:
            contestant.prepare(own)
        except RuntimeError as e:
            if not isinstance(contestant, contestants.Peer):
                raise
            left_out[contestant.name] = f"it does not run: {str(e).splitlines()[-1]}"
            continue
        ready.append((contestant, own))
    return ready, left_out


def plan(ready, at_most):
    """Return the measurements: shape by shape, so that who is compared runs at about the same time."""
    out = []
    for shape in roster.ALL:
        for contestant, folder in ready:
            for count in contestant.sizes.get(shape, ()):
                out.append(measurement(contestant, folder, shape, count, at_most))
    return out


def measurement(contestant, folder, shape, count, at_most):
    """Return what is to be measured."""
    return measure.Measurement(
        contestant.name,
        shape,
        count,
        at_most,
        lambda: contestant.start(folder, shape, count),
    )


def run(args, found):
    """Measure all contestants and return the tables as Markdown."""
    for contestant in found:
        if args.largest:
            shrink(contestant, args.largest)
    with tempfile.TemporaryDirectory(prefix="zenc-bench-") as folder:
        ready, left_out = prepare(found, pathlib.Path(folder))
        measurements = plan(ready, args.at_most)
        measure.measure(measurements, args.repetitions, args.enough, args.minutes, say)
    compiled = {} if args.no_compile else machine.compile_benchmark()
    return report.report([c for c, _ in ready], left_out, measurements, compiled)


def main(argv):
    """Do what the command line says."""
    args = arguments(argv)
    command = " ".join(["python3 bench/bench.py", *argv])
    found = [
        c for c in roster.ours() + roster.peers() if args.only.lower() in c.name.lower()
    ]
    text = f"Made by `{command}` on:\n\n{run(args, found)}"
    print(text)
    if args.write:
        args.write.write_text(report.between_markers(args.write.read_text(), text))


if __name__ == "__main__":
    main(sys.argv[1:])
