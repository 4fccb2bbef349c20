import pathlib


def third_time(state):
    attempts = pathlib.Path(state, "python")
    with attempts.open("a") as file:
        file.write("x")
    attempt = len(attempts.read_text())
    if attempt < 3:
        raise RuntimeError(f"attempt {attempt}")
    return attempt
