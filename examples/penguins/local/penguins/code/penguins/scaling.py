"""Standardization: millimetres and grams on one scale."""

import statistics
from collections.abc import Sequence

Point = Sequence[float]
Scale = list[list[float]]


def fit(points: Sequence[Point]) -> Scale:
    """Return the mean and the standard deviation of each coordinate.

    A coordinate that does not vary gets the deviation 1.
    """
    return [
        [statistics.fmean(column), statistics.pstdev(column) or 1.0]
        for column in zip(*points)
    ]


def apply(scale: Scale, point: Point) -> list[float]:
    """Return the point in units of the standard deviation, around the mean."""
    return [(x - mean) / deviation for x, (mean, deviation) in zip(point, scale)]
