from .rounding import cents


def add(prices):
    return cents(sum(prices))
