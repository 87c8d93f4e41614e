/* Goes through the operators of a page (ISO 32000-1, 14.6 and 14.8.2.2): with Cairo each tag begins
 * and ends at the end of a line, and no text object reaches over one. */
#include "artifact.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

static bool unpack(const void *packed, size_t length, struct buffer *ret_content) {
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)packed, .avail_in = (uInt)length};
    int status = inflateInit(&stream);
    if (status != Z_OK) return false;
    while (status == Z_OK) {
        enum { STEP = 32 * 1024 };
        char *room = buffer_room(ret_content, STEP);
        if (!room) break;
        stream.next_out = (Bytef *)room;
        stream.avail_out = STEP;
        status = inflate(&stream, Z_NO_FLUSH);
        buffer_wrote(ret_content, STEP - stream.avail_out);
    }
    (void)inflateEnd(&stream);
    return status == Z_STREAM_END;
}

static bool ends_with(const char *line, size_t length, const char *ending) {
    size_t size = strlen(ending);
    return length >= size && memcmp(line + length - size, ending, size) == 0;
}

static void mark(const struct buffer *content, struct buffer *marked) {
    const char *at = content->data, *end = at + content->length;
    int depth = 0;
    bool open = false;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        bool begins = ends_with(at, length, " BDC") || ends_with(at, length, " BMC");
        bool ends = length == 3 && memcmp(at, "EMC", 3) == 0;
        if (begins && open) buffer_text(marked, "EMC\n");
        if (begins) open = false;
        if (!begins && !ends && depth == 0 && !open) {
            buffer_text(marked, "/Artifact BMC\n");
            open = true;
        }
        depth += begins ? 1 : ends && depth > 0 ? -1 : 0;
        buffer_append(marked, at, length);
        buffer_char(marked, '\n');
        at += length + 1;
    }
    if (open) buffer_text(marked, "EMC\n");
}

static bool pack(const struct buffer *content, struct buffer *ret_packed) {
    uLongf size = compressBound((uLong)content->length);
    char *room = buffer_room(ret_packed, size);
    if (!room || compress2((Bytef *)room, &size, (const Bytef *)content->data,
                           (uLong)content->length, Z_DEFAULT_COMPRESSION) != Z_OK)
        return false;
    buffer_wrote(ret_packed, size);
    return true;
}

bool artifact_mark(const void *packed, size_t length, struct buffer *ret_packed) {
    struct buffer content, marked;
    buffer_init(&content, ARTIFACT_CONTENT_MAX_BYTES);
    buffer_init(&marked, 2 * ARTIFACT_CONTENT_MAX_BYTES);
    bool done = unpack(packed, length, &content) && content.data;
    if (done) mark(&content, &marked);
    done = done && !marked.failed && pack(&marked, ret_packed);
    buffer_done(&content);
    buffer_done(&marked);
    return done;
}
