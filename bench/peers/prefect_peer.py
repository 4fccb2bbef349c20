"""Prefect with the server that a flow starts by itself, and four threads.

python prefect_peer.py chain|wide|fanout COUNT
"""

import sys

import work
from prefect import flow, task
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

add_one = task(work.add_one)
nothing = task(work.nothing)
numbers = task(work.numbers)
square = task(work.square)
total = task(work.total)


@flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
def chain(count: int):
    """Tasks, each of which is given the number of the one before."""
    number = 0
    for place in range(count):
        number = add_one(number, place)


@flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
def wide(count: int):
    """Tasks that need nothing."""
    futures = [nothing.submit() for _ in range(count)]
    wait(futures)
    for future in futures:
        future.result()


@flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
def fanout(count: int):
    """A task for each element of a list, and one that takes all."""
    total(square.map(numbers(count)), count)


if __name__ == "__main__":
    {"chain": chain, "wide": wide, "fanout": fanout}[sys.argv[1]](int(sys.argv[2]))
