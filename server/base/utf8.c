/* Strict UTF-8. The bounds of the second byte per first byte are those of RFC 3629's grammar, which
 * is what leaves out overlong forms and surrogates. */
#include "base/utf8.h"

#include <string.h>

static bool is_tail(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

size_t utf8_read(const char *text, size_t length, uint32_t *ret_code_point) {
    const unsigned char *bytes = (const unsigned char *)text;
    if (length == 0) return 0;
    unsigned char first = bytes[0];
    if (first < 0x80) {
        *ret_code_point = first;
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) return 0;
    size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length < size) return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (bytes[1] < low || bytes[1] > high) return 0;
    uint32_t code_point = first & (0xFFu >> (size + 1));
    for (size_t at = 1; at < size; at++) {
        if (!is_tail(bytes[at])) return 0;
        code_point = code_point << 6 | (bytes[at] & 0x3Fu);
    }
    *ret_code_point = code_point;
    return size;
}

/* How many of the first bytes are ASCII, eight at a time. */
static size_t ascii_length(const char *text, size_t length) {
    size_t at = 0;
    for (uint64_t eight; at + sizeof eight <= length; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        if (eight & UINT64_C(0x8080808080808080)) break;
    }
    return at;
}

bool utf8_valid(const char *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        at += ascii_length(text + at, length - at);
        if (at == length) break;
        uint32_t code_point;
        size_t size = utf8_read(text + at, length - at, &code_point);
        if (size == 0) return false;
        at += size;
    }
    return true;
}

size_t utf8_count(const char *text, size_t length) {
    size_t count = 0;
    for (size_t at = 0; at < length; at++) {
        if (!is_tail((unsigned char)text[at])) count++;
    }
    return count;
}

size_t utf8_fit(const char *text, size_t length, size_t limit) {
    if (length <= limit) return length;
    while (limit > 0 && is_tail((unsigned char)text[limit])) limit--;
    return limit;
}
