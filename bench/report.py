"""Makes tables in Markdown of what was measured."""

import machine
import roster

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
HEADINGS = {
    "shell": "Shell steps",
    "chain": "Python steps in a chain",
    "wide": "Python steps side by side",
    "fanout": "A fan-out of python steps",
}
BARE = {
    "shell": roster.BARE_SHELL,
    "chain": roster.BARE_FORK,
    "wide": roster.BARE_FORK,
    "fanout": roster.BARE_FORK,
}


class Results:
    """The measurements, and what is derived from them."""

    def __init__(self, contestants, measurements):
        self.contestants = {c.name: c for c in contestants}
        self.found = {(m.contestant, m.shape, m.count): m for m in measurements}

    def of(self, shape):
        """Return the measurements of a shape, without those that only say what a start takes."""
        return [m for m in self.found.values() if m.shape == shape and m.count > 1]

    def one(self, m):
        """Return the measurement of a single step that m is held against."""
        return self.found[m.contestant, "shell" if m.shape == "shell" else "chain", 1]

    def per_step(self, m, what="wall"):
        """Return the milliseconds that each further step takes; None if one of the runs has failed."""
        one = self.one(m)
        if m.failure or one.failure:
            return None
        steps = self.contestants[m.contestant].steps
        further = steps(m.shape, m.count) - steps(one.shape, one.count)
        return 1000 * (getattr(m, what) - getattr(one, what)) / further

    def ratio(self, shape, name, other, count=None):
        """Return how many times the time of a step of another a step of name takes.

        Both are of the same count, or of the counts next to each other.
        """
        mine = [
            m
            for m in self.of(shape)
            if m.contestant == name and count in (None, m.count)
        ]
        theirs = [
            m
            for m in self.of(shape)
            if m.contestant == other and count in (None, m.count)
        ]
        pairs = [(abs(a.count - b.count), -a.count, a, b) for a in mine for b in theirs]
        if not pairs:
            return None
        *_, a, b = min(pairs, key=lambda pair: pair[:2])
        first, second = self.per_step(a), self.per_step(b)
        return first / second if first and second and first > 0 and second > 0 else None


def report(contestants, left_out, measurements, compiled):
    """Return all tables."""
    results = Results(contestants, measurements)
    parts = [
        machine.describe(contestants),
        "## Targets",
        targets(results),
        "## Start",
        starts(results),
    ]
    for shape, heading in HEADINGS.items():
        parts += [f"## {heading}", shape_table(results, shape)]
    if compiled:
        parts += ["## Compiling 10,000 steps", compile_table(compiled)]
    if left_out:
        parts += [
            "## Left out",
            "\n".join(f"- {name}: {why}" for name, why in left_out.items()),
        ]
    return "\n\n".join(parts) + "\n"


def table(head, rows):
    """Return a table; all columns but the first are numbers as a rule."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value, unit="", digits=1):
    """Return a number for a cell; a dash where there is none, or where noise has eaten it."""
    return "–" if value is None or value <= 0 else f"{value:,.{digits}f}{unit}"


def starts(results):
    """Return the table of what a run of a single python step takes."""
    rows = []
    for name, c in results.contestants.items():
        m = results.found.get((name, "chain", 1))
        if not m:
            continue
        if m.failure:
            rows.append([name, c.about, m.failure, "–", "–"])
        else:
            rows.append(
                [
                    name,
                    c.about,
                    *(number(1000 * x, " ms", 0) for x in (m.began, m.wall, m.cpu)),
                ]
            )
    return table(
        [
            "",
            "isolation and record",
            "until the first step begins",
            "whole run of one step",
            "processor time",
        ],
        rows,
    )


def shape_table(results, shape):
    """Return the table of a shape: a row for each contestant and size."""
    rows = []
    for m in results.of(shape):
        if m.failure:
            rows.append([m.contestant, f"{m.count:,}", m.failure, "–", "–", "–", "–"])
            continue
        rows.append(
            [
                m.contestant,
                f"{m.count:,}",
                number(m.wall, " s", 2),
                number(m.median, " s", 2),
                number(results.per_step(m), " ms", 2),
                number(results.per_step(m, "cpu"), " ms", 2),
                number(results.ratio(shape, m.contestant, BARE[shape], m.count), "×"),
            ]
        )
    head = [
        "",
        "steps",
        "shortest run",
        "median run",
        "each further step",
        "its processor time",
        f"times the {BARE[shape]}",
    ]
    return table(head, rows)


def compile_table(compiled):
    """Return the table of make bench-compile."""
    return table(
        ["", "time"], [[name, number(ms, " ms", 0)] for name, ms in compiled.items()]
    )


def targets(results):
    """Return the table of what zenc run is held to."""
    rows = [*shell_targets(results), *python_targets(results), *peer_targets(results)]
    return table(["`zenc run`", "at most", "measured", ""], rows)


def shell_targets(results):
    """Hold the shell steps to the bare loop."""
    for count in roster.ALL["shell"][1:]:
        ratio = results.ratio("shell", roster.ZENC, roster.BARE_SHELL, count)
        what = f"a shell step beside the {roster.BARE_SHELL}, {count:,} steps"
        yield target(what, ratio, 1.5, "×")


def python_targets(results):
    """Hold the python steps to milliseconds and to the bare loop."""
    for count in roster.ALL["wide"]:
        m = results.found.get((roster.ZENC, "wide", count))
        what = f"a python step, {count:,} side by side"
        yield target(what, m and results.per_step(m), 5, " ms")
        for bare in (roster.BARE_FORK, roster.BARE_SERVER):
            ratio = results.ratio("wide", roster.ZENC, bare, count)
            yield target(f"the same beside the {bare}", ratio, 1.5, "×")


def peer_targets(results):
    """Hold the python steps to those of the peers that were measured."""
    for peer in roster.peers():
        for shape in ("chain", "wide", "fanout"):
            if peer.name in results.contestants:
                ratio = results.ratio(shape, roster.ZENC, peer.name)
                bare = results.ratio(shape, roster.BARE_SERVER, peer.name)
                what = f"{HEADINGS[shape].lower()}, beside {peer.name}"
                yield target(what, ratio, 0.1, "×", digits=3, bare=bare)


def target(what, value, limit, unit, digits=2, bare=None):
    """Return the row of a target; what the bare fork server takes explains why it is missed."""
    if value is None or value <= 0:
        verdict = "not measured"
    elif value <= limit:
        verdict = "met"
    else:
        verdict = "**missed**"
        if bare and bare > limit:
            verdict += f"; {roster.BARE_SERVER}: {number(bare, unit, digits)}"
    return [what, f"{limit}{unit}", number(value, unit, digits), verdict]


def between_markers(page, text):
    """Return the page with the text between its markers."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{text}\n{END}{tail}"
