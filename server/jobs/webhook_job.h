/* The job that sends webhooks' messages (domain/webhook_send.h): one thread, many transfers. No
 * endpoint and no partner takes more than its share of them, so that a slow one delays no other.
 * Messages of an endpoint begin in their order, and may arrive in another. A node that stops waits
 * a little for what is under way; what goes down in the middle is sent again when its lease
 * ends. */
#ifndef KOPPEL_JOBS_WEBHOOK_JOB_H
#define KOPPEL_JOBS_WEBHOOK_JOB_H

#include "base/error.h"

enum {
    WEBHOOK_JOB_POLL_MS = 500,          /* between looks for messages that are due */
    WEBHOOK_FLIGHTS_MAX = 128,          /* messages under way on a node */
    WEBHOOK_FLIGHTS_PER_ENDPOINT_MAX = 4,
    WEBHOOK_FLIGHTS_PER_PARTNER_MAX = 16,
    WEBHOOK_STOP_MS = 3000 /* for what is under way when the node stops */
};

struct webhook_job;
struct service;

/* Starts the thread. The service must outlive it. */
int webhook_job_start(struct service *service, struct error *error, struct webhook_job **ret_job);
/* NULL is no error. */
void webhook_job_stop(struct webhook_job *job);

#endif
