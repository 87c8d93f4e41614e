/* The HTTPS server: listener, workers, certificate, stop. One in a process. */
#ifndef KOPPEL_HTTP_SERVER_H
#define KOPPEL_HTTP_SERVER_H

#include <stdint.h>

#include "base/error.h"

struct service;
struct dispatcher;
struct http_server;
struct entrance;

struct http_options {
    const char *listen; /* ADDR:PORT, [ADDR]:PORT; port 0: any that is free */
    const char *public_url;
    const char *certificate_listen; /* the same, for clients with certificates; NULL: none */
    const char *certificate_url;    /* how those reach it */
    const struct entrance *entrance; /* for messages: operation/entrance.h; NULL: none */
    const char *certificate, *private_key; /* PEM files */
    const char *metrics;                   /* ADDR:PORT or PORT; NULL: none */
    int64_t threads, queue, connections_per_address;
    int64_t handshake_timeout_ms, head_timeout_ms, body_timeout_ms, write_timeout_ms;
    int64_t idle_timeout_ms, stop_timeout_ms, stop_delay_ms;
    int64_t body_max_bytes, items_max_bytes, inflate_ratio_max;
};

/* Serves once it returns 0. The options' texts, service and dispatcher are borrowed. */
int http_server_start(const struct http_options *options, struct service *service,
                      struct dispatcher *dispatcher, struct error *error,
                      struct http_server **ret_server);
/* Where it listens, with the port that it got: "127.0.0.1:8443". */
/* Is it "ADDR:PORT", one address and one port, in form? ERROR_INVALID says what to give. */
int http_address_check(const char *text, struct error *error);
const char *http_server_address(const struct http_server *server);
/* The same of where clients are asked for certificates; "" when none. */
const char *http_server_certificate_address(const struct http_server *server);
const char *http_server_metrics_address(const struct http_server *server); /* "" when none */
/* Reads the certificate and key again; on failure those in use stay. */
int http_server_reload(struct http_server *server, struct error *error);
/* Takes no new connections, answers what was sent, for at most stop_timeout_ms, and ends. NULL is
 * fine. */
void http_server_stop(struct http_server *server);

#endif
