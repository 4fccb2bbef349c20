"""Writes the arguments behind the first, as JSON, to the file that the first names."""

import json
import pathlib
import sys

pathlib.Path(sys.argv[1]).write_text(json.dumps(sys.argv[2:]))
