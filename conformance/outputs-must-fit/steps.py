def text():
    return "12"


def nothing(f):
    pass


def names():
    outputs = {"a": 1, "c": 2}  # a return of this literal would not compile
    return outputs
