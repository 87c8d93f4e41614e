/* How many requests a key may make in a minute, over all nodes of an installation. A node leases a
 * block of the key's requests from the store and hands them out from memory, so that most requests
 * write nothing. What is leased and not used when the minute ends is lost: at most a block a node.
 *
 * Keys share locks by stripes; a thread that leases holds up others of its stripe for one write. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dispatcher.h"

enum {
    STRIPES = 512,
    STRIPE_KEYS = 16,
    BLOCKS_PER_LIMIT = 20, /* a block is this part of the limit */
    BLOCK_MAX = 1000,
    WINDOWS_AHEAD_MAX = 10
};

static const int64_t window_us = (int64_t)RATE_WINDOW_S * 1000000;

struct rate_key {
    char key_id[ID_MAX]; /* "": free */
    int64_t window_us;   /* when its window began */
    int64_t granted, used;
    int64_t leased; /* by all nodes, when last seen */
};

struct stripe {
    pthread_mutex_t lock;
    struct rate_key keys[STRIPE_KEYS];
};

struct rates {
    struct stripe stripes[STRIPES];
};

int rates_new(struct error *error, struct rates **ret_rates) {
    struct rates *rates = calloc(1, sizeof *rates);
    if (!rates) return error_set(error, ERROR_NO_MEMORY, "no memory for rates");
    for (int at = 0; at < STRIPES; at++) (void)pthread_mutex_init(&rates->stripes[at].lock, NULL);
    *ret_rates = rates;
    return 0;
}

void rates_free(struct rates *rates) {
    if (!rates) return;
    for (int at = 0; at < STRIPES; at++) (void)pthread_mutex_destroy(&rates->stripes[at].lock);
    free(rates);
}

static struct stripe *stripe_of(struct rates *rates, const char *key_id) {
    uint32_t hash = 2166136261u;
    for (; *key_id; key_id++) hash = (hash ^ (unsigned char)*key_id) * 16777619u;
    return &rates->stripes[hash % STRIPES];
}

/* The key's place, or the one that was longest unused: what is left of its lease is lost. */
static struct rate_key *find_key(struct stripe *stripe, const char *key_id, int64_t window) {
    struct rate_key *oldest = &stripe->keys[0];
    for (int at = 0; at < STRIPE_KEYS; at++) {
        struct rate_key *key = &stripe->keys[at];
        if (strcmp(key->key_id, key_id) == 0) return key;
        if (key->window_us < oldest->window_us) oldest = key;
    }
    *oldest = (struct rate_key){.window_us = window};
    memcpy(oldest->key_id, key_id, strlen(key_id) + 1);
    return oldest;
}

/* ---- leases ------------------------------------------------------------------------------- */

struct lease {
    const char *key_id;
    int64_t window_us, limit, block;
    int64_t leased; /* by all nodes, this block included */
    bool granted;
};

/* A node whose clock is a little behind finds a newer window, and leases from that one. A window
 * further ahead is from before the clock was set back: it would hold the key up until then. */
static int take_lease(struct db_tx *tx, void *context, struct error *error) {
    struct lease *lease = context;
    struct db_rows *rows = NULL;
    int64_t changed = 0;
    int rc = db_run(tx, error, NULL,
                    "insert into rate_lease (key_id, window_us, leased) values ($1, $2, 0)"
                    " on conflict (key_id) do update set window_us = excluded.window_us,"
                    " leased = 0 where rate_lease.window_us < excluded.window_us"
                    " or rate_lease.window_us > $3",
                    db_text(lease->key_id), db_integer(lease->window_us),
                    db_integer(lease->window_us + WINDOWS_AHEAD_MAX * window_us));
    if (rc == 0) {
        rc = db_run(tx, error, &changed,
                    "update rate_lease set leased = leased + $3"
                    " where key_id = $1 and window_us >= $2 and leased < $4",
                    db_text(lease->key_id), db_integer(lease->window_us),
                    db_integer(lease->block), db_integer(lease->limit));
    }
    if (rc == 0) {
        rc = db_query(tx, error, &rows, "select leased from rate_lease where key_id = $1",
                      db_text(lease->key_id));
    }
    if (rc == 0) rc = db_next(rows, error);
    if (rc > 0) {
        lease->leased = db_column_integer(rows, 0);
        lease->granted = changed > 0;
        rc = 0;
    }
    db_rows_close(rows);
    return rc;
}

static void lease_block(struct db *db, struct rate_key *key, int64_t limit) {
    struct lease lease = {.key_id = key->key_id, .window_us = key->window_us, .limit = limit,
                          .block = limit / BLOCKS_PER_LIMIT};
    if (lease.block < 1) lease.block = 1;
    if (lease.block > BLOCK_MAX) lease.block = BLOCK_MAX;
    struct error error = {0};
    if (db_write(db, &db_scope_none, take_lease, &lease, &error) != 0) {
        /* A store that cannot write refuses what matters by itself: reading goes on. */
        log_event(LOG_WARNING, "rate_lease_failed", "key_id", key->key_id, "error", error.text,
                  NULL);
        lease.leased = key->leased + lease.block;
        lease.granted = key->leased < limit;
    }
    key->leased = lease.leased;
    if (!lease.granted) return;
    int64_t beyond = lease.leased > limit ? lease.leased - limit : 0;
    key->granted += lease.block - beyond;
}

bool rates_take(struct rates *rates, struct db *db, const struct caller *caller, int64_t now_us,
                int64_t count, struct rate_state *ret_state) {
    int64_t limit = caller->rate_limit_per_minute;
    const char *counted_id = caller_counted_id(caller);
    *ret_state = (struct rate_state){0};
    if (limit <= 0) return true;
    int64_t window = now_us - now_us % window_us;
    struct stripe *stripe = stripe_of(rates, counted_id);
    (void)pthread_mutex_lock(&stripe->lock);
    struct rate_key *key = find_key(stripe, counted_id, window);
    if (key->window_us < window) {
        *key = (struct rate_key){.window_us = window};
        memcpy(key->key_id, counted_id, strlen(counted_id) + 1);
    }
    for (int64_t before = -1; key->granted - key->used < count && key->leased < limit &&
                              key->leased > before;) {
        before = key->leased;
        lease_block(db, key, limit);
    }
    bool allowed = key->granted - key->used >= count;
    if (allowed) key->used += count;
    int64_t others = limit - key->leased;
    ret_state->limit = limit;
    ret_state->window_s = RATE_WINDOW_S;
    ret_state->remaining = (others > 0 ? others : 0) + key->granted - key->used;
    ret_state->reset_s = (window + window_us - now_us + 999999) / 1000000;
    (void)pthread_mutex_unlock(&stripe->lock);
    return allowed;
}
