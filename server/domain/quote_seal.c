/* Quotes from before their sensitive answers were encrypted: these are sealed by and by. Answers
 * are read and sealed outside the write, which puts them in the place of what they were made of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/quote_answers.h"

enum {
    SEAL_MAX = 128, /* rows that are sealed in one transaction */
    SEAL_SCRATCH_BYTES = 4 * 1024 * 1024
};

/* ---- rows from before ------------------------------------------------------------------------ */
struct sealing_row {
    char id[ID_MAX], version_id[ID_MAX];
    bool sensitive; /* its version asks such things */
    struct buffer old, plain, sealed;
};

struct sealing {
    char after[ID_MAX], last[ID_MAX], reached[ID_MAX];
    struct sealing_row *rows; /* QUOTE_SEAL_ROWS_MAX */
    int count;
    bool under_way, moved;
};

static void id_copy(char ret_id[ID_MAX], const char *id) {
    snprintf(ret_id, ID_MAX, "%s", id ? id : "");
}

static int place_read(struct db_tx *tx, struct sealing *sealing, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, "select after_id, last_id from quote_sealing");
    if (!status) status = db_next(rows, error);
    if (status > 0) {
        sealing->under_way = true;
        id_copy(sealing->after, db_column_text(rows, 0, NULL));
        id_copy(sealing->last, db_column_text(rows, 1, NULL));
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* The next rows, without their answers: most are of products that ask nothing sensitive. */
static int next_body(struct db_tx *tx, void *context, struct error *error) {
    struct sealing *sealing = context;
    struct db_rows *rows = NULL;
    sealing->under_way = false;
    sealing->count = 0;
    int status = place_read(tx, sealing, error);
    if (status || !sealing->under_way) return status;
    status = db_query(tx, error, &rows,
                      "select q.id, q.version_id from quote q where q.id > $1 and q.id <= $2"
                      " and $scope(q) order by q.id limit $3",
                      db_text(sealing->after), db_text(sealing->last),
                      db_integer(QUOTE_SEAL_ROWS_MAX));
    while (!status && sealing->count < QUOTE_SEAL_ROWS_MAX &&
           (status = db_next(rows, error)) > 0) {
        struct sealing_row *row = &sealing->rows[sealing->count++];
        id_copy(row->id, db_column_text(rows, 0, NULL));
        id_copy(row->version_id, db_column_text(rows, 1, NULL));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int old_read(struct db_tx *tx, struct sealing_row *row, struct error *error) {
    struct db_rows *rows = NULL;
    size_t length = 0;
    buffer_clear(&row->old);
    int status = db_query(tx, error, &rows,
                          "select q.answers from quote q where q.id = $1 and q.sealed is null"
                          " and $scope(q)",
                          db_text(row->id));
    if (!status) status = db_next(rows, error);
    if (status > 0) {
        const char *text = db_column_text(rows, 0, &length);
        buffer_append(&row->old, text, length);
        if (row->old.failed)
            status = error_set(error, buffer_failure(&row->old), "no memory to encrypt answers");
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int old_body(struct db_tx *tx, void *context, struct error *error) {
    struct sealing *sealing = context;
    int status = 0;
    for (int i = 0; !status && i < sealing->count; i++)
        if (sealing->rows[i].sensitive) status = old_read(tx, &sealing->rows[i], error);
    return status;
}

/* What cannot be read is left as it is: a replay tells of it. */
static int row_seal(struct sealing_row *row, const struct product_version *version,
                    struct encryption *encryption, struct scratch *scratch,
                    struct error *error) {
    const struct quote_answers kept = {
        .quote_id = row->id, .plain = row->old.data, .plain_length = row->old.length};
    struct buffer sensitive;
    struct value answers;
    buffer_clear(&row->plain);
    buffer_clear(&row->sealed);
    if (!row->old.length) return 0;
    int status = quote_answers_read(encryption, &kept, scratch, error, &answers);
    if (status == ERROR_INTERNAL || status == ERROR_TOO_LARGE) {
        error_clear(error);
        return 0;
    }
    if (status) return status;
    buffer_init(&sensitive, ANSWERS_JSON_MAX_BYTES);
    status = quote_answers_write(version, &answers, error, &row->plain, &sensitive);
    if (!status)
        status = quote_answers_seal(encryption, row->id, &sensitive, error, &row->sealed);
    if (sensitive.data) explicit_bzero(sensitive.data, sensitive.length);
    buffer_done(&sensitive);
    return status;
}

static int rows_seal(struct sealing *sealing, struct catalogue *catalogue,
                     struct encryption *encryption, struct error *error) {
    char *memory = malloc(SEAL_SCRATCH_BYTES);
    struct scratch scratch;
    int status = memory ? 0 : error_set(error, ERROR_NO_MEMORY, "no memory to encrypt answers");
    for (int i = 0; !status && i < sealing->count; i++) {
        struct sealing_row *row = &sealing->rows[i];
        const struct product_version *version = NULL;
        if (!row->sensitive) continue;
        status = catalogue_version(catalogue, row->version_id, error, &version);
        scratch_init(&scratch, memory, SEAL_SCRATCH_BYTES);
        if (!status) status = row_seal(row, version, encryption, &scratch, error);
        catalogue_release(catalogue, version);
    }
    if (memory) explicit_bzero(memory, SEAL_SCRATCH_BYTES);
    free(memory);
    return status;
}

/* Which of the rows are of versions that ask something sensitive; the rest of the batch begins
 * again behind as many of these as fit one transaction. A version that cannot be had says nothing
 * of its questions: its rows can be computed by nobody, and stay as they are. */
static int rows_sort(struct sealing *sealing, struct catalogue *catalogue, struct error *error) {
    int sensitive = 0, same = -1;
    for (int i = 0; i < sealing->count; i++) {
        struct sealing_row *row = &sealing->rows[i];
        const struct product_version *version = NULL;
        if (same >= 0 && strcmp(sealing->rows[same].version_id, row->version_id) == 0) {
            row->sensitive = sealing->rows[same].sensitive;
        } else {
            struct error own = {0};
            int status = catalogue_version(catalogue, row->version_id, &own, &version);
            if (status && status != ERROR_INVALID && status != ERROR_NOT_FOUND)
                return error_set(error, status, "%s", own.text);
            row->sensitive =
                version && quote_answers_any_sensitive(product_info(version->product));
            catalogue_release(catalogue, version);
        }
        same = i;
        sensitive += row->sensitive;
        if (sensitive == SEAL_MAX) sealing->count = i + 1;
    }
    return 0;
}

/* The place is moved by one: who comes second has written nothing. */
static int new_body(struct db_tx *tx, void *context, struct error *error) {
    struct sealing *sealing = context;
    int64_t moved = 0;
    int status = db_run(tx, error, &moved,
                        "update quote_sealing set after_id = $1 where after_id = $2",
                        db_text(sealing->reached), db_text(sealing->after));
    sealing->moved = moved != 0;
    if (status || !moved) return status;
    for (int i = 0; !status && i < sealing->count; i++) {
        const struct sealing_row *row = &sealing->rows[i];
        if (!row->sensitive || !row->sealed.length) continue;
        status = db_run(tx, error, NULL,
                        "update quote as q set answers = $1, sealed = $2"
                        " where q.id = $3 and q.sealed is null and $scope(q)",
                        db_text_length(row->plain.data, row->plain.length),
                        db_text_length(row->sealed.data, row->sealed.length), db_text(row->id));
    }
    return status;
}

static int done_body(struct db_tx *tx, void *context, struct error *error) {
    const struct sealing *sealing = context;
    return db_run(tx, error, NULL, "delete from quote_sealing where after_id = $1",
                  db_text(sealing->after));
}

static int batch_seal(struct db *db, struct catalogue *catalogue, struct encryption *encryption,
                      struct sealing *sealing, struct error *error) {
    int status = db_read(db, &db_scope_all, next_body, sealing, error);
    if (status || !sealing->under_way) return status;
    if (!sealing->count) return db_write(db, &db_scope_all, done_body, sealing, error);
    status = rows_sort(sealing, catalogue, error);
    if (!status) status = db_read(db, &db_scope_all, old_body, sealing, error);
    if (!status) status = rows_seal(sealing, catalogue, encryption, error);
    memcpy(sealing->reached, sealing->rows[sealing->count - 1].id, ID_MAX);
    return status ? status : db_write(db, &db_scope_all, new_body, sealing, error);
}

int quote_seal_rows(struct db *db, struct catalogue *catalogue, struct encryption *encryption,
                    struct error *error, int64_t *ret_rows) {
    struct sealing sealing = {.count = 0};
    if (!encryption) {
        *ret_rows = 0;
        return 0;
    }
    sealing.rows = calloc(QUOTE_SEAL_ROWS_MAX, sizeof *sealing.rows);
    if (!sealing.rows)
        return error_set(error, ERROR_NO_MEMORY, "no memory to encrypt answers");
    for (int i = 0; i < QUOTE_SEAL_ROWS_MAX; i++) {
        buffer_init(&sealing.rows[i].old, ANSWERS_JSON_MAX_BYTES);
        buffer_init(&sealing.rows[i].plain, ANSWERS_JSON_MAX_BYTES);
        buffer_init(&sealing.rows[i].sealed, QUOTE_SEALED_MAX_BYTES);
    }
    int status = batch_seal(db, catalogue, encryption, &sealing, error);
    for (int i = 0; i < QUOTE_SEAL_ROWS_MAX; i++) {
        struct buffer *old = &sealing.rows[i].old;
        if (old->data) explicit_bzero(old->data, old->length);
        buffer_done(old);
        buffer_done(&sealing.rows[i].plain);
        buffer_done(&sealing.rows[i].sealed);
    }
    free(sealing.rows);
    if (!status) *ret_rows = sealing.under_way ? sealing.count : 0;
    return status;
}
