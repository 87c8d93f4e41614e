/* Counters are atomics in a table of route by status; a time falls in one bucket of its route and
 * the sums are made when they are read. */
#include "metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "gate.h"
#include "guard.h"
#include "operation/operation.h"

enum { BUCKETS = 13, STATUSES = 27 };

static const int bucket_us[BUCKETS - 1] = {500,    1000,   2500,    5000,    10000,   25000,
                                           50000,  100000, 250000,  500000,  1000000, 5000000};
static const int statuses[STATUSES] = {200, 201, 202, 204, 304, 400, 401, 403, 404,
                                       405, 408, 409, 410, 412, 413, 414, 415, 417,
                                       422, 428, 429, 431, 499, 500, 501, 503, 505};

struct route_counts {
    atomic_llong by_status[STATUSES + 1]; /* the last: any other */
    atomic_llong buckets[BUCKETS];
    atomic_llong sum_us;
};

struct metrics {
    atomic_int in_flight;
    struct route_counts routes[METRICS_ROUTES_MAX];
};

struct metrics *metrics_new(void) { return calloc(1, sizeof(struct metrics)); }
void metrics_free(struct metrics *metrics) { free(metrics); }

int metrics_route_of(const struct operation *operation) {
    int route = ROUTE_FIRST_OPERATION;
    for (int i = 0; i < operation_group_count; i++) {
        const struct operation_group *group = operation_groups[i];
        if (operation >= group->operations && operation < group->operations + group->count) {
            route += (int)(operation - group->operations);
            return route < METRICS_ROUTES_MAX ? route : ROUTE_OTHER;
        }
        route += group->count;
    }
    return ROUTE_OTHER;
}

const char *metrics_route_name(int route) {
    static const char *const names[] = {"none",    "healthz",  "readyz",   "asset",
                                        "openapi", "document", "preflight", "soap",
                                        "oauth"};
    if (route < ROUTE_FIRST_OPERATION) return names[route];
    int index = route - ROUTE_FIRST_OPERATION;
    for (int i = 0; i < operation_group_count; i++) {
        if (index < operation_groups[i]->count) return operation_groups[i]->operations[index].name;
        index -= operation_groups[i]->count;
    }
    return names[ROUTE_OTHER];
}

void metrics_begin(struct metrics *metrics) { atomic_fetch_add(&metrics->in_flight, 1); }
int metrics_in_flight(const struct metrics *metrics) {
    return atomic_load(&metrics->in_flight);
}

void metrics_end(struct metrics *metrics, int route, int status, int64_t duration_us) {
    struct route_counts *counts = &metrics->routes[route];
    int index = 0, bucket = 0;
    while (index < STATUSES && statuses[index] != status) index++;
    while (bucket < BUCKETS - 1 && duration_us > bucket_us[bucket]) bucket++;
    atomic_fetch_add_explicit(&counts->by_status[index], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&counts->sum_us, duration_us, memory_order_relaxed);
    atomic_fetch_sub(&metrics->in_flight, 1);
}

static void write_gauge(struct buffer *buffer, const char *name, const char *kind,
                        const char *help, long long value) {
    buffer_format(buffer, "# HELP koppel_%s %s\n# TYPE koppel_%s %s\nkoppel_%s %lld\n", name, help,
                  name, kind, name, value);
}

static void write_statuses(const struct metrics *metrics, int route, struct buffer *buffer) {
    for (int i = 0; i <= STATUSES; i++) {
        long long count = atomic_load(&metrics->routes[route].by_status[i]);
        if (count == 0) continue;
        buffer_format(buffer, "koppel_requests_total{route=\"%s\",status=\"%d\"} %lld\n",
                      metrics_route_name(route), i < STATUSES ? statuses[i] : 0, count);
    }
}

static void write_times(const struct metrics *metrics, int route, struct buffer *buffer) {
    const struct route_counts *counts = &metrics->routes[route];
    const char *name = metrics_route_name(route);
    long long total = 0;
    for (int i = 0; i < BUCKETS; i++) total += atomic_load(&counts->buckets[i]);
    if (total == 0) return;
    long long below = 0;
    for (int i = 0; i < BUCKETS - 1; i++) {
        below += atomic_load(&counts->buckets[i]);
        buffer_format(buffer, "koppel_request_seconds_bucket{route=\"%s\",le=\"%g\"} %lld\n", name,
                      bucket_us[i] / 1e6, below);
    }
    buffer_format(buffer,
                  "koppel_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %lld\n"
                  "koppel_request_seconds_sum{route=\"%s\"} %.6f\n"
                  "koppel_request_seconds_count{route=\"%s\"} %lld\n",
                  name, total, name, (double)atomic_load(&counts->sum_us) / 1e6, name, total);
}

void metrics_write(const struct metrics *metrics, struct buffer *buffer) {
    struct gate_counts gates = gate_count();
    buffer_text(buffer, "# HELP koppel_build_info What runs.\n# TYPE koppel_build_info gauge\n"
                        "koppel_build_info{compiler=\"" __VERSION__ "\"} 1\n");
    write_gauge(buffer, "requests_in_flight", "gauge", "Requests being answered.",
                metrics_in_flight(metrics));
    write_gauge(buffer, "workers", "gauge", "Worker threads.", gates.workers);
    write_gauge(buffer, "connections", "gauge", "Connections, waiting ones included.",
                guard_connections());
    write_gauge(buffer, "connections_idle", "gauge", "Connections between requests.", gates.idle);
    write_gauge(buffer, "connections_refused_total", "counter",
                "Connections refused by the cap per address.", guard_refused());
    buffer_text(buffer, "# HELP koppel_requests_total Requests by route and status.\n"
                        "# TYPE koppel_requests_total counter\n");
    for (int route = 0; route < METRICS_ROUTES_MAX; route++) write_statuses(metrics, route, buffer);
    buffer_text(buffer, "# HELP koppel_request_seconds Time from head to end of answer.\n"
                        "# TYPE koppel_request_seconds histogram\n");
    for (int route = 0; route < METRICS_ROUTES_MAX; route++) write_times(metrics, route, buffer);
}
