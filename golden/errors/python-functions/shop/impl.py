def load(path):
    return path


def store(path):
    return path
