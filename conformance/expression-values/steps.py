def echo(**values):
    return values
