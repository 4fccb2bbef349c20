TIMES = 12  # just below the 128 KiB that one environment variable holds


def repeat(text):
    return text * TIMES


def check(text, long):
    return long == text * TIMES
