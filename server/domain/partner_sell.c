/* The gate: may a partner sell a product on a day? An agreement must hold, and what the product
 * asks of its seller must be there: a licence of the firm, or of a head of its chain for all its
 * offices, and a diploma of somebody who works there. */
#include <stdio.h>
#include <string.h>

#include "domain/partner.h"

struct gate {
    const struct selling *selling;
    const char *reason;
};

/* How many rows there are of something dated, and whether one holds on the day. */
struct found {
    bool any, started, holds;
};

static int found_read(struct db_rows *rows, struct error *error, struct found *ret_found) {
    int status = db_next(rows, error);
    if (status > 0)
        *ret_found = (struct found){.any = db_column_integer(rows, 0) > 0,
                                    .started = db_column_integer(rows, 1) > 0,
                                    .holds = db_column_integer(rows, 2) > 0};
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* Counts, not rows: however many there were, this reads as one. */
#define FOUND(alias)                                                                              \
    "select count(*), coalesce(sum(case when " alias ".from_date <= $1 then 1 else 0 end), 0),"   \
    " coalesce(sum(case when " alias ".from_date <= $1 and (" alias ".to_date is null or " alias  \
    ".to_date >= $1) then 1 else 0 end), 0)"

static int partner_ask(struct db_tx *tx, struct gate *gate, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.status, p.stage from partner p where p.id = $1",
                          db_text(gate->selling->partner_id));
    if (status) return status;
    status = db_next(rows, error);
    bool active = status > 0 && strcmp(db_column_text(rows, 0, NULL), "active") == 0 &&
                  strcmp(db_column_text(rows, 1, NULL), "applied") != 0;
    db_rows_close(rows);
    if (!active) gate->reason = "partner_not_active";
    return status < 0 ? status : 0;
}

static int agreement_ask(struct db_tx *tx, struct gate *gate, struct error *error) {
    const struct selling *selling = gate->selling;
    struct db_rows *rows = NULL;
    struct found found = {false, false, false};
    int status = db_query(tx, error, &rows,
                          FOUND("a")
                          " from agreement a where a.partner_id = $2"
                          " and (a.product = $3 or a.product is null) and $scope(a)",
                          db_text(selling->date), db_text(selling->partner_id),
                          db_text(selling->product));
    if (!status) status = found_read(rows, error, &found);
    if (status || found.holds) return status;
    gate->reason = found.started ? "agreement_ended"
                   : found.any   ? "agreement_not_started"
                                 : "no_agreement";
    return 0;
}

static int licence_ask(struct db_tx *tx, struct gate *gate, struct error *error) {
    const struct selling *selling = gate->selling;
    struct db_rows *rows = NULL;
    struct found found = {false, false, false};
    /* no wall: an office is asked about whose agreements are in scope, and the licence may be that
     * of the chain above it. Nothing of the row is told. */
    int status = db_query(tx, error, &rows,
                          FOUND("l")
                          " from partner_licence l join partner_closure c"
                          " on c.ancestor_id = l.partner_id where c.descendant_id = $2"
                          " and l.kind = $3 and (c.depth = 0 or l.collective = 1)",
                          db_text(selling->date), db_text(selling->partner_id),
                          db_text(selling->licence));
    if (!status) status = found_read(rows, error, &found);
    if (status || found.holds) return status;
    gate->reason = found.started ? "licence_expired" : "licence_missing";
    return 0;
}

static int diploma_ask(struct db_tx *tx, struct gate *gate, struct error *error) {
    const struct selling *selling = gate->selling;
    struct db_rows *rows = NULL;
    struct found found = {false, false, false};
    int status = db_query(tx, error, &rows,
                          FOUND("d")
                          " from partner_diploma d join partner_person n on n.id = d.person_id"
                          " where d.partner_id = $2 and d.kind = $3"
                          " and (n.from_date is null or n.from_date <= $1)"
                          " and (n.to_date is null or n.to_date >= $1)"
                          " and $scope(d) and $scope(n)",
                          db_text(selling->date), db_text(selling->partner_id),
                          db_text(selling->diploma));
    if (!status) status = found_read(rows, error, &found);
    if (status || found.holds) return status;
    gate->reason = found.started ? "diploma_expired" : "diploma_missing";
    return 0;
}

static int gate_body(struct db_tx *tx, void *context, struct error *error) {
    struct gate *gate = context;
    gate->reason = "";
    int status = partner_ask(tx, gate, error);
    if (!status && !*gate->reason) status = agreement_ask(tx, gate, error);
    if (!status && !*gate->reason && gate->selling->licence)
        status = licence_ask(tx, gate, error);
    if (!status && !*gate->reason && gate->selling->diploma)
        status = diploma_ask(tx, gate, error);
    return status;
}

int partner_may_sell(struct db *db, const struct db_scope *scope, const struct selling *selling,
                     struct error *error, char ret_reason[SELL_REASON_MAX]) {
    struct gate gate = {.selling = selling};
    int status = db_read(db, scope, gate_body, &gate, error);
    if (!status) snprintf(ret_reason, SELL_REASON_MAX, "%s", gate.reason);
    return status;
}
