import csv
import random


def read(path):
    with open(path, newline="") as f:
        return [(float(r["area"]), float(r["price"])) for r in csv.DictReader(f)]


def write(path, houses):
    with open(path, "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["area", "price"])
        w.writerows(houses)


def extract(count, seed, table):
    rng = random.Random(seed)
    houses = []
    for _ in range(count):
        area = rng.uniform(30, 250)
        houses.append(
            (round(area, 1), round(40_000 + 2_900 * area + rng.gauss(0, 25_000)))
        )
    write(table, houses)
    return len(houses)


def split(table, test_share, seed, train, test):
    houses = read(table)
    random.Random(seed).shuffle(houses)
    cut = round(len(houses) * test_share)
    write(test, houses[:cut])
    write(train, houses[cut:])
