def join(parts, all):
    all.write_text("".join(part.read_text() for part in parts))
