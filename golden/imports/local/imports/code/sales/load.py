import csv
import os.path

import money.rounding


def rows():
    import texts

    path = os.path.join(os.path.dirname(__file__), "data", "sales.csv")
    with open(path, newline="") as f:
        return [
            {
                "item": texts.clean(r["item"]),
                "price": money.rounding.cents(float(r["price"])),
            }
            for r in csv.DictReader(f)
        ]
