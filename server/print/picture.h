/* Inside print: pictures in memory, as Cairo reads and writes them. */
#ifndef KOPPEL_PRINT_PICTURE_H
#define KOPPEL_PRINT_PICTURE_H

#include <cairo.h>

#include "base/buffer.h"

/* Decodes a PNG that logo_check found sound. Never NULL: look at its status; destroy it. */
cairo_surface_t *picture_read(const void *png, size_t length);
/* Appends what Cairo writes to the buffer; for its stream functions, `closure` is the buffer. */
cairo_status_t picture_write(void *closure, const unsigned char *bytes, unsigned length);

#endif
