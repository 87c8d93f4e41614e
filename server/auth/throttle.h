/* What keeps guessing slow and locks nobody out for good. Each attempt puts a moment ahead of the
 * clock, a successful one takes that back; when it is further ahead than a bound, attempts are not
 * looked at until the clock has caught up, which a refused attempt does not put off. It is counted
 * by account, by account from one address, and by address, so that who attacks an account from
 * elsewhere takes long to stand in its owner's way. */
#ifndef KOPPEL_AUTH_THROTTLE_H
#define KOPPEL_AUTH_THROTTLE_H

#include "auth/people.h"

struct throttle_rule {
    int64_t burst;      /* attempts at once */
    int64_t interval_s; /* and one more after so long */
};

enum throttle_kind {
    THROTTLE_ACCOUNT,      /* anybody's attempts at one account */
    THROTTLE_ACCOUNT_HERE, /* those from one address */
    THROTTLE_ADDRESS,      /* one address's at any account */
    THROTTLE_MAIL,         /* mail that one account is sent at anybody's asking */
    THROTTLE_FORM,         /* what one address sends in by a public form */
    THROTTLE_KINDS
};
extern const struct throttle_rule throttle_rules[THROTTLE_KINDS];

struct throttle_key {
    enum throttle_kind kind;
    char text[PEOPLE_MAC_MAX];
};
/* `what` is an account's name, an address, or both; "" is counted as any other. */
void throttle_key_make(const struct people *people, enum throttle_kind kind, const char *account,
                       const char *address, struct throttle_key *ret_key);
/* Counts an attempt; in a body. ret_wait_s 0: it may be looked at; else seconds until one may. */
int throttle_take(struct db_tx *tx, const struct throttle_key *key, int64_t now_us,
                  struct error *error, int64_t *ret_wait_s);
/* Takes back one that was successful. */
int throttle_give(struct db_tx *tx, const struct throttle_key *key, struct error *error);

enum { THROTTLE_EXPIRE_MAX = 1000 };
/* Removes rows that mean nothing any more. */
int throttle_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed);

#endif
