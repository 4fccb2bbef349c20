"""Writes the SHA-256 of the second argument to the file that the first names."""

import hashlib
import pathlib
import sys

pathlib.Path(sys.argv[1]).write_text(hashlib.sha256(sys.argv[2].encode()).hexdigest())
