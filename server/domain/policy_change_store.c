/* Writing changes and renewals. What gives a policy other terms goes by its row first, so that of
 * two that come at once one waits and then finds the terms to be others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/policy_change.h"
#include "domain/transaction_inside.h"

enum { OPEN_MAX = 4 * CHANGES_OPEN_MAX, ADVANCE_ROUNDS_MAX = 4 };

static const char *kind_text(bool renewal) {
    return renewal ? "renewal" : "change";
}

static struct db_value cents(const struct policy_change *change, int64_t amount_cents) {
    return change->has_premium ? db_integer(amount_cents) : db_null();
}

int policy_change_insert(struct db_tx *tx, const struct policy_change *change,
                         const struct transaction_by *by, int64_t at_us, struct error *error) {
    const char *state = transaction_state_text(change->state);
    int status = db_run(
        tx, error, NULL,
        "insert into policy_change (id, policy_id, partner_id, test, kind, status, revision,"
        " base_term, due_date, effective_date, valid_until, known_at_us, version_id, outcome,"
        " result, changed, sealed, sealed_key_id, term, instalments, instalment_cents,"
        " total_cents, commission_cents, old_total_cents, difference_cents, settlement_cents,"
        " created_us, changed_us)"
        " values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
        " $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)",
        db_text(change->id), db_text(change->policy_id), db_text(change->partner_id),
        db_integer(change->test), db_text(kind_text(change->renewal)), db_text(state),
        db_integer(change->base_term), db_text(change->due_date), db_text(change->effective_date),
        db_text(change->valid_until), db_integer(change->known_at_us),
        db_text(change->version_id), db_text(change->outcome), db_text(change->result),
        db_text(change->changed), db_text(change->sealed), db_text(change->sealed_key_id),
        db_text(change->term), db_integer(change->instalments),
        cents(change, change->instalment_cents), cents(change, change->total_cents),
        cents(change, change->commission_cents), db_integer(change->old_total_cents),
        cents(change, change->difference_cents), cents(change, change->settlement_cents),
        db_integer(at_us), db_integer(at_us));
    struct event event = {.subject_id = change->id,
                          .partner_id = change->partner_id,
                          .revision = 1,
                          .step = change->renewal ? TRANSACTION_PREPARE : TRANSACTION_CHANGE,
                          .from_state = transaction_state_text(POLICY_ACTIVE),
                          .to_state = state};
    return status ? status : event_insert(tx, &event, by, at_us, error);
}

/* Only of the revision and state that were seen; `term_number` 0: it gives no terms. */
static int change_step(struct db_tx *tx, const struct event *event, int term_number,
                       const struct transaction_by *by, int64_t at_us, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update policy_change as c set status = $1, revision = $2,"
                        " term_number = $3, changed_us = $4"
                        " where c.id = $5 and c.revision = $6 and c.status = $7 and $scope(c)",
                        db_text(event->to_state), db_integer(event->revision),
                        term_number ? db_integer(term_number) : db_null(), db_integer(at_us),
                        db_text(event->subject_id), db_integer(event->revision - 1),
                        db_text(event->from_state));
    if (!status && !changed) status = transaction_conflict(event->subject_id, error);
    return status ? status : event_insert(tx, event, by, at_us, error);
}

static struct event event_of(const struct policy_change *change, enum transaction_step step,
                             enum transaction_state to) {
    return (struct event){.subject_id = change->id,
                          .partner_id = change->partner_id,
                          .revision = change->revision + 1,
                          .step = step,
                          .from_state = transaction_state_text(change->state),
                          .to_state = transaction_state_text(to)};
}

int policy_change_take(struct db_tx *tx, const struct policy_change *change,
                       enum transaction_step step, enum transaction_state to,
                       const struct transaction_by *by, int64_t at_us, struct error *error) {
    struct event event = event_of(change, step, to);
    return change_step(tx, &event, 0, by, at_us, error);
}

/* ---- what is overtaken ----------------------------------------------------------------------- */
struct open_change {
    char id[ID_MAX], partner_id[ID_MAX];
    enum transaction_state state;
    int64_t revision;
};

static void open_copy(struct db_rows *rows, struct open_change *ret_open) {
    const char *kind = db_column_text(rows, 2, NULL);
    snprintf(ret_open->id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
    snprintf(ret_open->partner_id, ID_MAX, "%s", db_column_text(rows, 1, NULL));
    ret_open->state = policy_change_state(kind && strcmp(kind, "renewal") == 0,
                                          db_column_text(rows, 3, NULL));
    ret_open->revision = db_column_integer(rows, 4);
}

/* One that the table lets go; others are left as they are. */
static int open_end(struct db_tx *tx, const struct open_change *open, enum transaction_step step,
                    int64_t at_us, struct error *error, int *ret_count) {
    enum transaction_state to = TRANSACTION_STATES;
    if (open->state == TRANSACTION_STATES ||
        transaction_ask(step, open->state, ACTOR_SYSTEM, &to) != TRANSACTION_ALLOWED)
        return 0;
    struct event event = {.subject_id = open->id,
                          .partner_id = open->partner_id,
                          .revision = open->revision + 1,
                          .step = step,
                          .from_state = transaction_state_text(open->state),
                          .to_state = transaction_state_text(to)};
    int status = change_step(tx, &event, 0, NULL, at_us, error);
    if (!status) *ret_count += 1;
    return status;
}

int policy_changes_overtake(struct db_tx *tx, const char *policy_id, const char *except_id,
                            int64_t at_us, struct error *error) {
    struct open_change *open = calloc(OPEN_MAX, sizeof *open);
    struct db_rows *rows = NULL;
    int count = 0, ended = 0;
    if (!open) return error_set(error, ERROR_NO_MEMORY, "no memory for a policy's changes");
    int status = db_query(tx, error, &rows,
                          "select c.id, c.partner_id, c.kind, c.status, c.revision"
                          " from policy_change c where c.policy_id = $1 and c.id <> $2"
                          " and c.status in ('offered', 'referred', 'in_review', 'approved')"
                          " and $scope(c) order by c.id limit $3",
                          db_text(policy_id), db_text(except_id ? except_id : ""),
                          db_integer(OPEN_MAX));
    while (!status && count < OPEN_MAX && (status = db_next(rows, error)) > 0) {
        open_copy(rows, &open[count++]);
        status = 0;
    }
    db_rows_close(rows);
    for (int i = 0; !status && i < count; i++)
        status = open_end(tx, &open[i], TRANSACTION_OVERTAKE, at_us, error, &ended);
    free(open);
    return status;
}

/* ---- other terms ----------------------------------------------------------------------------- */
/* The policy's next revision. Other steps that leave its terms alone, such as the announcement of
 * a renewal, may come between reading and writing: then it is looked at again. */
struct advance {
    const char *policy_id, *partner_id;
    enum transaction_step step;
    int base_term, term_number;
    const char *due_date, *due_date_next, *renewal_on; /* the first NULL: whatever it is */
    const char *reason;
};

static int revision_read(struct db_tx *tx, const struct advance *advance, struct error *error,
                         int64_t *ret_revision) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.revision from policy p where p.id = $1"
                          " and p.status = 'active' and p.term_number = $2 and $scope(p)",
                          db_text(advance->policy_id), db_integer(advance->base_term));
    if (!status) status = db_next(rows, error);
    if (status > 0) *ret_revision = db_column_integer(rows, 0);
    db_rows_close(rows);
    if (status < 0) return status;
    return status ? 0 : transaction_conflict(advance->policy_id, error);
}

static int policy_advance(struct db_tx *tx, const struct advance *advance,
                          const struct transaction_by *by, int64_t at_us, struct error *error) {
    int64_t changed = 0, revision = 0;
    int status = 0;
    for (int round = 0; !status && !changed && round < ADVANCE_ROUNDS_MAX; round++) {
        status = revision_read(tx, advance, error, &revision);
        if (!status)
            status = db_run(tx, error, &changed,
                            "update policy as p set revision = $1, term_number = $2,"
                            " due_date = coalesce($3, due_date), renewal_on = $4, changed_us = $5"
                            " where p.id = $6 and p.revision = $7 and p.status = 'active'"
                            " and p.term_number = $8"
                            " and (cast($9 as text) is null or p.due_date = $9) and $scope(p)",
                            db_integer(revision + 1), db_integer(advance->term_number),
                            db_text(advance->due_date_next), db_text(advance->renewal_on),
                            db_integer(at_us), db_text(advance->policy_id), db_integer(revision),
                            db_integer(advance->base_term), db_text(advance->due_date));
    }
    if (!status && !changed) status = transaction_conflict(advance->policy_id, error);
    if (status) return status;
    const char *active = transaction_state_text(POLICY_ACTIVE);
    struct transaction_by system = {
        .actor = "system", .entrance = "system", .reason = advance->reason, .at_us = at_us};
    struct event event = {.subject_id = advance->policy_id,
                          .partner_id = advance->partner_id,
                          .revision = revision + 1,
                          .step = advance->step,
                          .from_state = active,
                          .to_state = active};
    return event_insert(tx, &event, by ? by : &system, at_us, error);
}

int policy_change_apply(struct db_tx *tx, const struct policy_change *change,
                        enum transaction_step step, enum transaction_state to,
                        const char *renewal_on, const struct transaction_by *by,
                        struct error *error) {
    const struct advance advance = {.policy_id = change->policy_id,
                                    .partner_id = change->partner_id,
                                    .step = TRANSACTION_CHANGE,
                                    .base_term = change->base_term,
                                    .term_number = change->base_term + 1,
                                    .renewal_on = renewal_on};
    int status = policy_advance(tx, &advance, by, by->at_us, error);
    struct event event = event_of(change, step, to);
    if (!status)
        status = change_step(tx, &event, advance.term_number, by, by->at_us, error);
    if (status) return status;
    return policy_changes_overtake(tx, change->policy_id, change->id, by->at_us, error);
}

/* ---- expiry ---------------------------------------------------------------------------------- */
struct expiry {
    const char *today;
    int64_t before_us, now_us;
    struct open_change *open;
    int count;
};

static int expire_body(struct db_tx *tx, void *context, struct error *error) {
    struct expiry *expiry = context;
    struct db_rows *rows = NULL;
    int count = 0;
    expiry->count = 0;
    int status = db_query(tx, error, &rows,
                          "select c.id, c.partner_id, c.kind, c.status, c.revision"
                          " from policy_change c where c.kind = 'change'"
                          " and c.status in ('offered', 'referred', 'in_review')"
                          " and c.valid_until < $1"
                          " and (c.status <> 'in_review' or c.changed_us < $2)"
                          " and $scope(c) order by c.valid_until limit $3",
                          db_text(expiry->today), db_integer(expiry->before_us),
                          db_integer(CHANGES_EXPIRE_MAX));
    while (!status && count < CHANGES_EXPIRE_MAX && (status = db_next(rows, error)) > 0) {
        open_copy(rows, &expiry->open[count++]);
        status = 0;
    }
    db_rows_close(rows);
    for (int i = 0; !status && i < count; i++)
        status = open_end(tx, &expiry->open[i], TRANSACTION_EXPIRE, expiry->now_us, error,
                          &expiry->count);
    return status;
}

int policy_changes_expire(struct db *db, const char *today, int64_t before_us, int64_t now_us,
                          struct error *error, int *ret_expired) {
    struct expiry expiry = {.today = today,
                            .before_us = before_us,
                            .now_us = now_us,
                            .open = calloc(CHANGES_EXPIRE_MAX, sizeof *expiry.open)};
    if (!expiry.open)
        return error_set(error, ERROR_NO_MEMORY, "no memory to expire changes");
    int status = db_write(db, &db_scope_all, expire_body, &expiry, error);
    free(expiry.open);
    if (status == ERROR_CONFLICT) { /* somebody took one of them meanwhile: next time */
        error_clear(error);
        expiry.count = status = 0;
    }
    if (!status) *ret_expired = expiry.count;
    return status;
}

/* ---- renewals -------------------------------------------------------------------------------- */
int policy_renewals_due(struct db_tx *tx, const char *today, int limit, struct error *error,
                        char (*ret_ids)[ID_MAX], bool *ret_tests, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          "select p.id, p.test from policy p where p.status = 'active'"
                          " and p.renewal_on <= $1 and $scope(p) order by p.renewal_on, p.id"
                          " limit $2",
                          db_text(today), db_integer(limit));
    while (!status && count < limit && (status = db_next(rows, error)) > 0) {
        snprintf(ret_ids[count], ID_MAX, "%s", db_column_text(rows, 0, NULL));
        ret_tests[count++] = db_column_integer(rows, 1) != 0;
        status = 0;
    }
    db_rows_close(rows);
    if (!status) *ret_count = count;
    return status;
}

int policy_renewal_plan(struct db_tx *tx, const struct policy *policy, const char *renewal_on,
                        struct error *error) {
    return db_run(tx, error, NULL,
                  "update policy as p set renewal_on = $1 where p.id = $2 and p.revision = $3"
                  " and p.status = 'active' and $scope(p)",
                  db_text(renewal_on), db_text(policy->id), db_integer(policy->revision));
}

int policy_renewal_prepare(struct db_tx *tx, const struct policy *policy,
                           const struct policy_change *renewal, int64_t at_us,
                           struct error *error) {
    const struct advance advance = {.policy_id = policy->id,
                                    .partner_id = policy->application.partner_id,
                                    .step = TRANSACTION_PREPARE,
                                    .base_term = policy->term_number,
                                    .term_number = policy->term_number,
                                    .due_date = policy->due_date,
                                    .renewal_on = policy->due_date};
    int status = policy_advance(tx, &advance, NULL, at_us, error);
    return status ? status : policy_change_insert(tx, renewal, NULL, at_us, error);
}

int policy_renew(struct db_tx *tx, const struct policy *policy,
                 const struct policy_change *renewal, const struct policy_period *period,
                 int64_t at_us, struct error *error) {
    enum transaction_state to = TRANSACTION_STATES;
    enum transaction_step step = TRANSACTION_RENEW;
    bool taken = renewal && transaction_ask(step, renewal->state, ACTOR_SYSTEM, &to) ==
                                TRANSACTION_ALLOWED;
    if (renewal && !taken) {
        step = TRANSACTION_EXPIRE;
        if (transaction_ask(step, renewal->state, ACTOR_SYSTEM, &to) != TRANSACTION_ALLOWED)
            renewal = NULL; /* stopped: it stays so */
    }
    bool terms = taken && renewal->has_premium;
    const struct advance advance = {.policy_id = policy->id,
                                    .partner_id = policy->application.partner_id,
                                    .step = TRANSACTION_RENEW,
                                    .base_term = policy->term_number,
                                    .term_number = policy->term_number + terms,
                                    .due_date = policy->due_date,
                                    .due_date_next = period->due_date,
                                    .renewal_on = period->renewal_on,
                                    .reason = period->reason};
    int status = policy_advance(tx, &advance, NULL, at_us, error);
    if (!status && renewal) {
        struct event event = event_of(renewal, step, to);
        status = change_step(tx, &event, terms ? advance.term_number : 0, NULL, at_us, error);
    }
    if (status || !terms) return status;
    return policy_changes_overtake(tx, policy->id, renewal->id, at_us, error);
}
