/* The audit log: a row per deed in the deed's own transaction, and a row per refusal of a caller
 * who is known. Callers who are not known cost no write: they are in the log of requests. Rows name
 * what was done and to what, never what was answered. */
#include <string.h>

#include "base/log.h"
#include "dispatcher.h"

static struct db_value text_or_null(const char *text) {
    return db_text(text && *text ? text : NULL);
}

static int add_row(struct db_tx *tx, const struct call *call, const char *id,
                   const char *subject_id, const char *outcome, const char *code,
                   struct error *error) {
    const struct caller *caller = &call->caller;
    bool organisation = caller->kind == CALLER_ORGANISATION;
    return db_run(tx, error, NULL,
                  "insert into audit_log (id, at_us, partner_id, key_id, organisation_key_id,"
                  " certificate_id, user_id, test, operation, subject_id, outcome, code,"
                  " request_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                  db_text(id), db_integer(call->now_us), text_or_null(caller->partner_id),
                  text_or_null(organisation ? NULL : caller->key_id),
                  text_or_null(organisation ? caller->key_id : NULL),
                  text_or_null(caller->certificate_id), text_or_null(caller->user_id),
                  db_integer(caller->test),
                  db_text(call->operation->name), text_or_null(subject_id), db_text(outcome),
                  text_or_null(code), db_text(call->request_id ? call->request_id : ""));
}

int audit_done(struct db_tx *tx, const struct call *call, const char *subject_id,
               struct error *error) {
    char id[ID_MAX];
    id_make("aud", id);
    return add_row(tx, call, id, subject_id, "done", NULL, error);
}

static int write_refusal(struct db_tx *tx, void *context, struct error *error) {
    const struct call *call = context;
    char id[ID_MAX];
    id_make("aud", id);
    return add_row(tx, call, id, NULL, "refused", call->refusal.code, error);
}

/* A key in the wrong hands can be refused any number of times: the rows are bounded. */
static bool take_room(struct dispatcher *dispatcher, int64_t now_us) {
    int64_t second = now_us / 1000000;
    (void)pthread_mutex_lock(&dispatcher->audit_lock);
    if (dispatcher->audit_second != second) {
        dispatcher->audit_second = second;
        dispatcher->audit_refusals = 0;
    }
    bool room = dispatcher->audit_refusals < AUDIT_REFUSALS_PER_SECOND_MAX;
    if (room) dispatcher->audit_refusals++;
    (void)pthread_mutex_unlock(&dispatcher->audit_lock);
    return room;
}

void audit_refused(struct dispatcher *dispatcher, const struct call *call) {
    struct error error = {0};
    if (!take_room(dispatcher, call->now_us)) {
        log_event(LOG_WARNING, "refused", "operation", call->operation->name, "code",
                  call->refusal.code, "partner_id", call->caller.partner_id, "key_id",
                  call->caller.key_id, "user_id", call->caller.user_id, "request_id",
                  call->request_id ? call->request_id : "", NULL);
        return;
    }
    if (db_write(dispatcher->db, &call->caller.scope, write_refusal, (void *)call, &error) != 0) {
        log_event(LOG_ERROR, "audit_failed", "error", error.text, "request_id",
                  call->request_id ? call->request_id : "", NULL);
    }
}
