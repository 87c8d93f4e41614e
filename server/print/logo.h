/* Logos: PNG pictures from outside, and small ones drawn here. What comes in is looked at byte by
 * byte first: only a picture of bounded size whose chunks are whole is decoded, and of those only
 * the ones that make the picture. It is kept at the size at which it is printed, written anew, so
 * that nothing else of what was sent is kept. */
#ifndef KOPPEL_PRINT_LOGO_H
#define KOPPEL_PRINT_LOGO_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum {
    LOGO_BYTES_MAX = 128 * 1024,  /* as sent */
    LOGO_SIDE_MAX_PIXELS = 2000,
    LOGO_PIXELS_MAX = 2000 * 1000,
    LOGO_CHUNKS_MAX = 1024,
    LOGO_WIDTH_PIXELS = 720, /* as kept at most: 60 by 20 mm at 300 dots an inch */
    LOGO_HEIGHT_PIXELS = 240,
    LOGO_KEPT_BYTES_MAX = 1024 * 1024
};

enum logo_fault {
    LOGO_SOUND,
    LOGO_NOT_PNG,
    LOGO_TOO_LARGE,  /* bytes */
    LOGO_TOO_MANY_PIXELS,
    LOGO_DAMAGED,
    LOGO_ANIMATED
};

/* Is it a PNG that may be decoded? Appends the chunks that make its picture; the buffer holds
 * nothing sound otherwise, or when it failed. */
enum logo_fault logo_check(const void *bytes, size_t length, struct buffer *ret_picture);
/* The same, then decoded, scaled down to fit, and appended as a PNG. ERROR_INVALID with the fault;
 * else ERROR_NO_MEMORY. */
int logo_make(const void *bytes, size_t length, struct error *error, enum logo_fault *ret_fault,
              struct buffer *ret_png);
/* A made-up mark: two shapes in the colours. */
int logo_draw(uint32_t colour, uint32_t accent, struct error *error, struct buffer *ret_png);

#endif
