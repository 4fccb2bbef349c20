"""What the models have in common: their JSON files, predictions and scores."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penguins import knn, softmax, table

PREDICT = {knn.METHOD: knn.predict, softmax.METHOD: softmax.predict}


def save(path: Path, model: dict[str, Any], features: Sequence[str]) -> None:
    """Write a model with the names of the features it reads."""
    text = json.dumps({**model, "features": list(features)}, sort_keys=True, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Any]:
    """Read what save wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def classify(model: dict[str, Any], rows: Sequence[table.Row]) -> list[str]:
    """Return the species that the model gives each row."""
    predict = PREDICT[model["method"]]
    return [predict(model, point) for point in table.points(rows, model["features"])]


def accuracy(predicted: Sequence[str], actual: Sequence[str]) -> float:
    """Return the share of labels that were predicted right, between 0 and 1."""
    return sum(p == a for p, a in zip(predicted, actual)) / len(actual)


def confusion_matrix(
    predicted: Sequence[str], actual: Sequence[str], classes: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Count the predicted classes (inner keys) of each actual class (outer keys)."""
    counts = {a: dict.fromkeys(classes, 0) for a in classes}
    for p, a in zip(predicted, actual):
        counts[a][p] += 1
    return counts
