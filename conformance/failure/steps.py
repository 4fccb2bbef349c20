def fail():
    raise RuntimeError("on purpose")
