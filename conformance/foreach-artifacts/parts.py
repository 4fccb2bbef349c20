from fractions import Fraction


def make(n, tree):
    for i in range(n):
        (tree / f"file{i}").touch()
    return Fraction(n, 2)


def join(parts, trees):
    assert parts[1] is None and trees[1] is None, (parts, trees)
    assert all(isinstance(p, Fraction) for p in parts if p is not None)
    names = sorted(p.name for tree in trees if tree for p in tree.iterdir())
    return {"total": int(sum(p for p in parts if p is not None)), "names": names}
