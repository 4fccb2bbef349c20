"""What python steps of generated pipelines do."""

import json
import os


def give(value):
    return value


def pair(a, b):
    return {"x": a, "y": b}


def fail(value):
    raise ValueError(f"not {value!r}")


def unless(value, bad):
    if value == bad:
        raise ValueError(f"not {bad!r}")
    return value


def flaky(folder, key, succeeds, value):
    """Fail until the attempt of that number."""
    path = os.path.join(folder, key.encode().hex()[-100:])
    with open(path, "a+") as attempts:
        attempts.write("x")
        attempts.seek(0)
        if len(attempts.read()) < succeeds:
            raise RuntimeError("not yet")
    return value


def wrap(value):
    return {"wrapped": value}


def unwrap(thing):
    return thing["wrapped"]


def unwrap_all(things):
    return [thing and thing["wrapped"] for thing in things]


def write(value, note):
    note.write_text(json.dumps(value, sort_keys=True), encoding="utf-8")


def read(note):
    return note.read_text(encoding="utf-8")


def read_all(notes):
    return [note and note.read_text(encoding="utf-8") for note in notes]
