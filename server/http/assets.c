/* The table that the build makes from www/ (assets.mk), and the search in it. */
#include "assets.h"

#include <string.h>

#include "http_assets.h"

static const struct asset *find(const char *address, enum language language) {
    const struct asset *found = NULL;
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
        if (strcmp(assets[i].address, address) != 0) continue;
        if (assets[i].language < 0 || assets[i].language == (int)language) return &assets[i];
        found = &assets[i];
    }
    return found;
}

const struct asset *asset_find(const char *address, enum language language) {
    return *address ? find(address, language) : NULL;
}

const struct asset *asset_find_shell(const char *path, enum language language) {
    if (*path != '/') return NULL;
    size_t length = strcspn(path + 1, "/");
    bool known = path[1] == '\0';
    for (size_t i = 0; !known && i < sizeof shell_paths / sizeof *shell_paths; i++)
        known = strlen(shell_paths[i]) == length && !memcmp(shell_paths[i], path + 1, length);
    return known ? find("", language) : NULL;
}
