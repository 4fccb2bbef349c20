def collect(**values):
    return values
