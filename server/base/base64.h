/* Base64 (RFC 4648, chapter 4), for bytes in JSON and XML. */
#ifndef KOPPEL_BASE_BASE64_H
#define KOPPEL_BASE_BASE64_H

#include "base/buffer.h"

/* Bytes that so many characters stand for, at most. */
static inline size_t base64_bytes(size_t characters) { return characters / 4 * 3 + 3; }

/* Appends the text of the bytes. */
void base64_write(const void *bytes, size_t length, struct buffer *buffer);
/* Blanks and line ends are passed over; padding is required, and bits that stand for nothing are
 * zero, so that bytes have one text. False: it is no base64. `ret_bytes` has room for
 * base64_bytes(length). */
bool base64_read(const char *text, size_t length, void *ret_bytes, size_t *ret_length);

#endif
