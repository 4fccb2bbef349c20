def text():
    return "1"


def truth():
    return True


def not_a_number():
    return float("nan")


def nothing():
    return None


def one():
    outputs = {"a": 1}  # a return of this literal would not compile
    return outputs


def three():
    outputs = {"a": 1, "b": 2, "c": 3}
    return outputs


def one_number():
    return 1
