def train(rows, totals, plot):
    plot.write_text("plot")
    return {"model": sum(totals), "loss": 0.5}


def score(model, config):
    return model
