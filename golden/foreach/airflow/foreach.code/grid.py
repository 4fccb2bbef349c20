def count(regions):
    rows = [1000 * len(region) for region in regions]
    return {"rows": rows, "tables": {"all": [{"name": region} for region in regions]}}


def train(fold, rate, id):
    return {"accuracy": fold * rate, "name": id}


def pick(accuracies, names, first):
    return names[accuracies.index(max(accuracies, default=first))]
