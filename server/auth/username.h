/* User names with a password or its digest, as messages carry them (WS-Security UsernameToken). The
 * user name is the id of a secret key and the password the key itself, so that what holds of a key
 * (its mode, rate, expiry and revocation) holds here. A digest can be checked only of keys whose
 * secret is kept (key_secret.h). Wrong, unknown, expired, revoked and replayed are all alike, in
 * time too. */
#ifndef KOPPEL_AUTH_USERNAME_H
#define KOPPEL_AUTH_USERNAME_H

#include "auth/keys.h"
#include "base/encryption.h"

enum {
    USERNAME_MAX_BYTES = 128,
    USERNAME_NONCE_MAX_BYTES = 256,
    USERNAME_CREATED_MAX_BYTES = 64,
    USERNAME_DIGEST_BYTES = 20,
    USERNAME_AGE_MAX_S = 300,  /* how old the moment of a digest may be */
    USERNAME_AHEAD_MAX_S = 60, /* and how far ahead: clocks differ */
    /* Nonces that an installation keeps, whatever the number of its nodes; what comes beyond that
     * is ERROR_BUSY. A node asks the store how many there are and then takes so many as are left,
     * at most a block, before it asks again: nodes that ask at once pass the bound by a block each
     * at most. One that was told that there is no room asks again after a while. */
    USERNAME_NONCES_MAX = 1000000,
    USERNAME_NONCES_BLOCK_MAX = 2000,
    USERNAME_NONCES_FULL_MS = 1000,
    USERNAME_NONCES_EXPIRE_MAX = 10000 /* rows removed at a time, and those of an equal moment */
};

struct usernames; /* shared by all threads */

/* `encryption` NULL: digests are denied. Everything handed in must outlive it. */
int usernames_new(struct db *db, struct keys *keys, struct encryption *encryption,
                  struct error *error, struct usernames **ret_usernames);
void usernames_free(struct usernames *usernames); /* NULL is fine */

/* ERROR_DENIED as keys_caller has it, also when the key is of another user. */
int usernames_password(struct usernames *usernames, const char *user, const char *password,
                       struct error *error, struct caller *ret_caller);

struct username_digest {
    const char *user;
    const void *nonce; /* decoded; at most USERNAME_NONCE_MAX_BYTES */
    size_t nonce_length;
    const char *created; /* as it stands in the message, which is what was digested */
    int64_t created_us;  /* the moment that it says */
    uint8_t digest[USERNAME_DIGEST_BYTES]; /* SHA-1 of nonce, created, password */
};
/* Takes each nonce once, on all nodes. ERROR_DENIED: see above; ERROR_BUSY: too many. */
int usernames_digest(struct usernames *usernames, const struct username_digest *digest,
                     int64_t now_us, struct error *error, struct caller *ret_caller);

/* Removes nonces that are no longer needed, oldest first, at most USERNAME_NONCES_EXPIRE_MAX and
 * those of the same moment as the last. */
int usernames_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed);

#endif
