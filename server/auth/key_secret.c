/* One row a key. Few keys are of this kind, so that another encryption key is given to them one at
 * a time. */
#include "auth/key_secret.h"

#include <stdio.h>
#include <string.h>

int key_secret_insert(struct db_tx *tx, const char *key_id, const char *sealed,
                      struct error *error) {
    char sealed_key_id[ENCRYPTION_KEY_ID_MAX];
    if (!encryption_key_of(sealed, sealed_key_id))
        return error_set(error, ERROR_INTERNAL, "the secret of %s is not encrypted", key_id);
    return db_run(tx, error, NULL,
                  "insert into api_key_secret (key_id, sealed, sealed_key_id) values ($1, $2, $3)",
                  db_text(key_id), db_text(sealed), db_text(sealed_key_id));
}

struct reading {
    const char *key_id;
    struct buffer *sealed;
    size_t length; /* of what stood in the buffer before */
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    struct db_rows *rows = NULL;
    reading->sealed->length = reading->length; /* the body may run again */
    int status = db_query(tx, error, &rows,
                          "select sealed from api_key_secret where key_id = $1",
                          db_text(reading->key_id));
    if (!status) status = db_next(rows, error);
    if (status > 0) buffer_text(reading->sealed, db_column_text(rows, 0, NULL));
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int key_secret_read(struct db *db, const char *key_id, struct error *error,
                    struct buffer *sealed) {
    struct reading reading = {.key_id = key_id, .sealed = sealed, .length = sealed->length};
    int status = db_read(db, &db_scope_all, read_body, &reading, error);
    if (!status && sealed->failed)
        status = error_set(error, buffer_failure(sealed), "no memory for the secret of a key");
    return status;
}

/* ---- another key ---------------------------------------------------------------------------- */
struct resealing {
    const char *after, *newest;
    char key_id[ID_MAX]; /* "": there is none */
    struct buffer old, sealed;
};

static int old_body(struct db_tx *tx, void *context, struct error *error) {
    struct resealing *resealing = context;
    struct db_rows *rows = NULL;
    resealing->key_id[0] = '\0';
    buffer_clear(&resealing->old);
    int status = db_query(tx, error, &rows,
                          "select key_id, sealed from api_key_secret where key_id > $1"
                          " and sealed_key_id <> $2 order by key_id limit 1",
                          db_text(resealing->after), db_text(resealing->newest));
    if (!status) status = db_next(rows, error);
    if (status > 0) {
        snprintf(resealing->key_id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
        buffer_text(&resealing->old, db_column_text(rows, 1, NULL));
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int new_body(struct db_tx *tx, void *context, struct error *error) {
    const struct resealing *resealing = context;
    char sealed_key_id[ENCRYPTION_KEY_ID_MAX]; /* a key may have been added since this began */
    if (!encryption_key_of(resealing->sealed.data, sealed_key_id)) return 0;
    return db_run(tx, error, NULL,
                  "update api_key_secret set sealed = $1, sealed_key_id = $2"
                  " where key_id = $3 and sealed = $4",
                  db_text(resealing->sealed.data), db_text(sealed_key_id),
                  db_text(resealing->key_id), db_text(resealing->old.data));
}

static int seal_again(struct encryption *encryption, struct resealing *resealing,
                      struct error *error) {
    struct buffer text;
    buffer_init(&text, KEY_SECRET_SEALED_MAX_BYTES);
    int status = encryption_unseal(encryption, resealing->key_id, resealing->old.data, error,
                                   &text);
    if (!status)
        status = encryption_seal(encryption, resealing->key_id, text.data, text.length, error,
                                 &resealing->sealed);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

int key_secret_reseal(struct db *db, struct encryption *encryption, struct error *error,
                      char after[ID_MAX], int *ret_count) {
    char newest[ENCRYPTION_KEY_ID_MAX];
    struct resealing resealing = {.after = after, .newest = newest};
    encryption_newest(encryption, newest);
    buffer_init(&resealing.old, KEY_SECRET_SEALED_MAX_BYTES);
    buffer_init(&resealing.sealed, KEY_SECRET_SEALED_MAX_BYTES);
    int status = db_read(db, &db_scope_all, old_body, &resealing, error);
    bool found = !status && *resealing.key_id;
    if (found && resealing.old.failed)
        status = error_set(error, buffer_failure(&resealing.old), "no memory to encrypt again");
    if (found && !status) status = seal_again(encryption, &resealing, error);
    if (found && !status) status = db_write(db, &db_scope_all, new_body, &resealing, error);
    if (!status) *ret_count = found;
    if (found && !status) memcpy(after, resealing.key_id, ID_MAX);
    buffer_done(&resealing.old);
    buffer_done(&resealing.sealed);
    return status;
}
