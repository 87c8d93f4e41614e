/* Rows of sessions, and those seen lately in memory: a table of fixed size, where each has any of a
 * few places and the oldest makes room. A lookup that began before something was changed must not
 * put the old state back: `generation` counts the changes. */
#include "auth/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/people_inside.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/refresher.h"
#include "base/utf8.h"
#include "message/api_version.h"

enum { WAYS = 8, SETS = 512, MICROSECONDS = 1000000, REFRESH_AGAIN_MS = 100 };

struct remembered {
    bool used;
    char hash[PEOPLE_MAC_MAX];
    int64_t read_ms, asked_ms; /* when it was read, and when a refresh was last asked for */
    int64_t used_us, expires_us;
    struct caller caller;
};

struct session_cache {
    struct people *people;
    struct refresher *refresher;
    pthread_mutex_t lock; /* guards all below */
    uint64_t generation;
    struct remembered places[SETS][WAYS];
};

struct refreshing {
    char hash[PEOPLE_MAC_MAX];
};

static void refresh(void *context, const void *item);

int session_cache_new(struct people *people, struct error *error,
                      struct session_cache **ret_cache) {
    struct session_cache *cache = calloc(1, sizeof *cache);
    if (!cache) return error_set(error, ERROR_NO_MEMORY, "no memory for sessions");
    cache->people = people;
    cache->refresher = refresher_new(sizeof(struct refreshing), refresh, cache);
    if (!cache->refresher) {
        free(cache);
        return error_set(error, ERROR_NO_MEMORY, "no memory for sessions");
    }
    pthread_mutex_init(&cache->lock, NULL);
    *ret_cache = cache;
    return 0;
}

void session_cache_free(struct session_cache *cache) {
    if (!cache) return;
    refresher_free(cache->refresher);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

void sessions_forget(struct people *people) {
    struct session_cache *cache = people->sessions;
    pthread_mutex_lock(&cache->lock);
    cache->generation++;
    for (int set = 0; set < SETS; set++)
        for (int way = 0; way < WAYS; way++) cache->places[set][way].used = false;
    pthread_mutex_unlock(&cache->lock);
}

/* ---- making --------------------------------------------------------------------------------- */
static void copy_line(const char *text, char *ret_text, size_t size) {
    size_t length = 0;
    for (; text && text[length] && length < size - 1; length++)
        ret_text[length] = (unsigned char)text[length] < ' ' ? ' ' : text[length];
    ret_text[length] = '\0';
    while (length && !utf8_valid(ret_text, length)) ret_text[--length] = '\0';
}

void session_make(const struct people *people, const struct user *user, bool setup,
                  const char *address, const char *agent, int64_t now_us,
                  struct session *ret_session) {
    struct session session = {.setup = setup,
                              .epoch = user->epoch,
                              .created_us = now_us,
                              .used_us = now_us,
                              .expires_us = now_us + people->options.lifetime_s * MICROSECONDS};
    id_make("ses", session.id);
    memcpy(session.user_id, user->id, ID_MAX);
    random_text(SESSION_TOKEN_LENGTH, session.token);
    people_mac(people, "session", session.token, session.hash);
    copy_line(address, session.address, sizeof session.address);
    copy_line(agent, session.agent, sizeof session.agent);
    *ret_session = session;
}

int session_insert(struct db_tx *tx, const struct session *session, struct error *error) {
    int64_t inserted = 0;
    int status = db_run(tx, error, NULL,
                        "delete from user_session where user_id = $1 and id not in"
                        " (select id from user_session where user_id = $1 order by id desc"
                        " limit $2)",
                        db_text(session->user_id), db_integer(SESSIONS_PER_USER_MAX - 1));
    if (!status)
        status = db_run(tx, error, &inserted,
                        "insert into user_session (id, user_id, hash, setup, epoch, created_us,"
                        " used_us, expires_us, address, agent)"
                        " select $1, u.id, $2, $3, u.epoch, $4, $4, $5, $6, $7 from app_user u"
                        " where u.id = $8 and u.epoch = $9 and u.status = 'active'"
                        " and $scope(u/id)",
                        db_text(session->id), db_text(session->hash), db_integer(session->setup),
                        db_integer(session->created_us), db_integer(session->expires_us),
                        db_text(session->address), db_text(session->agent),
                        db_text(session->user_id), db_integer(session->epoch));
    if (status || inserted) return status;
    return error_set(error, ERROR_DENIED, "the user was changed meanwhile");
}

/* ---- finding -------------------------------------------------------------------------------- */
struct lookup {
    const char *hash;
    bool found;
    enum scope scope;
    char root_id[ID_MAX]; /* of the chain */
    struct remembered record;
};

static int root_read(struct db_tx *tx, const char *partner_id, struct error *error,
                     char ret_root[ID_MAX]) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select c.ancestor_id from partner_closure c where c.descendant_id = $1"
                          " order by c.depth desc limit 1",
                          db_text(partner_id));
    if (!status && (status = db_next(rows, error)) > 0) {
        db_column_copy(rows, 0, ret_root, ID_MAX);
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static void caller_take(struct db_rows *rows, struct lookup *lookup) {
    struct caller *caller = &lookup->record.caller;
    *caller = (struct caller){.kind = CALLER_USER,
                              .setup = db_column_integer(rows, 2) != 0,
                              .version = api_version_count - 1,
                              .rate_limit_per_minute = USER_RATE_PER_MINUTE,
                              .proved_us = db_column_integer(rows, 3)};
    db_column_copy(rows, 0, caller->session_id, ID_MAX);
    db_column_copy(rows, 1, caller->user_id, ID_MAX);
    lookup->record.used_us = db_column_integer(rows, 4);
    lookup->record.expires_us = db_column_integer(rows, 5);
    db_column_copy(rows, 6, caller->partner_id, ID_MAX);
    caller->role = role_read(db_column_text(rows, 7, NULL), !*caller->partner_id);
    lookup->scope = scope_of(caller->role, scope_read(db_column_text(rows, 9, NULL)),
                             scope_read(db_column_text(rows, 8, NULL)));
    lookup->found = true;
}

static int lookup_body(struct db_tx *tx, void *context, struct error *error) {
    struct lookup *lookup = context;
    struct db_rows *rows = NULL;
    lookup->found = false;
    lookup->root_id[0] = '\0';
    int status = db_query(tx, error, &rows,
                          "select s.id, s.user_id, s.setup, s.created_us, s.used_us,"
                          " s.expires_us, u.partner_id, u.role, u.scope, r.scope"
                          " from user_session s join app_user u on u.id = s.user_id"
                          " and u.epoch = s.epoch and u.status = 'active' and $scope(u)"
                          " left join partner p on p.id = u.partner_id"
                          " left join role_scope r on r.partner_id = u.partner_id"
                          " and r.role = u.role and $scope(r)"
                          " where s.hash = $1 and (p.id is null or p.status <> 'ended')",
                          db_text(lookup->hash));
    if (!status && (status = db_next(rows, error)) > 0) {
        caller_take(rows, lookup);
        status = 0;
    }
    db_rows_close(rows);
    if (status || !lookup->found || lookup->scope != SCOPE_CHAIN) return status;
    return root_read(tx, lookup->record.caller.partner_id, error, lookup->root_id);
}

/* What was granted, as the wall knows it. A chain is what lies below its root. */
static void scope_set(struct caller *caller, enum scope scope, const char *root_id) {
    static const enum db_scope_kind kinds[] = {
        [SCOPE_NONE] = DB_SCOPE_NONE,        [SCOPE_PERSON] = DB_SCOPE_PERSON,
        [SCOPE_OFFICE] = DB_SCOPE_OWN,       [SCOPE_CHILDREN] = DB_SCOPE_SUBTREE,
        [SCOPE_CHAIN] = DB_SCOPE_SUBTREE,    [SCOPE_ALL] = DB_SCOPE_ALL};
    memcpy(caller->scope_root, scope == SCOPE_CHAIN ? root_id : caller->partner_id, ID_MAX);
    caller->reach = scope;
    caller->scope = (struct db_scope){.kind = kinds[scope],
                                      .partner_id = caller->scope_root,
                                      .user_id = caller->user_id};
}

static int denied(struct error *error) {
    return error_set(error, ERROR_DENIED, "the session has ended");
}

static bool holds(const struct people *people, const struct remembered *record, int64_t now_us) {
    return record->expires_us > now_us &&
           record->used_us + people->options.idle_s * MICROSECONDS > now_us;
}

static struct remembered *set_of(struct session_cache *cache, const char *hash) {
    uint32_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number * 16 + (uint32_t)(hash[i] <= '9' ? hash[i] - '0' : hash[i] - 'a' + 10);
    return cache->places[number % SETS];
}

static void remember(struct session_cache *cache, const struct remembered *record) {
    struct remembered *set = set_of(cache, record->hash), *chosen = &set[0];
    for (int way = 0; way < WAYS; way++) {
        if (set[way].used && strcmp(set[way].hash, record->hash) == 0) {
            chosen = &set[way];
            break;
        }
        if (chosen->used && (!set[way].used || set[way].read_ms < chosen->read_ms))
            chosen = &set[way];
    }
    *chosen = *record;
    caller_copy(&record->caller, &chosen->caller);
}

static void drop(struct session_cache *cache, const char *hash) {
    struct remembered *set = set_of(cache, hash);
    for (int way = 0; way < WAYS; way++)
        if (set[way].used && strcmp(set[way].hash, hash) == 0) set[way].used = false;
}

/* Reads a session's row and remembers it. Its age counts from before it was read. */
static int look_up(struct session_cache *cache, const char *hash, struct error *error,
                   struct remembered *ret_record) {
    struct lookup lookup = {.hash = hash};
    struct remembered *record = &lookup.record;
    int64_t started_ms = clock_monotonic_ms();
    pthread_mutex_lock(&cache->lock);
    uint64_t generation = cache->generation;
    pthread_mutex_unlock(&cache->lock);
    int status = db_read(cache->people->db, &db_scope_all, lookup_body, &lookup, error);
    if (!status && (!lookup.found || !holds(cache->people, record, clock_now_us())))
        status = denied(error);
    pthread_mutex_lock(&cache->lock);
    if (!status) {
        scope_set(&record->caller, lookup.scope, lookup.root_id);
        record->used = true;
        memcpy(record->hash, hash, sizeof record->hash);
        record->read_ms = record->asked_ms = started_ms;
        if (generation == cache->generation) remember(cache, record);
    } else {
        drop(cache, hash);
    }
    pthread_mutex_unlock(&cache->lock);
    if (status) return status;
    *ret_record = *record;
    caller_copy(&record->caller, &ret_record->caller);
    return 0;
}

/* ---- use ------------------------------------------------------------------------------------ */
struct touch {
    const char *hash;
    int64_t now_us;
};

static int touch_body(struct db_tx *tx, void *context, struct error *error) {
    const struct touch *touch = context;
    return db_run(tx, error, NULL,
                  "update user_session set used_us = $2 where hash = $1 and used_us < $2",
                  db_text(touch->hash), db_integer(touch->now_us));
}

/* Keeps that it is used, once a minute, and reads it again. A store that fails is told to those who
 * ask when what is remembered is too old, not here. */
static void refresh(void *context, const void *item) {
    struct session_cache *cache = context;
    const struct refreshing *refreshing = item;
    struct touch touch = {.hash = refreshing->hash, .now_us = clock_now_us()};
    struct remembered record;
    if (look_up(cache, touch.hash, NULL, &record)) return;
    if (record.used_us + (int64_t)SESSION_TOUCH_S * MICROSECONDS > touch.now_us) return;
    (void)db_write(cache->people->db, &db_scope_none, touch_body, &touch, NULL);
}

int session_caller(struct people *people, const char *token, struct error *error,
                   struct caller *ret_caller) {
    struct session_cache *cache = people->sessions;
    struct refreshing refreshing;
    struct remembered record;
    bool known = false, due = false;
    if (strlen(token) != SESSION_TOKEN_LENGTH) return denied(error);
    people_mac(people, "session", token, refreshing.hash);
    int64_t now_ms = clock_monotonic_ms(), now_us = clock_now_us();
    pthread_mutex_lock(&cache->lock);
    struct remembered *set = set_of(cache, refreshing.hash);
    for (int way = 0; way < WAYS && !known; way++) {
        struct remembered *place = &set[way];
        if (!place->used || strcmp(place->hash, refreshing.hash) != 0) continue;
        known = now_ms - place->read_ms < SESSION_CACHE_AGE_MS && holds(people, place, now_us);
        due = known && now_ms - place->read_ms >= SESSION_REFRESH_MS &&
              now_ms - place->asked_ms >= REFRESH_AGAIN_MS;
        if (due) place->asked_ms = now_ms;
        if (known) caller_copy(&place->caller, ret_caller);
    }
    pthread_mutex_unlock(&cache->lock);
    if (known) {
        if (due) (void)refresher_ask(cache->refresher, &refreshing);
        return 0;
    }
    int status = look_up(cache, refreshing.hash, error, &record);
    if (status) return status;
    caller_copy(&record.caller, ret_caller);
    if (record.used_us + (int64_t)SESSION_TOUCH_S * MICROSECONDS <= now_us)
        (void)refresher_ask(cache->refresher, &refreshing);
    return 0;
}

/* ---- listing and ending --------------------------------------------------------------------- */
int session_list(struct db_tx *tx, const struct people *people, const char *user_id,
                 int64_t now_us, struct error *error, struct session *ret_sessions,
                 int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          "select s.id, s.setup, s.created_us, s.used_us, s.expires_us, s.address,"
                          " s.agent from user_session s join app_user u on u.id = s.user_id"
                          " and u.epoch = s.epoch and $scope(u/id) where s.user_id = $1"
                          " and s.expires_us > $2 and s.used_us > $3 order by s.id desc limit $4",
                          db_text(user_id), db_integer(now_us),
                          db_integer(now_us - people->options.idle_s * MICROSECONDS),
                          db_integer(SESSIONS_PER_USER_MAX));
    while (!status && count < SESSIONS_PER_USER_MAX && (status = db_next(rows, error)) > 0) {
        struct session *session = &ret_sessions[count++];
        memset(session, 0, sizeof *session);
        db_column_copy(rows, 0, session->id, ID_MAX);
        session->setup = db_column_integer(rows, 1) != 0;
        session->created_us = db_column_integer(rows, 2);
        session->used_us = db_column_integer(rows, 3);
        session->expires_us = db_column_integer(rows, 4);
        db_column_copy(rows, 5, session->address, sizeof session->address);
        db_column_copy(rows, 6, session->agent, sizeof session->agent);
        status = 0;
    }
    db_rows_close(rows);
    if (!status) *ret_count = count;
    return status;
}

int session_end(struct db_tx *tx, const char *user_id, const char *id, const char *except_id,
                struct error *error, int64_t *ret_ended) {
    int64_t ended = 0;
    int status = db_run(tx, error, &ended,
                        "delete from user_session where user_id = $1"
                        " and (cast($2 as text) is null or id = $2)"
                        " and (cast($3 as text) is null or id <> $3)",
                        db_text(user_id), db_text(id), db_text(except_id));
    if (!status && ret_ended) *ret_ended = ended;
    return status;
}

struct expiry {
    int64_t now_us, removed;
};

static int expire_body(struct db_tx *tx, void *context, struct error *error) {
    struct expiry *expiry = context;
    int64_t tokens = 0;
    int status = db_run(tx, error, &expiry->removed,
                        "delete from user_session where id in (select id from user_session"
                        " where expires_us < $1 order by expires_us limit $2)",
                        db_integer(expiry->now_us), db_integer(SESSIONS_EXPIRE_MAX));
    if (!status)
        status = db_run(tx, error, &tokens,
                        "delete from user_token where hash in (select hash from user_token"
                        " where expires_us < $1 order by expires_us limit $2)",
                        db_integer(expiry->now_us), db_integer(SESSIONS_EXPIRE_MAX));
    if (tokens > expiry->removed) expiry->removed = tokens;
    return status;
}

int sessions_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed) {
    struct expiry expiry = {.now_us = now_us};
    int status = db_write(db, &db_scope_none, expire_body, &expiry, error);
    if (!status) *ret_removed = expiry.removed;
    return status;
}
