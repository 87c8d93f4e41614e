/* Rows of people. */
#include "auth/user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const statuses[USER_STATUSES] = {"invited", "active", "disabled"};

const char *user_status_text(enum user_status status) {
    return statuses[status];
}

enum user_status user_status_read(const char *text) {
    int status = 0;
    while (status < USER_STATUSES && (!text || strcmp(text, statuses[status]) != 0)) status++;
    return (enum user_status)status;
}

bool user_email_key(const char *email, char ret_key[USER_EMAIL_MAX]) {
    email += strspn(email, " \t\r\n");
    size_t length = strlen(email);
    while (length && strchr(" \t\r\n", email[length - 1])) length--;
    if (length >= USER_EMAIL_MAX) return false;
    for (size_t i = 0; i < length; i++)
        ret_key[i] = email[i] >= 'A' && email[i] <= 'Z' ? (char)(email[i] + 32) : email[i];
    ret_key[length] = '\0';
    return true;
}

/* ---- reading -------------------------------------------------------------------------------- */
#define USER_SELECT                                                                               \
    "select u.id, u.partner_id, u.role, u.scope, u.name, u.email, u.language, u.status,"          \
    " u.password_hash, u.totp_on, u.totp_sealed, u.totp_next_sealed, u.totp_step, u.epoch,"       \
    " u.revision, u.created_us, u.changed_us, u.logged_in_us, p.name, r.scope, p.status"          \
    " from app_user u left join partner p on p.id = u.partner_id"                                 \
    " left join role_scope r on r.partner_id = u.partner_id and r.role = u.role and $scope(r)"

static void user_take(struct db_rows *rows, struct user *user) {
    char text[64];
    memset(user, 0, sizeof *user);
    db_column_copy(rows, 0, user->id, sizeof user->id);
    db_column_copy(rows, 1, user->partner_id, sizeof user->partner_id);
    user->role = role_read(db_column_text(rows, 2, NULL), !*user->partner_id);
    user->scope = scope_read(db_column_text(rows, 3, NULL));
    db_column_copy(rows, 4, user->name, sizeof user->name);
    db_column_copy(rows, 5, user->email, sizeof user->email);
    db_column_copy(rows, 6, text, sizeof text);
    user->language = strcmp(text, "en") == 0 ? LANGUAGE_EN : LANGUAGE_NL;
    user->status = user_status_read(db_column_text(rows, 7, NULL));
    db_column_copy(rows, 8, user->password_hash, sizeof user->password_hash);
    user->totp_on = db_column_integer(rows, 9) != 0;
    db_column_copy(rows, 10, user->totp_sealed, sizeof user->totp_sealed);
    db_column_copy(rows, 11, user->totp_next_sealed, sizeof user->totp_next_sealed);
    user->totp_step = db_column_integer(rows, 12);
    user->epoch = db_column_integer(rows, 13);
    user->revision = db_column_integer(rows, 14);
    user->created_us = db_column_integer(rows, 15);
    user->changed_us = db_column_integer(rows, 16);
    user->logged_in_us = db_column_integer(rows, 17);
    db_column_copy(rows, 18, user->partner_name, sizeof user->partner_name);
    user->firm_scope = scope_read(db_column_text(rows, 19, NULL));
    db_column_copy(rows, 20, text, sizeof text);
    user->partner_ended = strcmp(text, "ended") == 0;
}

/* Reads the only row, if there is one, and closes. */
static int user_take_one(struct db_rows *rows, int status, struct error *error,
                         struct user *ret_user) {
    ret_user->id[0] = '\0';
    if (!status && (status = db_next(rows, error)) > 0) {
        user_take(rows, ret_user);
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

int user_read(struct db_tx *tx, const char *id, struct error *error, struct user *ret_user) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, USER_SELECT " where u.id = $1 and $scope(u/id)",
                          db_text(id));
    return user_take_one(rows, status, error, ret_user);
}

int user_read_email(struct db_tx *tx, const char *email_key, struct error *error,
                    struct user *ret_user) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          USER_SELECT " where u.email_key = $1 and $scope(u/id)",
                          db_text(email_key));
    return user_take_one(rows, status, error, ret_user);
}

/* For `like`: what has a meaning there stands for itself. */
static char *pattern_of(const char *name, const char *before) {
    size_t size = 2 * strlen(name) + strlen(before) + 2, length = strlen(before);
    char *pattern = malloc(size);
    if (!pattern) return NULL;
    memcpy(pattern, before, length);
    for (; *name; name++) {
        if (strchr("%_\\", *name)) pattern[length++] = '\\';
        pattern[length++] = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
    }
    pattern[length++] = '%';
    pattern[length] = '\0';
    return pattern;
}

int user_list(struct db_tx *tx, const struct user_filter *filter, struct error *error,
              struct user *ret_users, int *ret_count) {
    struct db_rows *rows = NULL;
    char *begins = filter->name ? pattern_of(filter->name, "") : NULL;
    char *within = filter->name ? pattern_of(filter->name, "% ") : NULL;
    int count = 0, status = 0;
    if (filter->name && (!begins || !within))
        status = error_set(error, ERROR_NO_MEMORY, "no memory to look for people");
    if (!status)
        status = db_query(tx, error, &rows,
                          USER_SELECT
                          " where u.id > $1 and (cast($2 as text) is null or u.partner_id = $2)"
                          " and (cast($3 as text) is null or u.role = $3)"
                          " and (cast($4 as text) is null or u.status = $4)"
                          " and (cast($5 as text) is null or lower(u.name) like $5 escape '\\'"
                          " or lower(u.name) like $6 escape '\\'"
                          " or u.email_key like $5 escape '\\')"
                          " and ($7 = 0 or u.partner_id is null) and $scope(u/id)"
                          " order by u.id limit $8",
                          db_text(filter->above ? filter->above : ""),
                          db_text(filter->partner_id), db_text(filter->role),
                          db_text(filter->status), db_text(begins), db_text(within),
                          db_integer(filter->organisation), db_integer(filter->limit));
    while (!status && count < filter->limit && (status = db_next(rows, error)) > 0) {
        user_take(rows, &ret_users[count++]);
        status = 0;
    }
    db_rows_close(rows);
    free(begins);
    free(within);
    if (!status) *ret_count = count;
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */
static struct db_value or_null(const char *text) {
    return db_text(*text ? text : NULL);
}

static struct db_value scope_or_null(enum scope scope) {
    return db_text(scope == SCOPE_NONE ? NULL : scope_text(scope));
}

static const char *language_text(enum language language) {
    return language == LANGUAGE_EN ? "en" : "nl";
}

int user_insert(struct db_tx *tx, const struct user *user, struct error *error) {
    char key[USER_EMAIL_MAX];
    if (!user_email_key(user->email, key))
        return error_set(error, ERROR_INVALID, "an e-mail address is too long");
    return db_run(tx, error, NULL,
                  "insert into app_user (id, partner_id, role, scope, name, email, email_key,"
                  " language, preferences, status, totp_on, totp_step, epoch, revision,"
                  " created_us, changed_us) values ($1, $2, $3, $4, $5, $6, $7, $8, '{}', $9, 0,"
                  " -1, 0, 1, $10, $10)",
                  db_text(user->id), or_null(user->partner_id), db_text(role_text(user->role)),
                  scope_or_null(user->scope), db_text(user->name), db_text(user->email),
                  db_text(key), db_text(language_text(user->language)),
                  db_text(user_status_text(user->status)), db_integer(user->created_us));
}

int user_update(struct db_tx *tx, const struct user *user, bool ends_sessions, int64_t now_us,
                struct error *error, int64_t *ret_changed) {
    char key[USER_EMAIL_MAX];
    if (!user_email_key(user->email, key))
        return error_set(error, ERROR_INVALID, "an e-mail address is too long");
    return db_run(tx, error, ret_changed,
                  "update app_user as u set role = $1, scope = $2, name = $3, email = $4,"
                  " email_key = $5, language = $6, status = $7, epoch = epoch + $8,"
                  " revision = revision + 1, changed_us = $9"
                  " where u.id = $10 and u.revision = $11 and $scope(u/id)",
                  db_text(role_text(user->role)), scope_or_null(user->scope),
                  db_text(user->name), db_text(user->email), db_text(key),
                  db_text(language_text(user->language)),
                  db_text(user_status_text(user->status)), db_integer(ends_sessions),
                  db_integer(now_us), db_text(user->id), db_integer(user->revision));
}

int user_preferences(struct db_tx *tx, const char *id, struct error *error, char **ret_json) {
    struct db_rows *rows = NULL;
    char *copy = NULL;
    int status = db_query(tx, error, &rows,
                          "select u.preferences from app_user u where u.id = $1 and $scope(u/id)",
                          db_text(id));
    if (!status && (status = db_next(rows, error)) > 0) {
        copy = strdup(db_column_text(rows, 0, NULL));
        status = copy ? 0 : error_set(error, ERROR_NO_MEMORY, "no memory for preferences");
    } else if (!status) {
        status = error_set(error, ERROR_NOT_FOUND, "there is no user %s", id);
    }
    db_rows_close(rows);
    if (!status) *ret_json = copy;
    return status;
}

int user_update_own(struct db_tx *tx, const char *id, const char *name, enum language language,
                    const char *preferences, int64_t now_us, struct error *error) {
    return db_run(tx, error, NULL,
                  "update app_user as u set name = coalesce(cast($1 as text), name),"
                  " language = $2, preferences = coalesce(cast($3 as text), preferences),"
                  " revision = revision + 1, changed_us = $4 where u.id = $5 and $scope(u/id)",
                  db_text(name), db_text(language_text(language)), db_text(preferences),
                  db_integer(now_us), db_text(id));
}

/* ---- roles at a firm ------------------------------------------------------------------------ */
int role_scope_set(struct db_tx *tx, const char *partner_id, enum role role, enum scope scope,
                   int64_t now_us, struct error *error) {
    int status = db_run(tx, error, NULL,
                        "delete from role_scope as r where r.partner_id = $1 and r.role = $2"
                        " and $scope(r)",
                        db_text(partner_id), db_text(role_text(role)));
    if (status || scope == SCOPE_NONE) return status;
    return db_run(tx, error, NULL,
                  "insert into role_scope (partner_id, role, scope, changed_us)"
                  " values ($1, $2, $3, $4)",
                  db_text(partner_id), db_text(role_text(role)), db_text(scope_text(scope)),
                  db_integer(now_us));
}

int role_scope_get(struct db_tx *tx, const char *partner_id, enum role role, struct error *error,
                   enum scope *ret_scope) {
    struct db_rows *rows = NULL;
    enum scope scope = SCOPE_NONE;
    int status = db_query(tx, error, &rows,
                          "select r.scope from role_scope r where r.partner_id = $1"
                          " and r.role = $2 and $scope(r)",
                          db_text(partner_id), db_text(role_text(role)));
    if (!status && (status = db_next(rows, error)) > 0)
        scope = scope_read(db_column_text(rows, 0, NULL));
    db_rows_close(rows);
    if (status < 0) return status;
    *ret_scope = scope;
    return 0;
}
