/* A hash table with open places: a key may stand in any of the KEY_CACHE_WAYS places of its set,
 * and the oldest of them makes room. No lists, no growth, no deletion but clearing. */
#include "auth/key_cache.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_CACHE_WAYS = 8, KEY_CACHE_SETS = KEY_CACHE_MAX / KEY_CACHE_WAYS };

struct place {
    bool used;
    uint8_t digest[SHA256_BYTES];
    int64_t stored_ms, asked_ms; /* when it was read, and when a refresh was last said to be due */
    struct key_record record;
};

struct key_cache {
    struct place places[KEY_CACHE_SETS][KEY_CACHE_WAYS];
};

struct key_cache *key_cache_new(void) {
    return calloc(1, sizeof(struct key_cache));
}

void key_cache_clear(struct key_cache *cache) {
    for (size_t set = 0; set < KEY_CACHE_SETS; set++) {
        for (size_t way = 0; way < KEY_CACHE_WAYS; way++) {
            struct place *place = &cache->places[set][way];
            free(place->record.origins);
            memset(place, 0, sizeof *place);
        }
    }
}

void key_cache_free(struct key_cache *cache) {
    if (!cache) return;
    key_cache_clear(cache);
    free(cache);
}

/* The digest is keyed, so its bytes are spread evenly and nobody can aim at one set. */
static struct place *set_of(struct key_cache *cache, const uint8_t digest[SHA256_BYTES]) {
    uint32_t number;
    memcpy(&number, digest, sizeof number);
    return cache->places[number % KEY_CACHE_SETS];
}

static struct place *place_of(struct place *set, const uint8_t digest[SHA256_BYTES]) {
    for (size_t way = 0; way < KEY_CACHE_WAYS; way++)
        if (set[way].used && hash_equal(set[way].digest, digest, SHA256_BYTES)) return &set[way];
    return NULL;
}

const struct key_record *key_cache_find(struct key_cache *cache,
                                        const uint8_t digest[SHA256_BYTES], int64_t now_ms,
                                        bool *ret_due) {
    struct place *place = place_of(set_of(cache, digest), digest);
    if (!place || now_ms - place->stored_ms >= KEY_CACHE_AGE_MS) return NULL;
    bool due = now_ms - place->stored_ms >= KEY_REFRESH_MS &&
               now_ms - place->asked_ms >= KEY_REFRESH_AGAIN_MS;
    if (ret_due) *ret_due = due;
    if (ret_due && due) place->asked_ms = now_ms;
    return &place->record;
}

void key_cache_put(struct key_cache *cache, const uint8_t digest[SHA256_BYTES],
                   const struct key_record *record, int64_t now_ms) {
    struct place *set = set_of(cache, digest), *found = place_of(set, digest), *chosen = found;
    for (size_t way = 0; way < KEY_CACHE_WAYS && !found; way++) {
        struct place *place = &set[way];
        if (!chosen || (chosen->used && (!place->used || place->stored_ms < chosen->stored_ms)))
            chosen = place;
    }
    free(chosen->record.origins);
    chosen->used = true;
    memcpy(chosen->digest, digest, SHA256_BYTES);
    chosen->stored_ms = chosen->asked_ms = now_ms;
    chosen->record = *record;
}

void key_cache_drop(struct key_cache *cache, const uint8_t digest[SHA256_BYTES]) {
    struct place *place = place_of(set_of(cache, digest), digest);
    if (!place) return;
    free(place->record.origins);
    memset(place, 0, sizeof *place);
}
