def write(rows):
    rows.write_text("b\na\n")
    return 2


def read(rows, count):
    return len(rows.read_text().split()) == count
