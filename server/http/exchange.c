/* The frame around one request: its id, its language, its line in the log, its counts; and the
 * memory that it is lent. The scratch memory is as large as any request may need, but the system
 * gives it only as far as it is touched, and takes it back when the rush is over. */
#include "exchange.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/integer.h"
#include "base/log.h"
#include "language.h"
#include "metrics.h"
#include "reply.h"
#include "router.h"

enum { LARGE_SCRATCH_PER_BYTE = 3 }; /* its text as read, as taken, and what is made of it */

/* ---- memory ---- */

static const size_t space_bytes = sizeof(struct workspace) + OPERATION_SCRATCH_BYTES;

static struct workspace *space_new(void) {
    struct workspace *space = mmap(NULL, space_bytes, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return space == MAP_FAILED ? NULL : space;
}

static void release_buffers(struct workspace *space) {
    buffer_done(&space->body);
    buffer_done(&space->headers);
    buffer_done(&space->answer_text);
    buffer_done(&space->message);
}

static struct workspace *space_take(struct workspaces *spaces) {
    pthread_mutex_lock(&spaces->lock);
    bool warm = spaces->warm != NULL;
    struct workspace **list = warm ? &spaces->warm : &spaces->cold;
    struct workspace *space = *list; /* never NULL: each worker has brought one */
    *list = space->next;
    spaces->warm_count -= warm;
    if (spaces->warm_count < spaces->warm_least) spaces->warm_least = spaces->warm_count;
    pthread_mutex_unlock(&spaces->lock);
    if (warm) return space;
    buffer_init(&space->body, EXCHANGE_BODY_MAX_BYTES);
    buffer_init(&space->headers, EXCHANGE_HEADERS_MAX_BYTES);
    buffer_init(&space->answer_text, EXCHANGE_ANSWER_MAX_BYTES);
    buffer_init(&space->message, EXCHANGE_ANSWER_MAX_BYTES + EXCHANGE_HEADERS_MAX_BYTES);
    return space;
}

static void space_cool(struct workspaces *spaces, struct workspace *space) {
    release_buffers(space);
    madvise(space, space_bytes, MADV_DONTNEED);
    pthread_mutex_lock(&spaces->lock);
    space->next = spaces->cold;
    spaces->cold = space;
    pthread_mutex_unlock(&spaces->lock);
}

static void space_give(struct workspaces *spaces, struct workspace *space) {
    pthread_mutex_lock(&spaces->lock);
    bool warm = spaces->warm_count < WORKSPACES_WARM_MAX;
    if (warm) {
        space->next = spaces->warm;
        spaces->warm = space;
        spaces->warm_count++;
    }
    pthread_mutex_unlock(&spaces->lock);
    if (!warm) space_cool(spaces, space);
}

void exchange_cool(struct edge *edge) {
    struct workspaces *spaces = &edge->spaces;
    pthread_mutex_lock(&spaces->lock);
    /* The one used last lies on top: those that nobody took lie below. */
    struct workspace **at = &spaces->warm;
    for (int above = spaces->warm_count - spaces->warm_least; above > 0; above--) at = &(*at)->next;
    struct workspace *unused = *at;
    *at = NULL;
    spaces->warm_count -= spaces->warm_least;
    spaces->warm_least = spaces->warm_count;
    pthread_mutex_unlock(&spaces->lock);
    int cooled = 0;
    for (struct workspace *next; unused; unused = next, cooled++) {
        next = unused->next;
        space_cool(spaces, unused);
    }
    if (cooled >= WORKSPACES_RUSH) malloc_trim(0);
}

/* Where the calling thread's stack ends, behind its guard pages. */
static char *find_stack_end(void) {
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t bytes = 0, guard_bytes = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return NULL;
    if (pthread_attr_getstack(&attributes, &lowest, &bytes) != 0 ||
        pthread_attr_getguardsize(&attributes, &guard_bytes) != 0)
        lowest = NULL;
    pthread_attr_destroy(&attributes);
    return lowest ? (char *)lowest + guard_bytes : NULL;
}

/* Gives back what a connection's deepest calls touched of the stack: a handshake goes deep, most
 * workers wait for their next connection, and together they would hold on to the most memory. What
 * lies below the caller is nobody's; some of it is kept for what the caller calls next. */
static void trim_stack(const struct worker *worker) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t first = ((uintptr_t)worker->stack_end + page - 1) & ~(page - 1);
    uintptr_t last = (here - WORKER_STACK_KEEP_BYTES) & ~(page - 1);
    if (worker->stack_end && last > first && last < here)
        madvise((void *)first, last - first, MADV_DONTNEED);
}

struct worker *worker_new(struct edge *edge) {
    struct worker *worker = calloc(1, sizeof *worker);
    struct workspace *space = space_new();
    if (!worker || !space || !gate_enter(&worker->gate, &edge->limits)) {
        if (space) munmap(space, space_bytes);
        free(worker);
        return NULL;
    }
    worker->edge = edge;
    worker->stack_end = find_stack_end();
    pthread_mutex_lock(&edge->spaces.lock);
    space->next = edge->spaces.cold;
    edge->spaces.cold = space;
    pthread_mutex_unlock(&edge->spaces.lock);
    return worker;
}

void worker_free(struct worker *worker) {
    if (!worker) return;
    gate_leave(&worker->gate);
    struct workspace *space = space_take(&worker->edge->spaces);
    release_buffers(space);
    munmap(space, space_bytes);
    free(worker);
}

void worker_end_connection(struct worker *worker) {
    gate_end_connection(&worker->gate);
    trim_stack(worker);
}

static void trim(struct buffer *buffer) {
    size_t limit = buffer->limit;
    if (buffer->capacity <= EXCHANGE_KEEP_BYTES) return;
    buffer_done(buffer);
    buffer_init(buffer, limit);
}

/* ---- large bodies ---- */

bool exchange_begin_large(struct exchange *exchange) {
    if (atomic_fetch_add(&exchange->edge->large_bodies, 1) < LARGE_BODIES_MAX) {
        exchange->large = true;
        return true;
    }
    atomic_fetch_sub(&exchange->edge->large_bodies, 1);
    return false;
}

bool exchange_scratch_large(struct exchange *exchange) {
    size_t length = exchange->space->body.length;
    size_t size = LARGE_SCRATCH_PER_BYTE * length + OPERATION_SCRATCH_BYTES;
    exchange->large_memory = malloc(size);
    if (!exchange->large_memory) return false;
    scratch_init(&exchange->scratch, exchange->large_memory, size);
    return true;
}

static void exchange_end_large(struct exchange *exchange) {
    free(exchange->large_memory);
    if (exchange->large) atomic_fetch_sub(&exchange->edge->large_bodies, 1);
}

/* ---- one request ---- */

const char *exchange_public_url(const struct exchange *exchange) {
    const struct edge *edge = exchange->edge;
    return exchange->gate->asks_certificate ? edge->certificate_url : edge->public_url;
}

const uint8_t *exchange_certificate(const struct exchange *exchange) {
    return exchange->gate->has_certificate ? exchange->gate->certificate : NULL;
}

/* A path whose last part is a secret is logged without it. */
static const char *path_for_log(const char *path, char ret_masked[64]) {
    static const char *const secret_after[] = {"/invitation/", "/reset/", "/api/v1/invitations/",
                                               "/api/v1/password-resets/"};
    if (!path) return "-";
    for (size_t i = 0; i < sizeof secret_after / sizeof *secret_after; i++) {
        if (strncmp(path, secret_after[i], strlen(secret_after[i])) != 0) continue;
        (void)snprintf(ret_masked, 64, "%s*", secret_after[i]);
        return ret_masked;
    }
    return path;
}

static void write_log(const struct exchange *exchange, int64_t duration_us) {
    const struct head *head = exchange->head;
    char masked[64], status[INTEGER_TEXT_MAX], milliseconds[INTEGER_TEXT_MAX + 2];
    integer_write(exchange->status, status);
    size_t length = integer_write(duration_us / 1000, milliseconds);
    milliseconds[length] = '.';
    milliseconds[length + 1] = (char)('0' + duration_us / 100 % 10);
    milliseconds[length + 2] = '\0';
    log_event(LOG_INFO, "request", "request_id", exchange->request_id, "method",
              head->method ? head->method : "-", "path", path_for_log(head->path, masked), "status",
              status, "ms", milliseconds, "partner", exchange->partner_id, "key",
              exchange->key_id, *exchange->user_id ? "user" : NULL, exchange->user_id, NULL);
}

static void choose_fault_language(struct exchange *exchange, enum language language) {
    exchange->both_languages = language == LANGUAGE_COUNT;
    exchange->language = exchange->both_languages ? LANGUAGE_NL : language;
}

void exchange_serve(struct edge *edge, struct worker *worker) {
    struct workspace *space = space_take(&edge->spaces);
    struct exchange exchange = {.edge = edge,
                                .space = space,
                                .gate = &worker->gate,
                                .head = &worker->gate.head,
                                .route = ROUTE_OTHER,
                                .started_us = clock_monotonic_us()};
    metrics_begin(edge->metrics);
    id_make("req", exchange.request_id);
    if (worker->gate.fault.status) choose_fault_language(&exchange, worker->gate.fault_language);
    else exchange.language = language_choose(head_get(exchange.head, "accept-language"));
    scratch_init(&exchange.scratch, space->scratch_memory, OPERATION_SCRATCH_BYTES);
    buffer_clear(&space->headers);
    route(&exchange);
    int64_t duration_us = clock_monotonic_us() - exchange.started_us;
    metrics_end(edge->metrics, exchange.route, exchange.status, duration_us);
    write_log(&exchange, duration_us);
    exchange_end_large(&exchange);
    trim(&space->body);
    trim(&space->answer_text);
    trim(&space->message);
    space_give(&edge->spaces, space);
    gate_end_request(&worker->gate);
}
