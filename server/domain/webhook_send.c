/* What must hold stands in the statement that changes a row: its state and the fence. */
#include "domain/webhook_send.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is due ---------------------------------------------------------------------------- */
struct looking {
    int64_t now_us;
    webhook_room room;
    void *context;
    const char *above;
    struct webhook_due *due;
    int limit, count;
    int endpoint_count;
    struct webhook_due endpoints[WEBHOOK_DUE_ENDPOINTS_MAX]; /* where to; no message yet */
};

static int endpoints_read(struct looking *looking, struct db_tx *tx, struct error *error) {
    struct db_rows *rows = NULL;
    looking->endpoint_count = 0;
    int status =
        db_query(tx, error, &rows,
                 "select w.id, w.partner_id, w.url, w.sealed, w.overlap_until_us, w.test"
                 " from webhook_endpoint w where w.enabled = 1 and w.id > $1 and exists (select 1"
                 " from webhook_message m where m.endpoint_id = w.id and m.state = 'pending'"
                 " and m.next_us <= $2 and $scope(m)) and $scope(w) order by w.id limit $3",
                 db_text(looking->above), db_integer(looking->now_us),
                 db_integer(WEBHOOK_DUE_ENDPOINTS_MAX));
    if (status) return status;
    while (looking->endpoint_count < WEBHOOK_DUE_ENDPOINTS_MAX &&
           (status = db_next(rows, error)) > 0) {
        struct webhook_due *due = &looking->endpoints[looking->endpoint_count++];
        *due = (struct webhook_due){.overlap_until_us = db_column_integer(rows, 4),
                                    .message = {.test = db_column_integer(rows, 5) != 0}};
        db_column_copy(rows, 0, due->message.endpoint_id, ID_MAX);
        db_column_copy(rows, 1, due->message.partner_id, ID_MAX);
        db_column_copy(rows, 2, due->url, sizeof due->url);
        db_column_copy(rows, 3, due->sealed, sizeof due->sealed);
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int message_take(struct db_rows *rows, struct webhook_due *due, struct error *error) {
    struct webhook_message *message = &due->message;
    const char *body = db_column_text(rows, 9, NULL);
    db_column_copy(rows, 0, message->id, sizeof message->id);
    db_column_copy(rows, 1, message->type, sizeof message->type);
    db_column_copy(rows, 2, message->subject_id, sizeof message->subject_id);
    message->subject_revision = db_column_integer(rows, 3);
    message->happened_us = db_column_integer(rows, 4);
    message->next_us = db_column_integer(rows, 5);
    message->fence = db_column_integer(rows, 6);
    message->tries = (int)db_column_integer(rows, 7);
    message->round = (int)db_column_integer(rows, 8);
    due->body = body ? strdup(body) : NULL;
    if (body && !due->body) return error_set(error, ERROR_NO_MEMORY, "no memory for a message");
    return 0;
}

static int messages_read(struct looking *looking, struct db_tx *tx,
                         const struct webhook_due *endpoint, int room, struct error *error) {
    struct db_rows *rows = NULL;
    int status =
        db_query(tx, error, &rows,
                 "select m.id, m.type, m.subject_id, m.subject_revision, m.happened_us, m.next_us,"
                 " m.fence, m.tries, m.round, m.body from webhook_message m"
                 " where m.endpoint_id = $1 and m.state = 'pending' and m.next_us <= $2"
                 " and $scope(m) order by m.next_us, m.id limit $3",
                 db_text(endpoint->message.endpoint_id), db_integer(looking->now_us),
                 db_integer(room));
    if (status) return status;
    while (looking->count < looking->limit && (status = db_next(rows, error)) > 0) {
        struct webhook_due *due = &looking->due[looking->count++];
        *due = *endpoint;
        status = message_take(rows, due, error);
        if (status) break;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static void bodies_free(struct looking *looking) {
    for (int i = 0; i < looking->count; i++) free(looking->due[i].body);
    looking->count = 0;
}

static int due_body(struct db_tx *tx, void *context, struct error *error) {
    struct looking *looking = context;
    bodies_free(looking);
    int status = endpoints_read(looking, tx, error);
    for (int i = 0; !status && i < looking->endpoint_count && looking->count < looking->limit;
         i++) {
        const struct webhook_due *endpoint = &looking->endpoints[i];
        int room = looking->room(looking->context, endpoint->message.endpoint_id,
                                 endpoint->message.partner_id);
        /* Those of this go count as well. */
        for (int j = 0; j < looking->count; j++)
            room -= strcmp(looking->due[j].message.partner_id, endpoint->message.partner_id) == 0;
        if (room > 0) status = messages_read(looking, tx, endpoint, room, error);
    }
    return status;
}

int webhook_due_read(struct db *db, int64_t now_us, webhook_room room, void *context, int limit,
                     struct error *error, char above[ID_MAX], struct webhook_due *ret_due,
                     int *ret_count) {
    struct looking *looking = calloc(1, sizeof *looking);
    if (!looking) return error_set(error, ERROR_NO_MEMORY, "no memory to look for messages");
    looking->now_us = now_us;
    looking->room = room;
    looking->context = context;
    looking->above = above;
    looking->due = ret_due;
    looking->limit = limit;
    int status = db_read(db, &db_scope_all, due_body, looking, error);
    if (status) {
        bodies_free(looking);
    } else {
        bool more = looking->endpoint_count == WEBHOOK_DUE_ENDPOINTS_MAX;
        snprintf(above, ID_MAX, "%s",
                 more ? looking->endpoints[looking->endpoint_count - 1].message.endpoint_id : "");
        *ret_count = looking->count;
    }
    free(looking);
    return status;
}

/* ---- taking --------------------------------------------------------------------------------- */
struct claiming {
    int64_t now_us;
    struct webhook_due *due;
    int count;
};

static int claim_body(struct db_tx *tx, void *context, struct error *error) {
    struct claiming *claiming = context;
    int status = 0;
    for (int i = 0; !status && i < claiming->count; i++) {
        struct webhook_due *due = &claiming->due[i];
        int64_t changed = 0;
        status = db_run(tx, error, &changed,
                        "update webhook_message as m set fence = $3 + 1, next_us = $4,"
                        " body = coalesce(m.body, $5) where m.endpoint_id = $1 and m.id = $2"
                        " and m.fence = $3 and m.state = 'pending' and $scope(m)",
                        db_text(due->message.endpoint_id), db_text(due->message.id),
                        db_integer(due->message.fence),
                        db_integer(claiming->now_us + WEBHOOK_LEASE_MS * INT64_C(1000)),
                        db_text(due->body));
        due->claimed = changed == 1;
    }
    return status;
}

int webhook_due_claim(struct db *db, int64_t now_us, struct webhook_due *due, int count,
                      struct error *error) {
    struct claiming claiming = {.now_us = now_us, .due = due, .count = count};
    int status = db_write(db, &db_scope_all, claim_body, &claiming, error);
    for (int i = 0; !status && i < count; i++) due[i].message.fence += due[i].claimed;
    return status;
}

/* ---- what became of them -------------------------------------------------------------------- */
struct keeping {
    int64_t now_us;
    struct webhook_result *results;
    int count;
};

static int message_return(struct db_tx *tx, const struct webhook_message *message, int64_t now_us,
                          struct error *error) {
    return db_run(tx, error, NULL,
                  "update webhook_message as m set next_us = $4 where m.endpoint_id = $1"
                  " and m.id = $2 and m.fence = $3 and m.state = 'pending' and $scope(m)",
                  db_text(message->endpoint_id), db_text(message->id), db_integer(message->fence),
                  db_integer(now_us));
}

/* A message whose endpoint was disabled meanwhile stays held, unless it arrived. */
static int message_keep(struct db_tx *tx, struct webhook_result *result, int64_t now_us,
                        struct error *error) {
    const struct webhook_message *message = &result->message;
    int64_t changed = 0;
    int64_t wait_ms =
        webhook_wait_asked_ms(message->round + 1, result->asked_wait_ms, result->random);
    bool delivered = result->end == WEBHOOK_END_DELIVERED;
    result->given_up = !delivered && (wait_ms < 0 || result->end == WEBHOOK_END_GONE);
    const char *state = delivered          ? "delivered"
                        : result->given_up ? "failed"
                                           : "pending";
    int status =
        db_run(tx, error, &changed,
               "update webhook_message as m set next_us = $5, tries = $6, round = $7,"
               " state = case when m.state = 'held' and $4 = 'pending' then 'held' else $4 end"
               " where m.endpoint_id = $1 and m.id = $2 and m.fence = $3"
               " and m.state in ('pending', 'held') and $scope(m)",
               db_text(message->endpoint_id), db_text(message->id), db_integer(message->fence),
               db_text(state), db_integer(now_us + (wait_ms > 0 ? wait_ms : 0) * 1000),
               db_integer(message->tries + 1), db_integer(message->round + 1));
    result->lost = !changed;
    if (status || !changed) return status;
    const struct webhook_try *try = &result->try;
    return db_run(tx, error, NULL,
                  "insert into webhook_try (endpoint_id, message_id, number, partner_id, at_us,"
                  " duration_ms, outcome, http_status, answer)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  db_text(message->endpoint_id), db_text(message->id),
                  db_integer(message->tries + 1), db_text(message->partner_id),
                  db_integer(try->at_us), db_integer(try->duration_ms), db_text(try->outcome),
                  try->http_status ? db_integer(try->http_status) : db_null(),
                  db_text(*try->answer ? try->answer : NULL));
}

static int endpoint_works(struct db_tx *tx, const char *id, struct error *error) {
    return db_run(tx, error, NULL,
                  "update webhook_endpoint as w set failing_since_us = null, warnings = 0,"
                  " warned_us = null where w.id = $1 and w.failing_since_us is not null"
                  " and $scope(w)",
                  db_text(id));
}

static int endpoint_disable(struct db_tx *tx, struct webhook *webhook, enum webhook_disabled reason,
                            int64_t now_us, struct error *error, bool *ret_disabled) {
    webhook->disabled = reason;
    webhook->disabled_us = now_us;
    webhook->changed_us = now_us;
    webhook->revision++;
    int status = webhook_update(tx, webhook, error);
    if (!status) status = webhook_notice_insert(tx, webhook, WEBHOOK_TYPE_DISABLED, now_us, error);
    *ret_disabled = !status;
    return status;
}

static int endpoint_warn(struct db_tx *tx, const struct webhook *webhook, int warnings,
                         int64_t now_us, struct error *error, bool *ret_warned) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update webhook_endpoint as w set warnings = $3, warned_us = $4"
                        " where w.id = $1 and w.warnings = $2 and $scope(w)",
                        db_text(webhook->id), db_integer(webhook->warnings), db_integer(warnings),
                        db_integer(now_us));
    *ret_warned = !status && changed;
    if (!*ret_warned) return status;
    return webhook_notice_insert(tx, webhook, WEBHOOK_TYPE_FAILING, now_us, error);
}

static int endpoint_fails(struct db_tx *tx, struct webhook_result *result, int64_t now_us,
                          struct error *error) {
    const int64_t day_us = INT64_C(86400000000);
    struct webhook webhook;
    struct error none = {0};
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update webhook_endpoint as w set failing_since_us = $2 where w.id = $1"
                        " and w.failing_since_us is null and w.enabled = 1 and $scope(w)",
                        db_text(result->message.endpoint_id), db_integer(now_us));
    if (status || (changed && result->end != WEBHOOK_END_GONE)) return status;
    status = webhook_read(tx, result->message.endpoint_id, result->message.test, &none, &webhook);
    if (status == ERROR_NOT_FOUND || (!status && webhook.disabled)) return 0;
    if (status) return error_set(error, none.code, "%s", none.text);
    if (result->end == WEBHOOK_END_GONE)
        return endpoint_disable(tx, &webhook, WEBHOOK_GONE, now_us, error, &result->disabled);
    int64_t failing_us = now_us - webhook.failing_since_us;
    int due = webhook_warning_due(failing_us);
    if (due > webhook.warnings)
        return endpoint_warn(tx, &webhook, due, now_us, error, &result->warned);
    if (failing_us < WEBHOOK_FAILING_DAYS_MAX * day_us || webhook.warnings < WEBHOOK_WARNINGS ||
        now_us - webhook.warned_us < WEBHOOK_WARNED_DAYS_MIN * day_us)
        return 0;
    return endpoint_disable(tx, &webhook, WEBHOOK_FAILING, now_us, error, &result->disabled);
}

static int results_body(struct db_tx *tx, void *context, struct error *error) {
    struct keeping *keeping = context;
    int status = 0;
    for (int i = 0; !status && i < keeping->count; i++) {
        struct webhook_result *result = &keeping->results[i];
        result->lost = result->given_up = result->warned = result->disabled = false;
        if (result->end == WEBHOOK_END_RETURNED) {
            status = message_return(tx, &result->message, keeping->now_us, error);
            continue;
        }
        status = message_keep(tx, result, keeping->now_us, error);
        if (status || result->lost) continue;
        status = result->end == WEBHOOK_END_DELIVERED
                     ? endpoint_works(tx, result->message.endpoint_id, error)
                     : endpoint_fails(tx, result, keeping->now_us, error);
    }
    return status;
}

int webhook_results_keep(struct db *db, int64_t now_us, struct webhook_result *results, int count,
                         struct error *error) {
    struct keeping keeping = {.now_us = now_us, .results = results, .count = count};
    return db_write(db, &db_scope_all, results_body, &keeping, error);
}
