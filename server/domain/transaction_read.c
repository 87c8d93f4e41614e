/* Reading applications, policies and events. */
#include <string.h>

#include "domain/transaction_store.h"

/* One statement's columns; a policy's follow those of its application. What is large is read of
 * one, and left out of lists. */
#define COLUMNS(sealed, quote_answers, quote_result)                                              \
    "select a.id, a.partner_id, a.quote_id, a.product, a.version_id, a.effective_date, a.term,"   \
    " a.consent_version, a.reference, " sealed ", p.id, p.number, q.token_hash, " quote_answers   \
    ", " quote_result ", a.status, a.revision, a.instalment_cents, a.total_cents,"                \
    " a.commission_cents, a.created_us, a.changed_us, a.instalments, a.test, a.consumer,"         \
    " p.status, p.revision, p.withdraw_until, p.end_date, p.refund_cents, p.issued_us,"           \
    " p.changed_us"
#define COLUMNS_OF_ONE COLUMNS("a.sealed", "q.answers", "q.result")
#define COLUMNS_OF_LIST COLUMNS("null", "null", "null")
/* no wall: each statement that is made of these names its own. */
#define APPLICATION_TABLES                                                                        \
    " from application a join quote q on q.id = a.quote_id"                                       \
    " left join policy p on p.application_id = a.id"
#define POLICY_TABLES                                                                             \
    " from policy p join application a on a.id = p.application_id"                                \
    " join quote q on q.id = a.quote_id"

enum { COLUMN_STATE = 15, COLUMN_POLICY = 25 };

struct copying {
    struct db_rows *rows;
    struct scratch *scratch;
    bool failed;
};

static const char *copy(struct copying *copying, int column) {
    size_t length = 0;
    const char *text = db_column_text(copying->rows, column, &length);
    char *copied = text ? scratch_take(copying->scratch, length + 1) : NULL;
    if (text && copied) memcpy(copied, text, length + 1);
    copying->failed |= text && !copied;
    return copied;
}

static void application_copy(struct copying *copying, struct application *application) {
    struct db_rows *rows = copying->rows;
    *application = (struct application){
        .id = copy(copying, 0),
        .partner_id = copy(copying, 1),
        .quote_id = copy(copying, 2),
        .product = copy(copying, 3),
        .version_id = copy(copying, 4),
        .effective_date = copy(copying, 5),
        .term = copy(copying, 6),
        .consent_version = copy(copying, 7),
        .reference = copy(copying, 8),
        .sealed = copy(copying, 9),
        .policy_id = copy(copying, 10),
        .policy_number = copy(copying, 11),
        .quote_token_hash = copy(copying, 12),
        .quote_answers = copy(copying, 13),
        .quote_result = copy(copying, 14),
        .state = application_state_read(db_column_text(rows, COLUMN_STATE, NULL)),
        .revision = db_column_integer(rows, 16),
        .instalment_cents = db_column_integer(rows, 17),
        .total_cents = db_column_integer(rows, 18),
        .commission_cents = db_column_integer(rows, 19),
        .created_us = db_column_integer(rows, 20),
        .changed_us = db_column_integer(rows, 21),
        .instalments = (int)db_column_integer(rows, 22),
        .test = db_column_integer(rows, 23) != 0,
        .consumer = db_column_integer(rows, 24) != 0};
}

static void policy_copy(struct copying *copying, struct policy *policy) {
    struct db_rows *rows = copying->rows;
    application_copy(copying, &policy->application);
    policy->id = policy->application.policy_id;
    policy->number = policy->application.policy_number;
    policy->state = policy_state_read(db_column_text(rows, COLUMN_POLICY, NULL));
    policy->revision = db_column_integer(rows, 26);
    policy->withdraw_until = copy(copying, 27);
    policy->end_date = copy(copying, 28);
    policy->has_refund = !db_column_null(rows, 29);
    policy->refund_cents = db_column_integer(rows, 29);
    policy->issued_us = db_column_integer(rows, 30);
    policy->changed_us = db_column_integer(rows, 31);
}

static int starved(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "applications need more scratch memory");
}

int application_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
                     struct error *error, struct application *ret_application) {
    struct copying copying = {.scratch = scratch};
    *ret_application = (struct application){.id = NULL};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_ONE APPLICATION_TABLES
                          " where a.id = $1 and a.test = $2 and $scope(a)",
                          db_text(id), db_integer(test));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) application_copy(&copying, ret_application);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    return status < 0 ? status : 0;
}

int policy_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
                struct error *error, struct policy *ret_policy) {
    struct copying copying = {.scratch = scratch};
    *ret_policy = (struct policy){.id = NULL};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_ONE POLICY_TABLES
                          " where p.id = $1 and p.test = $2 and $scope(p)",
                          db_text(id), db_integer(test));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) policy_copy(&copying, ret_policy);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    return status < 0 ? status : 0;
}

int application_list(struct db_tx *tx, const struct transaction_filter *filter,
                     struct scratch *scratch, struct error *error,
                     struct application *ret_applications, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_LIST APPLICATION_TABLES
                          " where a.test = $1 and a.id < $2"
                          " and (cast($3 as text) is null or a.product = $3)"
                          " and (cast($4 as text) is null or a.status = $4)"
                          " and (cast($5 as text) is null or a.iban_index = $5)"
                          " and (cast($6 as text) is null or a.email_index = $6)"
                          " and $scope(a) order by a.id desc limit $7",
                          db_integer(filter->test), db_text(filter->below),
                          db_text(filter->product), db_text(filter->state),
                          db_text(filter->iban_index), db_text(filter->email_index),
                          db_integer(filter->limit));
    if (status) return status;
    while (count < filter->limit && (status = db_next(copying.rows, error)) > 0)
        application_copy(&copying, &ret_applications[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    *ret_count = count;
    return status < 0 ? status : 0;
}

int policy_list(struct db_tx *tx, const struct transaction_filter *filter,
                struct scratch *scratch, struct error *error, struct policy *ret_policies,
                int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_LIST POLICY_TABLES
                          " where p.test = $1 and p.id < $2"
                          " and (cast($3 as text) is null or a.product = $3)"
                          " and (cast($4 as text) is null or p.status = $4)"
                          " and $scope(p) order by p.id desc limit $5",
                          db_integer(filter->test), db_text(filter->below),
                          db_text(filter->product), db_text(filter->state),
                          db_integer(filter->limit));
    if (status) return status;
    while (count < filter->limit && (status = db_next(copying.rows, error)) > 0)
        policy_copy(&copying, &ret_policies[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    *ret_count = count;
    return status < 0 ? status : 0;
}

int transaction_events_read(struct db_tx *tx, const char *subject_id, struct scratch *scratch,
                            struct error *error,
                            struct transaction_event ret_events[TRANSACTION_EVENTS_MAX],
                            int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          "select e.step, e.from_status, e.to_status, e.actor, e.key_id,"
                          " e.request_id, e.reason, e.note, e.revision, e.at_us"
                          " from transaction_event e where e.subject_id = $1 and $scope(e)"
                          " order by e.revision desc limit $2",
                          db_text(subject_id), db_integer(TRANSACTION_EVENTS_MAX));
    if (status) return status;
    while (count < TRANSACTION_EVENTS_MAX && (status = db_next(copying.rows, error)) > 0)
        ret_events[count++] = (struct transaction_event){
            .step = copy(&copying, 0),
            .from_state = copy(&copying, 1),
            .to_state = copy(&copying, 2),
            .actor = copy(&copying, 3),
            .key_id = copy(&copying, 4),
            .request_id = copy(&copying, 5),
            .reason = copy(&copying, 6),
            .note = copy(&copying, 7),
            .revision = db_column_integer(copying.rows, 8),
            .at_us = db_column_integer(copying.rows, 9)};
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    if (status < 0) return status;
    for (int i = 0; i < count / 2; i++) {
        struct transaction_event event = ret_events[i];
        ret_events[i] = ret_events[count - 1 - i];
        ret_events[count - 1 - i] = event;
    }
    *ret_count = count;
    return 0;
}
