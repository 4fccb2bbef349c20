"""What the steps of the benchmark do: next to nothing, so that all that takes time is around them.

Every contestant calls these functions. A step that was given the wrong value fails, and
with it the run: no tool is fast by leaving something out.
"""

import os
import time


def began():
    """Write down when the first step began, if the benchmark asks for it.

    The clock is the machine's, the same in all processes.
    """
    mark = os.environ.get("BENCH_BEGAN")
    if mark:
        with open(mark, "w") as f:
            f.write(str(time.monotonic()))


def nothing():
    """Be a step that needs nothing and gives nothing."""
    began()


def add_one(number: int, place: int) -> int:
    """Be the step at a place of a chain, to which the step before gives a number."""
    began()
    if number != place:
        raise ValueError(f"step {place} of the chain was given {number}")
    return number + 1


def numbers(count: int) -> list[int]:
    """List what the steps of a fan-out are for."""
    began()
    return list(range(count))


def square(number: int) -> int:
    """Be one step of a fan-out."""
    return number * number


def total(squares: list[int], count: int) -> int:
    """Take what all steps of a fan-out gave."""
    want = sum(number * number for number in range(count))
    if sum(squares) != want:
        raise ValueError(f"the fan-out gave {sum(squares)} in total, not {want}")
    return want
