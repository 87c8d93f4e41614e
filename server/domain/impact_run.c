/* Rows of impact_run. What must hold stands in the statement that changes a row: its state and the
 * attempt. */
#include "domain/impact_run.h"

#include <stdlib.h>
#include <string.h>

static const char *const states[] = {
    [IMPACT_QUEUED] = "queued", [IMPACT_RUNNING] = "running", [IMPACT_DONE] = "done",
    [IMPACT_FAILED] = "failed", [IMPACT_CANCELLED] = "cancelled"};

const char *impact_state_text(enum impact_state state) {
    return states[state];
}

static enum impact_state state_read(const char *text) {
    for (int i = 0; text && i <= IMPACT_CANCELLED; i++)
        if (strcmp(states[i], text) == 0) return (enum impact_state)i;
    return IMPACT_FAILED;
}

/* ---- reading -------------------------------------------------------------------------------- */
#define RUN_COLUMNS                                                                               \
    "select r.id, r.test, r.draft_id, r.product, r.against_number, r.filter_partner_id,"          \
    " r.since_date, r.until_date, r.region, r.state, r.cancel_asked, r.started_by, r.attempt,"    \
    " r.lease_until_us, r.walked, r.total, r.problem, r.created_us, r.started_us, r.finished_us"  \
    " from impact_run r"

static void run_take(struct db_rows *rows, struct impact_run *run) {
    *run = (struct impact_run){.test = db_column_integer(rows, 1) != 0,
                               .against_number = (int)db_column_integer(rows, 4),
                               .state = state_read(db_column_text(rows, 9, NULL)),
                               .cancel_asked = db_column_integer(rows, 10) != 0,
                               .attempt = db_column_integer(rows, 12),
                               .lease_until_us = db_column_integer(rows, 13),
                               .walked = db_column_integer(rows, 14),
                               .total = db_column_integer(rows, 15),
                               .created_us = db_column_integer(rows, 17),
                               .started_us = db_column_integer(rows, 18),
                               .finished_us = db_column_integer(rows, 19)};
    db_column_copy(rows, 0, run->id, sizeof run->id);
    db_column_copy(rows, 2, run->draft_id, sizeof run->draft_id);
    db_column_copy(rows, 3, run->product, sizeof run->product);
    db_column_copy(rows, 5, run->partner_id, sizeof run->partner_id);
    db_column_copy(rows, 6, run->since_date, sizeof run->since_date);
    db_column_copy(rows, 7, run->until_date, sizeof run->until_date);
    db_column_copy(rows, 8, run->region, sizeof run->region);
    db_column_copy(rows, 11, run->started_by, sizeof run->started_by);
    db_column_copy(rows, 16, run->problem, sizeof run->problem);
}

int impact_run_read(struct db_tx *tx, const char *id, bool test, struct error *error,
                    struct impact_run *ret_run) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, RUN_COLUMNS " where r.id = $1 and r.test = $2",
                          db_text(id), db_integer(test));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) run_take(rows, ret_run);
    db_rows_close(rows);
    if (status == 0) return error_set(error, ERROR_NOT_FOUND, "there is no impact %.60s", id);
    return status < 0 ? status : 0;
}

int impact_run_list(struct db_tx *tx, bool test, const char *before, int limit,
                    struct error *error, struct impact_run *ret_runs, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          RUN_COLUMNS " where r.test = $1"
                          " and (cast($2 as text) is null or r.id < $2)"
                          " order by r.id desc limit $3",
                          db_integer(test), db_text(before), db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(rows, error)) > 0) run_take(rows, &ret_runs[count++]);
    db_rows_close(rows);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

int impact_run_report(struct db_tx *tx, const char *id, bool csv, struct error *error,
                      char **ret_text, size_t *ret_length) {
    struct db_rows *rows = NULL;
    char *copied = NULL;
    size_t length = 0;
    int status = db_query(tx, error, &rows,
                          "select r.report, r.report_csv from impact_run r where r.id = $1",
                          db_text(id));
    if (status) return status;
    status = db_next(rows, error);
    const char *text = status > 0 ? db_column_text(rows, csv, &length) : NULL;
    if (text) {
        copied = malloc(length + 1);
        if (copied) memcpy(copied, text, length + 1);
        else status = error_set(error, ERROR_NO_MEMORY, "no memory for a report");
    }
    db_rows_close(rows);
    if (status < 0) return status;
    *ret_text = copied;
    *ret_length = length;
    return 0;
}

/* ---- asking for one ------------------------------------------------------------------------- */
static struct db_value text_or_null(const char *text) {
    return db_text(*text ? text : NULL);
}

/* Finished runs beyond those that are kept. */
static int oldest_remove(struct db_tx *tx, bool test, struct error *error) {
    return db_run(tx, error, NULL,
                  "delete from impact_run where test = $1 and state not in ('queued', 'running')"
                  " and id <= (select r.id from impact_run r where r.test = $1 and r.state not in"
                  " ('queued', 'running') order by r.id desc limit 1 offset $2)",
                  db_integer(test), db_integer(IMPACT_RUNS_KEPT_MAX));
}

int impact_run_known(struct db_tx *tx, const struct impact_run *run, struct error *error,
                     bool *ret_version, bool *ret_partner) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select (select count(*) from product_version v where v.product = $1"
                          " and v.number = $2), (select count(*) from partner p where p.id = $3)",
                          db_text(run->product), db_integer(run->against_number),
                          db_text(run->partner_id));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        *ret_version = !run->against_number || db_column_integer(rows, 0) > 0;
        *ret_partner = !*run->partner_id || db_column_integer(rows, 1) > 0;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int open_count(struct db_tx *tx, struct error *error, int64_t *ret_count) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select count(*) from impact_run r"
                          " where r.state in ('queued', 'running')");
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) *ret_count = db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int impact_run_insert(struct db_tx *tx, const struct impact_run *run, struct error *error) {
    int64_t open = 0;
    int status = open_count(tx, error, &open);
    if (!status && open >= IMPACT_RUNS_OPEN_MAX)
        return error_set(error, ERROR_TOO_LARGE, "%d impacts wait or run already",
                         IMPACT_RUNS_OPEN_MAX);
    if (!status) status = oldest_remove(tx, run->test, error);
    if (status) return status;
    return db_run(tx, error, NULL,
                  "insert into impact_run (id, test, draft_id, product, against_number,"
                  " filter_partner_id, since_date, until_date, region, state, cancel_asked,"
                  " started_by, attempt, lease_until_us, walked, total, created_us)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', 0, $10, 0, 0, 0, 0, $11)",
                  db_text(run->id), db_integer(run->test), db_text(run->draft_id),
                  db_text(run->product),
                  run->against_number ? db_integer(run->against_number) : db_null(),
                  text_or_null(run->partner_id), text_or_null(run->since_date),
                  text_or_null(run->until_date), text_or_null(run->region),
                  db_text(run->started_by), db_integer(run->created_us));
}

int impact_run_cancel(struct db_tx *tx, const char *id, bool test, int64_t now_us,
                      struct error *error, struct impact_run *ret_run) {
    int64_t queued = 0, running = 0;
    int status = db_run(tx, error, &queued,
                        "update impact_run set state = 'cancelled', cancel_asked = 1,"
                        " finished_us = $3 where id = $1 and test = $2 and state = 'queued'",
                        db_text(id), db_integer(test), db_integer(now_us));
    if (!status)
        status = db_run(tx, error, &running,
                        "update impact_run set cancel_asked = 1"
                        " where id = $1 and test = $2 and state = 'running'",
                        db_text(id), db_integer(test));
    if (!status) status = impact_run_read(tx, id, test, error, ret_run);
    if (!status && !queued && !running)
        return error_set(error, ERROR_CONFLICT, "impact %.60s is finished", id);
    return status;
}

/* ---- the node that runs it ------------------------------------------------------------------ */
struct claiming {
    int64_t now_us;
    struct impact_run run;
    bool found;
};

/* One that was taken up too often, each time by a node that went, is given up. */
static int claim_spent(struct db_tx *tx, int64_t now_us, struct error *error) {
    return db_run(tx, error, NULL,
                  "update impact_run set state = 'failed', finished_us = $1, problem = $3"
                  " where state = 'running' and lease_until_us < $1 and attempt >= $2",
                  db_integer(now_us), db_integer(IMPACT_ATTEMPTS_MAX),
                  db_text("it was begun several times, and each time its server went down"));
}

static int claim_body(struct db_tx *tx, void *context, struct error *error) {
    struct claiming *claiming = context;
    struct db_rows *rows = NULL;
    struct impact_run *run = &claiming->run;
    int64_t changed = 0;
    claiming->found = false;
    int status = claim_spent(tx, claiming->now_us, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          RUN_COLUMNS " where r.state = 'queued'"
                          " or (r.state = 'running' and r.lease_until_us < $1)"
                          " order by r.id limit 1",
                          db_integer(claiming->now_us));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) run_take(rows, run);
    db_rows_close(rows);
    if (status <= 0) return status;
    status = db_run(tx, error, &changed,
                    "update impact_run set state = 'running', attempt = attempt + 1,"
                    " lease_until_us = $2, started_us = $3, walked = 0, total = 0"
                    " where id = $1 and attempt = $4 and (state = 'queued'"
                    " or (state = 'running' and lease_until_us < $3))",
                    db_text(run->id),
                    db_integer(claiming->now_us + IMPACT_LEASE_MS * INT64_C(1000)),
                    db_integer(claiming->now_us), db_integer(run->attempt));
    claiming->found = changed == 1;
    run->attempt++;
    run->state = IMPACT_RUNNING;
    run->started_us = claiming->now_us;
    return status;
}

struct waiting {
    int64_t now_us;
    bool found;
};

static int waiting_body(struct db_tx *tx, void *context, struct error *error) {
    struct waiting *waiting = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select 1 from impact_run r where r.state = 'queued'"
                          " or (r.state = 'running' and r.lease_until_us < $1) limit 1",
                          db_integer(waiting->now_us));
    if (status) return status;
    status = db_next(rows, error);
    waiting->found = status > 0;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int impact_run_claim(struct db *db, int64_t now_us, struct error *error,
                     struct impact_run *ret_run) {
    struct waiting waiting = {.now_us = now_us};
    struct claiming claiming = {.now_us = now_us};
    int status = db_read(db, &db_scope_none, waiting_body, &waiting, error);
    if (!status && waiting.found)
        status = db_write(db, &db_scope_none, claim_body, &claiming, error);
    if (status) return status;
    if (!claiming.found) return ERROR_NOT_FOUND;
    *ret_run = claiming.run;
    return 0;
}

struct telling {
    const struct impact_run *run;
    const struct impact_ending *ending;
    int64_t now_us;
    bool go_on;
};

static int progress_body(struct db_tx *tx, void *context, struct error *error) {
    struct telling *telling = context;
    const struct impact_run *run = telling->run;
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update impact_run set walked = $3, total = $4, lease_until_us = $5"
                        " where id = $1 and attempt = $2 and state = 'running'"
                        " and cancel_asked = 0",
                        db_text(run->id), db_integer(run->attempt), db_integer(run->walked),
                        db_integer(run->total),
                        db_integer(telling->now_us + IMPACT_LEASE_MS * INT64_C(1000)));
    telling->go_on = changed == 1;
    return status;
}

int impact_run_progress(struct db *db, const struct impact_run *run, int64_t now_us,
                        struct error *error, bool *ret_go_on) {
    struct telling telling = {.run = run, .now_us = now_us};
    int status = db_write(db, &db_scope_none, progress_body, &telling, error);
    if (!status) *ret_go_on = telling.go_on;
    return status;
}

static int finish_body(struct db_tx *tx, void *context, struct error *error) {
    const struct telling *telling = context;
    const struct impact_run *run = telling->run;
    const struct impact_ending *ending = telling->ending;
    return db_run(tx, error, NULL,
                  "update impact_run set state = $3, problem = $4, report = $5, report_csv = $6,"
                  " walked = $7, total = $8, finished_us = $9, lease_until_us = 0"
                  " where id = $1 and attempt = $2 and state = 'running'",
                  db_text(run->id), db_integer(run->attempt),
                  db_text(impact_state_text(run->state)), text_or_null(run->problem),
                  ending->report ? db_text_length(ending->report, ending->report_length)
                                 : db_null(),
                  ending->report_csv
                      ? db_text_length(ending->report_csv, ending->report_csv_length)
                      : db_null(),
                  db_integer(run->walked), db_integer(run->total), db_integer(telling->now_us));
}

int impact_run_finish(struct db *db, const struct impact_run *run,
                      const struct impact_ending *ending, int64_t now_us, struct error *error) {
    struct telling telling = {.run = run, .ending = ending, .now_us = now_us};
    return db_write(db, &db_scope_none, finish_body, &telling, error);
}

static int return_body(struct db_tx *tx, void *context, struct error *error) {
    const struct impact_run *run = ((const struct telling *)context)->run;
    /* An attempt that was given back is not held against the run. As a fence its number may come
     * again: a row that waits is nobody's, and who gave it back writes no more. */
    return db_run(tx, error, NULL,
                  "update impact_run set state = 'queued', attempt = attempt - 1,"
                  " lease_until_us = 0, walked = 0"
                  " where id = $1 and attempt = $2 and state = 'running'",
                  db_text(run->id), db_integer(run->attempt));
}

int impact_run_return(struct db *db, const struct impact_run *run, struct error *error) {
    struct telling telling = {.run = run};
    return db_write(db, &db_scope_none, return_body, &telling, error);
}
