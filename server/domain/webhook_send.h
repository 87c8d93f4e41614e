/* Messages on their way: which are due, who takes them, what became of each. A message that was
 * taken is its sender's until the lease ends, and the fence number tells a sender that was too slow
 * from the one that took over. Any number of nodes may send. */
#ifndef KOPPEL_DOMAIN_WEBHOOK_SEND_H
#define KOPPEL_DOMAIN_WEBHOOK_SEND_H

#include "domain/webhook.h"

enum {
    WEBHOOK_LEASE_MS = 60 * 1000,
    WEBHOOK_DUE_ENDPOINTS_MAX = 256 /* that are looked at in one go; the next go begins behind */
};

struct webhook_due {
    struct webhook_message message;
    char url[WEBHOOK_URL_MAX + 1], sealed[WEBHOOK_SEALED_MAX];
    int64_t overlap_until_us;
    char *body;   /* NULL: not put together yet; free() it */
    bool claimed; /* false after claiming: another was first */
};

/* How many more messages may be sent to the endpoint now. */
typedef int (*webhook_room)(void *context, const char *endpoint_id, const char *partner_id);

/* Messages that are due, of each endpoint those that wait longest, as far as there is room; at most
 * `limit` in all. `above` is where the last go ended ("" at first), and is set to where this one
 * did. */
int webhook_due_read(struct db *db, int64_t now_us, webhook_room room, void *context, int limit,
                     struct error *error, char above[ID_MAX], struct webhook_due *ret_due,
                     int *ret_count);
/* Takes them, with their bodies, which stay as they are from then on. */
int webhook_due_claim(struct db *db, int64_t now_us, struct webhook_due *due, int count,
                      struct error *error);

enum webhook_end {
    WEBHOOK_END_DELIVERED,
    WEBHOOK_END_FAILED,
    WEBHOOK_END_GONE,    /* the receiver wants no more: 410 */
    WEBHOOK_END_RETURNED /* not tried: it is due again at once */
};
struct webhook_result {
    struct webhook_message message; /* as it was taken */
    enum webhook_end end;
    struct webhook_try try;
    int64_t asked_wait_ms; /* that the receiver asked for before the next try; 0: it did not */
    uint32_t random; /* spreads the next try */
    /* What followed, for the log: */
    bool lost; /* it was another's by then: nothing was kept */
    bool given_up, warned, disabled;
};
/* Keeps what became of them. */
int webhook_results_keep(struct db *db, int64_t now_us, struct webhook_result *results, int count,
                         struct error *error);

#endif
