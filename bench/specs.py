"""The pipelines as zenc reads them: text of a spec for each shape and size."""


def spec(shape, count):
    """Return the spec of a pipeline with count steps."""
    return f"name: {shape}\nsteps:\n" + SHAPES[shape](count)


def chain(count):
    """Python steps, each of which is given the number of the one before."""
    lines = []
    number = "0"
    for place in range(count):
        lines.append(
            f"  step_{place}: {{python: 'work:add_one', outputs: {{sum: int}}, with: {{number: {number}, place: {place}}}}}\n"
        )
        number = f'"${{{{ steps.step_{place}.sum }}}}"'
    return "".join(lines)


def wide(count):
    """Python steps that need nothing."""
    return "".join(f"  step_{i}: {{python: 'work:nothing'}}\n" for i in range(count))


def shell(count):
    """Shell steps that need nothing."""
    return "".join(f'  step_{i}: {{run: "true"}}\n' for i in range(count))


def fanout(count):
    """One step makes a list, an instance of the next is run for each element, and one takes all."""
    return f"""\
  numbers:
    python: work:numbers
    with: {{count: {count}}}
    outputs: {{numbers: "list[int]"}}
  square:
    python: work:square
    foreach: {{number: "${{{{ steps.numbers.numbers }}}}"}}
    with: {{number: "${{{{ each.number }}}}"}}
    outputs: {{square: int}}
  total:
    python: work:total
    with: {{squares: "${{{{ steps.square.square }}}}", count: {count}}}
    outputs: {{total: int}}
"""


SHAPES = {"chain": chain, "wide": wide, "shell": shell, "fanout": fanout}
