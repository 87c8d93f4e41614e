/* Accepting and counting. An address that holds as many connections as it may gets the next one
 * closed at once, before any handshake.
 *
 * Closing the doors: connections that the system completed but nobody accepted yet would be reset
 * with the listener, and with them a request that was already sent. So a filter first makes the
 * system ignore new packets to the listener, the accepting thread empties the queue, and only then
 * the listener is shut down. */
#include "guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { SLOTS = GUARD_ADDRESSES_MAX, PAUSE_US = 20 * 1000, SCARCE_LOG_MS = 10 * 1000 };

struct address { /* an address that holds connections, in a chain of its hash */
    unsigned char key[17]; /* family, then address */
    int count;
    int32_t next; /* index + 1 */
};

static struct guard {
    pthread_mutex_t lock;
    int per_address_max;
    int listeners[GUARD_LISTENERS_MAX];
    int listener_count;
    struct address *addresses;    /* SLOTS */
    int32_t *heads;               /* SLOTS; index + 1 */
    int32_t *address_of;          /* by descriptor; index + 1; -1: inside, not counted */
    uint8_t *listener_of;         /* by descriptor */
    int32_t free_address;
    atomic_int connections;
    atomic_long refused;
    atomic_bool closing;
    int64_t scarce_logged_ms;
} guard = {.lock = PTHREAD_MUTEX_INITIALIZER};

int guard_open(int per_address_max, struct error *error) {
    guard.per_address_max = per_address_max;
    guard.listener_count = 0;
    guard.addresses = calloc(SLOTS, sizeof *guard.addresses);
    guard.heads = calloc(SLOTS, sizeof *guard.heads);
    guard.address_of = calloc(GUARD_DESCRIPTORS_MAX, sizeof *guard.address_of);
    guard.listener_of = calloc(GUARD_DESCRIPTORS_MAX, sizeof *guard.listener_of);
    guard.free_address = 1;
    if (!guard.addresses || !guard.heads || !guard.address_of || !guard.listener_of) {
        guard_close();
        return error_set(error, ERROR_NO_MEMORY, "no memory for the listener");
    }
    for (int i = 0; i < SLOTS; i++)
        guard.addresses[i].next = i + 1 < SLOTS ? i + 2 : 0;
    atomic_store(&guard.connections, 0);
    atomic_store(&guard.refused, 0);
    atomic_store(&guard.closing, false);
    return 0;
}

void guard_close(void) {
    free(guard.addresses);
    free(guard.heads);
    free(guard.address_of);
    free(guard.listener_of);
    guard.listener_of = NULL;
    guard.addresses = NULL;
    guard.heads = guard.address_of = NULL;
}

static void make_key(const struct sockaddr *address, unsigned char ret_key[17]) {
    memset(ret_key, 0, 17);
    if (address->sa_family == AF_INET) {
        ret_key[0] = 4;
        memcpy(ret_key + 1, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const void *place = address;
        const struct in6_addr *six = &((const struct sockaddr_in6 *)place)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(six);
        ret_key[0] = mapped ? 4 : 6;
        memcpy(ret_key + 1, mapped ? six->s6_addr + 12 : six->s6_addr, mapped ? 4 : 8);
    }
}

static uint32_t hash_key(const unsigned char key[17]) {
    uint32_t hash = 2166136261u;
    for (int i = 0; i < 17; i++) hash = (hash ^ key[i]) * 16777619u;
    return hash % SLOTS;
}

/* Counts a connection in; false when its address holds as many as it may. Lock held. */
static bool count_in(int descriptor, const unsigned char key[17]) {
    guard.address_of[descriptor] = -1;
    if (guard.per_address_max == 0) return true;
    int32_t *link = &guard.heads[hash_key(key)];
    while (*link && memcmp(guard.addresses[*link - 1].key, key, 17) != 0)
        link = &guard.addresses[*link - 1].next;
    if (!*link) {
        if (!guard.free_address) return true; /* more addresses than descriptors: cannot be */
        int32_t taken = guard.free_address;
        struct address *entry = &guard.addresses[taken - 1];
        guard.free_address = entry->next;
        memcpy(entry->key, key, 17);
        entry->count = 0;
        entry->next = 0;
        *link = taken;
    }
    struct address *entry = &guard.addresses[*link - 1];
    if (entry->count >= guard.per_address_max) return false;
    entry->count++;
    guard.address_of[descriptor] = *link;
    return true;
}

/* Lock held. */
static void count_out(int32_t index) {
    struct address *entry = &guard.addresses[index - 1];
    if (--entry->count > 0) return;
    int32_t *link = &guard.heads[hash_key(entry->key)];
    while (*link != index) link = &guard.addresses[*link - 1].next;
    *link = entry->next;
    entry->next = guard.free_address;
    guard.free_address = index;
}

int guard_listen(int descriptor, int backlog) {
    int result = listen(descriptor, backlog);
    if (result == 0 && guard.listener_count < GUARD_LISTENERS_MAX)
        guard.listeners[guard.listener_count++] = descriptor;
    return result;
}

/* Out of descriptors or memory: the poll before accept would spin, so rest a little. */
static void rest_when_scarce(int error) {
    if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM) return;
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms - guard.scarce_logged_ms > SCARCE_LOG_MS) {
        guard.scarce_logged_ms = now_ms;
        log_event(LOG_WARNING, "accept_failed", "reason", strerror(error), NULL);
    }
    usleep(PAUSE_US);
}

static uint8_t listener_index(int listener) {
    int at = 0;
    while (at < guard.listener_count - 1 && guard.listeners[at] != listener) at++;
    return (uint8_t)at;
}

int guard_accept(int descriptor, struct sockaddr *address, socklen_t *length) {
    /* Counted before it leaves the queue: the doors never see it in neither. */
    atomic_fetch_add(&guard.connections, 1);
    int accepted = accept(descriptor, address, length);
    if (accepted < 0) {
        int error = errno;
        atomic_fetch_sub(&guard.connections, 1);
        rest_when_scarce(error);
        if (atomic_load(&guard.closing) && error == EINVAL) usleep(PAUSE_US);
        errno = error;
        return -1;
    }
    unsigned char key[17];
    make_key(address, key);
    pthread_mutex_lock(&guard.lock);
    bool welcome = accepted < GUARD_DESCRIPTORS_MAX && count_in(accepted, key);
    if (welcome) guard.listener_of[accepted] = listener_index(descriptor);
    pthread_mutex_unlock(&guard.lock);
    if (!welcome) {
        atomic_fetch_add(&guard.refused, 1);
        close(accepted);
        atomic_fetch_sub(&guard.connections, 1);
        errno = EAGAIN;
        return -1;
    }
    return accepted;
}

void guard_release(int descriptor) {
    if (!guard.address_of || descriptor < 0 || descriptor >= GUARD_DESCRIPTORS_MAX) return;
    pthread_mutex_lock(&guard.lock);
    int32_t index = guard.address_of[descriptor];
    guard.address_of[descriptor] = 0;
    if (index > 0) count_out(index);
    pthread_mutex_unlock(&guard.lock);
    if (index != 0) atomic_fetch_sub(&guard.connections, 1);
}

int guard_listener(int descriptor) {
    if (!guard.listener_of || descriptor < 0 || descriptor >= GUARD_DESCRIPTORS_MAX) return 0;
    pthread_mutex_lock(&guard.lock);
    int listener = guard.listener_of[descriptor];
    pthread_mutex_unlock(&guard.lock);
    return listener;
}

_Static_assert(GUARD_PEER_TEXT_MAX == INET6_ADDRSTRLEN, "every address fits");

void guard_peer(int descriptor, char ret_text[GUARD_PEER_TEXT_MAX]) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    ret_text[0] = '\0';
    if (getpeername(descriptor, (struct sockaddr *)&storage, &length) != 0) return;
    if (storage.ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&storage;
        inet_ntop(AF_INET, &four->sin_addr, ret_text, GUARD_PEER_TEXT_MAX);
    } else if (storage.ss_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)&storage)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(six);
        inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? six->s6_addr + 12 : six->s6_addr, ret_text,
                  GUARD_PEER_TEXT_MAX);
    }
}

int guard_connections(void) { return atomic_load(&guard.connections); }
long guard_refused(void) { return atomic_load(&guard.refused); }

bool guard_address(int listener, char ret_text[GUARD_ADDRESS_TEXT_MAX]) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    char host[INET6_ADDRSTRLEN] = "";
    if (listener < 0 || listener >= guard.listener_count ||
        getsockname(guard.listeners[listener], (struct sockaddr *)&storage, &length) != 0)
        return false;
    if (storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&storage;
        inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
        snprintf(ret_text, GUARD_ADDRESS_TEXT_MAX, "[%s]:%d", host, ntohs(six->sin6_port));
    } else {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&storage;
        inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        snprintf(ret_text, GUARD_ADDRESS_TEXT_MAX, "%s:%d", host, ntohs(four->sin_port));
    }
    return true;
}

static bool queue_is_empty(int listener) {
    struct pollfd poll_one = {.fd = listener, .events = POLLIN};
    return poll(&poll_one, 1, 0) == 0;
}

void guard_stop_listening(int timeout_ms) {
    struct sock_filter drop_all[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {.len = 1, .filter = drop_all};
    int64_t deadline_ms = clock_monotonic_ms() + timeout_ms;
    for (int i = 0; i < guard.listener_count; i++)
        setsockopt(guard.listeners[i], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    for (int i = 0; i < guard.listener_count; i++) {
        while (!queue_is_empty(guard.listeners[i]) && clock_monotonic_ms() < deadline_ms)
            usleep(1000);
        atomic_store(&guard.closing, true);
        shutdown(guard.listeners[i], SHUT_RDWR);
    }
}
