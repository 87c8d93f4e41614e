/* Rows of agreements and of what is earned under them. */
#include "domain/agreement.h"

#include <string.h>

#include "domain/copying.h"
#include "domain/partner_file.h"

const struct field_choice agreement_roles[AGREEMENT_ROLES] = {
    {"intermediary", {"bemiddelaar", "intermediary"}},
    {"mandated_agent", {"gevolmachtigd agent", "mandated agent"}},
    {"referrer", {"aanbrenger", "referrer"}}};

/* ---- making --------------------------------------------------------------------------------- */

static int overlap_check(struct db_tx *tx, const struct agreement *agreement,
                         struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select a.id from agreement a where a.partner_id = $1"
                          " and (a.product is null or cast($2 as text) is null or a.product = $2)"
                          " and (cast($4 as text) is null or a.from_date <= $4)"
                          " and (a.to_date is null or (a.to_date >= $3"
                          " and a.to_date >= a.from_date)) and $scope(a) limit 1",
                          db_text(agreement->partner_id), db_text(agreement->product),
                          db_text(agreement->from_date), db_text(agreement->to_date));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0)
        status = error_set(error, ERROR_INVALID, "agreement %.60s is for some of the same days",
                           db_column_text(rows, 0, NULL));
    db_rows_close(rows);
    return status;
}

static int rates_write(struct db_tx *tx, const char *id, const struct agreement *agreement,
                       struct error *error) {
    int status = 0;
    for (int i = 0; !status && i < agreement->rate_count; i++) {
        const struct agreement_rate *rate = &agreement->rates[i];
        status = db_run(tx, error, NULL,
                        "insert into agreement_rate (agreement_id, partner_id, product,"
                        " closing_percent, renewal_percent, volume_dependent)"
                        " values ($1, $2, $3, $4, $5, $6)",
                        db_text(id), db_text(agreement->partner_id), db_text(rate->product),
                        db_text(rate->closing_percent), db_text(rate->renewal_percent),
                        db_integer(rate->volume_dependent));
    }
    return status;
}

int agreement_create(struct db_tx *tx, const char *id, const struct agreement *agreement,
                     int64_t now_us, struct error *error) {
    int status = partner_hold(tx, agreement->partner_id, error);
    if (!status) status = overlap_check(tx, agreement, error);
    if (!status)
        status = db_run(tx, error, NULL,
                        "insert into agreement (id, partner_id, product, role, from_date,"
                        " to_date, conditions, replaces_id, revision, created_us, changed_us)"
                        " values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)",
                        db_text(id), db_text(agreement->partner_id), db_text(agreement->product),
                        db_text(agreement->role ? agreement->role : "intermediary"),
                        db_text(agreement->from_date), db_text(agreement->to_date),
                        db_text(agreement->conditions), db_text(agreement->replaces_id),
                        db_integer(now_us));
    return status ? status : rates_write(tx, id, agreement, error);
}

int agreement_end(struct db_tx *tx, const char *id, const char *to_date, int64_t revision,
                  int64_t now_us, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update agreement as a set to_date = $3, revision = $2, changed_us = $4"
                        " where a.id = $1 and a.revision = $2 - 1 and $scope(a)",
                        db_text(id), db_integer(revision), db_text(to_date), db_integer(now_us));
    if (!status && !changed)
        return error_set(error, ERROR_CONFLICT, "%s was changed just now", id);
    return status;
}

/* ---- reading -------------------------------------------------------------------------------- */
#define COLUMNS                                                                                   \
    "select a.id, a.partner_id, a.product, a.role, a.from_date, a.to_date, a.conditions,"         \
    " a.replaces_id, a.revision, a.created_us, a.changed_us from agreement a where $scope(a)"

static int starved(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "agreements need more scratch memory");
}

static void agreement_copy(struct copying *copying, struct agreement *agreement) {
    *agreement = (struct agreement){.id = copying_text(copying, 0),
                                    .partner_id = copying_text(copying, 1),
                                    .product = copying_text(copying, 2),
                                    .role = copying_text(copying, 3),
                                    .from_date = copying_text(copying, 4),
                                    .to_date = copying_text(copying, 5),
                                    .conditions = copying_text(copying, 6),
                                    .replaces_id = copying_text(copying, 7),
                                    .revision = db_column_integer(copying->rows, 8),
                                    .created_us = db_column_integer(copying->rows, 9),
                                    .changed_us = db_column_integer(copying->rows, 10)};
}

static int rates_read(struct db_tx *tx, struct scratch *scratch, struct error *error,
                      struct agreement *agreement) {
    struct copying copying = {.scratch = scratch};
    struct agreement_rate *rates = scratch_take(scratch, AGREEMENT_RATES_MAX * sizeof *rates);
    int count = 0;
    if (!rates) return starved(error);
    int status = db_query(tx, error, &copying.rows,
                          "select r.product, r.closing_percent, r.renewal_percent,"
                          " r.volume_dependent from agreement_rate r where r.agreement_id = $1"
                          " and $scope(r) order by r.product limit $2",
                          db_text(agreement->id), db_integer(AGREEMENT_RATES_MAX));
    if (status) return status;
    while (count < AGREEMENT_RATES_MAX && (status = db_next(copying.rows, error)) > 0)
        rates[count++] =
            (struct agreement_rate){.product = copying_text(&copying, 0),
                                    .closing_percent = copying_text(&copying, 1),
                                    .renewal_percent = copying_text(&copying, 2),
                                    .volume_dependent = db_column_integer(copying.rows, 3) != 0};
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    agreement->rates = rates;
    agreement->rate_count = count;
    return status < 0 ? status : 0;
}

int agreement_read(struct db_tx *tx, const char *id, struct scratch *scratch, struct error *error,
                   struct agreement *ret_agreement) {
    struct copying copying = {.scratch = scratch};
    struct agreement agreement;
    int status = db_query(tx, error, &copying.rows, COLUMNS " and a.id = $1", db_text(id));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) agreement_copy(&copying, &agreement);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    if (status == 0) return error_set(error, ERROR_NOT_FOUND, "there is no agreement %.60s", id);
    if (status < 0) return status;
    status = rates_read(tx, scratch, error, &agreement);
    if (!status) *ret_agreement = agreement;
    return status;
}

int agreement_list(struct db_tx *tx, const struct agreement_filter *filter,
                   struct scratch *scratch, struct error *error,
                   struct agreement *ret_agreements, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS " and (cast($1 as text) is null or a.partner_id = $1)"
                          " and (cast($2 as text) is null or a.product is null or a.product = $2)"
                          " and (cast($3 as text) is null or a.role = $3)"
                          " and (cast($4 as text) is null or (a.from_date <= $4"
                          " and (a.to_date is null or a.to_date >= $4)))"
                          " and (cast($5 as text) is null or a.id < $5)"
                          " order by a.id desc limit $6",
                          db_text(filter->partner_id), db_text(filter->product),
                          db_text(filter->role), db_text(filter->on_date),
                          db_text(filter->below), db_integer(filter->limit));
    if (status) return status;
    while (count < filter->limit && (status = db_next(copying.rows, error)) > 0)
        agreement_copy(&copying, &ret_agreements[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    for (int i = 0; status >= 0 && i < count; i++)
        status = rates_read(tx, scratch, error, &ret_agreements[i]);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}
