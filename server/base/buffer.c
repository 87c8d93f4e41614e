/* The growing buffer: doubles within its limit, keeps a NUL behind the bytes, and remembers a
 * failure instead of reporting each one. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *buffer, size_t limit_bytes) {
    /* Below half of the address space, sums of a length and a limit cannot overflow. */
    *buffer = (struct buffer){.limit = limit_bytes < SIZE_MAX / 4 ? limit_bytes : SIZE_MAX / 4};
}

void buffer_done(struct buffer *buffer) {
    free(buffer->data);
    buffer_init(buffer, buffer->limit);
}

void buffer_clear(struct buffer *buffer) {
    buffer->length = 0;
    buffer->failed = buffer->starved = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

enum error_code buffer_failure(const struct buffer *buffer) {
    return buffer->starved ? ERROR_NO_MEMORY : ERROR_TOO_LARGE;
}

static bool grow(struct buffer *buffer, size_t more) {
    if (buffer->limit - buffer->length < more) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->length + more + 1;
    size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    if (capacity > buffer->limit + 1)
        capacity = buffer->limit + 1;
    char *data = realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = buffer->starved = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

/* Makes room for `more` bytes and the closing NUL. */
static bool reserve(struct buffer *buffer, size_t more) {
    if (buffer->failed)
        return false;
    /* The capacity never goes beyond the limit and its NUL. */
    return buffer->capacity - buffer->length > more || grow(buffer, more);
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length) {
    if (!reserve(buffer, length))
        return;
    if (length > 0)
        memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text) {
    buffer_append(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char character) {
    if (!reserve(buffer, 1))
        return;
    buffer->data[buffer->length++] = character;
    buffer->data[buffer->length] = '\0';
}

char *buffer_room(struct buffer *buffer, size_t bytes) {
    return reserve(buffer, bytes) ? buffer->data + buffer->length : NULL;
}

void buffer_wrote(struct buffer *buffer, size_t bytes) {
    buffer->length += bytes;
    buffer->data[buffer->length] = '\0';
}

/* Most texts fit behind what is there, and are formatted once. */
void buffer_format(struct buffer *buffer, const char *format, ...) {
    va_list first, again;
    size_t room = buffer->failed ? 0 : buffer->capacity - buffer->length;
    va_start(first, format);
    va_copy(again, first);
    int length = vsnprintf(room ? buffer->data + buffer->length : NULL, room, format, first);
    va_end(first);
    if (length < 0) {
        buffer->failed = true;
    } else if ((size_t)length < room) {
        buffer->length += (size_t)length;
    } else if (reserve(buffer, (size_t)length)) {
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    } else if (room) {
        buffer->data[buffer->length] = '\0';
    }
    va_end(again);
}
