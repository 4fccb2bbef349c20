"""Multinomial logistic (softmax) regression, fitted by gradient descent."""

import math
from collections.abc import Sequence
from typing import Any

from penguins import scaling

METHOD = "softmax"
EPOCHS = 300
LEARNING_RATE = 0.5
DECAY = 1e-3  # L2 penalty on the weights, the bias excepted


def fit(points: Sequence[scaling.Point], labels: Sequence[str]) -> dict[str, Any]:
    """Return a model with one row of weights per class, the bias last.

    The same data gives the same model: it starts from zero weights, an epoch is one
    step over all points, and sums are exact (the built-in sum rounds differently from
    one version of Python to another).
    """
    scale = scaling.fit(points)
    inputs = [_with_bias(scaling.apply(scale, point)) for point in points]
    classes = sorted(set(labels))
    targets = [[float(label == c) for c in classes] for label in labels]
    weights = [[0.0] * len(inputs[0]) for _ in classes]
    for _ in range(EPOCHS):
        _descend(weights, inputs, targets)
    return {"method": METHOD, "scale": scale, "classes": classes, "weights": weights}


def predict(model: dict[str, Any], point: scaling.Point) -> str:
    """Return the class with the highest score."""
    scores = _scores(model["weights"], _with_bias(scaling.apply(model["scale"], point)))
    return model["classes"][scores.index(max(scores))]


def _with_bias(point: list[float]) -> list[float]:
    return [*point, 1.0]


def _scores(weights: list[list[float]], x: list[float]) -> list[float]:
    return [math.fsum(w * v for w, v in zip(row, x)) for row in weights]


def _softmax(scores: list[float]) -> list[float]:
    highest = max(scores)  # subtracted so that exp cannot overflow
    exps = [math.exp(score - highest) for score in scores]
    total = math.fsum(exps)
    return [e / total for e in exps]


def _descend(
    weights: list[list[float]], inputs: list[list[float]], targets: list[list[float]]
) -> None:
    """Move the weights one step against the gradient of the mean cross-entropy."""
    gradient = [[0.0] * len(row) for row in weights]
    for x, target in zip(inputs, targets):
        for row, p, t in zip(gradient, _softmax(_scores(weights, x)), target):
            for j, v in enumerate(x):
                row[j] += (p - t) * v
    for row, slopes in zip(weights, gradient):
        bias = len(row) - 1
        for j, slope in enumerate(slopes):
            penalty = DECAY * row[j] if j < bias else 0.0
            row[j] -= LEARNING_RATE * (slope / len(inputs) + penalty)
