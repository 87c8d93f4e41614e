/* Reading changes, renewals, and the terms of a policy by date. */
#include <stdio.h>
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/policy_change.h"
#include "domain/transaction_inside.h"
#include "message/json.h"

/* What is large is read of one, and left out of lists. */
#define COLUMNS(result, sealed)                                                                   \
    "select c.id, c.policy_id, c.partner_id, a.product, c.due_date, c.effective_date,"            \
    " c.valid_until, c.version_id, c.outcome, v.hash, " result ", c.changed, " sealed             \
    ", c.sealed_key_id, c.term, p.number, c.kind, c.status, c.test, c.revision, c.base_term,"     \
    " c.term_number, c.known_at_us, c.created_us, c.changed_us, v.number, c.instalments,"         \
    " c.instalment_cents, c.total_cents, c.commission_cents, c.difference_cents,"                 \
    " c.settlement_cents, c.old_total_cents"
#define COLUMNS_OF_ONE COLUMNS("c.result", "c.sealed")
#define COLUMNS_OF_LIST COLUMNS("null", "null")
/* no wall: each statement that is made of these names its own. */
#define TABLES                                                                                    \
    " from policy_change c join policy p on p.id = c.policy_id"                                   \
    " join application a on a.id = p.application_id"                                              \
    " left join product_version v on v.id = c.version_id"

enum { COLUMN_KIND = 16 };

enum transaction_state policy_change_state(bool renewal, const char *text) {
    return renewal ? renewal_state_read(text) : change_state_read(text);
}

static void change_copy(struct copying *copying, struct policy_change *change) {
    struct db_rows *rows = copying->rows;
    const char *kind = db_column_text(rows, COLUMN_KIND, NULL);
    bool renewal = kind && strcmp(kind, "renewal") == 0;
    *change = (struct policy_change){
        .id = copying_text(copying, 0),
        .policy_id = copying_text(copying, 1),
        .partner_id = copying_text(copying, 2),
        .product = copying_text(copying, 3),
        .due_date = copying_text(copying, 4),
        .effective_date = copying_text(copying, 5),
        .valid_until = copying_text(copying, 6),
        .version_id = copying_text(copying, 7),
        .outcome = copying_text(copying, 8),
        .product_hash = copying_text(copying, 9),
        .result = copying_text(copying, 10),
        .changed = copying_text(copying, 11),
        .sealed = copying_text(copying, 12),
        .sealed_key_id = copying_text(copying, 13),
        .term = copying_text(copying, 14),
        .policy_number = copying_text(copying, 15),
        .renewal = renewal,
        .state = policy_change_state(renewal, db_column_text(rows, COLUMN_KIND + 1, NULL)),
        .test = db_column_integer(rows, 18) != 0,
        .revision = db_column_integer(rows, 19),
        .base_term = (int)db_column_integer(rows, 20),
        .term_number = (int)db_column_integer(rows, 21),
        .known_at_us = db_column_integer(rows, 22),
        .created_us = db_column_integer(rows, 23),
        .changed_us = db_column_integer(rows, 24),
        .product_version = (int)db_column_integer(rows, 25),
        .instalments = (int)db_column_integer(rows, 26),
        .has_premium = !db_column_null(rows, 28),
        .instalment_cents = db_column_integer(rows, 27),
        .total_cents = db_column_integer(rows, 28),
        .commission_cents = db_column_integer(rows, 29),
        .difference_cents = db_column_integer(rows, 30),
        .settlement_cents = db_column_integer(rows, 31),
        .old_total_cents = db_column_integer(rows, 32)};
}

/* The first row, or none, of a result; closes it. */
static int first_copy(struct copying *copying, struct error *error,
                      struct policy_change *ret_change) {
    *ret_change = (struct policy_change){.id = NULL};
    int status = db_next(copying->rows, error);
    if (status > 0) change_copy(copying, ret_change);
    db_rows_close(copying->rows);
    if (copying->failed) return transaction_starved(error);
    return status < 0 ? status : 0;
}

int policy_change_read(struct db_tx *tx, const char *policy_id, const char *id, bool test,
                       struct scratch *scratch, struct error *error,
                       struct policy_change *ret_change) {
    struct copying copying = {.scratch = scratch};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_ONE TABLES
                          " where c.id = $1 and (cast($2 as text) is null or c.policy_id = $2)"
                          " and c.test = $3 and $scope(c)",
                          db_text(id), db_text(policy_id), db_integer(test));
    return status ? status : first_copy(&copying, error, ret_change);
}

int policy_renewal_read(struct db_tx *tx, const struct policy *policy, struct scratch *scratch,
                        struct error *error, struct policy_change *ret_renewal) {
    struct copying copying = {.scratch = scratch};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_ONE TABLES
                          " where c.policy_id = $1 and c.kind = 'renewal' and c.due_date = $2"
                          " and c.status in ('offered', 'in_review', 'approved', 'stopped')"
                          " and $scope(c) order by c.id desc limit 1",
                          db_text(policy->id), db_text(policy->due_date));
    return status ? status : first_copy(&copying, error, ret_renewal);
}

int policy_change_list(struct db_tx *tx, const struct policy_change_filter *filter,
                       struct scratch *scratch, struct error *error,
                       struct policy_change *ret_changes, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_OF_LIST TABLES
                          " where c.test = $1 and c.id < $2"
                          " and (cast($3 as text) is null or c.policy_id = $3)"
                          " and (cast($4 as text) is null or c.kind = $4)"
                          " and (cast($5 as text) is null or c.status = $5)"
                          " and $scope(c) order by c.id desc limit $6",
                          db_integer(filter->test), db_text(filter->below),
                          db_text(filter->policy_id), db_text(filter->kind),
                          db_text(filter->state), db_integer(filter->limit));
    if (status) return status;
    while (count < filter->limit && (status = db_next(copying.rows, error)) > 0)
        change_copy(&copying, &ret_changes[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
    *ret_count = count;
    return status < 0 ? status : 0;
}

int policy_changes_open(struct db_tx *tx, const char *policy_id, struct error *error,
                        int *ret_count) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select count(*) from policy_change c where c.policy_id = $1"
                          " and c.kind = 'change'"
                          " and c.status in ('offered', 'referred', 'in_review') and $scope(c)",
                          db_text(policy_id));
    if (!status) status = db_next(rows, error);
    if (status > 0) *ret_count = (int)db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* ---- terms ---------------------------------------------------------------------------------- */
static struct policy_terms first_terms(const struct policy *policy) {
    const struct application *application = &policy->application;
    return (struct policy_terms){.number = 1,
                                 .from_date = application->effective_date,
                                 .version_id = application->version_id,
                                 .instalment_cents = application->instalment_cents,
                                 .total_cents = application->total_cents,
                                 .commission_cents = application->commission_cents};
}

int policy_terms_read(struct db_tx *tx, const struct policy *policy, struct scratch *scratch,
                      struct error *error, struct policy_terms ret_terms[POLICY_TERMS_MAX],
                      int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    ret_terms[count++] = first_terms(policy);
    int status = db_query(tx, error, &copying.rows,
                          "select c.term_number, c.effective_date, c.id, c.version_id,"
                          " c.instalment_cents, c.total_cents, c.commission_cents"
                          " from policy_change c where c.policy_id = $1"
                          " and c.term_number is not null and $scope(c)"
                          " order by c.term_number limit $2",
                          db_text(policy->id), db_integer(POLICY_TERMS_MAX - 1));
    if (status) return status;
    while (count < POLICY_TERMS_MAX && (status = db_next(copying.rows, error)) > 0)
        ret_terms[count++] =
            (struct policy_terms){.number = (int)db_column_integer(copying.rows, 0),
                                  .from_date = copying_text(&copying, 1),
                                  .change_id = copying_text(&copying, 2),
                                  .version_id = copying_text(&copying, 3),
                                  .instalment_cents = db_column_integer(copying.rows, 4),
                                  .total_cents = db_column_integer(copying.rows, 5),
                                  .commission_cents = db_column_integer(copying.rows, 6)};
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
    *ret_count = count;
    return status < 0 ? status : 0;
}

int policy_terms_detail_read(struct db_tx *tx, const struct policy *policy, int number,
                             struct scratch *scratch, struct error *error,
                             struct policy_terms_detail *ret_detail) {
    struct copying copying = {.scratch = scratch};
    *ret_detail = (struct policy_terms_detail){.terms = {.number = 0}};
    if (number == 1) {
        *ret_detail = (struct policy_terms_detail){
            .terms = first_terms(policy),
            .result = policy->application.quote_result,
            .answers = application_quote_answers(&policy->application)};
        return 0;
    }
    int status = db_query(tx, error, &copying.rows,
                          "select c.effective_date, c.id, c.version_id, c.result, c.sealed,"
                          " c.instalment_cents, c.total_cents, c.commission_cents"
                          " from policy_change c where c.policy_id = $1 and c.term_number = $2"
                          " and $scope(c)",
                          db_text(policy->id), db_integer(number));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0)
        *ret_detail = (struct policy_terms_detail){
            .terms = {.number = number,
                      .from_date = copying_text(&copying, 0),
                      .change_id = copying_text(&copying, 1),
                      .version_id = copying_text(&copying, 2),
                      .instalment_cents = db_column_integer(copying.rows, 5),
                      .total_cents = db_column_integer(copying.rows, 6),
                      .commission_cents = db_column_integer(copying.rows, 7)},
            .result = copying_text(&copying, 3),
            .sealed = copying_text(&copying, 4)};
    db_rows_close(copying.rows);
    if (copying.failed) return transaction_starved(error);
    return status < 0 ? status : 0;
}

int policy_terms_answers(struct encryption *encryption, const struct policy_terms_detail *detail,
                         struct scratch *scratch, struct error *error, struct value *ret_answers) {
    struct json_fault fault;
    struct buffer text;
    int status = 0;
    if (detail->answers.plain)
        return quote_answers_read(encryption, &detail->answers, scratch, error, ret_answers);
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES + 1);
    if (!encryption || !detail->sealed) {
        status = error_set(error, ERROR_INTERNAL,
                           "koppel.conf names no encryption_keys: policies cannot be read");
    } else {
        status = encryption_unseal(encryption, detail->terms.change_id, detail->sealed, error,
                                   &text);
    }
    if (!status) {
        status = json_read(text.data, text.length, NULL, scratch, &fault, ret_answers);
        if (status)
            error_set(error, status == ERROR_INVALID ? ERROR_INTERNAL : status,
                      "the answers of a policy cannot be read");
        if (status == ERROR_INVALID) status = ERROR_INTERNAL;
    }
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

int policy_instalments(const struct policy *policy, const struct policy_terms *terms, int count,
                       struct instalments_later *ret_later, struct error *error,
                       struct instalments *ret_instalments) {
    struct instalments instalments = {.a_year = policy->application.instalments,
                                      .instalment_cents = policy->application.instalment_cents,
                                      .later = ret_later,
                                      .later_count = count > 1 ? count - 1 : 0};
    bool sound = day_read(policy->application.effective_date, &instalments.first_day);
    for (int i = 1; sound && i < count; i++) {
        ret_later[i - 1].instalment_cents = terms[i].instalment_cents;
        sound = terms[i].from_date && day_read(terms[i].from_date, &ret_later[i - 1].from);
    }
    if (!sound) return error_set(error, ERROR_INTERNAL, "%s has no date", policy->id);
    *ret_instalments = instalments;
    return 0;
}
