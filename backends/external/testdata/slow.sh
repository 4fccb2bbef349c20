#!/bin/sh
# Reads nothing, prints nothing, and does not end.
exec sleep 1000
