/* Reads drafts, what happened to them, and their files. */
#include <stdio.h>
#include <string.h>

#include "domain/draft.h"

static void text_fill(struct db_rows *rows, int column, char *target, size_t size) {
    const char *text = db_column_text(rows, column, NULL);
    snprintf(target, size, "%s", text ? text : "");
}

/* Columns: id, test, product, interface, hash, effective_from, state, drafted_by, version_id,
 * number, created_us. */
static void draft_fill(struct db_rows *rows, struct draft *draft) {
    *draft = (struct draft){.test = db_column_integer(rows, 1) != 0,
                            .interface = (int)db_column_integer(rows, 3),
                            .state = draft_state_read(db_column_text(rows, 6, NULL)),
                            .version_number = (int)db_column_integer(rows, 9),
                            .created_us = db_column_integer(rows, 10)};
    text_fill(rows, 0, draft->id, sizeof draft->id);
    text_fill(rows, 2, draft->product, sizeof draft->product);
    text_fill(rows, 4, draft->hash, sizeof draft->hash);
    text_fill(rows, 5, draft->effective_from, sizeof draft->effective_from);
    text_fill(rows, 7, draft->drafted_by, sizeof draft->drafted_by);
    text_fill(rows, 8, draft->version_id, sizeof draft->version_id);
}

int draft_read(struct db_tx *tx, const char *id, bool test, struct error *error,
               struct draft *ret_draft) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select d.id, d.test, d.product, d.interface, d.hash, d.effective_from,"
                          " d.state, d.drafted_by, d.version_id, v.number, d.created_us"
                          " from product_draft d left join product_version v"
                          " on v.id = d.version_id where d.id = $1 and d.test = $2",
                          db_text(id), db_integer(test));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) draft_fill(rows, ret_draft);
    db_rows_close(rows);
    if (status < 0) return status;
    return status ? 0 : error_set(error, ERROR_NOT_FOUND, "there is no draft %.40s", id);
}

int draft_list_read(struct db_tx *tx, const struct draft_query *query, struct error *error,
                    struct draft *ret_drafts, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          "select d.id, d.test, d.product, d.interface, d.hash, d.effective_from,"
                          " d.state, d.drafted_by, d.version_id, v.number, d.created_us"
                          " from product_draft d left join product_version v"
                          " on v.id = d.version_id where d.test = $1"
                          " and (cast($2 as text) is null or d.id < $2)"
                          " and (cast($3 as text) is null or d.product = $3)"
                          " and (cast($4 as text) is null or d.state = $4)"
                          " order by d.id desc limit $5",
                          db_integer(query->test), db_text(query->before),
                          db_text(query->product), db_text(query->state),
                          db_integer(query->limit));
    while (!status && count < query->limit && (status = db_next(rows, error)) > 0) {
        draft_fill(rows, &ret_drafts[count++]);
        status = 0;
    }
    db_rows_close(rows);
    if (!status) *ret_count = count;
    return status;
}

int draft_events_read(struct db_tx *tx, const char *id, struct error *error,
                      struct draft_events *ret_events) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          "select event, override, by_whom, note, at_us from product_draft_event"
                          " where draft_id = $1 order by position limit $2",
                          db_text(id), db_integer(DRAFT_EVENTS_MAX));
    while (!status && count < DRAFT_EVENTS_MAX && (status = db_next(rows, error)) > 0) {
        struct draft_event *event = &ret_events->items[count++];
        text_fill(rows, 0, event->event, sizeof event->event);
        event->override = db_column_integer(rows, 1) != 0;
        text_fill(rows, 2, event->by, sizeof event->by);
        text_fill(rows, 3, event->note, sizeof event->note);
        event->at_us = db_column_integer(rows, 4);
        status = 0;
    }
    db_rows_close(rows);
    if (!status) ret_events->count = count;
    return status;
}

struct files_reading {
    const char *id;
    struct version_files files;
};

static int files_body(struct db_tx *tx, void *context, struct error *error) {
    struct files_reading *reading = context;
    struct db_rows *rows = NULL;
    version_files_done(&reading->files);
    int status = db_query(tx, error, &rows,
                          "select name, content from product_draft_file where draft_id = $1"
                          " order by position limit $2",
                          db_text(reading->id), db_integer(CATALOGUE_FILES_MAX));
    if (!status) status = version_files_take(rows, error, &reading->files);
    db_rows_close(rows);
    return status;
}

int draft_files_read(struct db *db, const char *id, struct error *error,
                     struct version_files *ret_files) {
    struct files_reading reading = {.id = id};
    int status = db_read(db, &db_scope_all, files_body, &reading, error);
    if (status) {
        version_files_done(&reading.files);
        return status;
    }
    *ret_files = reading.files;
    return 0;
}
