/* A connection as a worker sees it: decrypted bytes in and out with deadlines, one request at a
 * time. CivetWeb's calls for the handshake and for reading come here (civetweb.mk). It is handed a
 * fixed request head once a real one was read, so that it calls back; what the outsider sent is in
 * `head` or, when that was refused, in `fault`, and the body is read from here as well.
 *
 * A worker thread has one gate and serves one connection at a time through it. */
#ifndef KOPPEL_HTTP_GATE_H
#define KOPPEL_HTTP_GATE_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "chunk.h"
#include "guard.h"
#include "head.h"
#include "quote-engine/text.h"

enum {
    GATE_INPUT_BYTES = HEAD_BYTES_MAX + 8 * 1024,
    GATE_WORKERS_MAX = 16384,
    GATE_LINGER_MS = 2000,
    GATE_LINGER_BYTES = 64 * 1024 * 1024,
    GATE_CERTIFICATE_LISTENER = 1 /* asks clients for a certificate: listeners count from 0 */
};

enum gate_phase {
    GATE_EMPTY,
    GATE_HANDSHAKE,
    GATE_IDLE,    /* nothing of a next request yet */
    GATE_HEAD,
    GATE_BODY,
    GATE_REQUEST, /* being answered */
    GATE_WRITE    /* the peer is slow to take the answer */
};

struct gate_limits {
    int handshake_timeout_ms;
    int head_timeout_ms;  /* from the first byte of a head to its last */
    int body_timeout_ms;  /* from the head to the last byte of its body */
    int write_timeout_ms; /* for all of an answer */
};

struct gate {
    const struct gate_limits *limits;
    pthread_mutex_t lock; /* guards `descriptor` against being closed while another shuts it */
    int descriptor;       /* -1: no connection */
    atomic_int phase;
    atomic_llong since_ms; /* when the phase began */
    atomic_int requests;  /* on this connection so far */
    SSL *ssl;
    bool asks_certificate; /* by the listener that it came in by */
    bool has_certificate;  /* and the client gave one: */
    uint8_t certificate[SHA256_BYTES]; /* SHA-256 of it */
    char peer[GUARD_PEER_TEXT_MAX]; /* the address that the connection comes from */
    char input[GATE_INPUT_BYTES];
    size_t head_length, input_start, input_end; /* head at 0, unread bytes from start to end */
    struct head head;
    bool head_parsed; /* it is this request's, if only in part */
    struct head_fault fault; /* status 0: none */
    enum language fault_language; /* that it is told in; LANGUAGE_COUNT: not known */
    struct chunk_decoder chunks;
    int64_t body_left; /* of a body with a length */
    bool empty_line_skipped, body_done, broken, continue_wanted, closing;
    bool handed; /* CivetWeb has the request, and nobody has answered it yet */
    int64_t body_deadline_ms;
};

/* Registers the gate for the calling thread and for gate_sweep. False: GATE_WORKERS_MAX. */
bool gate_enter(struct gate *gate, const struct gate_limits *limits);
void gate_leave(struct gate *gate);
struct gate *gate_current(void);
/* When the connection is about to be closed. */
void gate_end_connection(struct gate *gate);

/* The names under which CivetWeb calls OpenSSL. */
int gate_tls_accept(SSL *ssl);
int gate_tls_read(SSL *ssl, void *buffer, int size);
int gate_tls_pending(const SSL *ssl);
X509 *gate_tls_certificate(const SSL *ssl); /* none: CivetWeb has no business with it */

enum gate_read {
    GATE_READ_END = 0,       /* the body is complete */
    GATE_READ_BAD = -1,      /* not the coding it said to be */
    GATE_READ_TIMEOUT = -2,
    GATE_READ_GONE = -3      /* the peer went away */
};
/* Reads some of the body: a count of bytes, or an enum gate_read. Answers an expectation of
 * 100-continue first. */
int gate_read_body(struct gate *gate, void *buffer, size_t size);

/* Writes all, or false: the peer is gone or too slow. */
bool gate_write(struct gate *gate, const void *bytes, size_t length);

/* Must the connection end after the answer that is about to be written? Say so in its head. */
bool gate_must_close(const struct gate *gate);
void gate_close_after(struct gate *gate);
/* After the answer: makes ready for the next request, or ends the sending side and takes in for a
 * short while what still comes, so that a reset does not overtake the answer. */
void gate_end_request(struct gate *gate);

struct gate_counts {
    int workers, handshakes, idle, heads, requests; /* requests: also those reading a body */
};
struct gate_counts gate_count(void);
/* Ends connections that hold a worker without a request to answer. Both when stopping and when
 * pressed (too few workers are free): those idle for a second and long handshakes; a caller that
 * is in the midst of its work sends within that second and is told in the answer that the
 * connection closes. When pressed also heads, bodies and takers of answers that take too long. */
void gate_sweep(bool stopping, bool pressed);
/* From now on every answer closes its connection. */
void gate_stop(void);
/* Cuts all connections. */
void gate_cut(void);

#endif
