/* Idempotency keys: which are in flight on this node (in memory), and the answers of those that are
 * done (a row in the deed's transaction). The row is unique, so that of two nodes at most one does
 * the deed; the other finds the row and answers the same. */
#include <stdlib.h>
#include <string.h>

#include "dispatcher.h"
#include "message/json.h"

enum {
    BUCKETS = 4096,
    INPUT_MAX_BYTES = 4 * 1024 * 1024,
    STORED_DEPTH_MAX = 64,
    STORED_VALUES_MAX = 500000
};

/* ---- in flight ------------------------------------------------------------------------------- */

struct flight {
    struct in_flight_name name;
    int next; /* in its bucket or in the list of free ones; -1 ends */
};

struct in_flight {
    pthread_mutex_t lock;
    int buckets[BUCKETS];
    int free_first;
    struct flight flights[IDEMPOTENCY_IN_FLIGHT_MAX];
};

int in_flight_new(struct error *error, struct in_flight **ret_in_flight) {
    struct in_flight *in_flight = calloc(1, sizeof *in_flight);
    if (!in_flight) return error_set(error, ERROR_NO_MEMORY, "no memory for idempotency keys");
    (void)pthread_mutex_init(&in_flight->lock, NULL);
    for (int at = 0; at < BUCKETS; at++) in_flight->buckets[at] = -1;
    for (int at = 0; at < IDEMPOTENCY_IN_FLIGHT_MAX; at++) in_flight->flights[at].next = at + 1;
    in_flight->flights[IDEMPOTENCY_IN_FLIGHT_MAX - 1].next = -1;
    *ret_in_flight = in_flight;
    return 0;
}

void in_flight_free(struct in_flight *in_flight) {
    if (!in_flight) return;
    (void)pthread_mutex_destroy(&in_flight->lock);
    free(in_flight);
}

/* Each part with its NUL: no two calls share a name but by sharing all parts. */
struct in_flight_name in_flight_name(const struct call *call) {
    const char *parts[] = {call->caller.partner_id, call->caller.user_id,
                           call->caller.test ? "test" : "live", call->operation->name,
                           call->idempotency_key};
    char text[2 * ID_MAX + 8 + 128 + IDEMPOTENCY_KEY_MAX + 4];
    size_t length = 0;
    for (size_t at = 0; at < sizeof parts / sizeof *parts; at++) {
        size_t part = strlen(parts[at]) + 1;
        if (part > sizeof text - length) part = sizeof text - length;
        memcpy(text + length, parts[at], part);
        length += part;
    }
    struct in_flight_name name;
    hash_sha256(text, length, name.digest);
    return name;
}

static int *bucket_of(struct in_flight *in_flight, const struct in_flight_name *name) {
    return &in_flight->buckets[(name->digest[0] | name->digest[1] << 8) % BUCKETS];
}

int in_flight_enter(struct in_flight *in_flight, const struct in_flight_name *name) {
    int rc = 0;
    (void)pthread_mutex_lock(&in_flight->lock);
    int *bucket = bucket_of(in_flight, name);
    for (int at = *bucket; at >= 0 && rc == 0; at = in_flight->flights[at].next) {
        if (memcmp(&in_flight->flights[at].name, name, sizeof *name) == 0) rc = ERROR_CONFLICT;
    }
    int slot = in_flight->free_first;
    if (rc == 0 && slot < 0) rc = ERROR_BUSY;
    if (rc == 0) {
        in_flight->free_first = in_flight->flights[slot].next;
        in_flight->flights[slot] = (struct flight){.name = *name, .next = *bucket};
        *bucket = slot;
    }
    (void)pthread_mutex_unlock(&in_flight->lock);
    return rc;
}

void in_flight_leave(struct in_flight *in_flight, const struct in_flight_name *name) {
    (void)pthread_mutex_lock(&in_flight->lock);
    int *link = bucket_of(in_flight, name);
    while (*link >= 0 && memcmp(&in_flight->flights[*link].name, name, sizeof *name) != 0) {
        link = &in_flight->flights[*link].next;
    }
    int slot = *link;
    if (slot >= 0) {
        *link = in_flight->flights[slot].next;
        in_flight->flights[slot].next = in_flight->free_first;
        in_flight->free_first = slot;
    }
    (void)pthread_mutex_unlock(&in_flight->lock);
}

/* ---- keys and digests ----------------------------------------------------------------------- */

int idempotency_read_key(const char *text, struct scratch *scratch, const char **ret_key) {
    size_t length = strlen(text), count = 0;
    char key[IDEMPOTENCY_KEY_MAX + 1];
    bool quoted = length > 0 && text[0] == '"';
    if (quoted && (length < 2 || text[length - 1] != '"')) return ERROR_INVALID;
    size_t end = quoted ? length - 1 : length;
    for (size_t at = quoted ? 1 : 0; at < end; at++) {
        char character = text[at];
        if (quoted && character == '"') return ERROR_INVALID;
        if (quoted && character == '\\') {
            if (at + 1 == end || (text[at + 1] != '"' && text[at + 1] != '\\'))
                return ERROR_INVALID;
            character = text[++at];
        }
        if (character < 0x21 || character > 0x7E || count == IDEMPOTENCY_KEY_MAX)
            return ERROR_INVALID;
        key[count++] = character;
    }
    if (count == 0) return ERROR_INVALID;
    char *copied = scratch_take(scratch, count + 1);
    if (!copied) return ERROR_TOO_LARGE;
    memcpy(copied, key, count);
    copied[count] = '\0';
    *ret_key = copied;
    return 0;
}

/* The input as a digest: keyed, since answers of few values could be found by trying; or as it was
 * before, without a key. */
static int digest_make(struct call *call, bool keyed, char ret_digest[SHA256_HEX_MAX]) {
    struct buffer input;
    uint8_t mac[SHA256_BYTES];
    /* Written out an input is no longer than it was read, but for white space and escapes. */
    buffer_init(&input, INPUT_MAX_BYTES + call->operation->body_max_bytes);
    json_write(&call->input, 0, &input);
    int rc = 0;
    if (input.failed) {
        rc = error_set(&call->error, buffer_failure(&input),
                       "%s: no memory for an input of %zu bytes", call->operation->name,
                       input.limit);
    } else if (keyed) {
        keys_input_mac(call->dispatcher->keys, input.data, input.length, mac);
        hash_hex(mac, sizeof mac, ret_digest);
    } else {
        hash_sha256_hex(input.data, input.length, ret_digest);
    }
    if (input.data) explicit_bzero(input.data, input.length);
    buffer_done(&input);
    return rc;
}

int idempotency_digest(struct call *call) {
    return digest_make(call, true, call->input_digest);
}

/* Of an answer that another release of the program stored, too: a key must not seem used with
 * another body because of an update. */
static int input_compare(struct call *call, const char *digest, bool *ret_same) {
    char unkeyed[SHA256_HEX_MAX];
    bool same = digest && strcmp(digest, call->input_digest) == 0;
    if (digest && !same) {
        int rc = digest_make(call, false, unkeyed);
        if (rc != 0) return rc;
        same = strcmp(digest, unkeyed) == 0;
    }
    *ret_same = same;
    return 0;
}

/* ---- stored answers -------------------------------------------------------------------------- */

enum { LOOK_KEYS = 16 }; /* as many as the statement below has places for */

struct look {
    struct call *const *calls;
    int count;
    struct stored_answer *stored;
};

static int copy_stored(struct db_rows *rows, struct call *call,
                       struct stored_answer *ret_stored, struct error *error) {
    struct stored_answer stored = {.found = true};
    const char *digest = db_column_text(rows, 0, NULL);
    const char *answer = db_column_text(rows, 1, &stored.length);
    int rc = input_compare(call, digest, &stored.same_input);
    if (rc != 0) return error_set(error, rc, "%s", call->error.text);
    stored.text = scratch_take(call->scratch, stored.length + 1);
    if (!stored.text || !answer)
        return error_set(error, ERROR_TOO_LARGE, "the stored answer does not fit");
    memcpy(stored.text, answer, stored.length);
    *ret_stored = stored;
    return 0;
}

static int look_one(struct db_tx *tx, struct look *look, int at, struct error *error) {
    struct call *call = look->calls[at];
    struct db_rows *rows = NULL;
    int rc = db_query(tx, error, &rows,
                      "select digest, answer from idempotency i where $scope(i)"
                      " and i.partner_id = $1 and i.test = $2 and i.operation = $3"
                      " and i.user_id = $4 and i.idempotency_key = $5 and i.expires_us > $6",
                      db_text(call->caller.partner_id), db_integer(call->caller.test),
                      db_text(call->operation->name), db_text(call->caller.user_id),
                      db_text(call->idempotency_key), db_integer(call->now_us));
    if (rc == 0) rc = db_next(rows, error);
    if (rc > 0) rc = copy_stored(rows, call, &look->stored[at], error);
    db_rows_close(rows);
    return rc;
}

/* Each key by itself, so that each is found by the whole of the index: a list of keys would let a
 * store that knows little of the table go through all of a partner's. */
#define LOOK_FOR(place)                                                                           \
    "select digest, answer, idempotency_key from idempotency i where $scope(i)"                   \
    " and i.partner_id = $1 and i.test = $2 and i.operation = $3 and i.user_id = $4"              \
    " and i.expires_us > $5 and i.idempotency_key = $" #place
#define AND_FOR(place) " union all " LOOK_FOR(place)

/* Some keys in one question; places that are left over hold none. */
static int look_some(struct db_tx *tx, struct look *look, const int *places, int count,
                     struct error *error) {
    const struct call *first = look->calls[places[0]];
    struct db_value keys[LOOK_KEYS];
    struct db_rows *rows = NULL;
    for (int at = 0; at < LOOK_KEYS; at++) {
        keys[at] = db_text(at < count ? look->calls[places[at]]->idempotency_key : "");
    }
    int rc = db_query(tx, error, &rows,
                      LOOK_FOR(6) AND_FOR(7) AND_FOR(8) AND_FOR(9) AND_FOR(10) AND_FOR(11)
                      AND_FOR(12) AND_FOR(13) AND_FOR(14) AND_FOR(15) AND_FOR(16) AND_FOR(17)
                      AND_FOR(18) AND_FOR(19) AND_FOR(20) AND_FOR(21),
                      db_text(first->caller.partner_id), db_integer(first->caller.test),
                      db_text(first->operation->name), db_text(first->caller.user_id),
                      db_integer(first->now_us), keys[0], keys[1], keys[2], keys[3], keys[4],
                      keys[5], keys[6], keys[7], keys[8], keys[9], keys[10], keys[11], keys[12],
                      keys[13], keys[14], keys[15]);
    while (rc == 0 && (rc = db_next(rows, error)) > 0) {
        const char *key = db_column_text(rows, 2, NULL);
        rc = 0;
        for (int at = 0; at < count && rc == 0; at++) {
            struct call *call = look->calls[places[at]];
            if (!key || strcmp(key, call->idempotency_key) != 0) continue;
            rc = copy_stored(rows, call, &look->stored[places[at]], error);
        }
    }
    db_rows_close(rows);
    return rc;
}

static int read_stored(struct db_tx *tx, void *context, struct error *error) {
    struct look *look = context;
    int places[LOOK_KEYS], waiting = 0, rc = 0;
    for (int at = 0; at < look->count; at++) look->stored[at] = (struct stored_answer){0};
    if (look->count == 1) return look_one(tx, look, 0, error);
    for (int at = 0; at < look->count && rc == 0; at++) {
        if (look->calls[at]) places[waiting++] = at;
        if (waiting == 0 || (waiting < LOOK_KEYS && at + 1 < look->count)) continue;
        rc = look_some(tx, look, places, waiting, error);
        waiting = 0;
    }
    return rc;
}

int idempotency_look(struct call *const *calls, int count, struct error *error,
                     struct stored_answer *ret_stored) {
    struct look look = {.calls = calls, .count = count, .stored = ret_stored};
    const struct call *first = NULL;
    for (int at = 0; at < count && !first; at++) first = calls[at];
    if (!first) return 0;
    return db_read(first->dispatcher->db, &first->caller.scope, read_stored, &look, error);
}

int idempotency_take(struct call *call, const struct stored_answer *stored) {
    if (!stored->same_input) {
        return call_refuse(call, 422, "idempotency_key_reused",
                           "Deze Idempotency-Key is al gebruikt met een andere inhoud: maak voor "
                           "elke nieuwe opdracht een nieuwe.",
                           "This Idempotency-Key was used with another body: make a new one for "
                           "every new request.");
    }
    struct json_limits limits = {.depth = STORED_DEPTH_MAX, .values = STORED_VALUES_MAX,
                                 .scalar_root = true};
    struct json_fault fault;
    int rc = json_read(stored->text, stored->length, &limits, call->scratch, &fault,
                       &call->output);
    if (rc != 0) {
        return error_set(&call->error, rc == ERROR_INVALID ? ERROR_INTERNAL : rc,
                         "%s: a stored answer cannot be read", call->operation->name);
    }
    call->replayed = true;
    return 1;
}

int idempotency_replay(struct call *call) {
    struct stored_answer stored = {.found = false};
    int rc = idempotency_look(&call, 1, &call->error, &stored);
    return rc != 0 || !stored.found ? rc : idempotency_take(call, &stored);
}

static int insert_answer(struct db_tx *tx, const struct call *call, const struct buffer *answer,
                         struct error *error) {
    int64_t keep_us = (int64_t)IDEMPOTENCY_KEEP_HOURS * 3600 * 1000000;
    return db_run(tx, error, NULL,
                  "insert into idempotency (partner_id, test, operation, user_id, idempotency_key,"
                  " digest, status, answer, expires_us)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  db_text(call->caller.partner_id), db_integer(call->caller.test),
                  db_text(call->operation->name), db_text(call->caller.user_id),
                  db_text(call->idempotency_key),
                  db_text(call->input_digest), db_integer(call->operation->status),
                  db_text_length(answer->data, answer->length),
                  db_integer(call->now_us + keep_us));
}

/* A row that is in the way may have expired: it is looked at only then, since that is rare. */
int idempotency_store(struct db_tx *tx, const struct call *call, const struct buffer *answer,
                      struct error *error) {
    struct error conflict = {0};
    int64_t removed = 0;
    int rc = insert_answer(tx, call, answer, &conflict);
    if (rc == ERROR_CONFLICT) {
        rc = db_run(tx, error, &removed,
                    "delete from idempotency as i where $scope(i) and i.partner_id = $1"
                    " and i.test = $2 and i.operation = $3 and i.user_id = $4"
                    " and i.idempotency_key = $5 and i.expires_us <= $6",
                    db_text(call->caller.partner_id), db_integer(call->caller.test),
                    db_text(call->operation->name), db_text(call->caller.user_id),
                    db_text(call->idempotency_key), db_integer(call->now_us));
        if (rc != 0) return rc;
        if (removed > 0) return insert_answer(tx, call, answer, error);
        rc = ERROR_CONFLICT;
    }
    if (rc != 0) error_set(error, conflict.code, "%s", conflict.text);
    return rc;
}

struct expiry {
    int64_t now_us, removed;
};

static int remove_expired(struct db_tx *tx, void *context, struct error *error) {
    struct expiry *expiry = context;
    struct db_rows *rows = NULL;
    int64_t bound_us = expiry->now_us;
    int rc = db_query(tx, error, &rows,
                      "select i.expires_us from idempotency i where $scope(i)"
                      " and i.expires_us <= $1 order by i.expires_us limit 1 offset $2",
                      db_integer(expiry->now_us), db_integer(IDEMPOTENCY_EXPIRE_MAX - 1));
    if (rc == 0) rc = db_next(rows, error);
    if (rc > 0) bound_us = db_column_integer(rows, 0);
    db_rows_close(rows);
    if (rc < 0) return rc;
    return db_run(tx, error, &expiry->removed,
                  "delete from idempotency as i where $scope(i) and i.expires_us <= $1",
                  db_integer(bound_us));
}

int idempotency_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed) {
    struct expiry expiry = {.now_us = now_us};
    int rc = db_write(db, &db_scope_all, remove_expired, &expiry, error);
    if (rc == 0) *ret_removed = expiry.removed;
    return rc;
}
