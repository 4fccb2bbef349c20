def write(rows):
    rows.write_text("c\nä\nb\n", encoding="utf-8")
    return len("cäb")


def join(first, second, joined):
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    return joined.parent.is_dir()
