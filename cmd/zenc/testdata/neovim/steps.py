def helper():
    return 1


def load(region):
    """Count the rows of a region."""
    return helper()
