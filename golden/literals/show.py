def show(**values):
    for name, value in values.items():
        print(name, type(value).__name__, repr(value))
