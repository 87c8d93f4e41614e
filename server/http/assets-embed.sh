#!/bin/sh
# Writes the files that are named as a C table for assets.c: bytes, media type, tag, address. A page
# NAME.nl.html and NAME.en.html is one address by language; index is "/".
set -eu
echo '/* Made by assets-embed.sh. */'
number=0
for file in "$@"; do
    echo "static const unsigned char asset_bytes_$number[] = {"
    od -An -v -tu1 "$file" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    echo '0};'
    number=$((number + 1))
done
echo 'static const struct asset assets[] = {'
number=0
for file in "$@"; do
    base=$(basename "$file")
    language=-1
    case $base in
    *.nl.html) language=LANGUAGE_NL ;;
    *.en.html) language=LANGUAGE_EN ;;
    esac
    case $base in
    *.html) type='text/html; charset=utf-8' address=/${base%%.*} ;;
    *.css) type='text/css; charset=utf-8' address=/$base ;;
    *.js) type='text/javascript; charset=utf-8' address=/$base ;;
    *.svg) type='image/svg+xml; charset=utf-8' address=/$base ;;
    *) echo "assets-embed: what is $file?" >&2 && exit 1 ;;
    esac
    [ "$address" != /index ] || address=/
    tag=$(sha256sum "$file" | cut -c 1-32)
    echo "    {\"$address\", \"$type\", \"$tag\", $language, asset_bytes_$number,"
    echo "     sizeof asset_bytes_$number - 1},"
    number=$((number + 1))
done
echo '};'
