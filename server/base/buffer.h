/* A growing buffer of bytes with a named maximum. Once an append fails (limit or heap) the buffer
 * is `failed` and every further append is ignored, so that a writer checks once, at the end. */
#ifndef KOPPEL_BASE_BUFFER_H
#define KOPPEL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

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
void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char character);
/* Room for so many bytes more, to be written in place, and then told by buffer_wrote; NULL when
 * there is none. Good until the next append. */
char *buffer_room(struct buffer *buffer, size_t bytes);
void buffer_wrote(struct buffer *buffer, size_t bytes);
void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
