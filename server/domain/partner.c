/* Rows of partners, their closure and their agreements. The extranet's screens for them, and the
 * terms of an agreement, are others' work. */
#include "domain/partner.h"

#include <stdio.h>
#include <string.h>

static int closure_create(struct db_tx *tx, const char *id, const char *parent_id,
                          struct error *error) {
    int status = db_run(tx, error, NULL,
                        "insert into partner_closure (ancestor_id, descendant_id, depth)"
                        " values ($1, $2, 0)",
                        db_text(id), db_text(id));
    if (status || !parent_id) return status;
    return db_run(tx, error, NULL,
                  "insert into partner_closure (ancestor_id, descendant_id, depth)"
                  " select ancestor_id, cast($1 as text), depth + 1 from partner_closure"
                  " where descendant_id = $2 and depth < $3",
                  db_text(id), db_text(parent_id), db_integer(PARTNER_DEPTH_MAX));
}

int partner_create(struct db_tx *tx, const char *id, const struct partner *partner,
                   int64_t now_us, struct error *error) {
    int status = db_run(tx, error, NULL,
                        "insert into partner (id, parent_id, kind, name, legal_name,"
                        " trade_register_number, licence_number, street, postcode, city, country,"
                        " website, email, telephone, status, created_us) values ($1, $2, $3, $4,"
                        " $5, $6, $7, $8, $9, $10, 'NL', $11, $12, $13, 'active', $14)",
                        db_text(id), db_text(partner->parent_id), db_text(partner->kind),
                        db_text(partner->name), db_text(partner->legal_name),
                        db_text(partner->trade_register_number), db_text(partner->licence_number),
                        db_text(partner->street), db_text(partner->postcode),
                        db_text(partner->city), db_text(partner->website),
                        db_text(partner->email), db_text(partner->telephone), db_integer(now_us));
    return status ? status : closure_create(tx, id, partner->parent_id, error);
}

int agreement_create(struct db_tx *tx, const char *id, const struct agreement *agreement,
                     int64_t now_us, struct error *error) {
    return db_run(tx, error, NULL,
                  "insert into agreement (id, partner_id, product, from_date, to_date, created_us)"
                  " values ($1, $2, $3, $4, $5, $6)",
                  db_text(id), db_text(agreement->partner_id), db_text(agreement->product),
                  db_text(agreement->from_date), db_text(agreement->to_date), db_integer(now_us));
}

/* ---- the gate ------------------------------------------------------------------------------- */
struct gate {
    const char *partner_id, *product, *date;
    bool active, any, started, holds;
};

static int partner_body(struct db_tx *tx, struct gate *gate, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, "select status from partner where id = $1",
                          db_text(gate->partner_id));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) gate->active = strcmp(db_column_text(rows, 0, NULL), "active") == 0;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int gate_body(struct db_tx *tx, void *context, struct error *error) {
    struct gate *gate = context;
    struct db_rows *rows = NULL;
    gate->active = gate->any = gate->started = gate->holds = false;
    int status = partner_body(tx, gate, error);
    if (status || !gate->active) return status;
    /* Counts, not rows: however many agreements there were, this reads as one. */
    status = db_query(tx, error, &rows,
                      "select count(*),"
                      " coalesce(sum(case when a.from_date <= $1 then 1 else 0 end), 0),"
                      " coalesce(sum(case when a.from_date <= $1"
                      " and (a.to_date is null or a.to_date >= $1) then 1 else 0 end), 0)"
                      " from agreement a where a.partner_id = $2"
                      " and (a.product = $3 or a.product is null) and $scope(a)",
                      db_text(gate->date), db_text(gate->partner_id), db_text(gate->product));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        gate->any = db_column_integer(rows, 0) > 0;
        gate->started = db_column_integer(rows, 1) > 0;
        gate->holds = db_column_integer(rows, 2) > 0;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int partner_may_sell(struct db *db, const struct db_scope *scope, const char *partner_id,
                     const char *product, const char *date, struct error *error,
                     char ret_reason[SELL_REASON_MAX]) {
    struct gate gate = {.partner_id = partner_id, .product = product, .date = date};
    int status = db_read(db, scope, gate_body, &gate, error);
    if (status) return status;
    const char *reason = !gate.active    ? "partner_not_active"
                         : gate.holds    ? ""
                         : gate.started  ? "agreement_ended"
                         : gate.any      ? "agreement_not_started"
                                         : "no_agreement";
    snprintf(ret_reason, SELL_REASON_MAX, "%s", reason);
    return 0;
}
