#!/bin/sh
cat > /dev/null
printf '{"version": 1, "next": "\351"}'
