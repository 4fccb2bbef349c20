def text():
    return "12"


def nothing(f):
    pass


def names():
    return {"a": 1, "c": 2}
