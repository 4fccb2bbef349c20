def train(fold, epochs):
    return {"accuracy": fold / epochs, "name": f"fold {fold}"}


def pick(accuracies, names, sum):
    assert all(isinstance(a, float) for a in accuracies), accuracies
    return {"best": names[accuracies.index(max(accuracies))], "total": sum}
