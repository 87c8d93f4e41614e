/* Runs impacts, one at a time. What goes wrong with a run is written into it; what goes wrong with
 * the store is logged, and the run is taken up again when its lease has ended. */
#include "jobs/impact_job.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/calendar_day.h"
#include "domain/draft.h"
#include "domain/impact.h"
#include "domain/impact_run.h"

struct impact_job {
    struct service *service;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `stopping` */
    pthread_cond_t stop;
    bool stopping;
};

struct running {
    struct impact_job *job;
    struct impact_run run;
    int64_t told_ms; /* when the progress was written last */
    bool lost;       /* cancelled, or another's */
};

static bool is_stopping(struct impact_job *job) {
    pthread_mutex_lock(&job->lock);
    bool stopping = job->stopping;
    pthread_mutex_unlock(&job->lock);
    return stopping;
}

/* ---- one run -------------------------------------------------------------------------------- */
/* A store that cannot be written for a while is no reason to stop, until the lease has ended. */
static bool tell(void *context, const struct book_progress *progress) {
    struct running *running = context;
    int64_t now_ms = clock_monotonic_ms();
    struct error error = {0};
    running->run.walked = progress->walked;
    running->run.total = progress->total;
    if (is_stopping(running->job)) return false;
    if (now_ms - running->told_ms < IMPACT_JOB_PROGRESS_MS) return true;
    bool go_on = true;
    if (impact_run_progress(running->job->service->db, &running->run, clock_now_us(), &error,
                            &go_on)) {
        go_on = now_ms - running->told_ms < IMPACT_LEASE_MS;
        log_event(LOG_WARNING, "impact_progress_failed", "impact", running->run.id, "error",
                  error.text, NULL);
    } else {
        running->told_ms = now_ms;
    }
    running->lost = !go_on;
    return go_on;
}

static int64_t midnight_us(const char *date) {
    struct value_date day;
    if (!*date || !day_read(date, &day)) return 0;
    return clock_amsterdam_midnight_us(day.year, day.month, day.day);
}

static int walk(struct running *running, struct impact *impact, struct error *error) {
    const struct impact_run *run = &running->run;
    struct book_progress progress;
    const struct impact_walk walk = {
        .filter = {.partner_id = *run->partner_id ? run->partner_id : NULL,
                   .since_us = midnight_us(run->since_date),
                   .until_us = midnight_us(run->until_date),
                   .mode = run->test ? BOOK_TEST : BOOK_LIVE},
        .background = true,
        .tell = tell,
        .tell_context = running};
    int status = impact_walk_book(impact, &walk, error, &progress);
    if (!status && progress.stopped)
        return error_set(error, ERROR_BUSY, "stopped before its end");
    running->run.walked = progress.walked;
    running->run.total = progress.total;
    return status;
}

static int report(struct running *running, struct impact *impact, struct error *error) {
    const struct impact_sums *sums;
    struct buffer json, csv;
    buffer_init(&json, IMPACT_REPORT_MAX_BYTES);
    buffer_init(&csv, IMPACT_REPORT_MAX_BYTES);
    int status = impact_finish(impact, error, &sums);
    if (!status) {
        impact_write_json(impact, &json);
        impact_write_csv(impact, &csv);
        const struct buffer *failed = json.failed ? &json : &csv;
        if (failed->failed)
            status = error_set(error, buffer_failure(failed), "its report is too large");
    }
    if (!status) {
        const struct impact_ending ending = {.report = json.data,
                                             .report_length = json.length,
                                             .report_csv = csv.data,
                                             .report_csv_length = csv.length};
        running->run.state = IMPACT_DONE;
        status = impact_run_finish(running->job->service->db, &running->run, &ending,
                                   clock_now_us(), error);
    }
    buffer_done(&json);
    buffer_done(&csv);
    return status;
}

static int compute(struct running *running, const struct impact_draft *draft,
                   struct error *error) {
    const struct impact_run *run = &running->run;
    struct impact *impact = NULL;
    const struct impact_options options = {.service = running->job->service,
                                           .drafts = draft,
                                           .draft_count = 1,
                                           .against = &run->against_number,
                                           .region = *run->region ? run->region : NULL,
                                           .now_us = clock_now_us()};
    int status = impact_new(&options, error, &impact);
    if (!status) status = walk(running, impact, error);
    if (!status) status = report(running, impact, error);
    impact_free(impact);
    return status;
}

static int draft_load(struct running *running, struct error *error,
                      struct impact_draft *ret_draft) {
    struct version_files stored = {0};
    struct product_files files = {.count = 0};
    struct problems *problems = calloc(1, sizeof *problems);
    if (!problems) return error_set(error, ERROR_NO_MEMORY, "no memory to compile a draft");
    int status =
        draft_files_read(running->job->service->db, running->run.draft_id, error, &stored);
    if (!status) {
        memcpy(files.items, stored.items, sizeof files.items);
        files.count = stored.count;
        status = product_files_hash(&files, error);
    }
    struct error own = {0};
    if (!status) status = impact_draft_make(&files, problems, &own, ret_draft);
    if (own.code) {
        int first = 0;
        while (first < problems->count && problems->items[first].warning) first++;
        if (own.code == ERROR_INVALID && first < problems->count)
            error_set(error, own.code, "the draft does not compile: %.60s:%d: %.200s",
                      problems->items[first].file, problems->items[first].line,
                      problems->items[first].text);
        else error_set(error, own.code, "%s", own.text);
    }
    version_files_done(&stored);
    free(problems);
    return status;
}

/* What the store or this node has trouble with is tried again, by whoever takes the run up next. */
static bool is_passing(enum error_code code) {
    return code == ERROR_BUSY || code == ERROR_FULL || code == ERROR_IO ||
           code == ERROR_NO_MEMORY;
}

static void end(struct running *running, const struct error *error) {
    struct impact_run *run = &running->run;
    struct db *db = running->job->service->db;
    const struct impact_ending none = {.report = NULL};
    struct error own = {0};
    int status = 0;
    if (is_stopping(running->job)) {
        status = impact_run_return(db, run, &own);
    } else if (running->lost) {
        run->state = IMPACT_CANCELLED;
        status = impact_run_finish(db, run, &none, clock_now_us(), &own);
    } else if (!is_passing(error->code)) {
        run->state = IMPACT_FAILED;
        snprintf(run->problem, sizeof run->problem, "%.*s", (int)sizeof run->problem - 1,
                 error->text);
        status = impact_run_finish(db, run, &none, clock_now_us(), &own);
    }
    log_event(status ? LOG_ERROR : LOG_WARNING, "impact_ended", "impact", run->id, "state",
              impact_state_text(run->state), "error", status ? own.text : error->text, NULL);
}

static void run_one(struct impact_job *job, const struct impact_run *run) {
    struct running running = {.job = job, .run = *run, .told_ms = clock_monotonic_ms()};
    struct impact_draft draft = {.version = {.number = 0}};
    struct error error = {0};
    log_event(LOG_INFO, "impact_began", "impact", run->id, "product", run->product, NULL);
    int status = draft_load(&running, &error, &draft);
    if (!status) {
        status = compute(&running, &draft, &error);
        impact_draft_done(&draft);
    }
    if (status) end(&running, &error);
    else log_event(LOG_INFO, "impact_done", "impact", run->id, NULL);
}

/* ---- the thread ----------------------------------------------------------------------------- */
static bool wait_for_next(struct impact_job *job) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += IMPACT_JOB_POLL_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&job->lock);
    int late = 0;
    while (!job->stopping && late != ETIMEDOUT)
        late = pthread_cond_timedwait(&job->stop, &job->lock, &until);
    bool stopping = job->stopping;
    pthread_mutex_unlock(&job->lock);
    return !stopping;
}

/* A store that cannot be asked is told once, not every half second. */
static void look(struct impact_job *job, bool *told) {
    struct impact_run run;
    struct error error = {0};
    int status = 0;
    while (!is_stopping(job) &&
           !(status = impact_run_claim(job->service->db, clock_now_us(), &error, &run)))
        run_one(job, &run);
    bool failed = status && status != ERROR_NOT_FOUND;
    if (failed && !*told)
        log_event(LOG_WARNING, "impact_claim_failed", "error", error.text, NULL);
    *told = failed;
}

static void *work(void *context) {
    struct impact_job *job = context;
    bool told = false;
    do look(job, &told);
    while (wait_for_next(job));
    return NULL;
}

static void discard(struct impact_job *job) {
    pthread_cond_destroy(&job->stop);
    pthread_mutex_destroy(&job->lock);
    free(job);
}

int impact_job_start(struct service *service, struct error *error, struct impact_job **ret_job) {
    struct impact_job *job = calloc(1, sizeof *job);
    if (!job) return error_set(error, ERROR_NO_MEMORY, "no memory for the job of impacts");
    job->service = service;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&job->thread, NULL, work, job) != 0) {
        discard(job);
        return error_set(error, ERROR_NO_MEMORY,
                         "the thread of impacts cannot be started: allow more threads");
    }
    *ret_job = job;
    return 0;
}

void impact_job_stop(struct impact_job *job) {
    if (!job) return;
    pthread_mutex_lock(&job->lock);
    job->stopping = true;
    pthread_cond_signal(&job->stop);
    pthread_mutex_unlock(&job->lock);
    pthread_join(job->thread, NULL);
    discard(job);
}
