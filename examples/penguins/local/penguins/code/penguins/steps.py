"""The functions that the steps of pipeline.yaml call.

Every parameter is an input of its step, or a file output: then it is the path to write
to. What a function returns is the value of its step's other outputs.
"""

import random
from pathlib import Path
from typing import Any

from penguins import knn, models, softmax, summary, table


def clean(source: str, measured: Path) -> dict[str, Any]:
    """Write the penguins with all measurements; count them and the others."""
    rows = table.read(Path(source))
    complete = [row for row in rows if table.is_complete(row)]
    table.write(measured, complete)
    return {
        "species": sorted(set(table.labels(complete))),
        "rows": len(complete),
        "dropped": len(rows) - len(complete),
    }


def split(
    measured: Path,
    test_share: float,
    validation_share: float,
    seed: int,
    train: Path,
    validation: Path,
    test: Path,
) -> dict[str, int]:
    """Deal each species to the three parts by its shares; return the parts' sizes."""
    rng = random.Random(seed)
    by_species: dict[str, list[table.Row]] = {}
    for row in table.read(measured):
        by_species.setdefault(row["species"], []).append(row)
    parts: dict[str, list[table.Row]] = {"train": [], "validation": [], "test": []}
    for rows in by_species.values():
        rng.shuffle(rows)
        tested = round(len(rows) * test_share)
        held_out = tested + round(len(rows) * validation_share)
        parts["test"] += rows[:tested]
        parts["validation"] += rows[tested:held_out]
        parts["train"] += rows[held_out:]
    table.write(train, parts["train"])
    table.write(validation, parts["validation"])
    table.write(test, parts["test"])
    return {name: len(rows) for name, rows in parts.items()}


def train_knn(
    train: Path, validation: Path, features: list[str], k: int, model: Path
) -> float:
    """Write a nearest-neighbour model; return its accuracy on the validation part."""
    rows = table.read(train)
    fitted = knn.fit(table.points(rows, features), table.labels(rows), k)
    models.save(model, fitted, features)
    return _accuracy(model, table.read(validation))


def train_softmax(
    train: Path, validation: Path, features: list[str], model: Path
) -> float:
    """Write a softmax regression; return its accuracy on the validation part."""
    rows = table.read(train)
    fitted = softmax.fit(table.points(rows, features), table.labels(rows))
    models.save(model, fitted, features)
    return _accuracy(model, table.read(validation))


def pick(bills: float, body: float, full: float) -> dict[str, Any]:
    """Rank the models by accuracy; among equals, the one with more features wins."""
    accuracies = {"full": full, "bills": bills, "body": body}
    ranking = sorted(accuracies, key=accuracies.__getitem__, reverse=True)
    return {
        "best": ranking[0],
        "ranking": [{"model": m, "accuracy": accuracies[m]} for m in ranking],
        "tied": accuracies[ranking[0]] == accuracies[ranking[1]],
    }


def evaluate(
    best: str, bills: Path, body: Path, full: Path, test: Path, species: list[str]
) -> dict[str, Any]:
    """Classify the test part with the best model."""
    model = models.load({"bills": bills, "body": body, "full": full}[best])
    rows = table.read(test)
    predicted, actual = models.classify(model, rows), table.labels(rows)
    return {
        "accuracy": models.accuracy(predicted, actual),
        "confusion": models.confusion_matrix(predicted, actual, species),
    }


def report(
    data: str,
    sizes: dict[str, int],
    ranking: list[dict[str, Any]],
    tied: bool,
    accuracy: float,
    confusion: dict[str, dict[str, int]],
    reached: bool,
    report: Path,
) -> str:
    """Write the report in Markdown; return its headline."""
    sections = [
        "# Palmer penguins",
        summary.data(data, sizes),
        "## Models on the validation part",
        summary.ranking(ranking, tied),
        "## The best model on the test part",
        summary.verdict(accuracy, reached),
        summary.confusion(confusion),
    ]
    report.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    return summary.headline(ranking[0]["model"], accuracy, sizes["test"])


def _accuracy(model: Path, rows: list[table.Row]) -> float:
    predicted = models.classify(models.load(model), rows)
    return models.accuracy(predicted, table.labels(rows))
