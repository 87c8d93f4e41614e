/* Rounds until nothing is due, each under the lease; now and then those that are old. */
#include "jobs/lead_job.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "domain/job_lease.h"
#include "domain/lead_round.h"
#include "domain/person_data.h"
#include "jobs/ticker.h"

struct lead_job {
    struct service *service;
    struct ticker *ticker;
    struct job_lease lease;
    bool told; /* that the store cannot be asked */
    int64_t erased_ms; /* when old ones were looked for */
};

static int due_body(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows = NULL;
    bool *any = context;
    int status = db_query(tx, error, &rows,
                          "select 1 from lead l where l.due_us <= $1 and $scope(l/user_id) limit 1",
                          db_integer(clock_now_us()));
    if (!status) status = db_next(rows, error);
    db_rows_close(rows);
    *any = status > 0;
    return status < 0 ? status : 0;
}

static int rounds_do(struct lead_job *job, struct ticker *ticker, struct error *error) {
    for (int i = 0; i < LEAD_JOB_ROUNDS_MAX && !ticker_is_stopping(ticker); i++) {
        bool any = false, taken = false;
        struct lead_round done = {0};
        uint64_t seed = 0;
        int status = db_read(job->service->db, &db_scope_all, due_body, &any, error);
        if (status || !any) return status;
        status = job_lease_take(job->service->db, &job->lease, clock_now_us(), LEAD_JOB_LEASE_MS,
                                error, &taken);
        if (status || !taken) return status;
        random_bytes(&seed, sizeof seed);
        status = lead_round_do(job->service, clock_now_us(), seed, error, &done);
        if (status) return status;
    }
    return 0;
}

static int64_t days_before(int64_t now_us, int64_t days) {
    return days ? now_us - days * INT64_C(86400000000) : 0;
}

/* Every node does it: what one has erased the other does not find. */
static int old_erase(struct lead_job *job, struct ticker *ticker, struct error *error) {
    const struct lead_keeping *keeping = &job->service->lead_keeping;
    int64_t now_us = clock_now_us(), now_ms = clock_monotonic_ms();
    const struct lead_retention retention = {
        .won_before_us = days_before(now_us, keeping->won_days),
        .lost_before_us = days_before(now_us, keeping->lost_days),
        .spam_before_us = days_before(now_us, keeping->spam_days)};
    if (job->erased_ms && now_ms - job->erased_ms < LEAD_JOB_ERASE_MS) return 0;
    job->erased_ms = now_ms;
    int status = 0, erased = LEAD_RETENTION_MAX;
    for (int i = 0; !status && i < LEAD_JOB_ERASE_MAX && erased >= LEAD_RETENTION_MAX &&
                    !ticker_is_stopping(ticker);
         i++)
        status = leads_erase_old(job->service->db, &retention, now_us, error, &erased);
    return status;
}

static void run_round(struct ticker *ticker, void *context) {
    struct lead_job *job = context;
    struct error error = {0}, unused = {0};
    int status = rounds_do(job, ticker, &error);
    if (!status) status = old_erase(job, ticker, &error);
    if (status && !job->told)
        log_event(LOG_WARNING, "leads_not_offered", "error", error.text, NULL);
    job->told = status != 0;
    (void)job_lease_return(job->service->db, &job->lease, &unused);
}

int lead_job_start(struct service *service, struct error *error, struct lead_job **ret_job) {
    struct lead_job *job = calloc(1, sizeof *job);
    if (!job) return error_set(error, ERROR_NO_MEMORY, "no memory for the job of leads");
    *job = (struct lead_job){.service = service, .lease = {.name = "leads"}};
    int status = ticker_start("leads", run_round, job, LEAD_JOB_INTERVAL_MS, error, &job->ticker);
    if (status) free(job);
    else *ret_job = job;
    return status;
}

void lead_job_stop(struct lead_job *job) {
    if (!job) return;
    ticker_stop(job->ticker);
    free(job);
}
