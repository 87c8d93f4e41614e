/* Reading and writing for one worker's connection, with a deadline on everything. The socket is
 * non-blocking (CivetWeb makes it so); waiting is a poll for as long as the deadline leaves. What
 * requests mean is left to router.c and the entrances; sweeping over all gates is gates.c's. */
#include "gate.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "gates.h"
#include "guard.h"
#include "language.h"
#include "tls.h"

/* What CivetWeb reads in place of each request: the least that keeps a connection. */
static const char fixed_head[] = "GET / HTTP/1.1\r\n\r\n";

static const struct head_fault fault_timeout = {
    408, "request_timeout", "Het verzoek kwam niet op tijd binnen: stuur het opnieuw.",
    "The request did not arrive in time: send it again."};

/* What OpenSSL said before must not pass for what it says next. Looking costs a quarter of
 * clearing. */
static void forget_errors(void) {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

/* Waits for what OpenSSL wants: 1 ready, 0 too late, -1 broken. */
static int wait_for(struct gate *gate, int ssl_error, int64_t deadline_ms) {
    struct pollfd one = {.fd = SSL_get_fd(gate->ssl), .events = POLLIN};
    if (ssl_error == SSL_ERROR_WANT_WRITE) one.events = POLLOUT;
    else if (ssl_error != SSL_ERROR_WANT_READ) return -1;
    for (;;) {
        int64_t left_ms = deadline_ms - clock_monotonic_ms();
        if (left_ms <= 0) return 0;
        int ready = poll(&one, 1, left_ms > 60000 ? 60000 : (int)left_ms);
        if (ready > 0) return 1;
        if (ready < 0 && errno != EINTR) return -1;
    }
}

static int read_tls(struct gate *gate, void *buffer, size_t size, int64_t deadline_ms) {
    for (;;) {
        forget_errors();
        int count = SSL_read(gate->ssl, buffer, size > 1 << 20 ? 1 << 20 : (int)size);
        if (count > 0) return count;
        int ready = wait_for(gate, SSL_get_error(gate->ssl, count), deadline_ms);
        if (ready == 0) return GATE_READ_TIMEOUT;
        if (ready < 0) return GATE_READ_GONE;
    }
}

int gate_tls_accept(SSL *ssl) {
    struct gate *gate = gate_current();
    if (!gate) return -1;
    gates_begin_connection(gate, ssl);
    guard_peer(SSL_get_fd(ssl), gate->peer);
    gate->asks_certificate = guard_listener(SSL_get_fd(ssl)) == GATE_CERTIFICATE_LISTENER;
    if (gate->asks_certificate && !tls_ask_certificate(ssl)) return -1;
    int64_t deadline_ms = clock_monotonic_ms() + gate->limits->handshake_timeout_ms;
    for (;;) {
        forget_errors();
        int result = SSL_accept(ssl);
        if (result == 1) {
            gate->has_certificate =
                gate->asks_certificate && tls_client_certificate(ssl, gate->certificate);
            gates_set_phase(gate, GATE_IDLE);
            return 1;
        }
        int error = SSL_get_error(ssl, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return result;
        if (wait_for(gate, error, deadline_ms) > 0) continue;
        /* Too late: the caller sees a broken connection and does not come back. */
        shutdown(SSL_get_fd(ssl), SHUT_RDWR);
        return SSL_accept(ssl);
    }
}

/* Is there more in OpenSSL's buffer than the beginning of a record? The rest of one has to come
 * from the socket; a broken one is for the next read to find. */
static bool read_ahead(struct gate *gate) {
    char first;
    if (!SSL_has_pending(gate->ssl)) return false;
    forget_errors();
    int count = SSL_peek(gate->ssl, &first, 1);
    return count > 0 || SSL_get_error(gate->ssl, count) != SSL_ERROR_WANT_READ;
}

X509 *gate_tls_certificate(const SSL *ssl) {
    (void)ssl;
    return NULL;
}

int gate_tls_pending(const SSL *ssl) {
    struct gate *gate = gate_current();
    if (gate && (gate->closing || gate->input_end > gate->input_start)) return GATE_INPUT_BYTES;
    int count = SSL_pending(ssl);
    return count > 0 || !gate || !read_ahead(gate) ? count : GATE_INPUT_BYTES;
}

/* Scans what has come of a head: true when there is a head, or a fault in one. */
static bool head_has_come(struct gate *gate, size_t *scanned) {
    if (gate->input_end >= 1 && gate->input[0] == '\r' && gate->input_end < 2) return false;
    size_t empty = gate->empty_line_skipped ? 0 : head_skip(gate->input, gate->input_end);
    if (empty) {
        memmove(gate->input, gate->input + empty, gate->input_end - empty);
        gate->input_end -= empty;
    }
    gate->empty_line_skipped = true;
    int found = head_scan(gate->input, gate->input_end, scanned, &gate->head_length, &gate->fault);
    gate->head_parsed = found > 0;
    if (found > 0) head_parse(gate->input, gate->head_length, &gate->head, &gate->fault);
    return found != 0;
}

/* Headers behind what was wrong are not read: there may be no line that ends where it seems to. */
static enum language language_of_fault(const struct gate *gate) {
    const char *asked = gate->head_parsed ? head_get(&gate->head, "accept-language") : NULL;
    bool known = asked || (gate->head_parsed && gate->head.headers_read);
    return known ? language_choose(asked) : LANGUAGE_COUNT;
}

static void begin_request(struct gate *gate) {
    atomic_fetch_add(&gate->requests, 1);
    gate->empty_line_skipped = false;
    gates_set_phase(gate, GATE_REQUEST);
    gate->broken = gate->fault.status != 0;
    if (gate->broken) {
        gate->fault_language = language_of_fault(gate);
        gate->head = (struct head){.content_length = -1};
        return;
    }
    const char *expect = head_get(&gate->head, "expect");
    gate->input_start = gate->head_length;
    gate->body_left = gate->head.content_length > 0 ? gate->head.content_length : 0;
    gate->body_done = !gate->head.chunked && gate->body_left == 0;
    gate->continue_wanted = expect && gate->head.minor_version == 1;
    gate->body_deadline_ms = clock_monotonic_ms() + gate->limits->body_timeout_ms;
    chunk_init(&gate->chunks);
    if (!gate->body_done) gates_set_phase(gate, GATE_BODY);
}

/* Reads one request's head; gives CivetWeb the fixed head when there is a request to answer. When
 * nothing has come it answers as OpenSSL does, so that CivetWeb waits on. A request that CivetWeb
 * gave up before it was answered (it had no memory) takes the connection with it. */
int gate_tls_read(SSL *ssl, void *buffer, int size) {
    struct gate *gate = gate_current();
    if (!gate || gate->closing || gate->handed || size < (int)sizeof fixed_head) return 0;
    size_t scanned = 0;
    gate->head_parsed = false;
    memset(&gate->fault, 0, sizeof gate->fault);
    int64_t deadline_ms = clock_monotonic_ms() + gate->limits->head_timeout_ms;
    if (gate->input_end > 0) gates_set_phase(gate, GATE_HEAD);
    while (gate->input_end == 0 || !head_has_come(gate, &scanned)) {
        forget_errors();
        int count = SSL_read(ssl, gate->input + gate->input_end,
                             (int)(sizeof gate->input - gate->input_end));
        if (count > 0) {
            if (gate->input_end == 0) gates_set_phase(gate, GATE_HEAD);
            gate->input_end += (size_t)count;
            continue;
        }
        if (gate->input_end == 0) return count;
        int ready = wait_for(gate, SSL_get_error(ssl, count), deadline_ms);
        if (ready < 0) return 0;
        if (ready > 0) continue;
        gate->fault = fault_timeout;
        break;
    }
    begin_request(gate);
    gate->handed = true;
    memcpy(buffer, fixed_head, sizeof fixed_head - 1);
    return (int)sizeof fixed_head - 1;
}

/* ---- bodies ---- */

static int fail_body(struct gate *gate, int result) {
    gate->broken = true;
    return result;
}

static int read_counted(struct gate *gate, void *buffer, size_t size) {
    if ((int64_t)size > gate->body_left) size = (size_t)gate->body_left;
    int count;
    if (gate->input_end > gate->input_start) {
        size_t held = gate->input_end - gate->input_start;
        if (size > held) size = held;
        memcpy(buffer, gate->input + gate->input_start, size);
        gate->input_start += size;
        count = (int)size;
    } else {
        count = read_tls(gate, buffer, size, gate->body_deadline_ms);
        if (count <= 0) return fail_body(gate, count);
    }
    gate->body_left -= count;
    gate->body_done = gate->body_left == 0;
    return count;
}

static int read_chunks(struct gate *gate, void *buffer, size_t size) {
    for (;;) {
        if (gate->input_end == gate->input_start) {
            gate->input_start = gate->input_end = gate->head_length;
            int count = read_tls(gate, gate->input + gate->input_end,
                                 sizeof gate->input - gate->input_end, gate->body_deadline_ms);
            if (count <= 0) return fail_body(gate, count);
            gate->input_end += (size_t)count;
        }
        size_t consumed = 0, written = 0;
        enum chunk_status status =
            chunk_decode(&gate->chunks, gate->input + gate->input_start,
                         gate->input_end - gate->input_start, &consumed, buffer, size, &written);
        gate->input_start += consumed;
        if (status == CHUNK_BAD) return fail_body(gate, GATE_READ_BAD);
        gate->body_done = status == CHUNK_END;
        if (written > 0 || gate->body_done) return (int)written;
    }
}

int gate_read_body(struct gate *gate, void *buffer, size_t size) {
    if (gate->broken) return GATE_READ_BAD;
    if (gate->body_done || size == 0) return GATE_READ_END;
    if (size > 1 << 20) size = 1 << 20;
    if (gate->continue_wanted && gate->input_end == gate->input_start) {
        static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
        if (!gate_write(gate, go_on, sizeof go_on - 1)) return fail_body(gate, GATE_READ_GONE);
    }
    gate->continue_wanted = false;
    int count = gate->head.chunked ? read_chunks(gate, buffer, size)
                                   : read_counted(gate, buffer, size);
    if (gate->body_done || gate->broken) gates_set_phase(gate, GATE_REQUEST);
    return count;
}

/* ---- answers ---- */

bool gate_write(struct gate *gate, const void *bytes, size_t length) {
    const char *at = bytes;
    int64_t deadline_ms = clock_monotonic_ms() + gate->limits->write_timeout_ms;
    while (length > 0) {
        forget_errors();
        int count = SSL_write(gate->ssl, at, length > 1 << 20 ? 1 << 20 : (int)length);
        if (count > 0) {
            at += count;
            length -= (size_t)count;
            continue;
        }
        if (atomic_load(&gate->phase) != GATE_WRITE) gates_set_phase(gate, GATE_WRITE);
        if (wait_for(gate, SSL_get_error(gate->ssl, count), deadline_ms) > 0) continue;
        gate->broken = gate->closing = true;
        return false;
    }
    if (atomic_load(&gate->phase) == GATE_WRITE) gates_set_phase(gate, GATE_REQUEST);
    return true;
}

bool gate_must_close(const struct gate *gate) {
    return gate->closing || gate->broken || !gate->head.keep_alive || !gate->body_done ||
           gates_must_close();
}

void gate_close_after(struct gate *gate) { gate->closing = true; }

/* Takes in and drops what the peer still sends, until it ends or the limits are reached. */
static void linger(struct gate *gate) {
    int descriptor = SSL_get_fd(gate->ssl);
    int64_t deadline_ms = clock_monotonic_ms() + GATE_LINGER_MS;
    size_t total = 0;
    while (total < GATE_LINGER_BYTES) {
        ssize_t count = recv(descriptor, gate->input, sizeof gate->input, 0);
        if (count == 0) return;
        if (count > 0) {
            total += (size_t)count;
            if (clock_monotonic_ms() > deadline_ms) return;
            continue;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return;
        if (wait_for(gate, SSL_ERROR_WANT_READ, deadline_ms) <= 0) return;
    }
}

void gate_end_request(struct gate *gate) {
    gate->handed = false;
    bool unread = gate->broken || !gate->body_done || gate->input_end > gate->input_start;
    if (gate->closing) {
        forget_errors();
        SSL_shutdown(gate->ssl);
        shutdown(SSL_get_fd(gate->ssl), SHUT_WR);
        if (unread) linger(gate);
        gate->input_start = gate->input_end = 0;
        return;
    }
    size_t held = gate->input_end - gate->input_start;
    memmove(gate->input, gate->input + gate->input_start, held);
    gate->input_start = 0;
    gate->input_end = held;
    gates_set_phase(gate, GATE_IDLE);
}
