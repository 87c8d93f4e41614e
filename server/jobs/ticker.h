/* A thread that does a round of work again and again, until it is stopped. */
#ifndef KOPPEL_JOBS_TICKER_H
#define KOPPEL_JOBS_TICKER_H

#include <stdbool.h>

#include "base/error.h"

struct ticker;

/* Does a round at once, then one every `interval_ms`. `what` is for the message when it cannot be
 * started. */
int ticker_start(const char *what, void (*round)(struct ticker *ticker, void *context),
                 void *context, int interval_ms, struct error *error, struct ticker **ret_ticker);
/* Is it time to end? For rounds that take long. */
bool ticker_is_stopping(struct ticker *ticker);
/* Waits for the end of a round that is under way. NULL is no error. */
void ticker_stop(struct ticker *ticker);

#endif
