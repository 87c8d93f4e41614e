/* Inside print: the fonts that documents are set in. They are read from their own files, whatever
 * else is installed, so that a document looks alike on every machine. */
#ifndef KOPPEL_PRINT_FONTS_H
#define KOPPEL_PRINT_FONTS_H

#include <fontconfig/fontconfig.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define FONTS_FAMILIES "Noto Sans, Noto Sans Armenian, Noto Sans Georgian"

struct fonts {
    FcConfig *config;
    FcCharSet *regular, *bold; /* which characters they have, together */
};

/* ERROR_INTERNAL when a file is missing. */
int fonts_open(struct error *error, struct fonts *ret_fonts);
void fonts_close(struct fonts *fonts);
/* Can the character be printed, in both weights? */
bool fonts_have(const struct fonts *fonts, uint32_t code_point);

#endif
