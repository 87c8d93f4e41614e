/* Puts CivetWeb, the gates, the guard and TLS together. CivetWeb brings the accepting thread, the
 * worker threads and the queue between them; its options for anything of HTTP are off. */
#include "server.h"

#include <civetweb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "description.h"
#include "exchange.h"
#include "guard.h"
#include "metrics.h"
#include "metrics_listener.h"
#include "tls.h"

enum {
    SWEEP_MS = 100,
    COOL_SWEEPS = 10, /* workspaces are cooled once in so many sweeps */
    STOP_STEP_MS = 5,
    CUT_WAIT_MS = 2000,
    PRESSED_FREE_SHARE = 64, /* pressed when fewer than one in so many workers are free */
    LISTEN_TEXT_MAX = 300,
    NUMBER_TEXT_MAX = 24
};

struct http_server {
    struct http_options options;
    struct edge edge;
    struct tls *tls;
    struct mg_context *context;
    struct metrics_listener *metrics_listener;
    char address[GUARD_ADDRESS_TEXT_MAX], certificate_address[GUARD_ADDRESS_TEXT_MAX];
    atomic_int workers; /* made so far */
    atomic_bool short_of_workers, ended;
    pthread_t sweeper;
    bool sweeping;
};

/* ---- what CivetWeb calls ---- */

static int give_context(void **ret_context, void *user_data) {
    struct http_server *server = user_data;
    *ret_context = tls_context(server->tls);
    return 1; /* ours: it neither sets it up nor frees it */
}

static void *begin_thread(const struct mg_context *context, int thread_type) {
    struct http_server *server = mg_get_user_data(context);
    if (thread_type != 1) return NULL;
    struct worker *worker = worker_new(&server->edge);
    if (!worker) atomic_store(&server->short_of_workers, true);
    atomic_fetch_add(&server->workers, 1);
    return worker;
}

static void end_thread(const struct mg_context *context, int thread_type, void *worker) {
    (void)context;
    if (thread_type == 1) worker_free(worker);
}

static int begin_request(struct mg_connection *connection) {
    struct http_server *server = mg_get_user_data(mg_get_context(connection));
    exchange_serve(&server->edge, mg_get_thread_pointer(connection));
    return 200; /* answered: CivetWeb does nothing more with it */
}

static void connection_ends(const struct mg_connection *connection) {
    struct worker *worker = mg_get_thread_pointer(connection);
    if (worker) worker_end_connection(worker);
}

/* What it says of failed handshakes and the like is everyday noise. */
static int log_message(const struct mg_connection *connection, const char *message) {
    (void)connection;
    log_event(LOG_DEBUG, "civetweb", "message", message, NULL);
    return 1;
}

/* ---- starting ---- */

int http_address_check(const char *text, struct error *error) {
    const char *colon = strrchr(text, ':');
    size_t host = colon ? (size_t)(colon - text) : 0;
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:%";
    bool good = colon && host > 0 && strlen(text) < LISTEN_TEXT_MAX - 2 &&
                strspn(text, letters) == strlen(text) && strlen(colon + 1) > 0 &&
                strlen(colon + 1) <= 5 && strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
                strtol(colon + 1, NULL, 10) <= 65535;
    if (!good)
        return error_set(error, ERROR_INVALID,
                         "cannot listen on %s: give ADDR:PORT, such as 127.0.0.1:8443", text);
    return 0;
}

static int start_civetweb(struct http_server *server, struct error *error) {
    const struct http_options *options = &server->options;
    char listen_text[2 * LISTEN_TEXT_MAX], threads[NUMBER_TEXT_MAX], queue[NUMBER_TEXT_MAX];
    char head[NUMBER_TEXT_MAX], idle[NUMBER_TEXT_MAX], text[ERROR_TEXT_MAX / 2] = "";
    const char *second = options->certificate_listen;
    /* In this order: the second is the gate's GATE_CERTIFICATE_LISTENER. */
    snprintf(listen_text, sizeof listen_text, "%ss%s%s%s", options->listen, second ? "," : "",
             second ? second : "", second ? "s" : "");
    snprintf(threads, sizeof threads, "%lld", (long long)options->threads);
    snprintf(queue, sizeof queue, "%lld", (long long)options->queue);
    snprintf(head, sizeof head, "%lld", (long long)options->head_timeout_ms);
    snprintf(idle, sizeof idle, "%lld", (long long)options->idle_timeout_ms);
    const char *settings[] = {"listening_ports", listen_text,
                              "num_threads", threads,
                              "connection_queue", queue,
                              "listen_backlog", "1024",
                              "request_timeout_ms", head,
                              "keep_alive_timeout_ms", idle,
                              "enable_keep_alive", "yes",
                              "max_request_size", "1024",
                              "tcp_nodelay", "1",
                              "decode_url", "no",
                              "enable_auth_domain_check", "no",
                              "access_control_allow_origin", "",
                              "access_control_allow_methods", "",
                              "access_control_allow_headers", "",
                              NULL};
    struct mg_callbacks callbacks = {.external_ssl_ctx = give_context,
                                     .init_thread = begin_thread,
                                     .exit_thread = end_thread,
                                     .begin_request = begin_request,
                                     .connection_close = connection_ends,
                                     .log_message = log_message};
    struct mg_init_data init = {
        .callbacks = &callbacks, .user_data = server, .configuration_options = settings};
    struct mg_error_data failure = {.text = text, .text_buffer_size = sizeof text};
    mg_init_library(MG_FEATURES_TLS);
    server->context = mg_start2(&init, &failure);
    if (!server->context)
        return error_set(error, ERROR_IO,
                         "cannot listen on %s%s%s: %s. Is the port free, the address ours?",
                         options->listen, second ? " and " : "", second ? second : "",
                         *text ? text : "the server does not start");
    while (atomic_load(&server->workers) < options->threads &&
           !atomic_load(&server->short_of_workers))
        usleep(1000);
    if (atomic_load(&server->short_of_workers))
        return error_set(error, ERROR_NO_MEMORY, "no memory for %lld threads: lower --threads",
                         (long long)options->threads);
    guard_address(0, server->address);
    if (second) guard_address(GATE_CERTIFICATE_LISTENER, server->certificate_address);
    return 0;
}

/* Keeps slow connections from holding all workers. */
static void *sweep(void *context) {
    struct http_server *server = context;
    for (int sweeps = 1; !atomic_load(&server->ended); sweeps = sweeps % COOL_SWEEPS + 1) {
        struct gate_counts counts = gate_count();
        int busy = counts.handshakes + counts.idle + counts.heads + counts.requests;
        bool pressed = (counts.workers - busy) * PRESSED_FREE_SHARE < counts.workers;
        gate_sweep(atomic_load(&server->edge.stopping), pressed);
        if (sweeps == COOL_SWEEPS) exchange_cool(&server->edge);
        usleep(SWEEP_MS * 1000);
    }
    return NULL;
}

static int set_up_edge(struct http_server *server, struct error *error) {
    const struct http_options *options = &server->options;
    server->edge.public_url = options->public_url;
    server->edge.certificate_url = options->certificate_url;
    server->edge.asks_certificates = options->certificate_listen != NULL;
    server->edge.entrance = options->entrance;
    server->edge.limits = (struct gate_limits){
        .handshake_timeout_ms = (int)options->handshake_timeout_ms,
        .head_timeout_ms = (int)options->head_timeout_ms,
        .body_timeout_ms = (int)options->body_timeout_ms,
        .write_timeout_ms = (int)options->write_timeout_ms};
    server->edge.body_max_bytes = options->body_max_bytes;
    server->edge.items_max_bytes = options->items_max_bytes;
    server->edge.inflate_ratio_max = options->inflate_ratio_max;
    pthread_mutex_init(&server->edge.spaces.lock, NULL);
    server->edge.metrics = metrics_new();
    if (!server->edge.metrics) return error_set(error, ERROR_NO_MEMORY, "no memory for metrics");
    server->edge.descriptions = descriptions_new();
    if (!server->edge.descriptions)
        return error_set(error, ERROR_NO_MEMORY, "no memory for openapi.json");
    return 0;
}

static void release(struct http_server *server) {
    metrics_listener_stop(server->metrics_listener);
    tls_free(server->tls);
    metrics_free(server->edge.metrics);
    descriptions_free(server->edge.descriptions);
    pthread_mutex_destroy(&server->edge.spaces.lock);
    guard_close();
    free(server);
}

int http_server_start(const struct http_options *options, struct service *service,
                      struct dispatcher *dispatcher, struct error *error,
                      struct http_server **ret_server) {
    int result = http_address_check(options->listen, error);
    if (result == 0 && options->certificate_listen)
        result = http_address_check(options->certificate_listen, error);
    if (result != 0) return result;
    struct http_server *server = calloc(1, sizeof *server);
    if (!server) return error_set(error, ERROR_NO_MEMORY, "no memory for the server");
    server->options = *options;
    server->edge.service = service;
    server->edge.dispatcher = dispatcher;
    result = set_up_edge(server, error);
    if (result == 0) result = tls_new(options->certificate, options->private_key, error,
                                      &server->tls);
    if (result == 0) result = guard_open((int)options->connections_per_address, error);
    if (result == 0) result = start_civetweb(server, error);
    if (result == 0 && options->metrics)
        result = metrics_listener_start(options->metrics, server->edge.metrics, error,
                                        &server->metrics_listener);
    if (result == 0) {
        server->sweeping = pthread_create(&server->sweeper, NULL, sweep, server) == 0;
        if (!server->sweeping) result = error_set(error, ERROR_NO_MEMORY, "no thread to sweep");
    }
    if (result != 0) {
        if (server->context) mg_stop(server->context);
        release(server);
        return result;
    }
    *ret_server = server;
    return 0;
}

const char *http_server_address(const struct http_server *server) { return server->address; }

const char *http_server_certificate_address(const struct http_server *server) {
    return server->certificate_address;
}

const char *http_server_metrics_address(const struct http_server *server) {
    return metrics_listener_address(server->metrics_listener);
}

int http_server_reload(struct http_server *server, struct error *error) {
    return tls_reload(server->tls, error);
}

/* ---- stopping ---- */

static void wait_for_connections(int64_t timeout_ms) {
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
    while (guard_connections() > 0 && clock_monotonic_ms() < deadline_ms) {
        gate_sweep(true, false);
        usleep(STOP_STEP_MS * 1000);
    }
}

void http_server_stop(struct http_server *server) {
    if (!server) return;
    int64_t began_ms = clock_monotonic_ms();
    atomic_store(&server->edge.stopping, true);
    if (server->options.stop_delay_ms > 0) usleep((useconds_t)server->options.stop_delay_ms * 1000);
    gate_stop();
    guard_stop_listening((int)server->options.stop_timeout_ms);
    wait_for_connections(server->options.stop_timeout_ms);
    if (guard_connections() > 0) {
        char count[NUMBER_TEXT_MAX];
        snprintf(count, sizeof count, "%d", guard_connections());
        log_event(LOG_WARNING, "connections_cut", "count", count, NULL);
        gate_cut();
        wait_for_connections(CUT_WAIT_MS);
    }
    atomic_store(&server->ended, true);
    if (server->sweeping) pthread_join(server->sweeper, NULL);
    mg_stop(server->context);
    char took[NUMBER_TEXT_MAX];
    snprintf(took, sizeof took, "%lld", (long long)(clock_monotonic_ms() - began_ms));
    log_event(LOG_INFO, "server_stopped", "ms", took, NULL);
    release(server);
}
