/* People as rows: who can log in, at which firm, in which role. What proves that they are there is
 * login.h's. Functions with a `tx` run in a body. */
#ifndef KOPPEL_AUTH_USER_H
#define KOPPEL_AUTH_USER_H

#include "auth/password.h"
#include "auth/scope.h"
#include "base/id.h"
#include "db/db.h"

enum {
    USER_NAME_CHARACTERS_MAX = 100,
    USER_NAME_MAX = 4 * USER_NAME_CHARACTERS_MAX + 1,
    USER_EMAIL_MAX = 255, /* NUL-terminated: RFC 5321, 4.5.3.1.3 */
    USER_SEALED_MAX = 300,
    USER_PREFERENCES_MAX_BYTES = 16 * 1024,
    USER_LIST_MAX = 101
};

enum user_status { USER_INVITED, USER_ACTIVE, USER_DISABLED, USER_STATUSES };
const char *user_status_text(enum user_status status);
enum user_status user_status_read(const char *text); /* USER_STATUSES: none */

struct user {
    char id[ID_MAX];
    char partner_id[ID_MAX]; /* "": on the organisation's side */
    enum role role;
    enum scope scope; /* narrower than the role's; SCOPE_NONE: as the role's */
    char name[USER_NAME_MAX], email[USER_EMAIL_MAX];
    enum language language;
    enum user_status status;
    char password_hash[PASSWORD_HASH_MAX]; /* "": none was chosen */
    bool totp_on;
    char totp_sealed[USER_SEALED_MAX], totp_next_sealed[USER_SEALED_MAX]; /* "": none */
    int64_t totp_step, epoch, revision, created_us, changed_us;
    int64_t logged_in_us; /* 0: never */
    char partner_name[4 * 200 + 1]; /* "" on the organisation's side */
    bool partner_ended;     /* its firm has left */
    enum scope firm_scope; /* of the role at this firm; SCOPE_NONE: as everywhere */
};

/* What people log in by: blanks around the address are left out, letters of ASCII are small. False:
 * it is too long. */
bool user_email_key(const char *email, char ret_key[USER_EMAIL_MAX]);

/* `ret_user->id` is "" when there is none, or none within the transaction's scope. */
int user_read(struct db_tx *tx, const char *id, struct error *error, struct user *ret_user);
int user_read_email(struct db_tx *tx, const char *email_key, struct error *error,
                    struct user *ret_user);

struct user_filter { /* NULL: whatever it is */
    const char *partner_id, *role, *status;
    const char *name; /* the name or address begins with this, or a word of the name does */
    bool organisation; /* only those on the organisation's side */
    const char *above; /* the id of the last one of the page before */
    int limit;         /* at most USER_LIST_MAX */
};
/* By time of making. `ret_users` has room for the limit. */
int user_list(struct db_tx *tx, const struct user_filter *filter, struct error *error,
              struct user *ret_users, int *ret_count);

/* With what the struct says, but for password and second factor: it has none. ERROR_CONFLICT: the
 * address is somebody's already. */
int user_insert(struct db_tx *tx, const struct user *user, struct error *error);
/* Name, address, language, role, scope, status: when it has still revision `user->revision`, which
 * then rises. With `ends_sessions` those of before hold no more. ERROR_CONFLICT: the address is
 * somebody's already. ret_changed 0: it was changed meanwhile, or lies out of scope. */
int user_update(struct db_tx *tx, const struct user *user, bool ends_sessions, int64_t now_us,
                struct error *error, int64_t *ret_changed);

/* Their pages' own JSON, in a text to be freed; what they change of themselves. */
int user_preferences(struct db_tx *tx, const char *id, struct error *error, char **ret_json);
int user_update_own(struct db_tx *tx, const char *id, const char *name, enum language language,
                    const char *preferences, int64_t now_us, struct error *error);

/* How far a role reaches at a firm; SCOPE_NONE takes that back. */
int role_scope_set(struct db_tx *tx, const char *partner_id, enum role role, enum scope scope,
                   int64_t now_us, struct error *error);
int role_scope_get(struct db_tx *tx, const char *partner_id, enum role role, struct error *error,
                   enum scope *ret_scope);

#endif
