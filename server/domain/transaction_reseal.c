/* What lies sealed in quotes, applications, changes of policies and leads, encrypted again under
 * the newest key. Values are read, opened and sealed outside the write, which puts each in the
 * place of the one that it was made of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/lead_store.h"
#include "domain/policy_change.h"

enum { RESEAL_MAX = 256, KEY_PATTERN_MAX = ENCRYPTION_KEY_ID_MAX + 4 };

enum resealed { RESEALED_QUOTES, RESEALED_APPLICATIONS, RESEALED_CHANGES, RESEALED_LEADS };

struct resealing {
    struct encryption *encryption;
    enum resealed what;
    char newest[ENCRYPTION_KEY_ID_MAX];
    char newest_pattern[KEY_PATTERN_MAX]; /* of what is sealed with it */
    const char *after;
    int limit, count;
    struct {
        char id[ID_MAX];
        struct buffer old, sealed;
    } items[RESEAL_MAX];
};

static int old_query(struct db_tx *tx, const struct resealing *resealing, struct error *error,
                     struct db_rows **ret_rows) {
    switch (resealing->what) {
    case RESEALED_QUOTES:
        return db_query(tx, error, ret_rows,
                        "select q.id, q.sealed from quote q where q.id > $1"
                        " and q.sealed is not null and q.sealed not like $2 and $scope(q)"
                        " order by q.id limit $3",
                        db_text(resealing->after), db_text(resealing->newest_pattern),
                        db_integer(resealing->limit));
    case RESEALED_CHANGES:
        return db_query(tx, error, ret_rows,
                        "select c.id, c.sealed from policy_change c where c.id > $1"
                        " and c.sealed_key_id <> $2 and $scope(c) order by c.id limit $3",
                        db_text(resealing->after), db_text(resealing->newest),
                        db_integer(resealing->limit));
    case RESEALED_LEADS:
        return db_query(tx, error, ret_rows,
                        "select l.id, l.sealed from lead l where l.id > $1"
                        " and l.sealed_key_id <> $2 and l.sealed <> '' and $scope(l/user_id)"
                        " order by l.id limit $3",
                        db_text(resealing->after), db_text(resealing->newest),
                        db_integer(resealing->limit));
    case RESEALED_APPLICATIONS: break;
    }
    return db_query(tx, error, ret_rows,
                    "select a.id, a.sealed from application a where a.id > $1"
                    " and a.sealed_key_id <> $2 and $scope(a) order by a.id limit $3",
                    db_text(resealing->after), db_text(resealing->newest),
                    db_integer(resealing->limit));
}

static int old_body(struct db_tx *tx, void *context, struct error *error) {
    struct resealing *resealing = context;
    struct db_rows *rows = NULL;
    resealing->count = 0;
    int status = old_query(tx, resealing, error, &rows);
    while (!status && resealing->count < resealing->limit && (status = db_next(rows, error)) > 0) {
        size_t length = 0;
        const char *sealed = db_column_text(rows, 1, &length);
        int at = resealing->count++;
        snprintf(resealing->items[at].id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
        buffer_clear(&resealing->items[at].old);
        buffer_append(&resealing->items[at].old, sealed, length);
        status = resealing->items[at].old.failed
                     ? error_set(error, ERROR_NO_MEMORY, "no memory to encrypt again")
                     : 0;
    }
    db_rows_close(rows);
    return status;
}

static int new_write(struct db_tx *tx, enum resealed what, const char *id, const char *old,
                     const char *sealed, const char *key_id, struct error *error) {
    switch (what) {
    case RESEALED_QUOTES:
        return db_run(tx, error, NULL,
                      "update quote as q set sealed = $1"
                      " where q.id = $2 and q.sealed = $3 and $scope(q)",
                      db_text(sealed), db_text(id), db_text(old));
    case RESEALED_CHANGES:
        return db_run(tx, error, NULL,
                      "update policy_change as c set sealed = $1, sealed_key_id = $2"
                      " where c.id = $3 and c.sealed = $4 and $scope(c)",
                      db_text(sealed), db_text(key_id), db_text(id), db_text(old));
    case RESEALED_LEADS:
        return db_run(tx, error, NULL,
                      "update lead as l set sealed = $1, sealed_key_id = $2"
                      " where l.id = $3 and l.sealed = $4 and $scope(l/user_id)",
                      db_text(sealed), db_text(key_id), db_text(id), db_text(old));
    case RESEALED_APPLICATIONS: break;
    }
    return db_run(tx, error, NULL,
                  "update application as a set sealed = $1, sealed_key_id = $2"
                  " where a.id = $3 and a.sealed = $4 and $scope(a)",
                  db_text(sealed), db_text(key_id), db_text(id), db_text(old));
}

static int new_body(struct db_tx *tx, void *context, struct error *error) {
    const struct resealing *resealing = context;
    int status = 0;
    char key_id[ENCRYPTION_KEY_ID_MAX]; /* a key may have been added since this began */
    for (int i = 0; !status && i < resealing->count; i++) {
        if (!encryption_key_of(resealing->items[i].sealed.data, key_id)) continue;
        status = new_write(tx, resealing->what, resealing->items[i].id,
                           resealing->items[i].old.data, resealing->items[i].sealed.data, key_id,
                           error);
    }
    return status;
}

static int seal_again(struct resealing *resealing, struct error *error) {
    struct buffer text;
    int status = 0;
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES + 1);
    for (int i = 0; !status && i < resealing->count; i++) {
        const char *id = resealing->items[i].id;
        buffer_clear(&text);
        status = encryption_unseal(resealing->encryption, id, resealing->items[i].old.data, error,
                                   &text);
        if (!status)
            status = encryption_seal(resealing->encryption, id, text.data, text.length, error,
                                     &resealing->items[i].sealed);
    }
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

static int reseal(struct db *db, struct encryption *encryption, enum resealed what, int limit,
                  struct error *error, char after[ID_MAX], int *ret_count) {
    struct resealing *resealing = calloc(1, sizeof *resealing);
    if (!resealing) return error_set(error, ERROR_NO_MEMORY, "no memory to encrypt again");
    resealing->encryption = encryption;
    resealing->what = what;
    resealing->after = after;
    resealing->limit = limit < RESEAL_MAX ? limit : RESEAL_MAX;
    encryption_newest(encryption, resealing->newest);
    snprintf(resealing->newest_pattern, KEY_PATTERN_MAX, "%%.%s.%%", resealing->newest);
    for (int i = 0; i < RESEAL_MAX; i++) {
        buffer_init(&resealing->items[i].old, 2 * ENCRYPTION_TEXT_MAX_BYTES);
        buffer_init(&resealing->items[i].sealed, 2 * ENCRYPTION_TEXT_MAX_BYTES);
    }
    int status = db_read(db, &db_scope_all, old_body, resealing, error);
    if (!status) status = seal_again(resealing, error);
    if (!status && resealing->count)
        status = db_write(db, &db_scope_all, new_body, resealing, error);
    if (!status) {
        *ret_count = resealing->count;
        if (resealing->count)
            memcpy(after, resealing->items[resealing->count - 1].id, ID_MAX);
    }
    for (int i = 0; i < RESEAL_MAX; i++) {
        buffer_done(&resealing->items[i].old);
        buffer_done(&resealing->items[i].sealed);
    }
    free(resealing);
    return status;
}

int quote_reseal(struct db *db, struct encryption *encryption, int limit, struct error *error,
                 char after[ID_MAX], int *ret_count) {
    return reseal(db, encryption, RESEALED_QUOTES, limit, error, after, ret_count);
}

int application_reseal(struct db *db, struct encryption *encryption, int limit,
                       struct error *error, char after[ID_MAX], int *ret_count) {
    return reseal(db, encryption, RESEALED_APPLICATIONS, limit, error, after, ret_count);
}

int policy_change_reseal(struct db *db, struct encryption *encryption, int limit,
                         struct error *error, char after[ID_MAX], int *ret_count) {
    return reseal(db, encryption, RESEALED_CHANGES, limit, error, after, ret_count);
}

int lead_reseal(struct db *db, struct encryption *encryption, int limit, struct error *error,
                char after[ID_MAX], int *ret_count) {
    return reseal(db, encryption, RESEALED_LEADS, limit, error, after, ret_count);
}
