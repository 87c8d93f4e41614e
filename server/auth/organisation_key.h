/* Rows of the organisation's own keys: for keys.c, which makes and hashes the keys, finds them
 * among those of partners, and says who the caller is. Each function is part of a transaction of
 * its caller. */
#ifndef KOPPEL_AUTH_ORGANISATION_KEY_H
#define KOPPEL_AUTH_ORGANISATION_KEY_H

#include "auth/keys.h"

#define ORGANISATION_KEY_PREFIX "oky" /* of their ids */

struct organisation_key {
    const char *id, *name, *prefix, *hash; /* the hash in hex */
    bool test;
    int64_t rate_limit_per_minute; /* 0: none */
    int64_t expires_us;            /* 0: never */
    int64_t created_us;
    const char *version; /* of the API */
};

int organisation_key_insert(struct db_tx *tx, const struct organisation_key *key,
                            struct error *error);
/* Revoking once more changes nothing. ERROR_NOT_FOUND: there is no such key. */
int organisation_key_revoke(struct db_tx *tx, const char *key_id, int64_t now_us,
                            struct error *error);

#endif
