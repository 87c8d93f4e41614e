/* Puts together what logging in needs. */
#include "auth/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/keys_inside.h"
#include "auth/people_inside.h"

enum { SECRET_TEXT_MAX = 512 };

const struct people_options people_options_default = {
    .idle_s = PEOPLE_IDLE_DEFAULT_S,
    .lifetime_s = PEOPLE_LIFETIME_DEFAULT_S,
    .cost = {PASSWORD_PASSES, PASSWORD_MEMORY_BYTES}};

int people_new(struct db *db, struct keys *keys, struct encryption *encryption,
               const struct people_options *options, struct error *error,
               struct people **ret_people) {
    struct people *people = calloc(1, sizeof *people);
    if (!people) return error_set(error, ERROR_NO_MEMORY, "no memory for logging in");
    people->db = db;
    people->keys = keys;
    people->encryption = encryption;
    people->options = *options;
    int status = passwords_new(&options->cost, PASSWORDS_AT_ONCE, error, &people->passwords);
    if (!status) status = session_cache_new(people, error, &people->sessions);
    if (status) {
        people_free(people);
        return status;
    }
    *ret_people = people;
    return 0;
}

void people_free(struct people *people) {
    if (!people) return;
    session_cache_free(people->sessions);
    passwords_free(people->passwords);
    free(people);
}

struct passwords *people_passwords(struct people *people) {
    return people->passwords;
}

struct encryption *people_encryption(struct people *people) {
    return people->encryption;
}

const struct people_options *people_options_of(const struct people *people) {
    return &people->options;
}

void people_set_limits(struct people *people, int64_t idle_s, int64_t lifetime_s) {
    people->options.idle_s = idle_s;
    people->options.lifetime_s = lifetime_s;
}

/* The purpose with its NUL, then the secret: no two share a text but by sharing both. */
void people_mac(const struct people *people, const char *purpose, const char *secret,
                char ret_mac[PEOPLE_MAC_MAX]) {
    char text[SECRET_TEXT_MAX];
    uint8_t mac[SHA256_BYTES], digest[SHA256_BYTES];
    size_t length = strlen(purpose) + 1;
    hash_sha256(secret, strlen(secret), digest);
    memcpy(text, purpose, length);
    memcpy(text + length, digest, sizeof digest);
    keys_token_mac(people->keys, text, length + sizeof digest, mac);
    hash_hex(mac, sizeof mac, ret_mac);
    explicit_bzero(digest, sizeof digest);
}
