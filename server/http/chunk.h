/* The chunked coding of a body (RFC 9112, 7.1), read strictly: sizes of one to eight hexadecimal
 * digits, no extensions, no trailers. Pure: bytes in, bytes out. */
#ifndef KOPPEL_HTTP_CHUNK_H
#define KOPPEL_HTTP_CHUNK_H

#include <stddef.h>
#include <stdint.h>

enum { CHUNK_SIZE_DIGITS_MAX = 8 };

enum chunk_status {
    CHUNK_MORE, /* wants more input, or more room when all room was used */
    CHUNK_END,  /* the body is complete; input after it was not consumed */
    CHUNK_BAD   /* not the chunked coding: nothing after this can be trusted */
};

struct chunk_decoder {
    int state, digits;
    uint32_t left; /* bytes of data still to come in this chunk */
};

void chunk_init(struct chunk_decoder *decoder);
/* Decodes what fits: counts of input consumed and output written. */
enum chunk_status chunk_decode(struct chunk_decoder *decoder, const char *input,
                               size_t input_length, size_t *ret_consumed, char *output,
                               size_t output_size, size_t *ret_written);

#endif
