#!/usr/bin/env python3
"""Prints a gigabyte."""

import os

for _ in range(1024):
    os.write(1, b"x" * (1 << 20))
