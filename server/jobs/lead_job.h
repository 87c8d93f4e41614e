/* The job of leads: rounds of offering by rule (domain/lead_round.h) as long as leads are due, and
 * erasing whom closed ones were of when the operator's days for that are over. One
 * node does it at a time, under a lease; a node that dies amid it is followed by another. */
#ifndef KOPPEL_JOBS_LEAD_JOB_H
#define KOPPEL_JOBS_LEAD_JOB_H

#include "domain/service.h"

enum {
    LEAD_JOB_INTERVAL_MS = 1000, /* a look at what is due costs one read */
    LEAD_JOB_LEASE_MS = 30 * 1000,
    LEAD_JOB_ROUNDS_MAX = 1000,  /* at a time; the rest waits for the next */
    LEAD_JOB_ERASE_MS = 60 * 1000, /* so often it looks for old ones */
    LEAD_JOB_ERASE_MAX = 20        /* batches at a time */
};

struct lead_job;

/* The service outlives it. */
int lead_job_start(struct service *service, struct error *error, struct lead_job **ret_job);
/* Lets the round that is under way be done. NULL is no error. */
void lead_job_stop(struct lead_job *job);

#endif
