import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union

Names = list[str]


def train(rows, *, learning_rate, epochs=10, model):
    model.write_text(f"{rows} {learning_rate} {epochs}")


def needs(first, second, third=3):
    return first, second, third


def Upper(X_train):
    return X_train


def by_position(a, b=1, /, c=2):
    return a, b, c


def none():
    pass


class Model:
    def __init__(self, layers: int):
        self.layers = layers


def typed(
    text: str,
    number: int,
    share: float,
    day: dt.date,
    rows: Path,
    names: Names,
    sizes: Sequence[int],
    config: Mapping[str, Any],
    mode: Literal["a", "b"],
    maybe: int | None,
    either: Union[int, "float", None],
):
    pass


def path_as_text(rows: str, folder: str, copy: str):
    pass
