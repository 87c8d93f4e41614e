/* The job that runs impacts: a thread that takes up runs one after the other (domain/impact_run.h)
 * while `koppel serve` runs. Its workers give way to requests. A node that stops gives its run
 * back; one that goes down loses it when the lease ends. */
#ifndef KOPPEL_JOBS_IMPACT_JOB_H
#define KOPPEL_JOBS_IMPACT_JOB_H

#include "base/error.h"

enum {
    IMPACT_JOB_POLL_MS = 500,     /* between looks for a run that waits */
    IMPACT_JOB_PROGRESS_MS = 1000 /* between writes of the progress */
};

struct impact_job;
struct service;

/* Starts the thread. The service must outlive it. */
int impact_job_start(struct service *service, struct error *error, struct impact_job **ret_job);
/* Stops a run that is under way, gives it back, and waits for the thread. NULL is no error. */
void impact_job_stop(struct impact_job *job);

#endif
