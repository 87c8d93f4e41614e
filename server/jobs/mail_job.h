/* Delivers mail: to a server by SMTP (libcurl), or, where none is named, into DIR/outbox as files.
 * Every node does it; a message is one node's for the time of its lease. */
#ifndef KOPPEL_JOBS_MAIL_JOB_H
#define KOPPEL_JOBS_MAIL_JOB_H

#include "domain/mail.h"
#include "domain/service.h"

enum {
    MAIL_JOB_INTERVAL_MS = 1000,
    MAIL_CONNECT_TIMEOUT_MS = 10000,
    MAIL_TIMEOUT_MS = 60000 /* for all of a message: well below its lease */
};

struct mail_options { /* texts live as long as the job; NULL: not given */
    const char *smtp;        /* "smtp://mail.example:587", "smtps://…"; NULL: the outbox */
    const char *tls;         /* for smtp://: "required", "try", "none" */
    const char *authorities; /* PEM file of who vouches for its certificate; NULL: the system's */
    const char *from;        /* the sender's address; NULL: koppel@ and the public URL's host */
};
/* Is that a way to send? ERROR_INVALID says what is wrong. */
int mail_options_check(const struct mail_options *options, struct error *error);

struct mail_job;
int mail_job_start(struct service *service, const struct mail_options *options,
                   struct error *error, struct mail_job **ret_job);
/* Waits for the message that is under way, but not for a server that stalls. NULL is no error. */
void mail_job_stop(struct mail_job *job);

#endif
