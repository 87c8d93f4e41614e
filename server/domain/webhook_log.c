/* What was sent and what became of it: lists of messages and tries, sending one anew, and removing
 * what is old. */
#include <stdio.h>
#include <string.h>

#include "domain/webhook.h"

static const char *const states[WEBHOOK_STATES] = {[WEBHOOK_PENDING] = "pending",
                                                   [WEBHOOK_HELD] = "held",
                                                   [WEBHOOK_DELIVERED] = "delivered",
                                                   [WEBHOOK_FAILED] = "failed"};

const char *webhook_state_text(enum webhook_state state) {
    return states[state];
}

static enum webhook_state state_read(const char *text) {
    for (int i = 0; text && i < WEBHOOK_STATES; i++)
        if (strcmp(states[i], text) == 0) return (enum webhook_state)i;
    return WEBHOOK_FAILED;
}

/* ---- messages ------------------------------------------------------------------------------- */
#define COLUMNS                                                                                   \
    "select m.endpoint_id, m.id, m.partner_id, m.type, m.subject_id, m.state, m.test,"            \
    " m.subject_revision, m.happened_us, m.next_us, m.fence, m.tries, m.round"                    \
    " from webhook_message m where m.endpoint_id = $1 and $scope(m)"

static void message_take(struct db_rows *rows, struct webhook_message *message) {
    *message = (struct webhook_message){.state = state_read(db_column_text(rows, 5, NULL)),
                                        .test = db_column_integer(rows, 6) != 0,
                                        .subject_revision = db_column_integer(rows, 7),
                                        .happened_us = db_column_integer(rows, 8),
                                        .next_us = db_column_integer(rows, 9),
                                        .fence = db_column_integer(rows, 10),
                                        .tries = (int)db_column_integer(rows, 11),
                                        .round = (int)db_column_integer(rows, 12)};
    db_column_copy(rows, 0, message->endpoint_id, sizeof message->endpoint_id);
    db_column_copy(rows, 1, message->id, sizeof message->id);
    db_column_copy(rows, 2, message->partner_id, sizeof message->partner_id);
    db_column_copy(rows, 3, message->type, sizeof message->type);
    db_column_copy(rows, 4, message->subject_id, sizeof message->subject_id);
}

int webhook_message_list(struct db_tx *tx, const char *endpoint_id, const char *below,
                         const char *state, int limit, struct error *error,
                         struct webhook_message *ret_messages, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          COLUMNS " and m.id < $2 and (cast($3 as text) is null or m.state = $3)"
                                  " order by m.id desc limit $4",
                          db_text(endpoint_id), db_text(below ? below : "msh"), db_text(state),
                          db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(rows, error)) > 0)
        message_take(rows, &ret_messages[count++]);
    db_rows_close(rows);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

int webhook_message_read(struct db_tx *tx, const char *endpoint_id, const char *id,
                         struct error *error, struct webhook_message *ret_message) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, COLUMNS " and m.id = $2", db_text(endpoint_id),
                          db_text(id));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) message_take(rows, ret_message);
    db_rows_close(rows);
    if (status == 0) return error_set(error, ERROR_NOT_FOUND, "there is no message %.60s", id);
    return status < 0 ? status : 0;
}

int webhook_message_resend(struct db_tx *tx, const char *endpoint_id, const char *id,
                           int64_t now_us, struct error *error) {
    return db_run(tx, error, NULL,
                  "update webhook_message as m set state = 'pending', next_us = $3, round = 0"
                  " where m.endpoint_id = $1 and m.id = $2 and $scope(m)",
                  db_text(endpoint_id), db_text(id), db_integer(now_us));
}

/* ---- tries ---------------------------------------------------------------------------------- */
int webhook_try_list(struct db_tx *tx, const char *endpoint_id, const char *message_id, int limit,
                     struct error *error, struct webhook_try *ret_tries, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status =
        db_query(tx, error, &rows,
                 "select t.number, t.at_us, t.duration_ms, t.outcome, t.http_status, t.answer"
                 " from webhook_try t where t.endpoint_id = $1 and t.message_id = $2"
                 " and $scope(t) order by t.number desc limit $3",
                 db_text(endpoint_id), db_text(message_id), db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(rows, error)) > 0) {
        struct webhook_try *try = &ret_tries[count++];
        *try = (struct webhook_try){.number = (int)db_column_integer(rows, 0),
                                    .at_us = db_column_integer(rows, 1),
                                    .duration_ms = db_column_integer(rows, 2),
                                    .http_status = (int)db_column_integer(rows, 4)};
        snprintf(try->message_id, sizeof try->message_id, "%s", message_id);
        db_column_copy(rows, 3, try->outcome, sizeof try->outcome);
        db_column_copy(rows, 5, try->answer, sizeof try->answer);
    }
    db_rows_close(rows);
    if (status < 0) return status;
    for (int i = 0; i < count / 2; i++) {
        struct webhook_try try = ret_tries[i];
        ret_tries[i] = ret_tries[count - 1 - i];
        ret_tries[count - 1 - i] = try;
    }
    *ret_count = count;
    return 0;
}

/* ---- removing ------------------------------------------------------------------------------- */
struct cleaning {
    int64_t before_us;
    int64_t removed;
};

#define OLD_MESSAGES                                                                              \
    "(select m.endpoint_id, m.id from webhook_message m where m.happened_us < $1 and $scope(m)"   \
    " order by m.happened_us, m.endpoint_id, m.id limit $2)"

static int clean_body(struct db_tx *tx, void *context, struct error *error) {
    struct cleaning *cleaning = context;
    int64_t changed = 0;
    cleaning->removed = 0;
    int status = db_run(tx, error, &changed,
                        "delete from webhook_try as t where (t.endpoint_id, t.message_id) in"
                        " " OLD_MESSAGES " and $scope(t)",
                        db_integer(cleaning->before_us), db_integer(WEBHOOK_EXPIRE_MAX));
    if (!status)
        status = db_run(tx, error, &cleaning->removed,
                        "delete from webhook_message as d where (d.endpoint_id, d.id) in"
                        " " OLD_MESSAGES " and $scope(d)",
                        db_integer(cleaning->before_us), db_integer(WEBHOOK_EXPIRE_MAX));
    if (!status)
        status = db_run(tx, error, &changed,
                        "delete from webhook_endpoint as w where w.deleted_us < $1 and $scope(w)"
                        " and not exists (select 1 from webhook_message m"
                        " where m.endpoint_id = w.id and $scope(m))",
                        db_integer(cleaning->before_us));
    return status;
}

int webhook_messages_expire(struct db *db, int64_t now_us, struct error *error,
                            int64_t *ret_removed) {
    struct cleaning cleaning = {
        .before_us = now_us - WEBHOOK_KEEP_DAYS * INT64_C(86400000000)};
    int status = db_write(db, &db_scope_all, clean_body, &cleaning, error);
    if (!status) *ret_removed = cleaning.removed;
    return status;
}
