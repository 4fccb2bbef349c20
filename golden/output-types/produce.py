from pathlib import Path


def everything(blob: Path):
    blob.write_bytes(bytes(range(256)))
    return {
        "text": "héllo\n",
        "count": -(2**63),
        "share": 1,
        "ok": False,
        "data": {"b": None, "a": [1, 2.0]},
        "texts": ["a", ""],
        "counts": [],
        "shares": [0.5, 1],
        "flags": (True, False),
        "records": [None, {}, "x"],
    }


def one():
    return [[1, "a"], [2, "b"]]


def write(blob: Path):
    blob.write_text("text\n")


def write_two(first: Path, second: Path):
    first.write_text("1\n")
    second.write_text("2\n")


def nothing():
    print("no output")


def check(
    text, count, share, ok, data, texts, counts, shares, flags, records, blob: Path
):
    assert (text, count, share, ok) == (
        "text, less one newline\n",
        2**63 - 1,
        1e22,
        True,
    )
    assert data == {"a": [1, 2.0], "b": None}
    assert (texts, counts, shares, flags) == (["a", ""], [], [0.5, 1.0], [True, False])
    assert records == [None, {}, "x"]
    assert blob.read_bytes() == b"\x00\x01\xff"
