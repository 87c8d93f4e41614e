/* What a handler does with its call: refuse, read, write. A failure that nobody put into words for
 * the caller becomes a refusal here, without details: those are for the log. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "dispatcher.h"
#include "message/json.h"

enum { ANSWER_MAX_BYTES = 4 * 1024 * 1024, UNAVAILABLE_RETRY_S = 1 };

int call_refuse(struct call *call, int status, const char *code, const char *nl, const char *en) {
    struct text detail = {nl, en};
    call->refusal = (struct refusal){.status = status};
    (void)snprintf(call->refusal.code, sizeof call->refusal.code, "%s", code);
    (void)snprintf(call->refusal.detail, sizeof call->refusal.detail, "%s",
                   text_in(&detail, call->language));
    return ERROR_DENIED;
}

int call_not_found(struct call *call) {
    return call_refuse(call, 404, "not_found",
                       "Dit bestaat niet, of u mag het niet zien: controleer het id.",
                       "This does not exist, or is not yours to see: check the id.");
}

/* ---- revisions ------------------------------------------------------------------------------ */

/* Does the list name this revision? Weak tags never match what is to be changed. */
static bool names_revision(const char *tags, int64_t revision) {
    char tag[40];
    int length = snprintf(tag, sizeof tag, "\"" OPERATION_TAG "%lld", (long long)revision);
    for (const char *at = tags; *at;) {
        at += strspn(at, ", \t");
        if (strcmp(at, "*") == 0) return at == tags;
        if (strncmp(at, tag, (size_t)length) == 0 && strchr("-\"", at[length]) && at[length])
            return true;
        at += strcspn(at, ",");
    }
    return false;
}

int call_refuse_revision(struct call *call) {
    return call_refuse(call, 412, "precondition_failed",
                       "Dit is gewijzigd sinds u het opvroeg: haal het opnieuw op, kijk of u dit "
                       "nog wilt, en stuur dan de nieuwe ETag mee in If-Match.",
                       "This has changed since you fetched it: fetch it again, see whether you "
                       "still want this, and send the new ETag along in If-Match.");
}

int call_check_revision(struct call *call, int64_t revision) {
    if (!call->if_match)
        return call_refuse(call, 428, "precondition_required",
                           "Stuur in If-Match de ETag mee die u bij het opvragen kreeg, zodat u "
                           "niets wijzigt wat intussen anders is.",
                           "Send in If-Match the ETag that came when you fetched this, so that you "
                           "change nothing that is different by now.");
    return names_revision(call->if_match, revision) ? 0 : call_refuse_revision(call);
}

void call_encode(const struct call *call, struct buffer *buffer) {
    const struct operation *operation = call->operation;
    if (operation->output_open) json_write(&call->output, 0, buffer);
    else field_encode_json(operation->output, operation->output_count, &call->output, buffer);
}

/* ---- failures ------------------------------------------------------------------------------ */

static void refuse_unavailable(struct call *call) {
    (void)call_refuse(call, 503, "unavailable",
                      "Dit lukt nu even niet. Probeer het over enkele seconden opnieuw, met "
                      "dezelfde Idempotency-Key.",
                      "This is not possible right now. Try again in a few seconds, with the same "
                      "Idempotency-Key.");
    call->refusal.retry_after_s = UNAVAILABLE_RETRY_S;
}

void call_conclude_failure(struct call *call) {
    if (call->refusal.status) return;
    if (call->faults.starved) {
        refuse_unavailable(call);
        return;
    }
    if (call->faults.count > 0) {
        (void)call_refuse(call, 422, "invalid_fields",
                          "Een of meer velden zijn niet goed: verbeter wat onder errors staat.",
                          "One or more fields are wrong: correct what stands under errors.");
        return;
    }
    switch (call->error.code) {
    case ERROR_BUSY:
    case ERROR_FULL:
    case ERROR_IO:
    case ERROR_NO_MEMORY:
        refuse_unavailable(call);
        break;
    case ERROR_NOT_FOUND:
        (void)call_not_found(call);
        break;
    case ERROR_CONFLICT:
        (void)call_refuse(call, 409, "conflict",
                          "Dit is intussen door een ander gewijzigd: haal het opnieuw op.",
                          "Someone else has changed this meanwhile: fetch it again.");
        break;
    case ERROR_TOO_LARGE:
        (void)call_refuse(call, 422, "too_large",
                          "Dit is te groot om te verwerken: stuur minder in één keer.",
                          "This is too large to process: send less at a time.");
        break;
    default:
        (void)call_refuse(call, 500, "internal",
                          "Er ging bij ons iets mis. Meld het met het request_id van dit antwoord.",
                          "Something went wrong on our side. Report it with the request_id of "
                          "this answer.");
        break;
    }
}

void call_log_failure(const struct call *call) {
    if (call->error.code == ERROR_NONE) return;
    log_event(call->refusal.status < 500 ? LOG_WARNING : LOG_ERROR, "request_failed", "request_id",
              call->request_id ? call->request_id : "", "operation", call->operation->name, "error",
              call->error.text, NULL);
}

/* ---- reading and writing -------------------------------------------------------------------- */

int call_read(struct call *call, db_body body, void *context) {
    return db_read(call->dispatcher->db, &call->caller.scope, body, context, &call->error);
}

int call_read_once(struct call *call, db_body body, void *context) {
    return db_read_once(call->dispatcher->db, &call->caller.scope, body, context, &call->error);
}

struct deed {
    struct call *call;
    const char *subject_id;
    db_body body;
    void *context;
    struct buffer answer;
    bool was_first; /* false: another call holds the idempotency key */
};

int call_write_in(struct db_tx *tx, const struct call *call, const char *subject_id,
                  const struct buffer *answer, db_body body, void *context, struct error *error,
                  bool *ret_was_first) {
    *ret_was_first = true;
    int rc = 0;
    if (call->idempotency_key) {
        rc = idempotency_store(tx, call, answer, error);
        if (rc == ERROR_CONFLICT) *ret_was_first = false;
    }
    if (rc == 0) rc = body(tx, context, error);
    if (rc == 0 && call->operation->audited) rc = audit_done(tx, call, subject_id, error);
    return rc;
}

static int write_deed(struct db_tx *tx, void *context, struct error *error) {
    struct deed *deed = context;
    return call_write_in(tx, deed->call, deed->subject_id, &deed->answer, deed->body,
                         deed->context, error, &deed->was_first);
}

int call_encode_kept(struct call *call, struct buffer *ret_answer) {
    buffer_init(ret_answer, ANSWER_MAX_BYTES);
    if (!call->idempotency_key) return 0;
    call_encode(call, ret_answer);
    if (!ret_answer->failed) return 0;
    enum error_code failure = buffer_failure(ret_answer);
    buffer_done(ret_answer);
    return error_set(&call->error, failure, "%s: no memory for an answer of %d bytes",
                     call->operation->name, ANSWER_MAX_BYTES);
}

int call_write(struct call *call, const char *subject_id, db_body body, void *context) {
    if (call->item) {
        return error_set(&call->error, ERROR_INTERNAL, "%s cannot be done for many at once",
                         call->operation->name);
    }
    struct deed deed = {.call = call, .subject_id = subject_id, .body = body, .context = context};
    int rc = call_encode_kept(call, &deed.answer);
    if (rc != 0) return rc;
    struct error error = {0};
    rc = db_write(call->dispatcher->db, &call->caller.scope, write_deed, &deed, &error);
    buffer_done(&deed.answer);
    if (rc == ERROR_CONFLICT && !deed.was_first) {
        /* Another node did the deed between our look and our write: its answer is ours. */
        int found = idempotency_replay(call);
        if (found > 0) return 0;
        if (found < 0) return found;
        return error_set(&call->error, ERROR_BUSY, "%s: the idempotency key was just in use",
                         call->operation->name);
    }
    if (rc != 0) {
        error_clear(&call->error);
        call->error = error;
    }
    return rc;
}

int call_write_held(struct call *call, const char *subject_id, db_body body, void *context,
                    void (*release)(void *context)) {
    if (call->item) return item_hold(call, subject_id, body, context, release);
    int rc = call_write(call, subject_id, body, context);
    if (release) release(context);
    return rc;
}
