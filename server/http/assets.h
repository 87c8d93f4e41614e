/* Files that are part of the program: pages, styles, scripts, pictures. */
#ifndef KOPPEL_HTTP_ASSETS_H
#define KOPPEL_HTTP_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "encoding.h"
#include "quote-engine/text.h"

struct asset_form {
    const char *tag;
    const unsigned char *bytes;
    size_t length;
};

struct asset {
    const char *address; /* "/developers", "/document.css"; "": the shell */
    const char *media_type;
    int language;   /* of a page that exists in several; -1: one for all */
    bool immutable; /* its name carries a digest of its content */
    struct asset_form forms[ENCODING_COUNT];
};

/* The asset at an address in the language, or NULL. */
const struct asset *asset_find(const char *address, enum language language);
/* The shell in the language when the path is one of the extranet's: "/", or one whose first segment
 * www/paths.txt names. Else NULL. */
const struct asset *asset_find_shell(const char *path, enum language language);

#endif
