/* Files that are part of the program: pages, styles, scripts, pictures. */
#ifndef KOPPEL_HTTP_ASSETS_H
#define KOPPEL_HTTP_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "quote-engine/text.h"

struct asset {
    const char *address; /* "/", "/start.css" */
    const char *media_type, *tag;
    int language; /* of a page that exists in several; -1: one for all */
    const unsigned char *bytes;
    size_t length;
};

/* The asset at an address in the language, or NULL. */
const struct asset *asset_find(const char *address, enum language language);

#endif
