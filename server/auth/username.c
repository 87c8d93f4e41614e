/* A digest is checked against the secret that is kept, and a user without one against a decoy that
 * costs the same. Only what was found right is written: a nonce costs its row after the password
 * was proved. */
#include "auth/username.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/key_secret.h"
#include "base/clock.h"
#include "base/random.h"

#define SECOND_US INT64_C(1000000)
enum { DECOY_LENGTH = 40 };
/* Nodes' clocks differ: a row stays somewhat longer than one node would take its moment. */
enum { NONCE_KEPT_S = USERNAME_AGE_MAX_S + USERNAME_AHEAD_MAX_S + 60 };
static const char decoy_place[] = "key_decoy";

struct usernames {
    struct db *db;
    struct keys *keys;
    struct encryption *encryption;
    struct buffer decoy; /* encrypted, in decoy_place */
    pthread_mutex_t lock; /* of those below */
    int64_t nonces_left; /* that may be taken before the store is asked for room again */
    int64_t ask_ms;      /* when it may be asked again, after it was full */
};

int usernames_new(struct db *db, struct keys *keys, struct encryption *encryption,
                  struct error *error, struct usernames **ret_usernames) {
    struct usernames *usernames = calloc(1, sizeof *usernames);
    char text[DECOY_LENGTH + 1];
    if (!usernames) return error_set(error, ERROR_NO_MEMORY, "no memory for user names");
    usernames->db = db;
    usernames->keys = keys;
    usernames->encryption = encryption;
    buffer_init(&usernames->decoy, KEY_SECRET_SEALED_MAX_BYTES);
    pthread_mutex_init(&usernames->lock, NULL);
    random_text(DECOY_LENGTH, text);
    int status = encryption ? encryption_seal(encryption, decoy_place, text, DECOY_LENGTH, error,
                                              &usernames->decoy)
                            : 0;
    if (status) {
        usernames_free(usernames);
        return status;
    }
    *ret_usernames = usernames;
    return 0;
}

void usernames_free(struct usernames *usernames) {
    if (!usernames) return;
    buffer_done(&usernames->decoy);
    pthread_mutex_destroy(&usernames->lock);
    free(usernames);
}

static int denied(struct error *error) {
    return error_set(error, ERROR_DENIED, "the user name, password, moment or nonce is wrong");
}

/* The caller of a key, which must be the user's. */
static int find(struct usernames *usernames, const char *user, const char *key, size_t length,
                struct error *error, struct caller *ret_caller) {
    struct caller caller;
    int status = keys_caller(usernames->keys, key, length, NULL, error, &caller);
    if (status) return status;
    size_t user_length = strlen(user);
    if (caller.kind != CALLER_SECRET_KEY || user_length != strlen(caller.key_id) ||
        !hash_equal(user, caller.key_id, user_length))
        return denied(error);
    caller_copy(&caller, ret_caller);
    ret_caller->proved |= PROOF_USERNAME; /* beside the key, which is what is proved to be had */
    return 0;
}

int usernames_password(struct usernames *usernames, const char *user, const char *password,
                       struct error *error, struct caller *ret_caller) {
    return find(usernames, user, password, strlen(password), error, ret_caller);
}

/* ---- digests -------------------------------------------------------------------------------- */
static bool digest_make(const struct username_digest *told, const struct buffer *password,
                        uint8_t ret_digest[USERNAME_DIGEST_BYTES]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 &&
                EVP_DigestUpdate(context, told->nonce, told->nonce_length) == 1 &&
                EVP_DigestUpdate(context, told->created, strlen(told->created)) == 1 &&
                EVP_DigestUpdate(context, password->data, password->length) == 1 &&
                EVP_DigestFinal_ex(context, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return made;
}

/* The user's secret, or the decoy's, in plain. */
static int secret_read(struct usernames *usernames, const char *user, struct error *error,
                       struct buffer *password, bool *ret_known) {
    struct buffer sealed;
    buffer_init(&sealed, KEY_SECRET_SEALED_MAX_BYTES);
    int status = key_secret_read(usernames->db, user, error, &sealed);
    bool known = !status && sealed.length > 0;
    if (!status)
        status = encryption_unseal(usernames->encryption, known ? user : decoy_place,
                                   known ? sealed.data : usernames->decoy.data, error, password);
    if (!status) *ret_known = known;
    buffer_done(&sealed);
    return status;
}

struct taking {
    char digest[SHA256_HEX_MAX];
    int64_t expires_us;
};

static int take_body(struct db_tx *tx, void *context, struct error *error) {
    const struct taking *taking = context;
    int64_t inserted = 0;
    return db_run(tx, error, &inserted,
                  "insert into message_nonce (digest, expires_us) values ($1, $2)",
                  db_text(taking->digest), db_integer(taking->expires_us));
}

static int count_body(struct db_tx *tx, void *context, struct error *error) {
    int64_t *count = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select count(*) from (select 1 from message_nonce limit $1) as n",
                          db_integer(USERNAME_NONCES_MAX));
    if (!status) status = db_next(rows, error);
    if (status > 0) *count = db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* The lock is held: whoever needs room as well waits for the same look. */
static int ask_for_room(struct usernames *usernames, struct error *error) {
    int64_t count = USERNAME_NONCES_MAX, now_ms = clock_monotonic_ms();
    int status = 0;
    if (now_ms >= usernames->ask_ms) {
        status = db_read(usernames->db, &db_scope_all, count_body, &count, error);
        if (status) return status;
        usernames->ask_ms = count < USERNAME_NONCES_MAX ? 0 : now_ms + USERNAME_NONCES_FULL_MS;
    }
    int64_t room = USERNAME_NONCES_MAX - count;
    if (room == 0)
        return error_set(error, ERROR_BUSY, "%d nonces are kept, and no more", USERNAME_NONCES_MAX);
    usernames->nonces_left = room < USERNAME_NONCES_BLOCK_MAX ? room : USERNAME_NONCES_BLOCK_MAX;
    return 0;
}

static int room_take(struct usernames *usernames, struct error *error) {
    pthread_mutex_lock(&usernames->lock);
    int status = usernames->nonces_left ? 0 : ask_for_room(usernames, error);
    if (!status) usernames->nonces_left--;
    pthread_mutex_unlock(&usernames->lock);
    return status;
}

static int nonce_take(struct usernames *usernames, const struct username_digest *told,
                      struct error *error) {
    struct taking taking = {.expires_us = told->created_us + NONCE_KEPT_S * SECOND_US};
    struct error failure = {0};
    char text[ID_MAX + USERNAME_NONCE_MAX_BYTES];
    size_t length = strlen(told->user);
    int status = room_take(usernames, error);
    if (status) return status;
    memcpy(text, told->user, length);
    memcpy(text + length, told->nonce, told->nonce_length);
    hash_sha256_hex(text, length + told->nonce_length, taking.digest);
    status = db_write(usernames->db, &db_scope_all, take_body, &taking, &failure);
    if (status == ERROR_CONFLICT) return denied(error);
    return status ? error_set(error, status, "%s", failure.text) : 0;
}

static bool is_timely(int64_t created_us, int64_t now_us) {
    return created_us >= now_us - USERNAME_AGE_MAX_S * SECOND_US &&
           created_us <= now_us + USERNAME_AHEAD_MAX_S * SECOND_US;
}

int usernames_digest(struct usernames *usernames, const struct username_digest *digest,
                     int64_t now_us, struct error *error, struct caller *ret_caller) {
    struct buffer password;
    struct caller caller;
    uint8_t expected[USERNAME_DIGEST_BYTES];
    bool known = false;
    if (!usernames->encryption || digest->nonce_length > USERNAME_NONCE_MAX_BYTES ||
        strlen(digest->user) >= ID_MAX)
        return denied(error);
    buffer_init(&password, KEY_SECRET_SEALED_MAX_BYTES);
    int status = secret_read(usernames, digest->user, error, &password, &known);
    if (!status && !digest_make(digest, &password, expected))
        status = error_set(error, ERROR_NO_MEMORY, "no memory for a digest");
    if (!status) {
        bool right = hash_equal(expected, digest->digest, sizeof expected);
        if (!known || !right || !is_timely(digest->created_us, now_us)) status = denied(error);
    }
    if (!status)
        status = find(usernames, digest->user, password.data, password.length, error, &caller);
    if (!status) status = nonce_take(usernames, digest, error);
    if (!status) caller_copy(&caller, ret_caller);
    if (password.data) explicit_bzero(password.data, password.length);
    buffer_done(&password);
    explicit_bzero(expected, sizeof expected);
    return status;
}

/* ---- expiry --------------------------------------------------------------------------------- */
struct expiry {
    int64_t now_us, removed;
};

static int expire_body(struct db_tx *tx, void *context, struct error *error) {
    struct expiry *expiry = context;
    struct db_rows *rows = NULL;
    int64_t bound_us = expiry->now_us;
    int status = db_query(tx, error, &rows,
                          "select expires_us from message_nonce where expires_us <= $1"
                          " order by expires_us limit 1 offset $2",
                          db_integer(expiry->now_us), db_integer(USERNAME_NONCES_EXPIRE_MAX - 1));
    if (!status) status = db_next(rows, error);
    if (status > 0) bound_us = db_column_integer(rows, 0);
    db_rows_close(rows);
    if (status < 0) return status;
    return db_run(tx, error, &expiry->removed, "delete from message_nonce where expires_us <= $1",
                  db_integer(bound_us));
}

int usernames_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed) {
    struct expiry expiry = {.now_us = now_us};
    int status = db_write(db, &db_scope_all, expire_body, &expiry, error);
    if (!status) *ret_removed = expiry.removed;
    return status;
}
