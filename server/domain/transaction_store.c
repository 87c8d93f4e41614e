/* Writing applications, policies and events. */
#include "domain/transaction_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/policy_number.h"
#include "domain/transaction_inside.h"
#include "domain/webhook.h"

int transaction_conflict(const char *id, struct error *error) {
    return error_set(error, ERROR_CONFLICT, "%s was changed just now", id);
}

/* ---- events --------------------------------------------------------------------------------- */
enum { EVENT_VALUES = 15, EVENTS_TOGETHER_MAX = 3 };

static void event_values(const struct event *event, const struct transaction_by *by, int64_t at_us,
                         struct db_value ret_values[EVENT_VALUES]) {
    const struct db_value values[EVENT_VALUES] = {
        db_text(event->subject_id), db_integer(event->revision), db_text(event->partner_id),
        db_text(transaction_step_text(event->step)), db_text(event->from_state),
        db_text(event->to_state), db_text(by ? by->actor : "system"),
        db_text(by ? by->key_id : NULL), db_text(by ? by->user_id : NULL),
        db_text(by ? by->request_id : NULL), db_text(by ? by->reason : NULL),
        db_text(by ? by->note : NULL), db_integer(at_us), db_text(by ? by->entrance : "system"),
        db_text(by ? by->address : NULL)};
    memcpy(ret_values, values, sizeof values);
}

#define EVENT_FIRST                                                                               \
    "insert into transaction_event (subject_id, revision, partner_id, step, from_status,"         \
    " to_status, actor, key_id, user_id, request_id, reason, note, at_us, entrance, address)"     \
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
#define EVENT_SECOND                                                                              \
    ", ($16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)"
#define EVENT_THIRD                                                                               \
    ", ($31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45)"

int event_insert(struct db_tx *tx, const struct event *event, const struct transaction_by *by,
                 int64_t at_us, struct error *error) {
    struct db_value values[EVENT_VALUES];
    event_values(event, by, at_us, values);
    int status = db_run_values(tx, EVENT_FIRST, values, EVENT_VALUES, error, NULL);
    if (status) return status;
    return webhook_event_insert(tx, event->subject_id, event->partner_id, event->revision,
                                event->step, event->to_state, at_us, error);
}

struct clearing {
    int64_t before_us, cleared;
};

static int clear_body(struct db_tx *tx, void *context, struct error *error) {
    struct clearing *clearing = context;
    clearing->cleared = 0;
    return db_run(tx, error, &clearing->cleared,
                  "update transaction_event as e set address = null"
                  " where (e.subject_id, e.revision) in (select o.subject_id, o.revision"
                  " from transaction_event o where o.address is not null and o.at_us < $1"
                  " and $scope(o) order by o.at_us, o.subject_id, o.revision limit $2)"
                  " and $scope(e)",
                  db_integer(clearing->before_us), db_integer(EVENT_ADDRESSES_CLEAR_MAX));
}

int transaction_addresses_clear(struct db *db, int64_t now_us, struct error *error,
                                int64_t *ret_cleared) {
    struct clearing clearing = {
        .before_us = now_us - EVENT_ADDRESS_DAYS * INT64_C(86400000000)};
    int status = db_write(db, &db_scope_all, clear_body, &clearing, error);
    if (!status) *ret_cleared = clearing.cleared;
    return status;
}

/* Steps that are taken together, of subjects of one partner and mode that may be added with them:
 * the first by `first_by`, the others by `by`. */
static int events_insert(struct db_tx *tx, const struct event *events, int count, bool test,
                         const struct transaction_by *first_by, const struct transaction_by *by,
                         int64_t at_us, struct error *error) {
    static const char *const statements[EVENTS_TOGETHER_MAX] = {
        EVENT_FIRST, EVENT_FIRST EVENT_SECOND, EVENT_FIRST EVENT_SECOND EVENT_THIRD};
    struct db_value values[EVENTS_TOGETHER_MAX * EVENT_VALUES];
    struct webhook_event told[EVENTS_TOGETHER_MAX];
    for (int i = 0; i < count; i++) {
        event_values(&events[i], i ? by : first_by, at_us, &values[i * EVENT_VALUES]);
        told[i] = (struct webhook_event){.subject_id = events[i].subject_id,
                                         .revision = events[i].revision,
                                         .step = events[i].step,
                                         .to_state = events[i].to_state};
    }
    int status = db_run_values(tx, statements[count - 1], values, (size_t)count * EVENT_VALUES,
                               error, NULL);
    if (status) return status;
    return webhook_events_insert(tx, told, count, events->partner_id, test, at_us, error);
}

/* ---- policies ------------------------------------------------------------------------------- */
/* Of the policy that an application becomes. */
static struct event issue_event(const struct application *application,
                                const struct policy_issue *issue, const char *from_state) {
    return (struct event){.subject_id = issue->id,
                          .partner_id = application->partner_id,
                          .revision = 1,
                          .step = TRANSACTION_ISSUE,
                          .from_state = from_state,
                          .to_state = transaction_state_text(POLICY_ACTIVE)};
}

/* With its number, which is written together with its sequence: there are no gaps, whichever node
 * gives it. */
static int policy_insert(struct db_tx *tx, const struct application *application,
                         struct policy_issue *issue, int64_t at_us, struct error *error) {
    char start[POLICY_NUMBER_START_MAX];
    struct db_late late;
    policy_number_start(issue->number_prefix, application->test, start);
    int status = policy_number_advance(tx, issue->number_prefix, application->test, error, &late);
    if (status) return status;
    late.ret_text = issue->number;
    late.size = sizeof issue->number;
    return db_run_late(tx, &late, error,
                       "insert into policy (id, partner_id, test, application_id, number_prefix,"
                       " number, status, revision, term_number, withdraw_until, due_date,"
                       " renewal_on, issued_us, changed_us, user_id)"
                       " with v (id, partner_id, test, application_id, prefix, start, status,"
                       " withdraw_until, due_date, renewal_on, at_us, user_id, behind)"
                       " as (values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13))"
                       " select v.id, v.partner_id, v.test, v.application_id, v.prefix, v.start || "
                       POLICY_NUMBER_DIGITS("(s.last_number - v.behind)")
                       ", v.status, 1, 1, v.withdraw_until, v.due_date, v.renewal_on, v.at_us,"
                       " v.at_us, v.user_id from v join policy_number s on s.prefix = v.prefix"
                       " and s.test = v.test returning id, number",
                       db_text(issue->id), db_text(application->partner_id),
                       db_integer(application->test), db_text(application->id),
                       db_text(issue->number_prefix), db_text(start),
                       db_text(transaction_state_text(POLICY_ACTIVE)),
                       db_text(*issue->withdraw_until ? issue->withdraw_until : NULL),
                       db_text(*issue->due_date ? issue->due_date : NULL),
                       db_text(*issue->renewal_on ? issue->renewal_on : NULL), db_integer(at_us),
                       db_text(application->user_id));
}

/* ---- acceptance ----------------------------------------------------------------------------- */
static int application_insert(struct db_tx *tx, const struct application *application,
                              const char *sealed_key_id, struct error *error) {
    return db_run(tx, error, NULL,
                  "insert into application (id, partner_id, test, quote_id, product, version_id,"
                  " status, revision, effective_date, term, instalments, instalment_cents,"
                  " total_cents, commission_cents, consent_version, consumer, reference, sealed,"
                  " sealed_key_id, iban_index, email_index, created_us, changed_us, user_id)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
                  " $17, $18, $19, $20, $21, $22, $23, $24)",
                  db_text(application->id), db_text(application->partner_id),
                  db_integer(application->test), db_text(application->quote_id),
                  db_text(application->product), db_text(application->version_id),
                  db_text(transaction_state_text(application->state)),
                  db_integer(application->revision), db_text(application->effective_date),
                  db_text(application->term), db_integer(application->instalments),
                  db_integer(application->instalment_cents), db_integer(application->total_cents),
                  db_integer(application->commission_cents),
                  db_text(application->consent_version), db_integer(application->consumer),
                  db_text(application->reference), db_text(application->sealed),
                  db_text(sealed_key_id), db_text(application->iban_index),
                  db_text(application->email_index), db_integer(application->created_us),
                  db_integer(application->changed_us), db_text(application->user_id));
}

int application_accept(struct db_tx *tx, const struct application *application,
                       const char *quote_state, const char *sealed_key_id,
                       struct policy_issue *issue, const struct transaction_by *by,
                       struct error *error) {
    const char *received = transaction_state_text(APPLICATION_RECEIVED);
    struct event events[EVENTS_TOGETHER_MAX] = {{.subject_id = application->id,
                                                 .partner_id = application->partner_id,
                                                 .revision = 1,
                                                 .step = TRANSACTION_ACCEPT,
                                                 .from_state = quote_state,
                                                 .to_state = received}};
    int count = 1;
    if (application->state != APPLICATION_RECEIVED)
        events[count++] = (struct event){.subject_id = application->id,
                                         .partner_id = application->partner_id,
                                         .revision = 2,
                                         .step = issue ? TRANSACTION_ISSUE : TRANSACTION_REVIEW,
                                         .from_state = received,
                                         .to_state = transaction_state_text(application->state)};
    if (issue) events[count++] = issue_event(application, issue, received);
    int status = application_insert(tx, application, sealed_key_id, error);
    if (!status)
        status = events_insert(tx, events, count, application->test, by, NULL, by->at_us, error);
    if (status || !issue) return status;
    return policy_insert(tx, application, issue, by->at_us, error);
}

/* ---- steps ---------------------------------------------------------------------------------- */
/* Only of the revision and state that were seen: `ret_changed` 0 when it has others by now. */
static int application_change(struct db_tx *tx, const struct event *event, int64_t at_us,
                              struct error *error, int64_t *ret_changed) {
    return db_run(tx, error, ret_changed,
                  "update application as a set status = $1, revision = $2, changed_us = $3"
                  " where a.id = $4 and a.revision = $5 and a.status = $6 and $scope(a)",
                  db_text(event->to_state), db_integer(event->revision), db_integer(at_us),
                  db_text(event->subject_id), db_integer(event->revision - 1),
                  db_text(event->from_state));
}

int application_take(struct db_tx *tx, const struct application *application,
                     enum transaction_step step, enum transaction_state to,
                     struct policy_issue *issue, const struct transaction_by *by,
                     struct error *error) {
    int64_t changed = 0;
    const char *from_state = transaction_state_text(application->state);
    struct event events[2] = {{.subject_id = application->id,
                               .partner_id = application->partner_id,
                               .revision = application->revision + 1,
                               .step = step,
                               .from_state = from_state,
                               .to_state = transaction_state_text(to)}};
    int count = 1;
    if (issue) events[count++] = issue_event(application, issue, from_state);
    int status = application_change(tx, events, by->at_us, error, &changed);
    if (!status && !changed) status = transaction_conflict(application->id, error);
    if (!status)
        status = events_insert(tx, events, count, application->test, by, by, by->at_us, error);
    if (status || !issue) return status;
    return policy_insert(tx, application, issue, by->at_us, error);
}

int policy_end(struct db_tx *tx, const struct policy *policy, enum transaction_step step,
               enum transaction_state to, const char *end_date, int64_t refund_cents,
               const struct transaction_by *by, struct error *error) {
    int64_t changed = 0;
    struct event event = {.subject_id = policy->id,
                          .partner_id = policy->application.partner_id,
                          .revision = policy->revision + 1,
                          .step = step,
                          .from_state = transaction_state_text(policy->state),
                          .to_state = transaction_state_text(to)};
    int status = db_run(tx, error, &changed,
                        "update policy as p set status = $1, revision = $2, end_date = $3,"
                        " refund_cents = $4, changed_us = $5"
                        " where p.id = $6 and p.revision = $7 and p.status = $8 and $scope(p)",
                        db_text(event.to_state), db_integer(event.revision), db_text(end_date),
                        db_integer(refund_cents), db_integer(by->at_us), db_text(policy->id),
                        db_integer(policy->revision), db_text(event.from_state));
    if (!status && !changed) status = transaction_conflict(policy->id, error);
    if (!status) status = event_insert(tx, &event, by, by->at_us, error);
    return status ? status : policy_changes_overtake(tx, policy->id, NULL, by->at_us, error);
}

/* ---- by the system -------------------------------------------------------------------------- */
struct expiry {
    int64_t before_us, now_us;
    int count;
};

struct waiting {
    char id[ID_MAX], partner_id[ID_MAX];
    enum transaction_state state;
    int64_t revision;
};

static int expire_body(struct db_tx *tx, void *context, struct error *error) {
    struct expiry *expiry = context;
    struct waiting *waiting = calloc(TRANSACTION_EXPIRE_MAX, sizeof *waiting);
    struct db_rows *rows = NULL;
    int count = 0;
    expiry->count = 0;
    if (!waiting) return error_set(error, ERROR_NO_MEMORY, "no memory to expire applications");
    int status = db_query(tx, error, &rows,
                          "select a.id, a.partner_id, a.status, a.revision from application a"
                          " where a.status in ('received', 'in_review', 'approved')"
                          " and a.created_us < $1 and $scope(a) order by a.created_us limit $2",
                          db_integer(expiry->before_us), db_integer(TRANSACTION_EXPIRE_MAX));
    while (!status && count < TRANSACTION_EXPIRE_MAX && (status = db_next(rows, error)) > 0) {
        struct waiting *one = &waiting[count++];
        snprintf(one->id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
        snprintf(one->partner_id, ID_MAX, "%s", db_column_text(rows, 1, NULL));
        one->state = application_state_read(db_column_text(rows, 2, NULL));
        one->revision = db_column_integer(rows, 3);
        status = 0;
    }
    db_rows_close(rows);
    for (int i = 0; !status && i < count; i++) {
        enum transaction_state to = TRANSACTION_STATES;
        int64_t changed = 0;
        if (transaction_ask(TRANSACTION_EXPIRE, waiting[i].state, ACTOR_SYSTEM, &to) !=
            TRANSACTION_ALLOWED)
            continue;
        struct event event = {.subject_id = waiting[i].id,
                              .partner_id = waiting[i].partner_id,
                              .revision = waiting[i].revision + 1,
                              .step = TRANSACTION_EXPIRE,
                              .from_state = transaction_state_text(waiting[i].state),
                              .to_state = transaction_state_text(to)};
        status = application_change(tx, &event, expiry->now_us, error, &changed);
        if (!status && changed) status = event_insert(tx, &event, NULL, expiry->now_us, error);
        expiry->count += changed != 0;
    }
    free(waiting);
    return status;
}

int application_expire(struct db *db, int64_t before_us, int64_t now_us, struct error *error,
                       int *ret_expired) {
    struct expiry expiry = {.before_us = before_us, .now_us = now_us};
    int status = db_write(db, &db_scope_all, expire_body, &expiry, error);
    if (!status) *ret_expired = expiry.count;
    return status;
}
