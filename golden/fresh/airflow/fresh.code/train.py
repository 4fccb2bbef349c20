def train():
    print("trained")


def report():
    print("reported")
