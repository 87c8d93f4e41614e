/* Digits come out last first: they are written from the end of a small room, then copied. */
#include "base/integer.h"

#include <string.h>

size_t integer_write(int64_t integer, char ret_text[INTEGER_TEXT_MAX]) {
    char digits[INTEGER_TEXT_MAX];
    char *end = digits + sizeof digits, *at = end;
    uint64_t magnitude = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    *--at = '\0';
    do
        *--at = (char)('0' + magnitude % 10);
    while (magnitude /= 10);
    if (integer < 0) *--at = '-';
    memcpy(ret_text, at, (size_t)(end - at));
    return (size_t)(end - at) - 1;
}
