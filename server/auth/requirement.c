/* Rows of what partners require; one row is one proof at one entrance. */
#include "auth/requirement.h"

#include <string.h>

#include "auth/keys_inside.h"
#include "base/clock.h"

int requirement_read(struct db_tx *tx, const char *partner_id, struct error *error,
                     unsigned ret_required[ENTRANCE_COUNT]) {
    struct db_rows *rows = NULL;
    memset(ret_required, 0, ENTRANCE_COUNT * sizeof *ret_required);
    int status = db_query(tx, error, &rows,
                          "select r.entrance, r.proof from partner_requirement r"
                          " where r.partner_id = $1 and $scope(r)",
                          db_text(partner_id));
    while (!status && (status = db_next(rows, error)) > 0) {
        unsigned proof = 0;
        const char *entrance = db_column_text(rows, 0, NULL);
        if (!proof_read_names(db_column_text(rows, 1, NULL), &proof))
            status = error_set(error, ERROR_INTERNAL, "partner_requirement: unknown proof '%.40s'",
                               db_column_text(rows, 1, NULL));
        else status = 0;
        for (int at = 0; at < ENTRANCE_COUNT; at++)
            if (strcmp(entrance, entrance_name(at)) == 0) ret_required[at] |= proof;
    }
    db_rows_close(rows);
    return status;
}

struct change {
    const char *partner_id;
    const unsigned *const *proofs; /* by entrance */
    int64_t now_us;
};

static int set_one(struct db_tx *tx, const struct change *change, enum entrance_kind entrance,
                   struct error *error) {
    const char *where = entrance_name(entrance);
    int status = db_run(tx, error, NULL,
                        "delete from partner_requirement as r"
                        " where r.partner_id = $1 and r.entrance = $2 and $scope(r)",
                        db_text(change->partner_id), db_text(where));
    for (int at = 0; at < PROOF_COUNT && !status; at++) {
        char name[PROOF_NAMES_MAX];
        if (!(*change->proofs[entrance] & 1u << at)) continue;
        proof_names(1u << at, name);
        status = db_run(tx, error, NULL,
                        "insert into partner_requirement (partner_id, entrance, proof, created_us)"
                        " values ($1, $2, $3, $4)",
                        db_text(change->partner_id), db_text(where), db_text(name),
                        db_integer(change->now_us));
    }
    return status;
}

static int set_body(struct db_tx *tx, void *context, struct error *error) {
    const struct change *change = context;
    int status = keys_partner_exists(tx, change->partner_id, error);
    for (int at = 0; at < ENTRANCE_COUNT && !status; at++)
        if (change->proofs[at]) status = set_one(tx, change, at, error);
    return status;
}

int requirement_set(struct keys *keys, const char *partner_id,
                    const unsigned *const proofs[ENTRANCE_COUNT], struct error *error) {
    struct change change = {partner_id, proofs, clock_now_us()};
    for (int at = 0; at < ENTRANCE_COUNT; at++) {
        char wrong[PROOF_NAMES_MAX], possible[PROOF_NAMES_MAX];
        proof_names(proofs[at] ? *proofs[at] & ~proof_possible(at) : 0, wrong);
        proof_names(proof_possible(at), possible);
        if (*wrong)
            return error_set(error, ERROR_INVALID, "%s cannot be given over %s: that takes %s",
                             wrong, entrance_name(at), possible);
    }
    const struct command_deed deed = {.name = "RequireProofs", .subject_id = partner_id};
    return keys_change(keys, &deed, set_body, &change, error);
}
