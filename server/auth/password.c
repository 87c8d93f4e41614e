/* Hashing by turns. What is refused is in password_common.c. */
#include "auth/password.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEPT_HASH_BYTES = 32, MEMORY_KIB_MAX = 1 << 20 };
_Static_assert(PASSWORD_HASH_MAX >= crypto_pwhash_STRBYTES, "a hash fits");

const struct password_cost password_cost_default = {PASSWORD_PASSES, PASSWORD_MEMORY_BYTES};

struct passwords {
    struct password_cost cost;
    char nobodys[PASSWORD_HASH_MAX]; /* what is checked where there is nothing to check */
    pthread_mutex_t lock;            /* guards both counts */
    pthread_cond_t turn;
    int free_turns, waiting;
};

/* ---- turns ---------------------------------------------------------------------------------- */
static int turn_take(struct passwords *passwords, struct error *error) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PASSWORD_WAIT_MS / 1000;
    pthread_mutex_lock(&passwords->lock);
    bool room = passwords->free_turns > 0 || passwords->waiting < PASSWORDS_WAITING_MAX;
    int waited = 0;
    passwords->waiting++;
    while (room && passwords->free_turns == 0 && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&passwords->turn, &passwords->lock, &until);
    passwords->waiting--;
    bool taken = room && passwords->free_turns > 0;
    if (taken) passwords->free_turns--;
    pthread_mutex_unlock(&passwords->lock);
    return taken ? 0 : error_set(error, ERROR_BUSY, "too many passwords are checked at once");
}

static void turn_give(struct passwords *passwords) {
    pthread_mutex_lock(&passwords->lock);
    passwords->free_turns++;
    pthread_cond_signal(&passwords->turn);
    pthread_mutex_unlock(&passwords->lock);
}

/* ---- hashes --------------------------------------------------------------------------------- */
static int make(const struct password_cost *cost, const char *password, struct error *error,
                char ret_hash[PASSWORD_HASH_MAX]) {
    char hash[PASSWORD_HASH_MAX] = "";
    if (crypto_pwhash_str_alg(hash, password, strlen(password), cost->passes, cost->memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return error_set(error, ERROR_NO_MEMORY, "no memory to hash a password");
    memcpy(ret_hash, hash, sizeof hash);
    return 0;
}

int passwords_new(const struct password_cost *cost, int at_once, struct error *error,
                  struct passwords **ret_passwords) {
    pthread_condattr_t attributes;
    if (sodium_init() < 0)
        return error_set(error, ERROR_INTERNAL, "libsodium cannot be used on this machine");
    struct passwords *passwords = calloc(1, sizeof *passwords);
    if (!passwords) return error_set(error, ERROR_NO_MEMORY, "no memory for passwords");
    passwords->cost = *cost;
    passwords->free_turns = at_once;
    /* In the form of a hash, with a salt and an end that nothing leads to. */
    snprintf(passwords->nobodys, sizeof passwords->nobodys,
             "$argon2id$v=19$m=%zu,t=%llu,p=1$S2VlcHNOb2JvZHlPdXRBbg$"
             "Tm90aGluZ0xlYWRzSGVyZU5vdEV2ZW5BTHVja3lHdWVzcyE", cost->memory_bytes / 1024,
             (unsigned long long)cost->passes);
    pthread_mutex_init(&passwords->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&passwords->turn, &attributes);
    pthread_condattr_destroy(&attributes);
    *ret_passwords = passwords;
    return 0;
}

void passwords_free(struct passwords *passwords) {
    if (!passwords) return;
    pthread_cond_destroy(&passwords->turn);
    pthread_mutex_destroy(&passwords->lock);
    free(passwords);
}

int passwords_hash(struct passwords *passwords, const char *password, struct error *error,
                   char ret_hash[PASSWORD_HASH_MAX]) {
    int status = turn_take(passwords, error);
    if (status) return status;
    status = make(&passwords->cost, password, error, ret_hash);
    turn_give(passwords);
    return status;
}

/* A hash that was kept, as its text says. libsodium's own check of the text tells a wrong password
 * and no memory alike, which must not be: so it is taken apart here. */
struct kept {
    unsigned long long passes;
    size_t memory_bytes;
    unsigned char salt[crypto_pwhash_SALTBYTES], hash[KEPT_HASH_BYTES];
};

static bool number_read(const char **at, const char *before, unsigned long long *ret_number) {
    char *end;
    size_t length = strlen(before);
    if (strncmp(*at, before, length) != 0) return false;
    *ret_number = strtoull(*at + length, &end, 10);
    if (end == *at + length) return false;
    *at = end;
    return true;
}

static bool bytes_read(const char **at, unsigned char *ret_bytes, size_t size) {
    size_t length = 0;
    const char *end = NULL;
    if (**at != '$') return false;
    size_t characters = strcspn(*at + 1, "$");
    bool good = sodium_base642bin(ret_bytes, size, *at + 1, characters, NULL, &length, &end,
                                  sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
    *at += 1 + characters;
    return good && length == size && end == *at;
}

static bool kept_read(const char *text, struct kept *ret_kept) {
    unsigned long long version = 0, memory_kib = 0, lanes = 0;
    const char *at = text;
    bool good = number_read(&at, "$argon2id$v=", &version) &&
                number_read(&at, "$m=", &memory_kib) &&
                number_read(&at, ",t=", &ret_kept->passes) && number_read(&at, ",p=", &lanes) &&
                bytes_read(&at, ret_kept->salt, sizeof ret_kept->salt) &&
                bytes_read(&at, ret_kept->hash, sizeof ret_kept->hash) && !*at;
    ret_kept->memory_bytes = (size_t)memory_kib * 1024;
    return good && version == 19 && lanes == 1 && memory_kib <= MEMORY_KIB_MAX;
}

int passwords_verify(struct passwords *passwords, const char *hash, const char *password,
                     struct error *error, bool *ret_right, bool *ret_again) {
    struct kept kept = {0};
    unsigned char computed[KEPT_HASH_BYTES];
    bool known = hash && kept_read(hash, &kept);
    if (!known) (void)kept_read(passwords->nobodys, &kept);
    int status = turn_take(passwords, error);
    if (status) return status;
    bool done = crypto_pwhash(computed, sizeof computed, password, strlen(password), kept.salt,
                              kept.passes, kept.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) == 0;
    turn_give(passwords);
    if (!done) return error_set(error, ERROR_NO_MEMORY, "no memory to check a password");
    bool right = sodium_memcmp(computed, kept.hash, sizeof computed) == 0 && known;
    explicit_bzero(computed, sizeof computed);
    *ret_right = right;
    if (ret_again)
        *ret_again = right && (kept.passes != passwords->cost.passes ||
                               kept.memory_bytes != passwords->cost.memory_bytes);
    return 0;
}
