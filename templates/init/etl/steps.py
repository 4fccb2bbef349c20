"""The functions that the steps of pipeline.yaml call.

Every parameter is an input of its step, or a file output: then it is the path to write
to. What a function returns is the value of its step's other outputs.
"""

import csv
import shutil
from pathlib import Path


def extract(source: str, raw: Path) -> int:
    """Copy the source; return how many orders it has."""
    shutil.copyfile(source, raw)
    return len(read(raw))


def clean(raw: Path, orders: Path) -> int:
    """Write the orders that are complete; return how many are not."""
    rows = read(raw)
    complete = [row for row in rows if row["region"] and is_number(row["amount"])]
    with orders.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["order", "region", "amount"])
        writer.writeheader()
        writer.writerows(complete)
    return len(rows) - len(complete)


def add_up(orders: Path) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in read(orders):
        total = totals.get(row["region"], 0.0) + float(row["amount"])
        totals[row["region"]] = round(total, 2)
    return totals


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
