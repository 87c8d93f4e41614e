/* API keys of partners: `sk_live_…`, `sk_test_…`, `pk_live_…`, `pk_test_…`, and of the
 * organisation's own systems: `ok_live_…`, `ok_test_…`, each with 32 random characters. Kept as
 * HMAC-SHA256 under the installation's pepper; the secret is shown once. A publishable key works
 * only from its listed origins. */
#ifndef KOPPEL_AUTH_KEYS_H
#define KOPPEL_AUTH_KEYS_H

#include "auth/caller.h"

enum {
    KEY_TEXT_MAX = 64,
    KEY_ORIGINS_MAX = 50,
    KEY_NAME_MAX = 80, /* characters: of the system that holds a key or a certificate */
    KEY_ORIGIN_MAX = 253 + 16,
    KEY_CACHE_MAX = 10000,     /* keys kept in memory */
    /* A revoked key stops at once here, and within a second on other nodes: what is remembered is
     * used no longer than the first, and asked for again, beside those who use it, from the
     * second. */
    KEY_CACHE_AGE_MS = 850,
    KEY_REFRESH_MS = 400,
    KEY_RATE_LIMIT_DEFAULT = 600 /* requests per minute */
};

struct encryption; /* base/encryption.h */
struct keys; /* a store of keys with a cache, shared by all threads */

int keys_new(struct db *db, const char *pepper_hex, struct error *error, struct keys **ret_keys);
void keys_free(struct keys *keys);
/* Who changes keys from here on, by command: each change leaves a row in the audit log
 * (auth/command_deed.h). Until it is said, changes leave none. */
void keys_set_operator(struct keys *keys, const char *name);

struct key_options {
    const char *partner_id;
    const char *organisation_name; /* set: a key of the organisation, by this name; of no partner */
    bool secret, test;
    const char *const *origins; /* publishable: at least one; normalised scheme://host[:port] */
    int origin_count;
    int64_t rate_limit_per_minute; /* 0: none; negative: the default */
    int64_t expires_us;            /* 0: never */
    struct encryption *kept_under; /* set: a secret key whose text is kept, encrypted under this, so
                                      that digests of it can be checked (username.h) */
    const char *version; /* of the API, that it is pinned to; NULL: the newest */
};
/* Makes a key; `ret_key` is shown once and kept nowhere. */
int keys_create(struct keys *keys, const struct key_options *options, struct error *error,
                char ret_key_id[ID_MAX], char ret_key[KEY_TEXT_MAX]);
/* Revokes a key of either kind: key_… or oky_…. Once more changes nothing; ERROR_NOT_FOUND. */
int keys_revoke(struct keys *keys, const char *key_id, struct error *error);

/* HMAC-SHA256 of what a caller sent, under a key for that alone, made from the installation's
 * pepper: the same on all nodes. Who reads the store cannot find out by trying what was sent. */
void keys_input_mac(const struct keys *keys, const void *bytes, size_t length,
                    uint8_t ret_mac[SHA256_BYTES]);

/* Finds the caller for a key. `origin` is the request's Origin header or NULL. ERROR_DENIED when
 * it is wrong, expired or revoked: all alike, in time too. A publishable key from another origin
 * is found, with origin_listed false. */
int keys_caller(struct keys *keys, const char *key, size_t key_length, const char *origin,
                struct error *error, struct caller *ret_caller);
/* Is the origin listed by the publishable key? For preflights, where no Authorization comes. */
int keys_origin_known(struct keys *keys, const char *origin, struct error *error,
                      bool *ret_known);

#endif
