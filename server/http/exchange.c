/* The frame around one request: its id, its language, its line in the log, its counts; and the
 * memory that a worker keeps for it. The scratch memory is as large as any request may need, but
 * the system gives it only as far as it is touched, and takes it back after each connection. */
#include "exchange.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/log.h"
#include "language.h"
#include "metrics.h"
#include "reply.h"
#include "router.h"

struct worker *worker_new(const struct edge *edge) {
    size_t size = sizeof(struct worker) + OPERATION_SCRATCH_BYTES;
    struct worker *worker = mmap(NULL, size, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (worker == MAP_FAILED) return NULL;
    if (!gate_enter(&worker->gate, &edge->limits)) {
        munmap(worker, size);
        return NULL;
    }
    buffer_init(&worker->body, EXCHANGE_BODY_MAX_BYTES);
    buffer_init(&worker->headers, EXCHANGE_HEADERS_MAX_BYTES);
    buffer_init(&worker->answer_text, EXCHANGE_ANSWER_MAX_BYTES);
    buffer_init(&worker->message, EXCHANGE_ANSWER_MAX_BYTES + EXCHANGE_HEADERS_MAX_BYTES);
    return worker;
}

void worker_free(struct worker *worker) {
    if (!worker) return;
    gate_leave(&worker->gate);
    buffer_done(&worker->body);
    buffer_done(&worker->headers);
    buffer_done(&worker->answer_text);
    buffer_done(&worker->message);
    munmap(worker, sizeof(struct worker) + OPERATION_SCRATCH_BYTES);
}

void worker_end_connection(struct worker *worker) {
    gate_end_connection(&worker->gate);
    if (worker->scratch_touched)
        madvise(worker->scratch_memory, OPERATION_SCRATCH_BYTES, MADV_DONTNEED);
    worker->scratch_touched = false;
}

static void trim(struct buffer *buffer) {
    size_t limit = buffer->limit;
    if (buffer->capacity <= EXCHANGE_KEEP_BYTES) return;
    buffer_done(buffer);
    buffer_init(buffer, limit);
}

static void write_log(const struct exchange *exchange, int64_t duration_us) {
    const struct head *head = exchange->head;
    char status[16], milliseconds[32];
    snprintf(status, sizeof status, "%d", exchange->status);
    snprintf(milliseconds, sizeof milliseconds, "%.1f", (double)duration_us / 1000);
    log_event(LOG_INFO, "request", "request_id", exchange->request_id, "method",
              head->method ? head->method : "-", "path", head->path ? head->path : "-", "status",
              status, "ms", milliseconds, "partner", exchange->partner_id, "key",
              exchange->key_id, NULL);
}

void exchange_serve(struct edge *edge, struct worker *worker) {
    struct exchange exchange = {.edge = edge,
                                .worker = worker,
                                .gate = &worker->gate,
                                .head = &worker->gate.head,
                                .route = ROUTE_OTHER,
                                .started_us = clock_monotonic_us()};
    metrics_begin(edge->metrics);
    id_make("req", exchange.request_id);
    exchange.language = language_choose(head_get(exchange.head, "accept-language"));
    scratch_init(&exchange.scratch, worker->scratch_memory, OPERATION_SCRATCH_BYTES);
    worker->scratch_touched = true;
    buffer_clear(&worker->headers);
    route(&exchange);
    int64_t duration_us = clock_monotonic_us() - exchange.started_us;
    metrics_end(edge->metrics, exchange.route, exchange.status, duration_us);
    write_log(&exchange, duration_us);
    trim(&worker->body);
    trim(&worker->answer_text);
    trim(&worker->message);
    gate_end_request(&worker->gate);
}
