"""Luigi with its local scheduler and four workers: a process for each task, a file for each result.

python luigi_peer.py chain|wide|fanout COUNT
"""

import sys

import luigi
import work


class AddOne(luigi.Task):
    """A task of a chain."""

    place = luigi.IntParameter()

    def requires(self):
        return AddOne(self.place - 1) if self.place else []

    def output(self):
        return luigi.LocalTarget(f"chain/{self.place}")

    def run(self):
        number = 0
        if self.place:
            with self.input().open() as f:
                number = int(f.read())
        with self.output().open("w") as f:
            f.write(str(work.add_one(number, self.place)))


class Nothing(luigi.Task):
    """A task that needs nothing."""

    place = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(f"wide/{self.place}")

    def run(self):
        work.nothing()
        with self.output().open("w"):
            pass


class Square(luigi.Task):
    """A task of a fan-out."""

    number = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(f"squares/{self.number}")

    def run(self):
        with self.output().open("w") as f:
            f.write(str(work.square(self.number)))


class Total(luigi.Task):
    """The task that takes what all of a fan-out gave."""

    count = luigi.IntParameter()

    def requires(self):
        return [Square(number) for number in work.numbers(self.count)]

    def output(self):
        return luigi.LocalTarget("total")

    def run(self):
        squares = []
        for target in self.input():
            with target.open() as f:
                squares.append(int(f.read()))
        with self.output().open("w") as f:
            f.write(str(work.total(squares, self.count)))


def tasks(shape, count):
    """Return the tasks that a run of Luigi is asked for."""
    if shape == "chain":
        return [AddOne(count - 1)]
    if shape == "wide":
        return [Nothing(place) for place in range(count)]
    return [Total(count)]


if __name__ == "__main__":
    shape, count = sys.argv[1], int(sys.argv[2])
    if not luigi.build(tasks(shape, count), local_scheduler=True, workers=4):
        sys.exit(1)
