/* A growing buffer of bytes with a named maximum. Once an append fails (limit or heap) the buffer
 * is `failed` and every further append is ignored, so that a writer checks once, at the end. */
#ifndef KOPPEL_BASE_BUFFER_H
#define KOPPEL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct buffer {
    char *data; /* always NUL-terminated once something was appended; NULL before */
    size_t length, capacity, limit;
    bool failed;
    bool starved; /* for want of memory, not for its limit */
};

void buffer_init(struct buffer *buffer, size_t limit_bytes);
void buffer_done(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps the memory; forgets a failure */
/* Why it failed: ERROR_NO_MEMORY or ERROR_TOO_LARGE. */
enum error_code buffer_failure(const struct buffer *buffer);
/* Makes room for so many bytes and the closing NUL, where buffer_room finds none: for it alone. */
bool buffer_grow(struct buffer *buffer, size_t bytes);
/* Room for so many bytes more, to be written in place, and then told by buffer_wrote; NULL when
 * there is none. Good until the next append. Inline, as what is built on it: an answer is put
 * together of hundreds of small pieces. */
static inline char *buffer_room(struct buffer *buffer, size_t bytes) {
    /* The capacity never goes beyond the limit and its NUL. */
    bool fits = !buffer->failed && buffer->capacity - buffer->length > bytes;
    return fits || buffer_grow(buffer, bytes) ? buffer->data + buffer->length : NULL;
}
static inline void buffer_wrote(struct buffer *buffer, size_t bytes) {
    buffer->length += bytes;
    buffer->data[buffer->length] = '\0';
}
static inline void buffer_char(struct buffer *buffer, char character) {
    char *room = buffer_room(buffer, 1);
    if (!room) return;
    *room = character;
    buffer_wrote(buffer, 1);
}
void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
static inline void buffer_text(struct buffer *buffer, const char *text) {
    buffer_append(buffer, text, strlen(text));
}
/* Appends the number in decimal digits. */
void buffer_integer(struct buffer *buffer, int64_t integer);
void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
