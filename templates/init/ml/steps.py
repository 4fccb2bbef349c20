"""The functions that the steps of pipeline.yaml call.

Every parameter is an input of its step, or a file output: then it is the path to write
to. What a function returns is the value of its step's other outputs.
"""

import csv
import json
import random
import shutil
from pathlib import Path


def prepare(points: int, seed: int, train: Path, test: Path) -> None:
    rng = random.Random(seed)
    rows = []
    for _ in range(points):
        x = rng.uniform(-5, 5)
        rows.append((x, 2 * x + 1 + rng.gauss(0, 1)))
    kept = points // 4
    write(train, rows[kept:])
    write(test, rows[:kept])


def fit(train: Path, test: Path, penalty: float, model: Path) -> float:
    """Write the line that fits best, its slope being penalized; return its loss."""
    rows = read(train)
    mean_x = sum(x for x, _ in rows) / len(rows)
    mean_y = sum(y for _, y in rows) / len(rows)
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in rows)
    slope = covariance / (sum((x - mean_x) ** 2 for x, _ in rows) + penalty)
    line = {"slope": slope, "intercept": mean_y - slope * mean_x}
    model.write_text(json.dumps(line) + "\n", encoding="utf-8")
    return loss(line, read(test))


def pick(models: list[Path], losses: list[float], best: Path) -> float:
    """Copy the model with the least loss; return that."""
    least = min(losses)
    shutil.copyfile(models[losses.index(least)], best)
    return least


def loss(line: dict[str, float], rows: list[tuple[float, float]]) -> float:
    """Return the mean of the squared distances."""
    errors = [(line["slope"] * x + line["intercept"] - y) ** 2 for x, y in rows]
    return sum(errors) / len(errors)


def write(path: Path, rows: list[tuple[float, float]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def read(path: Path) -> list[tuple[float, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [(float(x), float(y)) for x, y in csv.reader(file)]
