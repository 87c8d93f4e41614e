/* Batches of what is due, until nothing is. A policy that cannot be renewed is told in the log and
 * does not hold up the others. */
#include "jobs/renewal_job.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/job_lease.h"
#include "domain/renewal.h"
#include "jobs/ticker.h"

struct renewal_job {
    struct service *service;
    struct ticker *ticker;
    struct job_lease lease;
    char *memory;
    bool told; /* that the store cannot be asked */
    char today[CLOCK_DATE_MAX];
    char ids[RENEWAL_JOB_BATCH][ID_MAX];
    bool tests[RENEWAL_JOB_BATCH];
    int count;
};

static int due_body(struct db_tx *tx, void *context, struct error *error) {
    struct renewal_job *job = context;
    return policy_renewals_due(tx, job->today, RENEWAL_JOB_BATCH, error, job->ids, job->tests,
                               &job->count);
}

static int due_read(struct renewal_job *job, struct error *error) {
    job->count = 0;
    clock_amsterdam_date_text(clock_now_us(), job->today);
    return db_read(job->service->db, &db_scope_all, due_body, job, error);
}

/* Whether anything was done of the batch: else what is left is not for this round. */
static bool batch_do(struct renewal_job *job, struct ticker *ticker) {
    bool any = false;
    for (int i = 0; i < job->count && !ticker_is_stopping(ticker); i++) {
        struct scratch scratch;
        struct error error = {0};
        enum renewal_done done = RENEWAL_NOTHING;
        scratch_init(&scratch, job->memory, RENEWAL_JOB_SCRATCH_BYTES);
        int status = renewal_look(job->service, job->ids[i], job->tests[i], clock_now_us(),
                                  &scratch, &error, &done);
        any |= !status && done != RENEWAL_NOTHING;
        if (status)
            log_event(LOG_ERROR, "renewal_failed", "policy", job->ids[i], "error", error.text,
                      NULL);
    }
    return any;
}

static int round_do(struct renewal_job *job, struct ticker *ticker, struct error *error) {
    for (int i = 0; i < RENEWAL_JOB_ROUNDS_MAX && !ticker_is_stopping(ticker); i++) {
        bool taken = false;
        int status = due_read(job, error);
        if (status || !job->count) return status;
        status = job_lease_take(job->service->db, &job->lease, clock_now_us(),
                                RENEWAL_JOB_LEASE_MS, error, &taken);
        if (status || !taken || !batch_do(job, ticker)) return status;
    }
    return 0;
}

static void run_round(struct ticker *ticker, void *context) {
    struct renewal_job *job = context;
    struct error error = {0}, unused = {0};
    int status = round_do(job, ticker, &error);
    if (status && !job->told)
        log_event(LOG_WARNING, "renewals_failed", "error", error.text, NULL);
    job->told = status != 0;
    (void)job_lease_return(job->service->db, &job->lease, &unused);
}

int renewal_job_start(struct service *service, struct error *error,
                      struct renewal_job **ret_job) {
    struct renewal_job *job = calloc(1, sizeof *job);
    char *memory = malloc(RENEWAL_JOB_SCRATCH_BYTES);
    int status = 0;
    if (!job || !memory) status = error_set(error, ERROR_NO_MEMORY, "no memory for renewals");
    if (!status) {
        *job = (struct renewal_job){
            .service = service, .lease = {.name = "renewals"}, .memory = memory};
        status = ticker_start("renewals", run_round, job, RENEWAL_JOB_INTERVAL_MS, error,
                              &job->ticker);
    }
    if (status) {
        free(memory);
        free(job);
        return status;
    }
    *ret_job = job;
    return 0;
}

void renewal_job_stop(struct renewal_job *job) {
    if (!job) return;
    ticker_stop(job->ticker);
    free(job->memory);
    free(job);
}
