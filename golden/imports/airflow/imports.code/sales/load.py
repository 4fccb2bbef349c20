import csv
import os.path, money.rounding  # noqa: E401


def rows():
    import texts

    path = os.path.join(os.path.dirname(__file__), "data", "sales.csv")
    with open(path, newline="") as f:
        return [{"item": texts.clean(r["item"]), "price": money.rounding.cents(float(r["price"]))} for r in csv.DictReader(f)]
