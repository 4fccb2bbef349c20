def text():
    return "1"


def truth():
    return True


def not_a_number():
    return float("nan")


def nothing():
    return None


def one():
    return {"a": 1}


def three():
    return {"a": 1, "b": 2, "c": 3}


def one_number():
    return 1
