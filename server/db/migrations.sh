#!/bin/sh
# Prints the C source of the table of migrations from FOLDER/NNNN_name.sql, in order of number:
# sh migrations.sh FOLDER. The bytes of a file arrive unchanged in its string, since their SHA-256
# is recorded in every store.
set -eu
LC_ALL=C
export LC_ALL
folder=$1
count=0

echo '/* Generated from the folder of migrations. */'
echo '#include "db/db.h"'
echo
echo 'const struct migration migrations[] = {'
for file in "$folder"/[0-9][0-9][0-9][0-9]_*.sql; do
    [ -e "$file" ] || break
    name=$(basename "$file" .sql)
    count=$((count + 1))
    case $name in
    *[!a-z0-9_]*)
        echo "$file: a name is four digits, then small letters, digits and _" >&2
        exit 1
        ;;
    "$(printf '%04d' "$count")"_*) ;;
    *)
        echo "$file: number $(printf '%04d' "$count") should come here" >&2
        exit 1
        ;;
    esac
    echo "    {$count, \"$name\","
    # A question mark is escaped because two of them could begin a trigraph.
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/?/\\?/g' -e 's/^/     "/' -e 's/$/\\n"/' "$file"
    [ -s "$file" ] || echo '     ""'
    echo '    },'
done
echo '    {0, NULL, NULL},'
echo '};'
echo
echo "const int migration_count = $count;"
