/* Writes and reads base64, four characters for three bytes. */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(const void *bytes, size_t length, struct buffer *buffer) {
    const uint8_t *at = bytes;
    for (size_t left = length; left; at += 3) {
        size_t take = left < 3 ? left : 3;
        uint32_t bits = (uint32_t)at[0] << 16 | (take > 1 ? (uint32_t)at[1] << 8 : 0) |
                        (take > 2 ? at[2] : 0);
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63],
                        digits[bits & 63]};
        for (size_t i = take + 1; i < 4; i++) four[i] = '=';
        buffer_append(buffer, four, 4);
        left -= take;
    }
}

/* 0 to 63; -1: of no digit. */
static int digit_value(char character) {
    if (character >= 'A' && character <= 'Z') return character - 'A';
    if (character >= 'a' && character <= 'z') return character - 'a' + 26;
    if (character >= '0' && character <= '9') return character - '0' + 52;
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

bool base64_read(const char *text, size_t length, void *ret_bytes, size_t *ret_length) {
    uint8_t *to = ret_bytes;
    uint32_t bits = 0;
    size_t count = 0, padding = 0, written = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] && strchr(" \t\r\n", text[i])) continue;
        int value = text[i] == '=' ? 0 : digit_value(text[i]);
        if (value < 0 || (padding && text[i] != '=')) return false;
        padding += text[i] == '=';
        bits = bits << 6 | (uint32_t)value;
        if (++count % 4) continue;
        if (padding > 2 || (padding && (bits & (padding == 1 ? 0xff : 0xffff)))) return false;
        to[written++] = (uint8_t)(bits >> 16);
        if (padding < 2) to[written++] = (uint8_t)(bits >> 8);
        if (padding < 1) to[written++] = (uint8_t)bits;
        /* Nothing comes behind padding. */
        if (padding) {
            for (i++; i < length; i++)
                if (!text[i] || !strchr(" \t\r\n", text[i])) return false;
        }
        bits = 0;
    }
    if (count % 4) return false;
    *ret_length = written;
    return true;
}
