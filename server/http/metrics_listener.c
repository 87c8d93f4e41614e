/* One thread, one connection at a time, two seconds each: a collector asks a few times a minute.
 * Every answer closes its connection. */
#include "metrics_listener.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "metrics.h"

enum {
    REQUEST_BYTES_MAX = 8 * 1024,
    DEADLINE_MS = 2000,
    TEXT_BYTES_MAX = 8 * 1024 * 1024,
    ADDRESS_MAX = 300,
    BACKLOG = 16
};

struct metrics_listener {
    const struct metrics *metrics;
    int socket, stop_event;
    pthread_t thread;
    char address[ADDRESS_MAX];
};

static bool wait_for(int descriptor, short events, int64_t deadline_ms) {
    struct pollfd one = {.fd = descriptor, .events = events};
    int64_t left_ms = deadline_ms - clock_monotonic_ms();
    return left_ms > 0 && poll(&one, 1, (int)left_ms) > 0;
}

static bool read_request(int descriptor, char request[REQUEST_BYTES_MAX], int64_t deadline_ms) {
    size_t length = 0;
    while (length + 1 < REQUEST_BYTES_MAX && wait_for(descriptor, POLLIN, deadline_ms)) {
        ssize_t count = recv(descriptor, request + length, REQUEST_BYTES_MAX - 1 - length, 0);
        if (count <= 0) return false;
        length += (size_t)count;
        request[length] = '\0';
        if (strlen(request) != length) return false;
        if (strstr(request, "\r\n\r\n")) return true;
    }
    return false;
}

static void write_all(int descriptor, const char *text, size_t length, int64_t deadline_ms) {
    while (length > 0 && wait_for(descriptor, POLLOUT, deadline_ms)) {
        ssize_t count = send(descriptor, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN && errno != EINTR) return;
        if (count <= 0) continue;
        text += count;
        length -= (size_t)count;
    }
}

static void answer(const struct metrics_listener *listener, int descriptor) {
    char request[REQUEST_BYTES_MAX];
    int64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    struct buffer text, message;
    if (!read_request(descriptor, request, deadline_ms)) return;
    buffer_init(&text, TEXT_BYTES_MAX);
    buffer_init(&message, TEXT_BYTES_MAX);
    bool known = !strncmp(request, "GET /metrics HTTP/1.", 20);
    if (known) metrics_write(listener->metrics, &text);
    else buffer_text(&text, "Only GET /metrics is here.\n");
    buffer_format(&message,
                  "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                  "Content-Length: %zu\r\nCache-Control: no-store\r\n"
                  "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
                  known ? "200 OK" : "404 Not Found", text.length);
    buffer_append(&message, text.data, text.length);
    if (!message.failed && !text.failed)
        write_all(descriptor, message.data, message.length, deadline_ms);
    shutdown(descriptor, SHUT_WR);
    buffer_done(&text);
    buffer_done(&message);
}

static void *serve(void *context) {
    struct metrics_listener *listener = context;
    struct pollfd both[2] = {{.fd = listener->socket, .events = POLLIN},
                             {.fd = listener->stop_event, .events = POLLIN}};
    for (;;) {
        if (poll(both, 2, -1) < 0 && errno != EINTR) return NULL;
        if (both[1].revents) return NULL;
        int descriptor = accept(listener->socket, NULL, NULL);
        if (descriptor < 0) {
            usleep(10 * 1000);
            continue;
        }
        answer(listener, descriptor);
        close(descriptor);
    }
}

static int open_socket(const char *address, struct error *error, int *ret_socket) {
    char host[ADDRESS_MAX] = "127.0.0.1";
    const char *colon = strrchr(address, ':');
    const char *port = colon ? colon + 1 : address;
    if (colon && (size_t)(colon - address) < sizeof host) {
        bool bracketed = address[0] == '[' && colon[-1] == ']';
        int length = (int)(colon - address) - (bracketed ? 2 : 0);
        snprintf(host, sizeof host, "%.*s", length, address + (bracketed ? 1 : 0));
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int made = -1, on = 1;
    if (getaddrinfo(host, port, &hints, &found) == 0) {
        made = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (made >= 0) setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (made >= 0 && (bind(made, found->ai_addr, found->ai_addrlen) != 0 ||
                          listen(made, BACKLOG) != 0)) {
            close(made);
            made = -1;
        }
        freeaddrinfo(found);
    }
    if (made < 0)
        return error_set(error, ERROR_IO,
                         "cannot listen on %s for metrics: give a free ADDR:PORT", address);
    *ret_socket = made;
    return 0;
}

static void write_address(struct metrics_listener *listener) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    char host[128] = "", port[16] = "";
    getsockname(listener->socket, (struct sockaddr *)&storage, &length);
    getnameinfo((struct sockaddr *)&storage, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    bool six = storage.ss_family == AF_INET6;
    snprintf(listener->address, sizeof listener->address, six ? "[%s]:%s" : "%s:%s", host, port);
}

int metrics_listener_start(const char *address, const struct metrics *metrics,
                           struct error *error, struct metrics_listener **ret_listener) {
    struct metrics_listener *listener = calloc(1, sizeof *listener);
    if (!listener) return error_set(error, ERROR_NO_MEMORY, "no memory for metrics");
    listener->metrics = metrics;
    int result = open_socket(address, error, &listener->socket);
    if (result != 0) {
        free(listener);
        return result;
    }
    listener->stop_event = eventfd(0, EFD_CLOEXEC);
    write_address(listener);
    if (listener->stop_event < 0 ||
        pthread_create(&listener->thread, NULL, serve, listener) != 0) {
        close(listener->socket);
        if (listener->stop_event >= 0) close(listener->stop_event);
        free(listener);
        return error_set(error, ERROR_NO_MEMORY, "no thread for metrics");
    }
    *ret_listener = listener;
    return 0;
}

void metrics_listener_stop(struct metrics_listener *listener) {
    if (!listener) return;
    eventfd_write(listener->stop_event, 1);
    pthread_join(listener->thread, NULL);
    close(listener->socket);
    close(listener->stop_event);
    free(listener);
}

const char *metrics_listener_address(const struct metrics_listener *listener) {
    return listener ? listener->address : "";
}
