/* The list of all gates, so that connections can be counted and ended from outside their worker.
 * There is one list in a process: the calls that CivetWeb makes carry no context. A connection is
 * ended by shutting its socket down under the gate's lock; its worker then sees the end of input
 * and closes it as always. */
#include "gates.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "guard.h"

enum { SLOW_MS = 1000, SLOW_TRANSFER_MS = 3000 };

static struct gates {
    pthread_mutex_t lock;
    struct gate *items[GATE_WORKERS_MAX];
    int count;
    atomic_bool stopping, pressed;
} gates = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct gate *current;

struct gate *gate_current(void) { return current; }

bool gate_enter(struct gate *gate, const struct gate_limits *limits) {
    gate->limits = limits;
    gate->descriptor = -1;
    pthread_mutex_init(&gate->lock, NULL);
    pthread_mutex_lock(&gates.lock);
    bool room = gates.count < GATE_WORKERS_MAX;
    if (gates.count == 0) {
        atomic_store(&gates.stopping, false);
        atomic_store(&gates.pressed, false);
    }
    if (room) gates.items[gates.count++] = gate;
    pthread_mutex_unlock(&gates.lock);
    if (room) current = gate;
    return room;
}

void gate_leave(struct gate *gate) {
    pthread_mutex_lock(&gates.lock);
    for (int i = 0; i < gates.count; i++) {
        if (gates.items[i] != gate) continue;
        gates.items[i] = gates.items[--gates.count];
        break;
    }
    pthread_mutex_unlock(&gates.lock);
    pthread_mutex_destroy(&gate->lock);
    current = NULL;
}

void gates_set_phase(struct gate *gate, enum gate_phase phase) {
    atomic_store(&gate->since_ms, clock_monotonic_ms());
    atomic_store(&gate->phase, phase);
}

void gates_begin_connection(struct gate *gate, SSL *ssl) {
    gate->ssl = ssl;
    atomic_store(&gate->requests, 0);
    gate->head_length = gate->input_start = gate->input_end = 0;
    gate->closing = gate->broken = gate->empty_line_skipped = gate->handed = false;
    gate->asks_certificate = gate->has_certificate = false;
    memset(&gate->fault, 0, sizeof gate->fault);
    gates_set_phase(gate, GATE_HANDSHAKE);
    pthread_mutex_lock(&gate->lock);
    gate->descriptor = SSL_get_fd(ssl);
    pthread_mutex_unlock(&gate->lock);
}

void gate_end_connection(struct gate *gate) {
    pthread_mutex_lock(&gate->lock);
    int descriptor = gate->descriptor;
    gate->descriptor = -1;
    pthread_mutex_unlock(&gate->lock);
    gates_set_phase(gate, GATE_EMPTY);
    guard_release(descriptor);
}

bool gates_must_close(void) {
    return atomic_load(&gates.stopping) || atomic_load(&gates.pressed);
}

void gate_stop(void) { atomic_store(&gates.stopping, true); }

static void count_one(struct gate_counts *counts, int phase) {
    counts->workers++;
    if (phase == GATE_HANDSHAKE) counts->handshakes++;
    if (phase == GATE_IDLE) counts->idle++;
    if (phase == GATE_HEAD) counts->heads++;
    if (phase >= GATE_BODY) counts->requests++;
}

struct gate_counts gate_count(void) {
    struct gate_counts counts = {0};
    pthread_mutex_lock(&gates.lock);
    for (int i = 0; i < gates.count; i++)
        count_one(&counts, atomic_load(&gates.items[i]->phase));
    pthread_mutex_unlock(&gates.lock);
    return counts;
}

static bool has_input(int descriptor) {
    struct pollfd one = {.fd = descriptor, .events = POLLIN};
    return poll(&one, 1, 0) > 0;
}

/* Ends one connection when it is in `phase` for at least `age_ms`. An idle one with input waiting
 * is about to have a request. */
static bool end_when(struct gate *gate, enum gate_phase phase, int64_t age_ms) {
    bool ended = false;
    pthread_mutex_lock(&gate->lock);
    bool old = clock_monotonic_ms() - atomic_load(&gate->since_ms) >= age_ms;
    if (gate->descriptor >= 0 && old && atomic_load(&gate->phase) == (int)phase &&
        (phase != GATE_IDLE || !has_input(gate->descriptor))) {
        shutdown(gate->descriptor, phase == GATE_IDLE ? SHUT_RD : SHUT_RDWR);
        ended = true;
    }
    pthread_mutex_unlock(&gate->lock);
    return ended;
}

static void end_slow(struct gate *gate, bool stopping) {
    if (end_when(gate, GATE_IDLE, SLOW_MS)) return;
    if (end_when(gate, GATE_HANDSHAKE, SLOW_TRANSFER_MS)) return;
    if (stopping) return;
    if (end_when(gate, GATE_HEAD, SLOW_MS)) return;
    if (end_when(gate, GATE_BODY, SLOW_TRANSFER_MS)) return;
    end_when(gate, GATE_WRITE, SLOW_TRANSFER_MS);
}

void gate_sweep(bool stopping, bool pressed) {
    atomic_store(&gates.pressed, pressed);
    if (!stopping && !pressed) return;
    pthread_mutex_lock(&gates.lock);
    for (int i = 0; i < gates.count; i++) end_slow(gates.items[i], stopping);
    pthread_mutex_unlock(&gates.lock);
}

void gate_cut(void) {
    pthread_mutex_lock(&gates.lock);
    for (int i = 0; i < gates.count; i++) {
        pthread_mutex_lock(&gates.items[i]->lock);
        if (gates.items[i]->descriptor >= 0) shutdown(gates.items[i]->descriptor, SHUT_RDWR);
        pthread_mutex_unlock(&gates.items[i]->lock);
    }
    pthread_mutex_unlock(&gates.lock);
}
