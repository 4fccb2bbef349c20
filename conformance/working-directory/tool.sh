#!/bin/sh
# Writes its input in capitals or, given a file, that file's name's last part to the file.
if [ $# -gt 0 ]; then
    basename "$1" > "$1"
else
    tr '[:lower:]' '[:upper:]'
fi
