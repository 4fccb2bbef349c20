"""python -m zenc: the program that was installed with this package."""

import os
import subprocess
import sys
import sysconfig


def program():
    """The path of the program: where scripts are installed with this package, in an environment, for a user or below a target."""
    name = "zenc.exe" if os.name == "nt" else "zenc"
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")),
        os.path.join(package, "bin"),
    ]
    for folder in folders:
        if os.path.isfile(os.path.join(folder, name)):
            return os.path.join(folder, name)
    sys.exit("zenc: the program is not there: install zenc-compiler again")


def main():
    argv = [program(), *sys.argv[1:]]
    if os.name == "nt":  # where exec ends this process before the program has ended
        sys.exit(subprocess.call(argv))
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main()
