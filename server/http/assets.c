/* The table that the build makes from www/ (assets.mk), and the search in it. */
#include "assets.h"

#include <string.h>

#include "http_assets.h"

const struct asset *asset_find(const char *address, enum language language) {
    const struct asset *found = NULL;
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
        if (strcmp(assets[i].address, address) != 0) continue;
        if (assets[i].language < 0 || assets[i].language == (int)language) return &assets[i];
        found = &assets[i];
    }
    return found;
}
