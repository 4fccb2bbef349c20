def report(status, text, n):
    return f"{status} {text} {n}"
