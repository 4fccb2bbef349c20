"""Classification by a vote of the k nearest neighbours."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from penguins import scaling

METHOD = "knn"


def fit(
    points: Sequence[scaling.Point], labels: Sequence[str], k: int
) -> dict[str, Any]:
    """Return a model: the scaled points, their labels and the number of voters."""
    if not 1 <= k <= len(points):
        raise ValueError(f"k must be between 1 and {len(points)} (the points), not {k}")
    scale = scaling.fit(points)
    return {
        "method": METHOD,
        "k": k,
        "scale": scale,
        "points": [scaling.apply(scale, point) for point in points],
        "labels": list(labels),
    }


def predict(model: dict[str, Any], point: scaling.Point) -> str:
    """Return the label of most of the nearest points; in a tie, the nearest wins."""
    scaled = scaling.apply(model["scale"], point)
    distances = [math.dist(scaled, known) for known in model["points"]]
    nearest = sorted(range(len(distances)), key=distances.__getitem__)[: model["k"]]
    votes = Counter(model["labels"][i] for i in nearest)
    return votes.most_common(1)[0][0]
