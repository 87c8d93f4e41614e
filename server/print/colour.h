/* Colours of a brand: read, and kept legible. Contrast is that of WCAG 2: from 1 (none) to 21. */
#ifndef KOPPEL_PRINT_COLOUR_H
#define KOPPEL_PRINT_COLOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COLOUR_TEXT_MAX = 8 };

/* "#1a5fb4", of either case, to 0xRRGGBB. */
bool colour_read(const char *text, size_t length, uint32_t *ret_colour);
void colour_write(uint32_t colour, char ret_text[COLOUR_TEXT_MAX]);
/* The contrast with white. */
double colour_contrast(uint32_t colour);
/* The colour itself, or, when its contrast with white is less, a darker one of the same hue. */
uint32_t colour_darken(uint32_t colour, double contrast);

#endif
