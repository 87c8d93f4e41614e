/* The ceiling: CivetWeb alone, the object that koppel links, answering 400 bytes over TLS and doing
 * nothing else. The five calls that koppel puts its own gate behind go straight through here.
 *
 * usage: bare ADDR:PORT CERTIFICATE_AND_KEY.pem THREADS
 * Prints its port once it listens, and serves until it is ended. */
#include <civetweb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BODY_BYTES = 400, ANSWER_MAX_BYTES = 1024 };

/* The names under which CivetWeb was compiled to call the system and OpenSSL. */
int guard_listen(int descriptor, int backlog);
int guard_accept(int descriptor, struct sockaddr *address, socklen_t *length);
int gate_tls_accept(SSL *ssl);
int gate_tls_read(SSL *ssl, void *buffer, int size);
int gate_tls_pending(const SSL *ssl);
X509 *gate_tls_certificate(const SSL *ssl);

int guard_listen(int descriptor, int backlog) { return listen(descriptor, backlog); }

int guard_accept(int descriptor, struct sockaddr *address, socklen_t *length) {
    return accept(descriptor, address, length);
}

int gate_tls_accept(SSL *ssl) { return SSL_accept(ssl); }
int gate_tls_read(SSL *ssl, void *buffer, int size) { return SSL_read(ssl, buffer, size); }
int gate_tls_pending(const SSL *ssl) { return SSL_pending(ssl); }
X509 *gate_tls_certificate(const SSL *ssl) { return SSL_get1_peer_certificate(ssl); }

static char answer[ANSWER_MAX_BYTES];
static size_t answer_length;

static int serve(struct mg_connection *connection, void *context) {
    (void)context;
    mg_write(connection, answer, answer_length);
    return 200;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: bare ADDR:PORT CERTIFICATE_AND_KEY.pem THREADS\n");
        return 2;
    }
    int head = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        "Content-Length: %d\r\n\r\n", BODY_BYTES);
    answer_length = (size_t)head + BODY_BYTES;
    memset(answer + head, 'x', BODY_BYTES);

    char listen_text[128];
    snprintf(listen_text, sizeof listen_text, "%ss", argv[1]);
    const char *settings[] = {"listening_ports", listen_text, "ssl_certificate", argv[2],
                              "num_threads", argv[3], "enable_keep_alive", "yes",
                              "keep_alive_timeout_ms", "30000", "request_timeout_ms", "30000",
                              "listen_backlog", "1024", "connection_queue", "1024",
                              "tcp_nodelay", "1", NULL};
    mg_init_library(MG_FEATURES_TLS);
    struct mg_context *server = mg_start(NULL, NULL, settings);
    if (!server) {
        fprintf(stderr, "cannot listen on %s: is the port free, and %s a PEM file?\n", argv[1],
                argv[2]);
        return 1;
    }
    mg_set_request_handler(server, "/", serve, NULL);
    struct mg_server_port port;
    if (mg_get_server_ports(server, 1, &port) != 1) return 1;
    printf("%d\n", port.port);
    fflush(stdout);
    for (;;) pause();
}
