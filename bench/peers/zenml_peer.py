"""ZenML with its default stack: the local orchestrator runs all steps in one process.

python zenml_peer.py chain|wide|fanout COUNT
"""

import sys

import work
from zenml import pipeline, step

add_one = step(work.add_one)
nothing = step(work.nothing)
numbers = step(work.numbers)
square = step(work.square)
total = step(work.total)


@pipeline(enable_cache=False)
def chain(count: int):
    """Steps, each of which is given the number of the one before."""
    number = 0
    for place in range(count):
        number = add_one(number, place)


@pipeline(enable_cache=False)
def wide(count: int):
    """Steps that need nothing."""
    for _ in range(count):
        nothing()


@pipeline(enable_cache=False, dynamic=True)
def fanout(count: int):
    """A step for each element of a list, and one that takes all."""
    total(square.map(numbers(count)), count)


if __name__ == "__main__":
    {"chain": chain, "wide": wide, "fanout": fanout}[sys.argv[1]](int(sys.argv[2]))
