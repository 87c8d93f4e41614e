#!/bin/sh
# Prints the C source of the table of operations: every `const struct operation_group api_NAME` that
# is defined at the start of a line in the files given.
set -eu
names=$(for file in "$@"; do
    sed -n 's/^const struct operation_group \(api_[a-z0-9_]*\) *=.*/\1/p' "$file"
done | sort)
repeated=$(echo "$names" | uniq -d)
if [ -n "$repeated" ]; then
    echo "operations-list: defined twice: $repeated" >&2
    exit 1
fi
echo '/* Made by operations-list.sh from the files of server/api. */'
echo '#include "operation/operation.h"'
echo
for name in $names; do
    echo "extern const struct operation_group $name;"
done
echo 'const struct operation_group *const operation_groups[] = {'
for name in $names; do
    echo "    &$name,"
done
echo '    NULL,'
echo '};'
echo 'const int operation_group_count = (int)(sizeof operation_groups / sizeof *operation_groups) - 1;'
