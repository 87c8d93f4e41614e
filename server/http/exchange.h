/* One request and its answer, as the router and the entrances see it, and the memory of the worker
 * thread that serves it. */
#ifndef KOPPEL_HTTP_EXCHANGE_H
#define KOPPEL_HTTP_EXCHANGE_H

#include "base/buffer.h"
#include "base/hash.h"
#include "gate.h"
#include "operation/operation.h"

enum {
    EXCHANGE_HEADERS_MAX_BYTES = 16 * 1024,
    EXCHANGE_ANSWER_MAX_BYTES = 16 * 1024 * 1024,
    EXCHANGE_BODY_MAX_BYTES = 64 * 1024 * 1024,
    LARGE_BODIES_MAX = 2, /* at once, of operations that take more than the general cap */
    EXCHANGE_KEEP_BYTES = 64 * 1024, /* of a buffer, from one request to the next */
    WORKER_STACK_KEEP_BYTES = 8 * 1024, /* below where it waits for a connection */
    WORKSPACES_WARM_MAX = 256,
    WORKSPACES_RUSH = 16 /* so many that nobody needs any more: a rush is over */
};

struct metrics;
struct entrance;
struct descriptions;

/* What one request needs of memory. There are as many as workers, but most workers only hold a
 * connection: the one that was used last is used next, which keeps few of them warm, in the
 * processor's caches and in the process's memory. */
struct workspace {
    struct workspace *next; /* in its list */
    struct buffer body, headers, answer_text, message;
    struct answer answer;
    _Alignas(64) char scratch_memory[]; /* OPERATION_SCRATCH_BYTES */
};

/* Those not in use. A warm one holds pages of the system, a cold one none. */
struct workspaces {
    pthread_mutex_t lock;
    struct workspace *warm, *cold;
    int warm_count, warm_least; /* and the fewest that there were since they were last cooled */
};

/* What is made once at the start and shared by all workers. */
struct edge {
    struct service *service;
    struct dispatcher *dispatcher;
    const char *public_url;
    const char *certificate_url; /* the same, of the listener that asks for certificates */
    bool asks_certificates;      /* there is such a listener */
    const struct entrance *entrance; /* beside JSON's; NULL: none */
    struct metrics *metrics;
    struct workspaces spaces;
    struct gate_limits limits;
    int64_t body_max_bytes; /* cap on what any operation takes, but those with a large body */
    atomic_int large_bodies; /* being read or worked on */
    int64_t items_max_bytes; /* the same for operations on many items */
    int64_t inflate_ratio_max;
    atomic_bool stopping;
    struct descriptions *descriptions; /* openapi.json */
};

/* A thread and the connection that it holds. */
struct worker {
    struct gate gate;
    struct edge *edge;
    char *stack_end; /* the lowest address of its thread's stack; NULL: not known */
};

/* Called by the worker's own thread. NULL when there is no memory or GATE_WORKERS_MAX is reached.
 * Brings the edge one workspace. */
struct worker *worker_new(struct edge *edge);
void worker_free(struct worker *worker);
void worker_end_connection(struct worker *worker);

struct exchange {
    struct edge *edge;
    struct workspace *space;
    struct gate *gate;
    const struct head *head;
    struct scratch scratch;
    bool large;         /* counts among the edge's large bodies */
    void *large_memory; /* heap: scratch that is large enough for the body */
    enum language language; /* asked for, else Dutch */
    bool both_languages;    /* what was asked for could not be read: refusals are told in both */
    char request_id[ID_MAX];
    int64_t started_us;
    int route; /* for the metrics */
    char partner_id[ID_MAX], key_id[ID_MAX], user_id[ID_MAX]; /* for the log; "" when nobody */
    const char *cache_control; /* NULL: no-store */
    /* Tells a refusal in a form of its own; NULL: as a problem. */
    void (*refuse)(struct exchange *exchange, const struct refusal *refusal,
                   const struct field_faults *faults);
    bool opened;               /* the answer has the headers that let a website read it */
    bool page;                 /* a page for browsers, not an answer of the API */
    const char *reason;        /* of a refusal, for its problem; NULL or "": none */
    int status;                /* that was answered */
};

/* The address of the service as this caller reaches it. */
const char *exchange_public_url(const struct exchange *exchange);
/* SHA-256 of the certificate that the connection's client gave; NULL: none. */
const uint8_t *exchange_certificate(const struct exchange *exchange);

/* Before a large body is read; false when there are LARGE_BODIES_MAX. */
bool exchange_begin_large(struct exchange *exchange);
/* When it is read: scratch that it fits in. What was taken before stays. False: no memory. */
bool exchange_scratch_large(struct exchange *exchange);

/* Gives the memory of warm workspaces that nobody needed since the last call back to the system,
 * and when they were many also what the heap holds free: what a rush touched is not kept for ever.
 * To be called now and then, by one thread. */
void exchange_cool(struct edge *edge);

/* Serves the request that the gate of this worker holds, and logs it. */
void exchange_serve(struct edge *edge, struct worker *worker);

#endif
