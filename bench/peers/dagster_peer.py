"""Dagster's execute_in_process: all ops in one process, and the run's events in DAGSTER_HOME.

python dagster_peer.py chain|wide|fanout COUNT
"""

import sys

import work
from dagster import DagsterInstance, DynamicOut, DynamicOutput, In, job, op


def chain(count):
    """Ops, each of which is given the number of the one before."""

    @op(name="step_0")
    def first() -> int:
        return work.add_one(0, 0)

    def after(place):
        @op(name=f"step_{place}", ins={"number": In(int)})
        def add_one(number) -> int:
            return work.add_one(number, place)

        return add_one

    ops = [after(place) for place in range(1, count)]

    @job(name="chain")
    def pipeline():
        number = first()
        for add_one in ops:
            number = add_one(number)

    return pipeline


def wide(count):
    """Ops that need nothing."""

    @op
    def nothing():
        work.nothing()

    @job(name="wide")
    def pipeline():
        for place in range(count):
            nothing.alias(f"step_{place}")()

    return pipeline


def fanout(count):
    """An op for each element of a list, and one that takes all."""

    @op(out=DynamicOut(int))
    def numbers():
        for number in work.numbers(count):
            yield DynamicOutput(number, mapping_key=str(number))

    @op
    def square(number: int) -> int:
        return work.square(number)

    @op
    def total(squares: list[int]) -> int:
        return work.total(squares, count)

    @job(name="fanout")
    def pipeline():
        total(numbers().map(square).collect())

    return pipeline


if __name__ == "__main__":
    pipeline = {"chain": chain, "wide": wide, "fanout": fanout}[sys.argv[1]](
        int(sys.argv[2])
    )
    with DagsterInstance.get() as instance:
        pipeline.execute_in_process(instance=instance)
