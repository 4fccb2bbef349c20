import time


def sleep():
    time.sleep(60)
