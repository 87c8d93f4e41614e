/* A connection's bytes through the whole edge: gate, head, body, router, JSON entrance, dispatcher
 * and operations, without sockets. OpenSSL's calls that the gate makes are answered here, from the
 * input. "$SECRET" and "$PUBLIC" in the input stand for keys. The first byte says in which pieces
 * the rest arrives; in pieces or whole, the same requests must be seen and get the same statuses,
 * and each request exactly one well-formed answer. */
#include <strings.h>

#include "http/description.h"
#include "http/exchange.h"
#include "http/gates.h"
#include "http/metrics.h"
#include "store.h"

enum { INPUT_MAX = 64 * 1024, REQUESTS_MAX = 200, OUTPUT_MAX_BYTES = 32 * 1024 * 1024 };

static struct {
    const char *bytes;
    size_t length, at, piece;
} incoming;
static struct buffer outgoing;
static struct edge edge;
static struct worker *worker;
static struct buffer bytes_in; /* with keys put in */

/* ---- in place of OpenSSL's ---- */
int SSL_read(SSL *ssl, void *buffer, int size) {
    size_t some = incoming.length - incoming.at;
    (void)ssl;
    if (some > incoming.piece) some = incoming.piece;
    if (size <= 0 || some == 0) return 0;
    if (some > (size_t)size) some = (size_t)size;
    memcpy(buffer, incoming.bytes + incoming.at, some);
    incoming.at += some;
    return (int)some;
}
int SSL_write(SSL *ssl, const void *buffer, int size) {
    (void)ssl;
    buffer_append(&outgoing, buffer, (size_t)size);
    return size;
}
int SSL_get_error(const SSL *ssl, int result) {
    (void)ssl, (void)result;
    return SSL_ERROR_ZERO_RETURN;
}
int SSL_get_fd(const SSL *ssl) {
    (void)ssl;
    return -1;
}
int SSL_shutdown(SSL *ssl) {
    (void)ssl;
    return 1;
}

static void release(void) {
    metrics_free(edge.metrics);
    descriptions_free(edge.descriptions);
    buffer_done(&outgoing);
    buffer_done(&bytes_in);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    store_make();
    edge.service = store.service;
    edge.dispatcher = store.dispatcher;
    edge.public_url = store.config.public_url;
    edge.metrics = metrics_new();
    edge.limits = (struct gate_limits){600000, 600000, 600000, 600000};
    edge.body_max_bytes = 1024 * 1024;
    edge.inflate_ratio_max = 100;
    edge.descriptions = descriptions_new();
    pthread_mutex_init(&edge.spaces.lock, NULL);
    FUZZ_CHECK(edge.metrics && edge.descriptions, "no memory");
    buffer_init(&outgoing, OUTPUT_MAX_BYTES);
    buffer_init(&bytes_in, INPUT_MAX * 16);
    atexit(release);
    return 0;
}

static void put_keys_in(const char *text, size_t length) {
    buffer_clear(&bytes_in);
    for (size_t i = 0; i < length; i++) {
        bool secret = length - i >= 7 && !memcmp(text + i, "$SECRET", 7);
        bool public = length - i >= 7 && !memcmp(text + i, "$PUBLIC", 7);
        if (secret) buffer_text(&bytes_in, store.secret);
        else if (public) buffer_text(&bytes_in, store.publishable);
        else buffer_char(&bytes_in, text[i]);
        if (secret || public) i += 6;
    }
}

/* A header's value as a number, in a head that ends in an empty line; -1: no such header. */
static long header_number(const char *head, size_t length, const char *name) {
    size_t size = strlen(name);
    for (size_t i = 0; i + size < length; i++)
        if (head[i] == '\n' && strncasecmp(head + i + 1, name, size) == 0)
            return strtol(head + i + 1 + size, NULL, 10);
    return -1;
}

/* Is what was written since `from` exactly one answer? Its status; 0 when the caller was gone
 * before the end of its body, and nobody was there to be answered. */
static int check_answer(size_t from, bool head_only) {
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    const char *text = outgoing.data + from;
    size_t length = outgoing.length - from;
    if (length >= sizeof interim - 1 && !memcmp(text, interim, sizeof interim - 1)) {
        text += sizeof interim - 1;
        length -= sizeof interim - 1;
    }
    if (length == 0 && worker->gate.broken && incoming.at == incoming.length) return 0;
    FUZZ_CHECK(length > 16 && !memcmp(text, "HTTP/1.1 ", 9), "no answer");
    int status = (int)strtol(text + 9, NULL, 10);
    const char *end = memmem(text, length, "\r\n\r\n", 4);
    FUZZ_CHECK(end, "an answer without an end of its head");
    size_t head = (size_t)(end - text) + 2, body = length - head - 2;
    long said = header_number(text, head, "content-length:");
    bool empty = head_only || status == 204 || status == 304;
    FUZZ_CHECK(empty ? body == 0 : said >= 0 && (size_t)said == body,
               "status %d: %ld bytes said, %zu sent", status, said, body);
    FUZZ_CHECK(status >= 200 && status < 500 + 6 && status != 500 && status != 503, "%.*s",
               (int)length, text);
    for (size_t i = 0; i < head; i++)
        FUZZ_CHECK(text[i] != '\n' || (i > 0 && text[i - 1] == '\r'), "a bare LF in an answer");
    return status;
}

/* Runs the connection to its end; how many requests, with their statuses, and whether it was this
 * side that ended it. */
static int run(size_t piece, int statuses[REQUESTS_MAX], bool *ret_ended) {
    char given[256];
    int count = 0;
    incoming.bytes = bytes_in.data;
    incoming.length = bytes_in.length;
    incoming.at = 0;
    incoming.piece = piece;
    buffer_clear(&outgoing);
    gates_begin_connection(&worker->gate, NULL);
    while (count < REQUESTS_MAX && gate_tls_read(NULL, given, sizeof given) > 0) {
        size_t from = outgoing.length;
        bool head_only = worker->gate.head.method && !strcmp(worker->gate.head.method, "HEAD");
        exchange_serve(&edge, worker);
        statuses[count++] = check_answer(from, head_only);
        if (statuses[count - 1] == 0) break;
        FUZZ_CHECK(worker->gate.fault.status == 0 || worker->gate.closing,
                   "a connection that goes on after a fault");
    }
    *ret_ended = worker->gate.closing || worker->gate.broken;
    worker_end_connection(worker);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static int whole[REQUESTS_MAX], pieces[REQUESTS_MAX];
    if (length < 2 || length > INPUT_MAX) return 0;
    put_keys_in((const char *)bytes + 1, length - 1);
    bool ended, again_ended;
    worker = worker_new(&edge);
    FUZZ_CHECK(worker, "no memory");
    int count = run(SIZE_MAX, whole, &ended);
    int again = run(bytes[0] % 37 + 1u, pieces, &again_ended);
    /* What is wrong inside a body may be seen before its last byte came, or behind it: the former
     * ends the connection, the latter leaves it open for the next request. */
    FUZZ_CHECK(count == again || (count < again ? ended : again_ended),
               "%d requests whole, %d in pieces", count, again);
    for (int i = 0; i < count && i < again; i++)
        FUZZ_CHECK(whole[i] == pieces[i], "request %d: %d whole, %d in pieces", i, whole[i],
                   pieces[i]);
    worker_free(worker);
    return 0;
}
