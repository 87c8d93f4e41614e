/* A row for each job. Its number rises with each that takes it, so that who was away too long finds
 * it to be another's. */
#include "domain/job_lease.h"

struct taking {
    const struct job_lease *lease;
    int64_t now_us, until_us, attempt; /* attempt 0: it is another's */
};

static int attempt_read(struct db_tx *tx, struct taking *taking, struct error *error,
                        int64_t *ret_attempt, int64_t *ret_until_us) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select attempt, until_us from job_lease where name = $1",
                          db_text(taking->lease->name));
    if (!status) status = db_next(rows, error);
    if (status > 0) {
        *ret_attempt = db_column_integer(rows, 0);
        *ret_until_us = db_column_integer(rows, 1);
    }
    db_rows_close(rows);
    return status;
}

static int take_body(struct db_tx *tx, void *context, struct error *error) {
    struct taking *taking = context;
    int64_t attempt = 0, until_us = 0, changed = 0;
    taking->attempt = 0;
    int status = attempt_read(tx, taking, error, &attempt, &until_us);
    if (status < 0) return status;
    if (!status) {
        status = db_run(tx, error, &changed,
                        "insert into job_lease (name, attempt, until_us) values ($1, 1, $2)",
                        db_text(taking->lease->name), db_integer(taking->until_us));
        if (!status) taking->attempt = 1;
        return status;
    }
    bool own = taking->lease->attempt == attempt;
    if (!own && until_us > taking->now_us) return 0;
    status = db_run(tx, error, &changed,
                    "update job_lease set attempt = $1, until_us = $2"
                    " where name = $3 and attempt = $4",
                    db_integer(own ? attempt : attempt + 1), db_integer(taking->until_us),
                    db_text(taking->lease->name), db_integer(attempt));
    if (!status && changed) taking->attempt = own ? attempt : attempt + 1;
    return status;
}

int job_lease_take(struct db *db, struct job_lease *lease, int64_t now_us, int lease_ms,
                   struct error *error, bool *ret_taken) {
    struct taking taking = {
        .lease = lease, .now_us = now_us, .until_us = now_us + (int64_t)lease_ms * 1000};
    struct error own = {0};
    int status = db_write(db, &db_scope_all, take_body, &taking, &own);
    if (status && status != ERROR_CONFLICT) return error_set(error, status, "%s", own.text);
    if (status) taking.attempt = 0; /* another was first */
    lease->attempt = taking.attempt;
    *ret_taken = taking.attempt != 0;
    return 0;
}

static int return_body(struct db_tx *tx, void *context, struct error *error) {
    const struct job_lease *lease = context;
    int64_t changed = 0;
    return db_run(tx, error, &changed,
                  "update job_lease set until_us = 0 where name = $1 and attempt = $2",
                  db_text(lease->name), db_integer(lease->attempt));
}

int job_lease_return(struct db *db, struct job_lease *lease, struct error *error) {
    if (!lease->attempt) return 0;
    int status = db_write(db, &db_scope_all, return_body, lease, error);
    if (!status) lease->attempt = 0;
    return status;
}
