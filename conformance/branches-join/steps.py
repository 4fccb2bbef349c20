def show(n):
    return n is None
