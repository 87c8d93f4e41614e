/* A small state machine over the chunked coding: size, line end, data, line end, and at the chunk
 * of size zero the empty line. Every byte has one place; any other byte is refused. */
#include "chunk.h"

#include <string.h>

enum {
    STATE_SIZE,
    STATE_SIZE_NEWLINE,
    STATE_DATA,
    STATE_DATA_RETURN,
    STATE_DATA_NEWLINE,
    STATE_LAST_RETURN,
    STATE_LAST_NEWLINE,
    STATE_END,
    STATE_BAD
};

void chunk_init(struct chunk_decoder *decoder) {
    *decoder = (struct chunk_decoder){STATE_SIZE, 0, 0};
}

static int step_size(struct chunk_decoder *decoder, char character) {
    int digit = -1;
    char lower = (char)(character | 0x20);
    if (character >= '0' && character <= '9') digit = character - '0';
    if (lower >= 'a' && lower <= 'f') digit = lower - 'a' + 10;
    if (digit >= 0) {
        if (decoder->digits == CHUNK_SIZE_DIGITS_MAX) return STATE_BAD;
        decoder->digits++;
        decoder->left = decoder->left * 16 + (uint32_t)digit;
        return STATE_SIZE;
    }
    return character == '\r' && decoder->digits > 0 ? STATE_SIZE_NEWLINE : STATE_BAD;
}

/* The state after one byte that is not data. */
static int step(struct chunk_decoder *decoder, char character) {
    switch (decoder->state) {
    case STATE_SIZE: return step_size(decoder, character);
    case STATE_SIZE_NEWLINE:
        if (character != '\n') return STATE_BAD;
        decoder->digits = 0;
        return decoder->left > 0 ? STATE_DATA : STATE_LAST_RETURN;
    case STATE_DATA_RETURN: return character == '\r' ? STATE_DATA_NEWLINE : STATE_BAD;
    case STATE_DATA_NEWLINE: return character == '\n' ? STATE_SIZE : STATE_BAD;
    case STATE_LAST_RETURN: return character == '\r' ? STATE_LAST_NEWLINE : STATE_BAD;
    case STATE_LAST_NEWLINE: return character == '\n' ? STATE_END : STATE_BAD;
    default: return STATE_BAD;
    }
}

enum chunk_status chunk_decode(struct chunk_decoder *decoder, const char *input,
                               size_t input_length, size_t *ret_consumed, char *output,
                               size_t output_size, size_t *ret_written) {
    size_t consumed = 0, written = 0;
    while (consumed < input_length && decoder->state != STATE_END && decoder->state != STATE_BAD) {
        if (decoder->state != STATE_DATA) {
            decoder->state = step(decoder, input[consumed++]);
            continue;
        }
        size_t count = input_length - consumed;
        if (count > decoder->left) count = decoder->left;
        if (count > output_size - written) count = output_size - written;
        if (count == 0) break;
        memcpy(output + written, input + consumed, count);
        consumed += count;
        written += count;
        decoder->left -= (uint32_t)count;
        if (decoder->left == 0) decoder->state = STATE_DATA_RETURN;
    }
    *ret_consumed = consumed;
    *ret_written = written;
    if (decoder->state == STATE_BAD) return CHUNK_BAD;
    return decoder->state == STATE_END ? CHUNK_END : CHUNK_MORE;
}
