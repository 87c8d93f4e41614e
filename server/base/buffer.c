/* The growing buffer: doubles within its limit, keeps a NUL behind the bytes, and remembers a
 * failure instead of reporting each one. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/integer.h"

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

bool buffer_grow(struct buffer *buffer, size_t bytes) {
    if (buffer->failed)
        return false;
    if (buffer->limit - buffer->length < bytes) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->length + bytes + 1;
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

void buffer_append(struct buffer *buffer, const void *bytes, size_t length) {
    char *room = buffer_room(buffer, length);
    if (!room)
        return;
    if (length > 0)
        memcpy(room, bytes, length);
    buffer_wrote(buffer, length);
}

void buffer_integer(struct buffer *buffer, int64_t integer) {
    char digits[INTEGER_TEXT_MAX];
    buffer_append(buffer, digits, integer_write(integer, digits));
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
    } else if (buffer_room(buffer, (size_t)length)) {
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    } else if (room) {
        buffer->data[buffer->length] = '\0';
    }
    va_end(again);
}
