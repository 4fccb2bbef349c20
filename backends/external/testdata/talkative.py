#!/usr/bin/env python3
"""Prints a lot to standard error, things that a terminal would act on among them."""

import sys

print("the beginning \x1b[31m\u202e", file=sys.stderr)
for number in range(100_000):
    print("line", number, file=sys.stderr)
print("the end", file=sys.stderr)
sys.exit(1)
