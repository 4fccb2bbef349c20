VALUES = {
    "text": "plain",
    "word": "true",
    "digits": "012",
    "empty": "",
    "newlines": "two at the end\n\n",
    "unicode": "Grüße, 世界 🐧",
    "big": 9007199254740993,
    "least": -9223372036854775808,
    "whole": 1.0,
    "tiny": 1e-07,
    "huge": 1e22,
    "minus_zero": -0.0,
    "truth": False,
    "anything": {"a": {}, "b": [1, 1.0, "1", None, True]},
    "ints": [3, -1],
    "floats": [1.0, 0.1],
    "texts": ["true", "012", ""],
    "flags": [True, False],
    "jsons": [None, "null", {"k": []}],
}


def make():
    return VALUES


def check(**values):
    """repr tells 1 from 1.0 and from True, which == does not."""
    expected = {f"{name}_in": repr(value) for name, value in VALUES.items()}
    return {name: repr(value) for name, value in values.items()} == expected
