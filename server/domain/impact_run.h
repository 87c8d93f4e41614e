/* Runs of impacts as rows: asked for by the organisation, taken up by the job of one node
 * (jobs/impact_job.h) under a lease, with their progress and their report. A run whose node is gone
 * is taken up again by another, from the start: `attempt` is the fencing number, and who has an
 * older one writes nothing any more. */
#ifndef KOPPEL_DOMAIN_IMPACT_RUN_H
#define KOPPEL_DOMAIN_IMPACT_RUN_H

#include "base/clock.h"
#include "db/db.h"
#include "domain/draft.h"
#include "quote-engine/quote.h"

enum {
    IMPACT_RUNS_OPEN_MAX = 20,  /* queued or running */
    IMPACT_RUNS_KEPT_MAX = 200, /* finished ones; older ones go when a run is asked for */
    IMPACT_ATTEMPTS_MAX = 3,    /* a run that takes its node down is not tried for ever */
    IMPACT_LEASE_MS = 15 * 1000,
    IMPACT_PROBLEM_MAX = 400,
    IMPACT_RUN_LIST_MAX = 100
};

enum impact_state { IMPACT_QUEUED, IMPACT_RUNNING, IMPACT_DONE, IMPACT_FAILED, IMPACT_CANCELLED };
const char *impact_state_text(enum impact_state state);

struct impact_run {
    char id[ID_MAX];
    bool test;
    char draft_id[ID_MAX], product[PRODUCT_CODE_MAX];
    int against_number;            /* 0: the one in force when it is taken up */
    char partner_id[ID_MAX];       /* "": all */
    char since_date[CLOCK_DATE_MAX], until_date[CLOCK_DATE_MAX]; /* "": open */
    char region[PRODUCT_CODE_MAX]; /* "": found by itself */
    enum impact_state state;
    bool cancel_asked;
    char started_by[DRAFT_BY_MAX];
    int64_t attempt, lease_until_us, walked, total;
    char problem[IMPACT_PROBLEM_MAX]; /* "": none */
    int64_t created_us, started_us, finished_us; /* 0: not yet */
};

/* ---- for bodies of db_read and db_write ---- */
/* Of what a run is to compare: is there the version against_number of its product (0 asks for the
 * one in force, and is known), and the partner (as is "": all)? */
int impact_run_known(struct db_tx *tx, const struct impact_run *run, struct error *error,
                     bool *ret_version, bool *ret_partner);
/* ERROR_TOO_LARGE when IMPACT_RUNS_OPEN_MAX are open already. */
int impact_run_insert(struct db_tx *tx, const struct impact_run *run, struct error *error);
/* ERROR_NOT_FOUND when there is none such; test and live do not meet. */
int impact_run_read(struct db_tx *tx, const char *id, bool test, struct error *error,
                    struct impact_run *ret_run);
/* Its report, as JSON or as CSV: free() it. NULL when it has none. */
int impact_run_report(struct db_tx *tx, const char *id, bool csv, struct error *error,
                      char **ret_text, size_t *ret_length);
/* The newest first, older than `before` (NULL: from the newest on); up to `limit`. */
int impact_run_list(struct db_tx *tx, bool test, const char *before, int limit,
                    struct error *error, struct impact_run *ret_runs, int *ret_count);
/* One that waits is cancelled at once; one that runs is asked to stop. ERROR_CONFLICT when it is
 * finished. `ret_run` is the run as it is then. */
int impact_run_cancel(struct db_tx *tx, const char *id, bool test, int64_t now_us,
                      struct error *error, struct impact_run *ret_run);

/* ---- for the node that runs them ---- */
/* Takes up the oldest run that waits, or whose lease has ended. ERROR_NOT_FOUND: there is none. */
int impact_run_claim(struct db *db, int64_t now_us, struct error *error,
                     struct impact_run *ret_run);
/* Writes the progress and takes the lease for another IMPACT_LEASE_MS. `ret_go_on` false: it is to
 * stop, since that was asked, or since it is another's now. */
int impact_run_progress(struct db *db, const struct impact_run *run, int64_t now_us,
                        struct error *error, bool *ret_go_on);
/* `run` with its final state, problem and progress; the reports are NULL unless done. Nothing is
 * written when it is another's now. */
struct impact_ending {
    const char *report, *report_csv;
    size_t report_length, report_csv_length;
};
int impact_run_finish(struct db *db, const struct impact_run *run,
                      const struct impact_ending *ending, int64_t now_us, struct error *error);
/* Gives it back, so that whoever comes first takes it up again: when a node stops. */
int impact_run_return(struct db *db, const struct impact_run *run, struct error *error);

#endif
