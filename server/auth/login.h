/* Logging in: is it who they say? By password and, once it is set up, a code of the authenticator
 * or a recovery code. What is wrong is never told, and takes as long whatever it is: a wrong
 * password, an address that nobody has, somebody who was disabled or has not begun yet, and too
 * many attempts at one account all look alike. */
#ifndef KOPPEL_AUTH_LOGIN_H
#define KOPPEL_AUTH_LOGIN_H

#include "auth/session.h"
#include "auth/throttle.h"
#include "auth/token.h"
#include "auth/totp.h"

/* ---- the second factor ---- */
struct factor_given { /* NULL: not given */
    const char *totp, *recovery_code;
};
struct factor_proof { /* what must be used up */
    bool by_code;     /* a recovery code */
    int64_t step;
    char hash[PEOPLE_MAC_MAX];
};
enum factor_outcome { FACTOR_RIGHT, FACTOR_WRONG, FACTOR_MISSING };
/* Of a user whose factor is on. A recovery code is only known to be right when it is taken. */
int factor_check(struct people *people, const struct user *user, const struct factor_given *given,
                 int64_t now_us, struct error *error, struct factor_proof *ret_proof,
                 enum factor_outcome *ret_outcome);
/* Uses it up, in a body. ERROR_DENIED: it was used before. */
int factor_take(struct db_tx *tx, const char *user_id, const struct factor_proof *proof,
                struct error *error);

/* The secret that is to be set up: kept, sealed, until it is confirmed; in a body after sealing. */
int factor_seal(struct people *people, const char *user_id, const uint8_t secret[TOTP_SECRET_BYTES],
                struct error *error, char ret_sealed[USER_SEALED_MAX]);
int factor_unseal(struct people *people, const char *user_id, const char *sealed,
                  struct error *error, uint8_t ret_secret[TOTP_SECRET_BYTES]);
int factor_offer(struct db_tx *tx, const char *user_id, const char *sealed, struct error *error);
/* What was offered is asked for from now on; sessions of before hold no more. ERROR_DENIED: another
 * was offered meanwhile. */
int factor_confirm(struct db_tx *tx, const char *user_id, const char *sealed, int64_t step,
                   struct error *error);
/* Takes it away, with the recovery codes and all sessions. */
int factor_reset(struct db_tx *tx, const char *user_id, int64_t now_us, struct error *error);
/* Sealed ones of older keys get the newest, a few at a time; as key_secret_reseal. */
int factor_reseal(struct db *db, struct encryption *encryption, struct error *error,
                  char after[ID_MAX], int *ret_count);

/* ---- attempts ---- */
struct attempt { /* what is counted */
    struct throttle_key address, account, account_here;
};
void attempt_make(const struct people *people, const char *account, const char *address,
                  struct attempt *ret_attempt);
/* Counts one. ret_blocked: the account's are not looked at now, which nobody is told.
 * ret_wait_s: the address's are not, for so many seconds; 0: they are. */
int attempt_begin(struct people *people, const struct attempt *attempt, int64_t now_us,
                  struct error *error, bool *ret_blocked, int64_t *ret_wait_s);
/* It was right: takes it back, in a body. */
int attempt_forgive(struct db_tx *tx, const struct attempt *attempt, struct error *error);

/* ---- by password ---- */
struct login_given { /* texts borrowed */
    const char *email, *password;
    struct factor_given factor;
    const char *address, *agent;
    int64_t now_us;
};
enum login_outcome {
    LOGIN_RIGHT,
    LOGIN_WRONG,
    LOGIN_FACTOR_REQUIRED, /* the password is right, a code is asked for and was not given */
    LOGIN_TOO_MANY         /* from this address */
};
struct login {
    enum login_outcome outcome;
    int64_t wait_s;
    struct user user; /* id "" when nobody has that address */
    struct attempt attempt;
    bool factor_given;
    struct factor_proof proof;
    char rehashed[PASSWORD_HASH_MAX]; /* "": as it was */
    struct session session;           /* when right: setup, as long as there is no second factor */
};
int login_check(struct people *people, const struct login_given *given, struct error *error,
                struct login *ret_login);
/* Keeps what login_check found to be right, in a body: uses up the factor, begins the session.
 * ERROR_DENIED: it is not right after all. */
int login_keep(struct db_tx *tx, const struct login *login, int64_t now_us, struct error *error);

/* Another password, in a body: all sessions end, and what was sent by mail is good no more.
 * `user->epoch` as it was read; ERROR_DENIED: it was changed meanwhile. An invited one is active
 * from then on, with that name where it is not NULL. */
int password_change(struct db_tx *tx, const struct user *user, const char *hash, const char *name,
                    int64_t now_us, struct error *error);

#endif
