/* Hashing by turns. What is refused is in password_common.c. */
#include "auth/password.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* libsodium tells a wrong password and no memory alike. */
static bool memory_is_there(const struct password_cost *cost) {
    void *memory = malloc(cost->memory_bytes);
    free(memory);
    return memory != NULL;
}

int passwords_verify(struct passwords *passwords, const char *hash, const char *password,
                     struct error *error, bool *ret_right, bool *ret_again) {
    int status = turn_take(passwords, error);
    if (status) return status;
    bool right = crypto_pwhash_str_verify(hash ? hash : passwords->nobodys, password,
                                          strlen(password)) == 0 && hash;
    bool starved = !right && !memory_is_there(&passwords->cost);
    turn_give(passwords);
    if (starved) return error_set(error, ERROR_NO_MEMORY, "no memory to check a password");
    *ret_right = right;
    if (ret_again)
        *ret_again = right && crypto_pwhash_str_needs_rehash(hash, passwords->cost.passes,
                                                             passwords->cost.memory_bytes) != 0;
    return 0;
}
