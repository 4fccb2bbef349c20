import pathlib


def who():
    return pathlib.Path("data/name.txt").read_text()
