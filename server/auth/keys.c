/* Makes, finds and revokes API keys. Where the caller goes from here (which operations, how often)
 * is the dispatcher's business.
 *
 * Only keys that hold are cached: a wrong, an expired and a revoked one each cost the same look
 * into the store, so that time tells nothing. A lookup that began before a revocation must not put
 * the old row back: `generation` counts revocations and such a lookup is not cached. */
#include "auth/keys.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/key_cache.h"
#include "auth/key_secret.h"
#include "auth/keys_inside.h"
#include "auth/organisation_key.h"
#include "auth/origin.h"
#include "auth/requirement.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/refresher.h"
#include "base/utf8.h"
#include "message/api_version.h"

enum {
    PEPPER_BYTES_MIN = 32,
    PEPPER_BYTES_MAX = 64,
    KEY_RANDOM_LENGTH = 32,
    KEY_MARK_LENGTH = 8,   /* "sk_live_" */
    KEY_PREFIX_LENGTH = 12 /* what is kept in plain: the mark and four characters */
};

/* No key has these forms. */
#define TOKEN_PURPOSE "access tokens"
#define INPUT_PURPOSE "inputs of requests"

struct keys {
    struct db *db;
    struct hash_hmac_key pepper, tokens, inputs; /* the others are made from the first */
    pthread_mutex_t mutex; /* guards cache and generation */
    struct key_cache *cache;
    uint64_t generation;
    struct refresher *refresher;
    char operator[OPERATOR_MAX]; /* "": nobody has said who */
};

static void refresh_key(void *context, const void *digest);

static int hex_digit(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    return -1;
}

static bool pepper_read(const char *hex, struct hash_hmac_key *ret_pepper) {
    uint8_t pepper[PEPPER_BYTES_MAX];
    size_t length = strlen(hex);
    if (length % 2 || length / 2 < PEPPER_BYTES_MIN || length / 2 > PEPPER_BYTES_MAX) return false;
    for (size_t i = 0; i < length / 2; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        pepper[i] = (uint8_t)(high * 16 + low);
    }
    hash_hmac_key_init(ret_pepper, pepper, length / 2);
    explicit_bzero(pepper, sizeof pepper);
    return true;
}

/* A key for one purpose, from the pepper. */
static void purpose_key(const struct hash_hmac_key *pepper, const char *purpose,
                        struct hash_hmac_key *ret_key) {
    uint8_t made[SHA256_BYTES];
    hash_hmac_sha256_with(pepper, purpose, strlen(purpose), made);
    hash_hmac_key_init(ret_key, made, sizeof made);
    explicit_bzero(made, sizeof made);
}

static void key_digest(const struct keys *keys, const char *key, size_t length,
                       uint8_t ret_digest[SHA256_BYTES]) {
    hash_hmac_sha256_with(&keys->pepper, key, length, ret_digest);
}

int keys_new(struct db *db, const char *pepper_hex, struct error *error, struct keys **ret_keys) {
    struct keys *keys = calloc(1, sizeof *keys);
    if (!keys) return error_set(error, ERROR_NO_MEMORY, "no memory for the keys");
    keys->db = db;
    if (!pepper_read(pepper_hex, &keys->pepper)) {
        free(keys);
        return error_set(error, ERROR_INVALID,
                         "key_pepper in koppel.conf must be %d to %d hexadecimal digits: restore "
                         "the line that `koppel init` wrote",
                         2 * PEPPER_BYTES_MIN, 2 * PEPPER_BYTES_MAX);
    }
    purpose_key(&keys->pepper, TOKEN_PURPOSE, &keys->tokens);
    purpose_key(&keys->pepper, INPUT_PURPOSE, &keys->inputs);
    keys->cache = key_cache_new();
    keys->refresher = refresher_new(SHA256_BYTES, refresh_key, keys);
    if (!keys->cache || !keys->refresher) {
        key_cache_free(keys->cache);
        refresher_free(keys->refresher);
        free(keys);
        return error_set(error, ERROR_NO_MEMORY, "no memory for the cache of keys");
    }
    pthread_mutex_init(&keys->mutex, NULL);
    *ret_keys = keys;
    return 0;
}

void keys_free(struct keys *keys) {
    if (!keys) return;
    refresher_free(keys->refresher);
    key_cache_free(keys->cache);
    pthread_mutex_destroy(&keys->mutex);
    explicit_bzero(&keys->pepper, sizeof keys->pepper);
    explicit_bzero(&keys->tokens, sizeof keys->tokens);
    free(keys);
}

/* ---- who does it ---------------------------------------------------------------------------- */
void keys_set_operator(struct keys *keys, const char *name) {
    snprintf(keys->operator, sizeof keys->operator, "%s", name);
}

struct recorded {
    const struct keys *keys;
    const struct command_deed *deed;
    db_body body;
    void *context;
};

static int recorded_body(struct db_tx *tx, void *context, struct error *error) {
    const struct recorded *recorded = context;
    const char *operator = recorded->keys->operator;
    int status = recorded->body(tx, recorded->context, error);
    if (!status && *operator) status = command_deed_record(tx, recorded->deed, operator, error);
    return status;
}

static int write_deed(struct keys *keys, const struct command_deed *deed, db_body body,
                      void *context, struct error *error) {
    struct recorded recorded = {keys, deed, body, context};
    return db_write(keys->db, &db_scope_all, recorded_body, &recorded, error);
}

/* ---- making --------------------------------------------------------------------------------- */
struct creation {
    const struct key_options *options;
    char (*origins)[KEY_ORIGIN_MAX];
    char id[ID_MAX];
    char prefix[KEY_PREFIX_LENGTH + 1];
    char hash[SHA256_HEX_MAX];
    const char *version;  /* of the API */
    struct buffer sealed; /* the key, encrypted; empty: it is not kept */
    int64_t now_us;
};

int keys_partner_exists(struct db_tx *tx, const char *partner_id, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, "select 1 from partner where id = $1",
                          db_text(partner_id));
    if (status) return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status < 0) return status;
    if (status) return 0;
    return error_set(error, ERROR_NOT_FOUND,
                     "there is no partner '%.60s': `koppel key list` shows the partners",
                     partner_id);
}

int keys_name_check(const char *what, const char *name, struct error *error) {
    size_t length = name ? strlen(name) : 0, characters = 0;
    bool plain = name && utf8_valid(name, length);
    if (plain) characters = utf8_count(name, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)name[i];
        plain = plain && byte >= 0x20 && byte != 0x7F;
    }
    if (plain && characters && characters <= KEY_NAME_MAX) return 0;
    return error_set(error, ERROR_INVALID,
                     "%s needs a name of 1 to %d characters that says which system holds it", what,
                     KEY_NAME_MAX);
}

static int create_body(struct db_tx *tx, void *context, struct error *error) {
    const struct creation *creation = context;
    const struct key_options *options = creation->options;
    int64_t rate = options->rate_limit_per_minute;
    if (rate < 0) rate = KEY_RATE_LIMIT_DEFAULT;
    if (options->organisation_name) {
        struct organisation_key key = {.id = creation->id,
                                       .name = options->organisation_name,
                                       .prefix = creation->prefix,
                                       .hash = creation->hash,
                                       .test = options->test,
                                       .rate_limit_per_minute = rate,
                                       .expires_us = options->expires_us,
                                       .created_us = creation->now_us,
                                       .version = creation->version};
        return organisation_key_insert(tx, &key, error);
    }
    int status = keys_partner_exists(tx, options->partner_id, error);
    if (status) return status;
    status = db_run(tx, error, NULL,
                    "insert into api_key (id, partner_id, kind, mode, prefix, hash,"
                    " rate_limit_per_minute, expires_us, created_us, api_version)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    db_text(creation->id), db_text(options->partner_id),
                    db_text(options->secret ? "secret" : "publishable"),
                    db_text(options->test ? "test" : "live"), db_text(creation->prefix),
                    db_text(creation->hash),
                    db_integer(rate),
                    options->expires_us ? db_integer(options->expires_us) : db_null(),
                    db_integer(creation->now_us), db_text(creation->version));
    if (!status && creation->sealed.length)
        status = key_secret_insert(tx, creation->id, creation->sealed.data, error);
    for (int i = 0; !status && i < options->origin_count; i++) {
        bool repeated = false;
        for (int j = 0; j < i && !repeated; j++)
            repeated = strcmp(creation->origins[i], creation->origins[j]) == 0;
        if (repeated) continue;
        status = db_run(tx, error, NULL,
                        "insert into api_key_origin (key_id, origin) values ($1, $2)",
                        db_text(creation->id), db_text(creation->origins[i]));
    }
    return status;
}

static int options_check(const struct key_options *options, struct error *error) {
    if (options->version && keys_version_check(options->version, error)) return ERROR_INVALID;
    if (options->organisation_name) {
        if (options->partner_id || options->origin_count)
            return error_set(error, ERROR_INVALID,
                             "a key of the organisation has no partner and no origins");
        return keys_name_check("a key of the organisation", options->organisation_name, error);
    }
    if (!options->partner_id || !id_valid("ptr", options->partner_id, strlen(options->partner_id)))
        return error_set(error, ERROR_INVALID,
                         "a partner's id looks like ptr_06fd…: '%.60s' is none",
                         options->partner_id ? options->partner_id : "");
    if (options->secret && options->origin_count)
        return error_set(error, ERROR_INVALID,
                         "a secret key has no origins: it never belongs on a website");
    if (!options->secret && options->kept_under)
        return error_set(error, ERROR_INVALID, "only of a secret key is the text kept");
    if (!options->secret && !options->origin_count)
        return error_set(error, ERROR_INVALID,
                         "a publishable key needs at least one origin, such as "
                         "https://www.example.nl");
    if (options->origin_count < 0 || options->origin_count > KEY_ORIGINS_MAX)
        return error_set(error, ERROR_INVALID, "a key has at most %d origins", KEY_ORIGINS_MAX);
    return 0;
}

int keys_create(struct keys *keys, const struct key_options *options, struct error *error,
                char ret_key_id[ID_MAX], char ret_key[KEY_TEXT_MAX]) {
    int status = options_check(options, error);
    if (status) return status;
    char(*origins)[KEY_ORIGIN_MAX] = calloc((size_t)options->origin_count + 1, sizeof *origins);
    if (!origins) return error_set(error, ERROR_NO_MEMORY, "no memory for a key's origins");
    for (int i = 0; !status && i < options->origin_count; i++)
        status = origin_normalise(options->origins[i], error, origins[i]);
    if (status) {
        free(origins);
        return status;
    }
    char random[KEY_RANDOM_LENGTH + 1], key[KEY_TEXT_MAX];
    random_text(KEY_RANDOM_LENGTH, random);
    snprintf(key, sizeof key, "%s_%s_%s",
             options->organisation_name ? "ok" : options->secret ? "sk" : "pk",
             options->test ? "test" : "live", random);
    struct creation creation = {
        .options = options, .origins = origins, .now_us = clock_now_us(),
        .version = options->version ? options->version
                                    : api_version_date(api_version_count - 1)};
    uint8_t digest[SHA256_BYTES];
    id_make(options->organisation_name ? ORGANISATION_KEY_PREFIX : "key", creation.id);
    snprintf(creation.prefix, sizeof creation.prefix, "%.*s", KEY_PREFIX_LENGTH, key);
    key_digest(keys, key, strlen(key), digest);
    hash_hex(digest, sizeof digest, creation.hash);
    buffer_init(&creation.sealed, KEY_SECRET_SEALED_MAX_BYTES);
    if (options->kept_under)
        status = encryption_seal(options->kept_under, creation.id, key, strlen(key), error,
                                 &creation.sealed);
    const struct command_deed deed = {.name = "CreateKey", .subject_id = creation.id};
    if (!status) status = write_deed(keys, &deed, create_body, &creation, error);
    buffer_done(&creation.sealed);
    if (!status) {
        memcpy(ret_key_id, creation.id, ID_MAX);
        memcpy(ret_key, key, KEY_TEXT_MAX);
    }
    explicit_bzero(random, sizeof random);
    explicit_bzero(key, sizeof key);
    free(origins);
    return status;
}

/* ---- revoking ------------------------------------------------------------------------------- */
struct revocation {
    const char *key_id;
    int64_t now_us;
};

static int revoke_body(struct db_tx *tx, void *context, struct error *error) {
    const struct revocation *revocation = context;
    struct db_rows *rows = NULL;
    if (id_valid(ORGANISATION_KEY_PREFIX, revocation->key_id, strlen(revocation->key_id)))
        return organisation_key_revoke(tx, revocation->key_id, revocation->now_us, error);
    int status = db_query(tx, error, &rows,
                          "select k.revoked_us from api_key k where k.id = $1 and $scope(k)",
                          db_text(revocation->key_id));
    if (status) return status;
    status = db_next(rows, error);
    bool revoked = status > 0 && !db_column_null(rows, 0);
    db_rows_close(rows);
    if (status < 0) return status;
    if (!status)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no key '%.60s': `koppel key list` shows the ids",
                         revocation->key_id);
    if (revoked) return 0;
    return db_run(tx, error, NULL,
                  "update api_key as k set revoked_us = $1 where k.id = $2 and $scope(k)",
                  db_integer(revocation->now_us), db_text(revocation->key_id));
}

int keys_revoke(struct keys *keys, const char *key_id, struct error *error) {
    struct revocation revocation = {.key_id = key_id, .now_us = clock_now_us()};
    const struct command_deed deed = {.name = "RevokeKey", .subject_id = key_id};
    return keys_change(keys, &deed, revoke_body, &revocation, error);
}

int keys_change(struct keys *keys, const struct command_deed *deed, db_body body, void *context,
                struct error *error) {
    int status = write_deed(keys, deed, body, context, error);
    if (status) return status;
    pthread_mutex_lock(&keys->mutex);
    keys->generation++;
    key_cache_clear(keys->cache);
    pthread_mutex_unlock(&keys->mutex);
    return 0;
}

/* ---- finding -------------------------------------------------------------------------------- */
struct lookup {
    const char *hash;
    bool found, revoked;
    struct key_record record;
};

static int origins_read(struct db_tx *tx, struct key_record *record, struct error *error) {
    struct db_rows *rows = NULL;
    struct buffer origins;
    buffer_init(&origins, (size_t)KEY_ORIGINS_MAX * KEY_ORIGIN_MAX);
    int status = db_query(tx, error, &rows,
                          "select origin from api_key_origin where key_id = $1 order by origin",
                          db_text(record->id));
    while (!status && (status = db_next(rows, error)) > 0) {
        const char *origin = db_column_text(rows, 0, NULL);
        buffer_text(&origins, origin ? origin : "");
        buffer_char(&origins, '\n');
        status = 0;
    }
    db_rows_close(rows);
    if (!status && origins.failed)
        status = error_set(error, ERROR_NO_MEMORY, "no memory for a key's origins");
    if (status) {
        buffer_done(&origins);
        return status;
    }
    record->origins = origins.data;
    return 0;
}

static enum caller_kind kind_read(const char *text) {
    return strcmp(text, "secret") == 0         ? CALLER_SECRET_KEY
           : strcmp(text, "organisation") == 0 ? CALLER_ORGANISATION
                                               : CALLER_PUBLISHABLE_KEY;
}

/* What the row found leads to: websites of a key, what the partner requires. */
static int lookup_more(struct db_tx *tx, struct key_record *record, struct error *error) {
    if (record->kind == CALLER_PUBLISHABLE_KEY) return origins_read(tx, record, error);
    if (record->kind == CALLER_ORGANISATION) return 0;
    return requirement_read(tx, record->partner_id, error, record->required);
}

static int lookup_body(struct db_tx *tx, void *context, struct error *error) {
    struct lookup *lookup = context;
    struct db_rows *rows = NULL;
    lookup->found = false;
    free(lookup->record.origins); /* of an earlier run of this body */
    lookup->record.origins = NULL;
    int status = db_query(tx, error, &rows,
                          "select k.id, k.partner_id, k.kind, k.mode, k.rate_limit_per_minute,"
                          " k.expires_us, k.revoked_us, c.id, c.begins_us, k.api_version"
                          " from api_key k"
                          " left join partner_certificate c on c.key_id = k.id and $scope(c)"
                          " where k.hash = $1 and $scope(k) union all"
                          " select o.id, '', 'organisation', o.mode, o.rate_limit_per_minute,"
                          " o.expires_us, o.revoked_us, null, null, o.api_version"
                          " from organisation_key o"
                          " where o.hash = $1",
                          db_text(lookup->hash));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        struct key_record *record = &lookup->record;
        lookup->found = true;
        snprintf(record->id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
        snprintf(record->partner_id, ID_MAX, "%s", db_column_text(rows, 1, NULL));
        record->kind = kind_read(db_column_text(rows, 2, NULL));
        record->test = strcmp(db_column_text(rows, 3, NULL), "test") == 0;
        record->rate_limit_per_minute = db_column_integer(rows, 4);
        record->expires_us = db_column_integer(rows, 5);
        lookup->revoked = !db_column_null(rows, 6);
        const char *certificate = db_column_text(rows, 7, NULL);
        snprintf(record->certificate_id, ID_MAX, "%s", certificate ? certificate : "");
        record->begins_us = db_column_integer(rows, 8);
        record->version = api_version_stored(db_column_text(rows, 9, NULL));
    }
    db_rows_close(rows);
    if (status < 0) return status;
    return lookup->found ? lookup_more(tx, &lookup->record, error) : 0;
}

static bool origin_listed(const char *origins, const char *origin) {
    size_t length = strlen(origin);
    for (const char *line = origins; line && *line;) {
        const char *end = strchr(line, '\n');
        if ((size_t)(end - line) == length && memcmp(line, origin, length) == 0) return true;
        line = end + 1;
    }
    return false;
}

static bool caller_fill(const struct key_record *record, const uint8_t digest[SHA256_BYTES],
                        const char *origin, int64_t now_us, struct caller *caller) {
    if (record->expires_us && record->expires_us <= now_us) return false;
    if (record->begins_us > now_us) return false;
    *caller = (struct caller){
        .kind = record->kind,
        .proved = *record->certificate_id ? PROOF_CERTIFICATE : PROOF_KEY,
        .test = record->test,
        .version = record->version,
        .origin_listed = record->kind == CALLER_PUBLISHABLE_KEY && origin &&
                         origin_listed(record->origins, origin),
        .rate_limit_per_minute = record->rate_limit_per_minute,
        .scope = {.kind = DB_SCOPE_OWN, .partner_id = caller->partner_id}};
    if (record->kind == CALLER_ORGANISATION) caller->scope = db_scope_all;
    memcpy(caller->partner_id, record->partner_id, ID_MAX);
    memcpy(caller->key_id, record->id, ID_MAX);
    memcpy(caller->certificate_id, record->certificate_id, ID_MAX);
    memcpy(caller->required, record->required, sizeof caller->required);
    memcpy(caller->digest, digest, SHA256_BYTES);
    return true;
}

static bool key_in_form(const char *key, size_t length) {
    static const char *const marks[] = {"sk_live_", "sk_test_", "pk_live_",
                                        "pk_test_", "ok_live_", "ok_test_"};
    if (!key || length != KEY_MARK_LENGTH + KEY_RANDOM_LENGTH) return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memcmp(key, marks[i], KEY_MARK_LENGTH) == 0) return true;
    return false;
}

int keys_denied(struct error *error) {
    return error_set(error, ERROR_DENIED, "the key is wrong, expired or revoked");
}

/* Reads a key's row and remembers it. Another lookup's row may be newer, but not older than this
 * one's start, from which its age counts. ERROR_DENIED: there is none that holds, and what was
 * remembered of it is forgotten. */
static int look_up(struct keys *keys, const uint8_t digest[SHA256_BYTES], const char *origin,
                   struct error *error, struct caller *ret_caller) {
    char hash[SHA256_HEX_MAX];
    hash_hex(digest, SHA256_BYTES, hash);
    struct lookup lookup = {.hash = hash};
    int64_t now_us = clock_now_us(), started_ms = clock_monotonic_ms();
    pthread_mutex_lock(&keys->mutex);
    uint64_t generation = keys->generation;
    pthread_mutex_unlock(&keys->mutex);
    int status = db_read(keys->db, &db_scope_all, lookup_body, &lookup, error);
    if (!status && (!lookup.found || lookup.revoked ||
                    !caller_fill(&lookup.record, digest, origin, now_us, ret_caller)))
        status = keys_denied(error);
    pthread_mutex_lock(&keys->mutex);
    bool remembered = !status && generation == keys->generation;
    if (remembered) key_cache_put(keys->cache, digest, &lookup.record, started_ms);
    if (status == ERROR_DENIED) key_cache_drop(keys->cache, digest);
    pthread_mutex_unlock(&keys->mutex);
    if (!remembered) free(lookup.record.origins);
    return status;
}

/* The store's failure is told to those who ask when the record is too old, not here. */
static void refresh_key(void *context, const void *digest) {
    struct caller unused;
    (void)look_up(context, digest, NULL, NULL, &unused);
}

int keys_caller(struct keys *keys, const char *key, size_t key_length, const char *origin,
                struct error *error, struct caller *ret_caller) {
    if (!key_in_form(key, key_length)) return keys_denied(error);
    uint8_t digest[SHA256_BYTES];
    key_digest(keys, key, key_length, digest);
    return keys_find(keys, digest, origin, error, ret_caller);
}

void keys_token_mac(const struct keys *keys, const void *bytes, size_t length,
                    uint8_t ret_mac[SHA256_BYTES]) {
    hash_hmac_sha256_with(&keys->tokens, bytes, length, ret_mac);
}

void keys_input_mac(const struct keys *keys, const void *bytes, size_t length,
                    uint8_t ret_mac[SHA256_BYTES]) {
    hash_hmac_sha256_with(&keys->inputs, bytes, length, ret_mac);
}

int keys_find(struct keys *keys, const uint8_t digest[SHA256_BYTES], const char *origin,
              struct error *error, struct caller *ret_caller) {
    bool due = false;
    pthread_mutex_lock(&keys->mutex);
    const struct key_record *cached =
        key_cache_find(keys->cache, digest, clock_monotonic_ms(), &due);
    bool known = cached && caller_fill(cached, digest, origin, clock_now_us(), ret_caller);
    pthread_mutex_unlock(&keys->mutex);
    if (due) (void)refresher_ask(keys->refresher, digest);
    return known ? 0 : look_up(keys, digest, origin, error, ret_caller);
}

struct origin_lookup {
    const char *origin;
    int64_t now_us;
    bool known;
};

static int origin_body(struct db_tx *tx, void *context, struct error *error) {
    struct origin_lookup *lookup = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select 1 from api_key_origin o join api_key k on k.id = o.key_id"
                          " where o.origin = $1 and k.revoked_us is null"
                          " and (k.expires_us is null or k.expires_us > $2) and $scope(k) limit 1",
                          db_text(lookup->origin), db_integer(lookup->now_us));
    if (status) return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status < 0) return status;
    lookup->known = status > 0;
    return 0;
}

int keys_origin_known(struct keys *keys, const char *origin, struct error *error,
                      bool *ret_known) {
    struct origin_lookup lookup = {.origin = origin, .now_us = clock_now_us()};
    if (strlen(origin) >= KEY_ORIGIN_MAX) {
        *ret_known = false;
        return 0;
    }
    int status = db_read(keys->db, &db_scope_all, origin_body, &lookup, error);
    if (!status) *ret_known = lookup.known;
    return status;
}
