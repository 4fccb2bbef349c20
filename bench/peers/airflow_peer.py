"""Airflow's dag.test(): all tasks in one process, their states and values in the database of AIRFLOW_HOME.

python airflow_peer.py chain|wide|fanout COUNT
"""

import sys

import work
from airflow.sdk import DAG, task

add_one = task(work.add_one)
nothing = task(work.nothing)
numbers = task(work.numbers)
square = task(work.square)
total = task(work.total)


def chain(count):
    """Tasks, each of which is given the number of the one before."""
    number = 0
    for place in range(count):
        number = add_one(number, place)


def wide(count):
    """Tasks that need nothing."""
    for _ in range(count):
        nothing()


def fanout(count):
    """A task for each element of a list, and one that takes all."""
    total(square.expand(number=numbers(count)), count)


shape, count = sys.argv[1], int(sys.argv[2])
with DAG(shape) as dag:
    {"chain": chain, "wide": wide, "fanout": fanout}[shape](count)

if __name__ == "__main__":
    run = dag.test()
    if run.state != "success":
        sys.exit(f"the run has ended as {run.state}")
