/* Product versions held for a while by one thread that meets the same few again and again: asked of
 * the catalogue, which all threads share, only once each. */
#ifndef KOPPEL_DOMAIN_VERSION_HOLD_H
#define KOPPEL_DOMAIN_VERSION_HOLD_H

#include "domain/catalogue.h"

enum { VERSION_HOLD_MAX = 32 };

struct version_hold {
    struct catalogue *catalogue;
    struct {
        char id[ID_MAX];
        const struct product_version *version; /* NULL: it cannot be had, `error` says why */
        struct error error;
    } items[VERSION_HOLD_MAX];
    int count, next; /* `next` gives way when all are in use */
};

void version_hold_init(struct version_hold *hold, struct catalogue *catalogue);
void version_hold_done(struct version_hold *hold);
/* The version with this id, until the hold is done or VERSION_HOLD_MAX others were asked for.
 * Fails as catalogue_version does; what failed is not tried again. */
int version_hold_find(struct version_hold *hold, const char *id, struct error *error,
                      const struct product_version **ret_version);

#endif
