/* What logging in needs, made once and shared by all threads: the hashing of passwords, sessions
 * that were seen lately, and the keys by which secrets are kept. Its parts are in login.h,
 * session.h, token.h and throttle.h. */
#ifndef KOPPEL_AUTH_PEOPLE_H
#define KOPPEL_AUTH_PEOPLE_H

#include "auth/keys.h"
#include "auth/password.h"
#include "base/encryption.h"

enum {
    PEOPLE_IDLE_DEFAULT_S = 30 * 60,      /* a session ends when it was not used for so long */
    PEOPLE_LIFETIME_DEFAULT_S = 12 * 3600, /* and after so long however much it was */
    PEOPLE_PROVED_S = 10 * 60, /* for so long after logging in one may change what proves it */
    PEOPLE_MAC_MAX = SHA256_HEX_MAX
};

struct people_options {
    int64_t idle_s, lifetime_s;
    struct password_cost cost;
};
extern const struct people_options people_options_default;

struct people;
/* `keys` and `encryption` outlive it; encryption may be NULL: then nobody can log in with a second
 * factor, and no mail can be kept. */
int people_new(struct db *db, struct keys *keys, struct encryption *encryption,
               const struct people_options *options, struct error *error,
               struct people **ret_people);
void people_free(struct people *people);
struct passwords *people_passwords(struct people *people);
struct encryption *people_encryption(struct people *people);
const struct people_options *people_options_of(const struct people *people);
/* Before anybody logs in: when sessions end. */
void people_set_limits(struct people *people, int64_t idle_s, int64_t lifetime_s);

/* The keyed hash of a secret in hex, by what it is for: the same text for another purpose has
 * another one. */
void people_mac(const struct people *people, const char *purpose, const char *secret,
                char ret_mac[PEOPLE_MAC_MAX]);

#endif
