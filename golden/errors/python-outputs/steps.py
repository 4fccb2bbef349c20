def count(rows) -> int:
    return rows


def names(rows) -> list[str]:
    return [rows]


def maybe(rows) -> str | None:
    return rows


def forgot(rows):
    print(rows)


def mapping(rows):
    return {"accuracy": rows}


def pair(rows) -> tuple[int, float]:
    return rows, 1.0


def sizes(rows) -> dict[str, int]:
    return {part: rows for part in ("train", "test")}


def keys(rows):
    if rows:
        return {"train": 1, "tset": 2, "more": 3}
    return {"train": 1}
