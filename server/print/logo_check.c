/* Looks at the bytes of a PNG before a decoder does (https://www.w3.org/TR/png/, chapter 5). Chunks
 * that only accompany the picture are passed over: texts and colour profiles may be packed, and
 * nobody prints them. */
#include <string.h>
#include <zlib.h>

#include "logo.h"

enum { SIGNATURE_BYTES = 8, HEADER_BYTES = 13, CHUNK_AROUND_BYTES = 12 };

struct chunk {
    const unsigned char *start, *data;
    uint32_t length;
};

struct reading {
    const unsigned char *at, *end;
    int chunks;
    bool palette, picture, picture_ended, ended;
    int colour_kind;
};

static uint32_t read_32(const unsigned char *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

static bool chunk_read(struct reading *reading, struct chunk *ret_chunk) {
    size_t left = (size_t)(reading->end - reading->at);
    if (left < CHUNK_AROUND_BYTES || reading->chunks++ == LOGO_CHUNKS_MAX) return false;
    uint32_t length = read_32(reading->at);
    if (length > left - CHUNK_AROUND_BYTES) return false;
    uint32_t sum = (uint32_t)crc32(0, reading->at + 4, (uInt)length + 4);
    if (sum != read_32(reading->at + 8 + length)) return false;
    *ret_chunk = (struct chunk){reading->at, reading->at + 8, length};
    reading->at += length + CHUNK_AROUND_BYTES;
    return true;
}

static bool is(const struct chunk *chunk, const char *name) {
    return memcmp(chunk->start + 4, name, 4) == 0;
}

/* Which depths go with which kind of colour: bit n stands for n bits. */
static bool depth_fits(int kind, int depth) {
    static const uint32_t depths[7] = {
        [0] = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8 | 1 << 16, [2] = 1 << 8 | 1 << 16,
        [3] = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8,           [4] = 1 << 8 | 1 << 16,
        [6] = 1 << 8 | 1 << 16};
    return kind <= 6 && depth <= 16 && (depths[kind] >> depth & 1);
}

static enum logo_fault header_check(struct reading *reading, const struct chunk *chunk) {
    const unsigned char *data = chunk->data;
    if (!is(chunk, "IHDR") || chunk->length != HEADER_BYTES) return LOGO_DAMAGED;
    uint32_t width = read_32(data), height = read_32(data + 4);
    reading->colour_kind = data[9];
    if (!width || !height || !depth_fits(data[9], data[8]) || data[10] || data[11] ||
        data[12] > 1)
        return LOGO_DAMAGED;
    if (width > LOGO_SIDE_MAX_PIXELS || height > LOGO_SIDE_MAX_PIXELS ||
        width * height > LOGO_PIXELS_MAX)
        return LOGO_TOO_MANY_PIXELS;
    return LOGO_SOUND;
}

/* A chunk behind the header; `ret_taken`: it makes the picture. */
static enum logo_fault chunk_check(struct reading *reading, const struct chunk *chunk,
                                   bool *ret_taken) {
    *ret_taken = true;
    if (is(chunk, "acTL") || is(chunk, "fcTL")) return LOGO_ANIMATED;
    reading->picture_ended |= reading->picture && !is(chunk, "IDAT");
    if (is(chunk, "IDAT")) {
        if (reading->picture_ended || (reading->colour_kind == 3 && !reading->palette))
            return LOGO_DAMAGED;
        reading->picture = true;
    } else if (is(chunk, "PLTE")) {
        if (reading->palette || reading->picture || !chunk->length || chunk->length % 3 ||
            chunk->length > 768)
            return LOGO_DAMAGED;
        reading->palette = true;
    } else if (is(chunk, "tRNS")) {
        if (reading->picture || chunk->length > 256) return LOGO_DAMAGED;
    } else if (is(chunk, "IEND")) {
        if (!reading->picture || chunk->length) return LOGO_DAMAGED;
        reading->ended = true;
    } else {
        *ret_taken = false;
        bool optional = chunk->start[4] & 0x20;
        if (!optional) return LOGO_DAMAGED;
    }
    return LOGO_SOUND;
}

enum logo_fault logo_check(const void *bytes, size_t length, struct buffer *ret_picture) {
    static const unsigned char signature[SIGNATURE_BYTES] = {0x89, 'P',  'N',  'G',
                                                             '\r', '\n', 0x1a, '\n'};
    struct reading reading = {.at = (const unsigned char *)bytes + SIGNATURE_BYTES,
                              .end = (const unsigned char *)bytes + length};
    struct chunk chunk;
    if (length < SIGNATURE_BYTES || memcmp(bytes, signature, SIGNATURE_BYTES) != 0)
        return LOGO_NOT_PNG;
    if (length > LOGO_BYTES_MAX) return LOGO_TOO_LARGE;
    if (!chunk_read(&reading, &chunk)) return LOGO_DAMAGED;
    enum logo_fault fault = header_check(&reading, &chunk);
    if (fault) return fault;
    buffer_append(ret_picture, signature, SIGNATURE_BYTES);
    buffer_append(ret_picture, chunk.start, chunk.length + CHUNK_AROUND_BYTES);
    while (!reading.ended) {
        bool taken = false;
        if (!chunk_read(&reading, &chunk)) return LOGO_DAMAGED;
        fault = chunk_check(&reading, &chunk, &taken);
        if (fault) return fault;
        if (taken) buffer_append(ret_picture, chunk.start, chunk.length + CHUNK_AROUND_BYTES);
    }
    return reading.at == reading.end ? LOGO_SOUND : LOGO_DAMAGED;
}
