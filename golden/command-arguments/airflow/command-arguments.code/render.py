"""Write a page, or show what it was called with."""

import sys

args = sys.argv[1:]
if "--title" in args:
    with open(args[args.index("--out") + 1], "w") as page:
        page.write("b\na\n")
    with open(args[args.index("--title") + 1], "w") as title:
        title.write("two letters\n")
else:
    for arg in args:
        print(repr(arg))
