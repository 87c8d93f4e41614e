/* The job of renewals: prepares each policy's before its main due date, and lets it enter its next
 * period on that date (domain/renewal.h). One node does it at a time, under a lease; a node that
 * dies amid it is followed by another. */
#ifndef KOPPEL_JOBS_RENEWAL_JOB_H
#define KOPPEL_JOBS_RENEWAL_JOB_H

#include "domain/service.h"

enum {
    RENEWAL_JOB_INTERVAL_MS = 2000, /* a look at what is due costs one read */
    RENEWAL_JOB_LEASE_MS = 30 * 1000,
    RENEWAL_JOB_BATCH = 64,         /* policies between two looks at the lease */
    RENEWAL_JOB_ROUNDS_MAX = 1000,  /* batches of one round; the rest waits for the next */
    RENEWAL_JOB_SCRATCH_BYTES = 4 * 1024 * 1024
};

struct renewal_job;

int renewal_job_start(struct service *service, struct error *error, struct renewal_job **ret_job);
/* Lets the policy that is under way be done. NULL is no error. */
void renewal_job_stop(struct renewal_job *job);

#endif
