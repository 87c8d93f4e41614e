/* Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef KOPPEL_BASE_UTF8_H
#define KOPPEL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes (1 to 4) of the character at `text`, with its code point; 0 when there is none that is
 * whole and valid within `length`. */
size_t utf8_read(const char *text, size_t length, uint32_t *ret_code_point);
bool utf8_valid(const char *text, size_t length);
/* Characters (code points) of a valid text. */
size_t utf8_count(const char *text, size_t length);
/* The longest prefix of a valid text in at most `limit` bytes that cuts no character. */
size_t utf8_fit(const char *text, size_t length, size_t limit);

#endif
