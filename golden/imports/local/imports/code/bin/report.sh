#!/bin/sh
# The path of the notes is that of the working directory, not of this script.
set -eu
cat notes.txt
printf 'total: %s\n' "$1"
