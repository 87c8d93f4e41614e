/* Housekeeping: a thread that gives back room in the store, and ends applications that nobody
 * decided on in time, while `koppel serve` runs. A store that is not served for a while is caught
 * up with when it is again. */
#ifndef KOPPEL_JOBS_HOUSEKEEPING_H
#define KOPPEL_JOBS_HOUSEKEEPING_H

#include "domain/service.h"

enum {
    HOUSEKEEPING_INTERVAL_MS = 60 * 1000,
    HOUSEKEEPING_BATCHES_MAX = 20, /* in one round; the rest waits for the next */
    HOUSEKEEPING_SEAL_BATCHES_MAX = 200 /* likewise, of quotes from before */
};

struct housekeeping;

/* Starts the thread: a round at once, then one every `interval_ms`. The service must outlive it. */
int housekeeping_start(struct service *service, int interval_ms, struct error *error,
                       struct housekeeping **ret_housekeeping);
/* Lets a batch that is under way end, and waits for the thread. NULL is no error. */
void housekeeping_stop(struct housekeeping *housekeeping);

#endif
