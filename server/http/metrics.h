/* Counts of requests by route and status, times, and what is going on, for Prometheus. */
#ifndef KOPPEL_HTTP_METRICS_H
#define KOPPEL_HTTP_METRICS_H

#include <stdint.h>

#include "base/buffer.h"

struct operation;
struct metrics;

enum { METRICS_ROUTES_MAX = 1024 };
/* Routes that are no operation; operations come after these. */
enum metrics_route {
    ROUTE_OTHER, /* refused before any route, or no such path */
    ROUTE_HEALTH,
    ROUTE_READY,
    ROUTE_ASSET,
    ROUTE_OPENAPI,
    ROUTE_DOCUMENT,
    ROUTE_PREFLIGHT,
    ROUTE_SOAP, /* descriptions, and messages that name no operation */
    ROUTE_OAUTH, /* the description; tokens are an operation */
    ROUTE_FIRST_OPERATION
};

struct metrics *metrics_new(void); /* NULL: no memory */
void metrics_free(struct metrics *metrics);

int metrics_route_of(const struct operation *operation);
const char *metrics_route_name(int route);
void metrics_begin(struct metrics *metrics);
void metrics_end(struct metrics *metrics, int route, int status, int64_t duration_us);
int metrics_in_flight(const struct metrics *metrics);

/* Prometheus text format 0.0.4. */
void metrics_write(const struct metrics *metrics, struct buffer *buffer);

#endif
