/* Attempts, and what becomes of those that are right. */
#include "auth/login.h"

#include <stdio.h>
#include <string.h>

#include "auth/people_inside.h"

/* ---- attempts ------------------------------------------------------------------------------- */
void attempt_make(const struct people *people, const char *account, const char *address,
                  struct attempt *ret_attempt) {
    throttle_key_make(people, THROTTLE_ADDRESS, "", address, &ret_attempt->address);
    throttle_key_make(people, THROTTLE_ACCOUNT, account, "", &ret_attempt->account);
    throttle_key_make(people, THROTTLE_ACCOUNT_HERE, account, address,
                      &ret_attempt->account_here);
}

struct beginning {
    const struct attempt *attempt;
    int64_t now_us, address_s, account_s, here_s;
};

static int begin_body(struct db_tx *tx, void *context, struct error *error) {
    struct beginning *beginning = context;
    const struct attempt *attempt = beginning->attempt;
    beginning->account_s = beginning->here_s = 0;
    int status = throttle_take(tx, &attempt->address, beginning->now_us, error,
                               &beginning->address_s);
    if (status || beginning->address_s) return status;
    status = throttle_take(tx, &attempt->account_here, beginning->now_us, error,
                           &beginning->here_s);
    if (status || beginning->here_s) return status;
    return throttle_take(tx, &attempt->account, beginning->now_us, error, &beginning->account_s);
}

int attempt_begin(struct people *people, const struct attempt *attempt, int64_t now_us,
                  struct error *error, bool *ret_blocked, int64_t *ret_wait_s) {
    struct beginning beginning = {.attempt = attempt, .now_us = now_us};
    int status = db_write(people->db, &db_scope_none, begin_body, &beginning, error);
    if (status) return status;
    *ret_wait_s = beginning.address_s;
    *ret_blocked = beginning.account_s || beginning.here_s;
    return 0;
}

int attempt_forgive(struct db_tx *tx, const struct attempt *attempt, struct error *error) {
    int status = throttle_give(tx, &attempt->address, error);
    if (!status) status = throttle_give(tx, &attempt->account_here, error);
    return status ? status : throttle_give(tx, &attempt->account, error);
}

static int forgive_body(struct db_tx *tx, void *context, struct error *error) {
    return attempt_forgive(tx, context, error);
}

/* ---- by password ---------------------------------------------------------------------------- */
struct reading {
    const char *key;
    struct user *user;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return user_read_email(tx, reading->key, error, reading->user);
}

/* Is the password right, and does it let in? Takes as long whatever is wrong. */
static int password_ask(struct people *people, const struct login_given *given, bool blocked,
                        struct error *error, struct login *login, bool *ret_right) {
    const struct user *user = &login->user;
    bool right = false, again = false;
    bool lets_in = *user->id && user->status == USER_ACTIVE && *user->password_hash &&
                   user->role != ROLE_NONE && !user->partner_ended && !blocked;
    int status = passwords_verify(people->passwords, lets_in ? user->password_hash : NULL,
                                  given->password, error, &right, &again);
    if (!status && again)
        status = passwords_hash(people->passwords, given->password, error, login->rehashed);
    if (!status) *ret_right = right;
    return status;
}

int login_check(struct people *people, const struct login_given *given, struct error *error,
                struct login *ret_login) {
    struct login *login = ret_login;
    char key[USER_EMAIL_MAX] = "";
    bool blocked = false, right = false;
    memset(login, 0, sizeof *login);
    login->outcome = LOGIN_WRONG;
    (void)user_email_key(given->email, key); /* one that is too long is nobody's */
    attempt_make(people, key, given->address, &login->attempt);
    int status = attempt_begin(people, &login->attempt, given->now_us, error, &blocked,
                               &login->wait_s);
    if (status) return status;
    if (login->wait_s) {
        login->outcome = LOGIN_TOO_MANY;
        return 0;
    }
    struct reading reading = {.key = key, .user = &login->user};
    status = db_read(people->db, &db_scope_all, read_body, &reading, error);
    if (!status) status = password_ask(people, given, blocked, error, login, &right);
    if (status || !right) return status;
    if (login->user.totp_on) {
        enum factor_outcome factor = FACTOR_WRONG;
        login->factor_given = true;
        status = factor_check(people, &login->user, &given->factor, given->now_us, error,
                              &login->proof, &factor);
        if (status || factor == FACTOR_WRONG) return status;
        if (factor == FACTOR_MISSING) {
            /* Half of a login that goes on, as browsers do it, is no failed attempt. */
            login->outcome = LOGIN_FACTOR_REQUIRED;
            return db_write(people->db, &db_scope_none, forgive_body, &login->attempt, error);
        }
    }
    session_make(people, &login->user, !login->user.totp_on, given->address, given->agent,
                 given->now_us, &login->session);
    login->outcome = LOGIN_RIGHT;
    return 0;
}

int login_keep(struct db_tx *tx, const struct login *login, int64_t now_us, struct error *error) {
    const struct user *user = &login->user;
    int status = login->factor_given ? factor_take(tx, user->id, &login->proof, error) : 0;
    if (!status)
        status = db_run(tx, error, NULL,
                        "update app_user as u set logged_in_us = $2,"
                        " password_hash = coalesce(cast($3 as text), password_hash)"
                        " where u.id = $1 and u.epoch = $4 and $scope(u/id)",
                        db_text(user->id), db_integer(now_us),
                        db_text(*login->rehashed ? login->rehashed : NULL),
                        db_integer(user->epoch));
    if (!status) status = session_insert(tx, &login->session, error);
    return status ? status : attempt_forgive(tx, &login->attempt, error);
}

int password_change(struct db_tx *tx, const struct user *user, const char *hash, const char *name,
                    int64_t now_us, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update app_user as u set password_hash = $2, epoch = epoch + 1,"
                        " status = 'active', name = coalesce(cast($3 as text), name),"
                        " revision = revision + 1, changed_us = $4 where u.id = $1"
                        " and u.epoch = $5 and u.status <> 'disabled' and $scope(u/id)",
                        db_text(user->id), db_text(hash), db_text(name), db_integer(now_us),
                        db_integer(user->epoch));
    if (!status && !changed)
        status = error_set(error, ERROR_DENIED, "the user was changed meanwhile");
    if (!status) status = user_tokens_end(tx, user->id, error);
    return status ? status : session_end(tx, user->id, NULL, NULL, error, NULL);
}
