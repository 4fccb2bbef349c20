import pathlib


def add(parts, lines, all):
    assert len(parts) == lines and parts[2] is None, parts
    assert all.parent.is_dir() and isinstance(parts[0], pathlib.Path)
    texts = [part.read_text() for part in parts if part]
    all.write_text("+".join(texts))
    return sum(map(int, texts))
