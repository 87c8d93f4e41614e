/* A handful of places, searched one by one: a book has few versions, and neighbours share them. */
#include "domain/version_hold.h"

#include <string.h>

void version_hold_init(struct version_hold *hold, struct catalogue *catalogue) {
    hold->catalogue = catalogue;
    hold->count = hold->next = 0;
}

void version_hold_done(struct version_hold *hold) {
    for (int i = 0; i < hold->count; i++)
        catalogue_release(hold->catalogue, hold->items[i].version);
    hold->count = hold->next = 0;
}

int version_hold_find(struct version_hold *hold, const char *id, struct error *error,
                      const struct product_version **ret_version) {
    int at = 0;
    while (at < hold->count && strcmp(hold->items[at].id, id) != 0) at++;
    if (at == hold->count) {
        if (at == VERSION_HOLD_MAX) {
            at = hold->next;
            hold->next = (at + 1) % VERSION_HOLD_MAX;
            catalogue_release(hold->catalogue, hold->items[at].version);
        } else {
            hold->count++;
        }
        size_t length = strnlen(id, ID_MAX - 1);
        memcpy(hold->items[at].id, id, length);
        hold->items[at].id[length] = '\0';
        hold->items[at].version = NULL;
        hold->items[at].error = (struct error){0};
        catalogue_version(hold->catalogue, id, &hold->items[at].error, &hold->items[at].version);
    }
    if (!hold->items[at].version)
        return error_set(error, hold->items[at].error.code, "%s", hold->items[at].error.text);
    *ret_version = hold->items[at].version;
    return 0;
}
