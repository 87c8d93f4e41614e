/* GET /metrics over plain HTTP, for a collector on this machine or a private network. */
#ifndef KOPPEL_HTTP_METRICS_LISTENER_H
#define KOPPEL_HTTP_METRICS_LISTENER_H

#include "base/error.h"

struct metrics;
struct metrics_listener;

/* `address`: ADDR:PORT, [ADDR]:PORT, or PORT alone for the loopback address. */
int metrics_listener_start(const char *address, const struct metrics *metrics,
                           struct error *error, struct metrics_listener **ret_listener);
void metrics_listener_stop(struct metrics_listener *listener); /* NULL is fine */
/* With the port that it got; "" for NULL. */
const char *metrics_listener_address(const struct metrics_listener *listener);

#endif
