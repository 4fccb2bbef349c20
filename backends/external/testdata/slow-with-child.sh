#!/bin/sh
# Has a child, does not end, and notes the child's id.
sleep 1000 &
echo $! > "$PID_FILE"
wait
