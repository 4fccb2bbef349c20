#!/bin/sh
cat > /dev/null
echo "the reason" >&2
exit 3
