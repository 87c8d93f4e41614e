/* Reading applications, policies and events. */
#include <stdio.h>
#include <string.h>

#include "domain/transaction_inside.h"

/* One statement's columns; a policy's follow those of its application. What is large is read of
 * one, and left out of lists. */
#define COLUMNS(sealed, quote_answers, quote_result, quote_sealed)                                \
    "select a.id, a.partner_id, a.quote_id, a.product, a.version_id, a.effective_date, a.term,"   \
    " a.consent_version, a.reference, " sealed ", p.id, p.number, q.token_hash, " quote_answers   \
    ", " quote_result ", a.status, a.revision, a.instalment_cents, a.total_cents,"                \
    " a.commission_cents, a.created_us, a.changed_us, a.instalments, a.test, a.consumer,"         \
    " p.status, p.revision, p.withdraw_until, p.end_date, p.refund_cents, p.issued_us,"           \
    " p.changed_us, " quote_sealed ", a.user_id"
#define COLUMNS_OF_ONE COLUMNS("a.sealed", "q.answers", "q.result", "q.sealed")
#define COLUMNS_OF_LIST COLUMNS("null", "null", "null", "null")
#define POLICY_COLUMNS                                                                            \
    ", p.term_number, p.due_date, p.renewal_on, c.term_number, c.effective_date, c.id,"           \
    " c.version_id, c.instalment_cents, c.total_cents, c.commission_cents"
/* no wall: each statement that is made of these names its own. */
#define APPLICATION_TABLES                                                                        \
    " from application a join quote q on q.id = a.quote_id"                                       \
    " left join policy p on p.application_id = a.id"
#define POLICY_TABLES                                                                             \
    " from policy p join application a on a.id = p.application_id"                                \
    " join quote q on q.id = a.quote_id"                                                          \
    " left join policy_change c on c.policy_id = p.id and c.term_number ="                        \
    " (select max(t.term_number) from policy_change t where t.policy_id = p.id"                   \
    " and t.effective_date <= $1)"

enum {
    COLUMN_STATE = 15,
    COLUMN_POLICY = 25,
    COLUMN_QUOTE_SEALED = 32,
    COLUMN_USER = 33,
    COLUMN_TERMS
};

struct quote_answers application_quote_answers(const struct application *application) {
    const char *plain = application->quote_answers;
    return (struct quote_answers){.quote_id = application->quote_id,
                                  .plain = plain,
                                  .plain_length = plain ? strlen(plain) : 0,
                                  .sealed = application->quote_sealed};
}

static void application_copy(struct copying *copying, struct application *application) {
    struct db_rows *rows = copying->rows;
    *application = (struct application){
        .id = copying_text(copying, 0),
        .partner_id = copying_text(copying, 1),
        .quote_id = copying_text(copying, 2),
        .product = copying_text(copying, 3),
        .version_id = copying_text(copying, 4),
        .effective_date = copying_text(copying, 5),
        .term = copying_text(copying, 6),
        .consent_version = copying_text(copying, 7),
        .reference = copying_text(copying, 8),
        .sealed = copying_text(copying, 9),
        .policy_id = copying_text(copying, 10),
        .policy_number = copying_text(copying, 11),
        .quote_token_hash = copying_text(copying, 12),
        .quote_answers = copying_text(copying, 13),
        .quote_result = copying_text(copying, 14),
        .quote_sealed = copying_text(copying, COLUMN_QUOTE_SEALED),
        .user_id = copying_text(copying, COLUMN_USER),
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

/* The terms of the day; before a change or renewal gave others, those of the application. */
static void terms_copy(struct copying *copying, struct policy *policy) {
    struct db_rows *rows = copying->rows;
    const struct application *application = &policy->application;
    policy->term_number = (int)db_column_integer(rows, COLUMN_TERMS);
    policy->due_date = copying_text(copying, COLUMN_TERMS + 1);
    policy->renewal_on = copying_text(copying, COLUMN_TERMS + 2);
    policy->terms = (struct policy_terms){.number = 1,
                                          .from_date = application->effective_date,
                                          .version_id = application->version_id,
                                          .instalment_cents = application->instalment_cents,
                                          .total_cents = application->total_cents,
                                          .commission_cents = application->commission_cents};
    if (db_column_null(rows, COLUMN_TERMS + 3)) return;
    policy->terms =
        (struct policy_terms){.number = (int)db_column_integer(rows, COLUMN_TERMS + 3),
                              .from_date = copying_text(copying, COLUMN_TERMS + 4),
                              .change_id = copying_text(copying, COLUMN_TERMS + 5),
                              .version_id = copying_text(copying, COLUMN_TERMS + 6),
                              .instalment_cents = db_column_integer(rows, COLUMN_TERMS + 7),
                              .total_cents = db_column_integer(rows, COLUMN_TERMS + 8),
                              .commission_cents = db_column_integer(rows, COLUMN_TERMS + 9)};
}

static void policy_copy(struct copying *copying, struct policy *policy) {
    struct db_rows *rows = copying->rows;
    application_copy(copying, &policy->application);
    policy->id = policy->application.policy_id;
    policy->number = policy->application.policy_number;
    policy->state = policy_state_read(db_column_text(rows, COLUMN_POLICY, NULL));
    policy->revision = db_column_integer(rows, 26);
    policy->withdraw_until = copying_text(copying, 27);
    policy->end_date = copying_text(copying, 28);
    policy->has_refund = !db_column_null(rows, 29);
    policy->refund_cents = db_column_integer(rows, 29);
    policy->issued_us = db_column_integer(rows, 30);
    policy->changed_us = db_column_integer(rows, 31);
    terms_copy(copying, policy);
}

int transaction_starved(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "applications need more scratch memory");
}

int application_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
                     struct error *error, struct application *ret_application) {
    struct copying copying = {.scratch = scratch};
    *ret_application = (struct application){.id = NULL};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_ONE APPLICATION_TABLES
                          " where a.id = $1 and a.test = $2 and $scope(a/user_id)",
                          db_text(id), db_integer(test));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) application_copy(&copying, ret_application);
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
    return status < 0 ? status : 0;
}

int application_policy_id(struct db_tx *tx, const char *id, struct error *error,
                          char ret_policy_id[ID_MAX]) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.id from policy p where p.application_id = $1"
                          " and $scope(p/user_id)",
                          db_text(id));
    *ret_policy_id = '\0';
    if (!status) status = db_next(rows, error);
    if (status > 0) snprintf(ret_policy_id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int policy_read(struct db_tx *tx, const char *id, bool test, const char *today,
                struct scratch *scratch, struct error *error, struct policy *ret_policy) {
    struct copying copying = {.scratch = scratch};
    *ret_policy = (struct policy){.id = NULL};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_ONE POLICY_COLUMNS POLICY_TABLES
                          " where p.id = $2 and p.test = $3 and $scope(p/user_id)",
                          db_text(today), db_text(id), db_integer(test));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) policy_copy(&copying, ret_policy);
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
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
                          " and $scope(a/user_id) order by a.id desc limit $7",
                          db_integer(filter->test), db_text(filter->below),
                          db_text(filter->product), db_text(filter->state),
                          db_text(filter->iban_index), db_text(filter->email_index),
                          db_integer(filter->limit));
    if (status) return status;
    while (count < filter->limit && (status = db_next(copying.rows, error)) > 0)
        application_copy(&copying, &ret_applications[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
    *ret_count = count;
    return status < 0 ? status : 0;
}

int policy_list(struct db_tx *tx, const struct transaction_filter *filter,
                struct scratch *scratch, struct error *error, struct policy *ret_policies,
                int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_LIST POLICY_COLUMNS POLICY_TABLES
                          " where p.test = $2 and p.id < $3"
                          " and (cast($4 as text) is null or a.product = $4)"
                          " and (cast($5 as text) is null or p.status = $5)"
                          " and $scope(p/user_id) order by p.id desc limit $6",
                          db_text(filter->today), db_integer(filter->test), db_text(filter->below),
                          db_text(filter->product), db_text(filter->state),
                          db_integer(filter->limit));
    if (status) return status;
    while (count < filter->limit && (status = db_next(copying.rows, error)) > 0)
        policy_copy(&copying, &ret_policies[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
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
                          " e.request_id, e.reason, e.note, e.entrance, e.address,"
                          " e.revision, e.at_us"
                          " from transaction_event e where e.subject_id = $1 and $scope(e)"
                          " order by e.revision desc limit $2",
                          db_text(subject_id), db_integer(TRANSACTION_EVENTS_MAX));
    if (status) return status;
    while (count < TRANSACTION_EVENTS_MAX && (status = db_next(copying.rows, error)) > 0)
        ret_events[count++] = (struct transaction_event){
            .step = copying_text(&copying, 0),
            .from_state = copying_text(&copying, 1),
            .to_state = copying_text(&copying, 2),
            .actor = copying_text(&copying, 3),
            .key_id = copying_text(&copying, 4),
            .request_id = copying_text(&copying, 5),
            .reason = copying_text(&copying, 6),
            .note = copying_text(&copying, 7),
            .entrance = copying_text(&copying, 8),
            .address = copying_text(&copying, 9),
            .revision = db_column_integer(copying.rows, 10),
            .at_us = db_column_integer(copying.rows, 11)};
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
    if (status < 0) return status;
    for (int i = 0; i < count / 2; i++) {
        struct transaction_event event = ret_events[i];
        ret_events[i] = ret_events[count - 1 - i];
        ret_events[count - 1 - i] = event;
    }
    *ret_count = count;
    return 0;
}
