/* The doors of the server: which connections come in, from how many per address, and how the doors
 * close without losing one that is already inside. CivetWeb's calls to listen and accept come here
 * (civetweb.mk). There is one server in a process, since those calls carry no context. */
#ifndef KOPPEL_HTTP_GUARD_H
#define KOPPEL_HTTP_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

enum {
    GUARD_LISTENERS_MAX = 16,
    GUARD_DESCRIPTORS_MAX = 65536,
    GUARD_ADDRESSES_MAX = 65536,
    GUARD_ADDRESS_TEXT_MAX = 80,
    GUARD_PEER_TEXT_MAX = 46
};

/* Before listening; per_address_max 0: no cap. IPv6 addresses count by their /64. */
int guard_open(int per_address_max, struct error *error);
void guard_close(void);

int guard_listen(int descriptor, int backlog);
int guard_accept(int descriptor, struct sockaddr *address, socklen_t *length);
/* Before the connection's descriptor is closed. */
void guard_release(int descriptor);

/* Connections inside: accepted and not released. Those refused by the cap so far. */
int guard_connections(void);
long guard_refused(void);

/* The address that a connection comes from, without its port: "192.0.2.7", "2001:db8::7"; "" when
 * it cannot be told. An IPv4 address is told as such whatever the listener speaks. */
void guard_peer(int descriptor, char ret_text[GUARD_PEER_TEXT_MAX]);
/* Which listener a connection inside came in by, from 0 in the order of listening. */
int guard_listener(int descriptor);
/* A listener's address as "127.0.0.1:8443" or "[::1]:8443"; false when there is none. */
bool guard_address(int listener, char ret_text[GUARD_ADDRESS_TEXT_MAX]);

/* Turns new connections away, lets in those that the system had already taken on, then closes
 * the listeners. Waits at most timeout_ms for the accepting thread. */
void guard_stop_listening(int timeout_ms);

#endif
