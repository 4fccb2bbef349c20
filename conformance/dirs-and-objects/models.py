import pathlib
import threading


class Model:
    def __init__(self, scale):
        self.scale = scale

    def predict(self, x):
        return self.scale * x


def make(scale, tree):
    assert tree.is_dir() and not list(tree.iterdir())
    (tree / "deep" / "er").mkdir(parents=True)
    (tree / "deep" / "er" / "x").write_text("x\n")
    (tree / "y {{z}} ü").write_bytes(b"\x00\xff")
    return {"model": Model(scale), "name": "a model"}


def only():
    return {(1, 2): {3}}


def use(model, tree, matrix):
    assert isinstance(model, Model) and matrix == {(1, 2): {3}}
    assert isinstance(tree, pathlib.Path)
    assert (tree / "y {{z}} ü").read_bytes() == b"\x00\xff"
    names = sorted(p.relative_to(tree).as_posix() for p in tree.rglob("*"))
    return {"result": model.predict(2), "names": names, "again": [model, matrix]}


def end(again, empty):
    model, matrix = again
    assert [p.name for p in empty.iterdir()] == ["sub"], list(empty.iterdir())
    return model.scale == 1.5 and matrix == {(1, 2): {3}}


def cannot():
    return threading.Lock()
