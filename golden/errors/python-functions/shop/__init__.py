"""Functions that are defined elsewhere, and what is no function."""

from .impl import load
from .impl import load as read

LIMIT = 3
MODELS = {"small": load}

__all__ = ["load", "read"]
