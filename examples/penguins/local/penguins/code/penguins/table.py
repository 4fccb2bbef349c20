"""Reading and writing the tables that the steps hand on."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

MEASUREMENTS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
COLUMNS = ("species", *MEASUREMENTS)
MISSING = "NA"

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a CSV file; every cell stays the text it is there."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write the species and the measurements of the rows, and no other column."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(
            file, COLUMNS, extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def is_complete(row: Row) -> bool:
    """Tell whether all measurements are there; other columns do not count."""
    return all(row[column] != MISSING for column in MEASUREMENTS)


def points(rows: Iterable[Row], features: Sequence[str]) -> list[list[float]]:
    """Return one point per row with the features as its coordinates."""
    return [[float(row[feature]) for feature in features] for row in rows]


def labels(rows: Iterable[Row]) -> list[str]:
    """Return the species of each row."""
    return [row["species"] for row in rows]
