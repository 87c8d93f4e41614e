/* Keys that were found lately, by the hash of the key: a table of fixed size, for keys.c alone.
 * Not safe for threads by itself. */
#ifndef KOPPEL_AUTH_KEY_CACHE_H
#define KOPPEL_AUTH_KEY_CACHE_H

#include "auth/keys.h"
#include "base/hash.h"

/* What is known of a key, or of a certificate, whose digest is its own SHA-256. Its origins are one
 * text, each with a newline behind it. */
struct key_record {
    char id[ID_MAX];
    char partner_id[ID_MAX]; /* "" for the organisation */
    char certificate_id[ID_MAX]; /* "": it is no certificate's */
    enum caller_kind kind;
    bool test;
    int version; /* of the API */
    int64_t rate_limit_per_minute;
    int64_t begins_us;  /* 0: at once */
    int64_t expires_us; /* 0: never */
    unsigned required[ENTRANCE_COUNT];
    char *origins;      /* heap; NULL for none */
};

struct key_cache;

enum { KEY_REFRESH_AGAIN_MS = 100 };

struct key_cache *key_cache_new(void); /* NULL: no memory */
void key_cache_free(struct key_cache *cache);

/* The record, or NULL when it is not there or older than KEY_CACHE_AGE_MS. Live until the next
 * call that changes the cache. ret_due (NULL: not asked): the record is to be refreshed, older than
 * KEY_REFRESH_MS; said to one caller in KEY_REFRESH_AGAIN_MS. */
const struct key_record *key_cache_find(struct key_cache *cache,
                                        const uint8_t digest[SHA256_BYTES], int64_t now_ms,
                                        bool *ret_due);
/* Takes over `record->origins`. When the table is full the oldest of a few neighbours goes. */
void key_cache_put(struct key_cache *cache, const uint8_t digest[SHA256_BYTES],
                   const struct key_record *record, int64_t now_ms);
/* Forgets one. */
void key_cache_drop(struct key_cache *cache, const uint8_t digest[SHA256_BYTES]);
void key_cache_clear(struct key_cache *cache);

#endif
