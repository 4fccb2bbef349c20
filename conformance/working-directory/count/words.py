import os
import pathlib

WORDS = pathlib.Path("data", "words.txt")


def spoil():
    """Leaves a mess, of which no other step may see anything."""
    pathlib.Path("scratch.txt").write_text("mine")
    words = len(WORDS.read_text().split())
    WORDS.write_text("spoiled")
    os.environ["SPOILED"] = "yes"
    return words


def look():
    if "SPOILED" in os.environ:
        raise RuntimeError("the environment of another step is left")
    files = sorted(name for name in os.listdir() if not name.startswith("."))
    return {"words": len(WORDS.read_text().split()), "files": files}
