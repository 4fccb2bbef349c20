def check(s, i, f, b, j, ls, li, lf, lb, lj, plain):
    values = [s, i, f, b, j, ls, li, lf, lb, lj, plain]
    elements = [type(v[0]).__name__ for v in (ls, li, lf, lb, lj)]
    return " ".join([type(v).__name__ for v in values] + elements)
