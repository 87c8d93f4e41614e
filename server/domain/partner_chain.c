/* The closure of partners: its rows for a new one, and moved when a partner comes to belong to
 * another. No partner ever lies below itself, and no chain is deeper than PARTNER_DEPTH_MAX. */
#include "domain/partner_chain.h"

#include <string.h>

int partner_chain_lock(struct db_tx *tx, const char *parent_id, struct error *error) {
    int64_t changed = 0;
    if (!parent_id) return 0;
    return db_run(tx, error, &changed,
                  "update partner_chain_change set changes = changes + 1 where id = 1");
}

/* One number; 0 where there is no row. */
static int number_read(struct db_rows *rows, struct error *error,
                       int64_t *ret_number) {
    int status = db_next(rows, error);
    *ret_number = status > 0 ? db_column_integer(rows, 0) : 0;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* From the head of its chain down to it, itself included; 0: there is no such partner. */
static int levels_above(struct db_tx *tx, const char *id, struct error *error,
                        int64_t *ret_levels) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select count(*) from partner_closure where descendant_id = $1",
                          db_text(id));
    return status ? status : number_read(rows, error, ret_levels);
}

/* Below it, at the deepest. */
static int levels_below(struct db_tx *tx, const char *id, struct error *error,
                        int64_t *ret_levels) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select max(depth) from partner_closure where ancestor_id = $1",
                          db_text(id));
    return status ? status : number_read(rows, error, ret_levels);
}

static int too_deep(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "a chain has at most %d levels", PARTNER_DEPTH_MAX);
}

int partner_chain_check(struct db_tx *tx, const char *parent_id, struct error *error) {
    int64_t above = 0;
    int status = parent_id ? levels_above(tx, parent_id, error, &above) : 0;
    if (status || !parent_id) return status;
    if (!above) return error_set(error, ERROR_NOT_FOUND, "there is no partner %.60s", parent_id);
    return above + 1 > PARTNER_DEPTH_MAX ? too_deep(error) : 0;
}

int partner_chain_begin(struct db_tx *tx, const char *id, const char *parent_id,
                        struct error *error) {
    int status = db_run(tx, error, NULL,
                        "insert into partner_closure (ancestor_id, descendant_id, depth)"
                        " values ($1, $2, 0)",
                        db_text(id), db_text(id));
    if (status || !parent_id) return status;
    return db_run(tx, error, NULL,
                  "insert into partner_closure (ancestor_id, descendant_id, depth)"
                  " select ancestor_id, cast($1 as text), depth + 1 from partner_closure"
                  " where descendant_id = $2",
                  db_text(id), db_text(parent_id));
}

/* ---- moving --------------------------------------------------------------------------------- */
static int place_check(struct db_tx *tx, const char *id, const char *parent_id,
                       struct error *error) {
    struct db_rows *rows = NULL;
    int64_t below = 0, above = 0, inside = 0;
    int status = db_query(tx, error, &rows,
                          "select count(*) from partner_closure where ancestor_id = $1"
                          " and descendant_id = $2",
                          db_text(id), db_text(parent_id));
    if (!status) status = number_read(rows, error, &inside);
    if (!status) status = levels_above(tx, parent_id, error, &above);
    if (!status) status = levels_below(tx, id, error, &below);
    if (status) return status;
    if (inside)
        return error_set(error, ERROR_INVALID, "%s lies below %s: it would belong to itself",
                         parent_id, id);
    if (!above) return error_set(error, ERROR_NOT_FOUND, "there is no partner %.60s", parent_id);
    return above + 1 + below > PARTNER_DEPTH_MAX ? too_deep(error) : 0;
}

static int closure_move(struct db_tx *tx, const char *id, const char *parent_id,
                        struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "delete from partner_closure where descendant_id in"
                        " (select d.descendant_id from partner_closure d where d.ancestor_id = $1)"
                        " and ancestor_id in (select a.ancestor_id from partner_closure a"
                        " where a.descendant_id = $1 and a.depth > 0)",
                        db_text(id));
    if (status || !parent_id) return status;
    return db_run(tx, error, &changed,
                  "insert into partner_closure (ancestor_id, descendant_id, depth)"
                  " select a.ancestor_id, d.descendant_id, a.depth + d.depth + 1"
                  " from partner_closure a, partner_closure d"
                  " where a.descendant_id = $2 and d.ancestor_id = $1",
                  db_text(id), db_text(parent_id));
}

int partner_move(struct db_tx *tx, const char *id, const char *parent_id, int64_t revision,
                 int64_t now_us, struct error *error) {
    int64_t changed = 0;
    int status = partner_chain_lock(tx, id, error);
    if (!status && parent_id) status = place_check(tx, id, parent_id, error);
    if (!status)
        status = db_run(tx, error, &changed,
                        "update partner as p set parent_id = $3, revision = $2, changed_us = $4"
                        " where p.id = $1 and p.revision = $2 - 1 and $scope(p.id)",
                        db_text(id), db_integer(revision), db_text(parent_id),
                        db_integer(now_us));
    if (!status && !changed)
        return error_set(error, ERROR_CONFLICT, "%s was changed just now", id);
    return status ? status : closure_move(tx, id, parent_id, error);
}
