"""The parts of the report, as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def headline(model: str, accuracy: float, tested: int) -> str:
    """Return the result in one line."""
    share = _percent(accuracy)
    return f'The model "{model}" recognizes {share} of {tested} unseen penguins'


def data(counts: str, sizes: Mapping[str, int]) -> str:
    """Return what the models were trained and tested on."""
    parts = ", ".join(f"{p} {sizes[p]}" for p in ("train", "validation", "test"))
    return f"{counts}. Penguins per part: {parts}."


def verdict(accuracy: float, reached: bool) -> str:
    """Return the accuracy and whether it is what was asked for."""
    return f"{_percent(accuracy)} are right: {'on' if reached else 'below'} target."


def ranking(models: Sequence[Mapping[str, Any]], tied: bool) -> str:
    """Return the models in the order given, with their accuracies."""
    rows = [(m["model"], _percent(m["accuracy"])) for m in models]
    text = _table(("model", "accuracy"), rows)
    return text + "\n\nThe first place is shared." if tied else text


def confusion(counts: Mapping[str, Mapping[str, int]]) -> str:
    """Return a confusion matrix: a row per species, a column per answer."""
    rows = [(actual, *answers.values()) for actual, answers in counts.items()]
    return _table(("species \\ answer", *counts), rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Lay out a table whose columns line up, all but the first to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(line, widths) for line in (cells[0], rule, *cells[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))
    return "| " + " | ".join([first, *rest]) + " |"
