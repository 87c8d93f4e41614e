/* Posts messages to strangers' servers over HTTPS, many at a time on one thread (libcurl). Nothing
 * that they do delays others or costs more than the limits below: addresses are checked at each
 * connection by the very address that is connected to, redirects are not followed, proxies of the
 * environment are not asked, and of an answer no more is read than is needed to know its status. */
#ifndef KOPPEL_JOBS_WEBHOOK_CLIENT_H
#define KOPPEL_JOBS_WEBHOOK_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "domain/webhook_send.h"

enum {
    WEBHOOK_CONNECT_TIMEOUT_MS = 5 * 1000,  /* looking up the name and TLS included */
    WEBHOOK_TOTAL_TIMEOUT_MS = 15 * 1000,
    WEBHOOK_ANSWER_MAX_BYTES = 64 * 1024,   /* a body that goes on is cut off: the status counts */
    WEBHOOK_ANSWER_HEAD_MAX_BYTES = 64 * 1024,
    WEBHOOK_CONNECTIONS_KEPT_MAX = 64       /* open between messages */
};

struct webhook_client;

/* `rules` outlives it. */
int webhook_client_new(const struct webhook_rules *rules, struct error *error,
                       struct webhook_client **ret_client);
/* Breaks off what is under way. NULL is fine. */
void webhook_client_free(struct webhook_client *client);

struct webhook_post { /* borrowed until its answer was taken */
    const char *url, *id, *signature, *body;
    int64_t timestamp_s;
};
/* Begins to send; `tag` comes back with the answer. */
int webhook_client_post(struct webhook_client *client, const struct webhook_post *post, void *tag,
                        struct error *error);
/* Goes on with all that is under way, and waits up to `wait_ms` for something to do. */
void webhook_client_run(struct webhook_client *client, int wait_ms);
/* Ends the wait of another thread. */
void webhook_client_wake(struct webhook_client *client);

struct webhook_answer {
    void *tag;
    enum webhook_end end; /* delivered: the status was 200 to 299; gone: 410 */
    struct webhook_try try; /* but for the message and the number */
    int64_t asked_wait_ms;  /* with status 429 and 503: what Retry-After says, in seconds or as a
                               date; 0: nothing that can be read, or a time that has passed */
};
/* Takes an answer; false: there is none now. */
bool webhook_client_take(struct webhook_client *client, struct webhook_answer *ret_answer);
#endif
